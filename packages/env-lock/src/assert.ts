import { ReproError } from "@repro/core";

import type { EnvLockErrorCode } from "./error.ts";
import { installCommand } from "./packages/manager.ts";
import type { EnvState, InstallState, PackageDrift } from "./state.ts";

/** Most packages that an error names. Ours. */
const MAX_NAMED = 20;

/**
 * Throws unless what is installed agrees with the lockfile, as far as that could be checked.
 *
 * A lockfile that this package has no reader for is not refused: `drift.status` says `"unchecked"`.
 *
 * @throws ReproError `ENV_NOT_INSTALLED` when nothing is installed and something must be; `ENV_DRIFT_MISMATCH` when
 *   packages are missing, extra or others; `data: { path, count, findings }`, with up to 20 findings.
 * @public
 */
export function assertInstalled(state: EnvState): void {
  for (const install of state.installs) if (install.drift.findings.length > 0) throw driftError(install);
}

function driftError(install: InstallState): ReproError<EnvLockErrorCode> {
  const { path, folders, manager, drift } = install;
  const named = drift.findings.slice(0, MAX_NAMED);
  const more = drift.findings.length - named.length;
  const list = `${named.map(describe).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
  const nothing = folders.length === 0;
  const what = nothing ? "no packages are installed" : "installed packages drift from the lockfile";
  return new ReproError(`envLayer: ${what} in "${path}": ${list}`, {
    code: nothing ? "ENV_NOT_INSTALLED" : "ENV_DRIFT_MISMATCH",
    remedy: remedyOf(path, installCommand(manager)),
    data: { path, count: drift.findings.length, findings: named.map((finding) => ({ ...finding })) },
  });
}

function remedyOf(path: string, command: readonly string[] | undefined): string {
  if (command === undefined) return "install the dependencies that package.json declares, and keep the lockfile";
  return path === "." ? command.join(" ") : `cd ${path} && ${command.join(" ")}`;
}

function describe({ kind, location, expected, actual }: PackageDrift): string {
  if (kind === "missing") return `${expected ?? location} is missing`;
  if (kind === "extra") return `${actual ?? location} is not in the lockfile`;
  return `${location} is ${actual ?? "nothing"}, the lockfile says ${expected ?? "nothing"}`;
}
