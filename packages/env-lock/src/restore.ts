import type { RestoreContext } from "@repro/core";
import { ReproError, diffJson } from "@repro/core";

import type { EnvLockErrorCode } from "./error.ts";
import type { EnvHost } from "./host.ts";
import { joinPath } from "./host.ts";
import { readInstall } from "./packages/install.ts";
import { runInstaller } from "./packages/installer.ts";
import { findLockfiles } from "./packages/lockfile.ts";
import { installCommand } from "./packages/manager.ts";
import { isModules } from "./packages/node-modules.ts";
import type { EnvState, InstallState } from "./state.ts";

/** Where packages are brought back, and by what. */
export type PackageRestoreContext = Pick<RestoreContext, "source" | "root" | "env" | "signal"> & {
  /** Reads and changes the machine. */
  readonly host: EnvHost;
};

/** Most packages that an error names. Ours. */
const MAX_NAMED = 20;

/**
 * Brings back the packages of each recorded install.
 *
 * @throws ReproError `ENV_NOT_RESTORABLE` when they are neither in the work tree nor in a lockfile that we can install from;
 *   `ENV_INSTALL_FAILED` when the package manager fails.
 */
export async function restorePackages(recorded: EnvState, context: PackageRestoreContext): Promise<void> {
  for (const install of recorded.installs) {
    context.signal?.throwIfAborted();
    if (install.folders.length === 0) continue;
    const changed = await whyNotLinked(install, context);
    if (changed.length === 0) await linkModules(install, context);
    else if (await lockfileIsBack(recorded, install, context)) await runInstaller(install, context);
    else throw notRestorable(install, changed);
  }
}

/** What keeps the work tree's packages from standing in for the recorded ones; `[]` = nothing. */
async function whyNotLinked(install: InstallState, context: PackageRestoreContext): Promise<readonly string[]> {
  const { host, source: root, signal } = context;
  if (isUnknown(install.packages)) return [install.packages.reason];
  const folders = install.folders.map((folder) => joinPath(install.path, folder));
  const search = { host, root, folders, lockfiles: [], ...(signal === undefined ? {} : { signal }) };
  const { packages, links, folders: there } = await readInstall(search, install.path, install.manager);
  if (isUnknown(packages)) return [packages.reason];
  const gone = install.folders
    .filter((folder) => !there.includes(folder))
    .map((folder) => `"${folder}" has no node_modules`);
  const changed = [...gone, ...changedMembers(install.packages, packages), ...changedMembers(install.links, links)];
  const intoCheckout = Object.entries(links).flatMap(([location, target]) =>
    target === null || isModules(target) ? [] : [`${location} is a link into the work tree`],
  );
  return [...changed, ...intoCheckout, ...(await linksOnTheWay(install, context))];
}

function changedMembers(recorded: object, actual: object): readonly string[] {
  const differences = diffJson({ ...recorded }, { ...actual });
  return [...new Set(differences.map(({ path }) => path.split("/")[1] ?? ""))].map(
    (name) => `${name.replaceAll("~1", "/").replaceAll("~0", "~")} differs`,
  );
}

/** A link on the way to where a link of ours would go could lead it out of the restored tree. */
async function linksOnTheWay(install: InstallState, { host, root }: PackageRestoreContext): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of install.folders) {
    const names = joinPath(install.path, folder).split("/");
    for (let count = 1; count <= names.length; count += 1) {
      const way = names.slice(0, count).join("/");
      if ((await host.readLink(joinPath(root, way))) !== undefined) found.push(`${way} is a symbolic link`);
    }
  }
  return found;
}

async function linkModules(install: InstallState, { host, source, root }: PackageRestoreContext): Promise<void> {
  for (const folder of install.folders) {
    const modules = joinPath(install.path, folder, "node_modules");
    if ((await host.readFolder(joinPath(root, modules))) !== undefined) continue; // it came with the commit
    await host.makeLink(joinPath(source, modules), joinPath(root, modules));
  }
}

async function lockfileIsBack(
  recorded: EnvState,
  install: InstallState,
  { host, root }: PackageRestoreContext,
): Promise<boolean> {
  const wanted = recorded.lockfiles.find(({ path }) => path === install.lockfile);
  if (wanted === undefined || installCommand(install.manager) === undefined) return false;
  const lockfiles = await findLockfiles(host, root, [install.path]);
  return lockfiles.some(({ state }) => state.path === wanted.path && state.digest === wanted.digest);
}

function notRestorable(install: InstallState, changed: readonly string[]): ReproError<EnvLockErrorCode> {
  const { path, lockfile, manager } = install;
  const named = changed.slice(0, MAX_NAMED);
  const command = installCommand(manager)?.join(" ");
  return new ReproError(`envLayer: the recorded packages of "${path}" are not here: ${named.join("; ")}`, {
    code: "ENV_NOT_RESTORABLE",
    remedy:
      lockfile === null || command === undefined
        ? "install the recorded versions in the work tree, then replay again"
        : `check out the recorded ${lockfile} in the work tree, run ${command} there, then replay again`,
    data: { path, lockfile, count: changed.length, reasons: named },
  });
}

function isUnknown(
  packages: InstallState["packages"],
): packages is Extract<typeof packages, { readonly status: "unknown" }> {
  return packages["status"] === "unknown";
}
