import { ReproError } from "@repro/core";

import type { EnvLockErrorCode } from "../error.ts";
import type { CommandResult, EnvHost } from "../host.ts";
import { joinPath } from "../host.ts";
import type { InstallState } from "../state.ts";
import { installCommand } from "./manager.ts";
import { textMember } from "./member.ts";
import { readJson } from "./node-modules.ts";

/** Most of an installer's output that an error quotes, in UTF-16 units. Ours. */
const MAX_TAIL = 2000;

/** Where packages are installed, and by what. */
export interface InstallerContext {
  /** Runs the package manager. */
  readonly host: EnvHost;
  /** Absolute path of the restored tree. */
  readonly root: string;
  /** Environment variables of the package manager. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the package manager of an install in the restored tree.
 *
 * @throws ReproError `ENV_INSTALL_FAILED`; `data.tail` is the end of what it said.
 */
export async function runInstaller(install: InstallState, context: InstallerContext): Promise<void> {
  const command = installCommand(install.manager) ?? [];
  const result = await runFirst([command, ...(await throughNpx(install, command, context))], install, context);
  if (result.status === 0) return;
  const tail = result.output
    .replace(/\/\/[^/@\s]+@/g, "//***@")
    .slice(-MAX_TAIL)
    .trim();
  throw new ReproError<EnvLockErrorCode>(`envLayer: "${command.join(" ")}" failed in "${install.path}"`, {
    code: "ENV_INSTALL_FAILED",
    remedy: result.notFound
      ? `install ${install.manager ?? "the package manager"}, or name its version as "packageManager" in package.json`
      : "data.tail is what it said; mend that, or install the recorded versions in the work tree, then replay again",
    data: { path: install.path, command, status: result.status, tail },
  });
}

async function runFirst(
  commands: readonly (readonly string[])[],
  install: InstallState,
  { host, root, env, signal }: InstallerContext,
): Promise<CommandResult> {
  const options = {
    cwd: joinPath(root, install.path),
    env: { ...env, NODE_ENV: undefined }, // "production" would leave out what the recorded run had
    ...(signal === undefined ? {} : { signal }),
  };
  let result: CommandResult = { status: null, output: "", notFound: true };
  for (const [name = "", ...args] of commands) {
    result = await host.run(name, args, options);
    if (!result.notFound) break;
  }
  return result;
}

/** Where pnpm is not on the path, npx fetches the version that the project names. */
async function throughNpx(
  install: InstallState,
  command: readonly string[],
  { host, root }: InstallerContext,
): Promise<readonly (readonly string[])[]> {
  if (install.manager !== "pnpm") return [];
  const manifest = await readJson({ host, root, base: joinPath(root, install.path), onPath: [] }, "package.json");
  const version = /^pnpm@(\d+\.\d+\.\d+(?:-[\w.]+)?)/.exec(textMember(manifest, "packageManager") ?? "")?.[1];
  return version === undefined ? [] : [["npx", "--yes", `pnpm@${version}`, ...command.slice(1)]];
}
