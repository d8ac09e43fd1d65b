import { compareCodePoints } from "@repro/core";

import type { EnvHost } from "../host.ts";
import { joinPath, pathInside } from "../host.ts";
import type { InstallState } from "../state.ts";
import type { InstallReading } from "./drift.ts";
import { uncheckedDrift } from "./drift.ts";
import type { FoundLockfile } from "./lockfile.ts";
import { lockfileOf } from "./lockfile.ts";
import type { InstallSite } from "./node-modules.ts";
import { readFlatInstall } from "../npm/install.ts";
import { readPnpmInstall } from "../pnpm/install.ts";

type Manager = NonNullable<InstallState["manager"]>;

/** What each package manager leaves behind in `node_modules`. */
const TRACES: readonly (readonly [string, Manager])[] = [
  [".modules.yaml", "pnpm"],
  [".package-lock.json", "npm"],
  [".yarn-state.yml", "yarn"],
  [".yarn-integrity", "yarn"],
];

/** Where installs are looked for. */
export interface InstallSearch {
  /** Reads the machine. */
  readonly host: EnvHost;
  /** Absolute path of the root. */
  readonly root: string;
  /** Folders from the working directory up to the root, relative to the root, nearest first. */
  readonly folders: readonly string[];
  /** Lockfiles in these folders. */
  readonly lockfiles: readonly FoundLockfile[];
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/** Reads every install that the working directory resolves modules from, by path. */
export async function readInstalls(search: InstallSearch): Promise<readonly InstallState[]> {
  const installs: InstallState[] = [];
  for (const folder of search.folders) {
    const manager = await managerOf(search, folder);
    if (manager !== null) installs.push(await readInstall(search, folder, manager));
  }
  if (installs.length === 0) {
    const folder = await projectFolder(search);
    if (folder !== undefined) installs.push(await readInstall(search, folder, null));
  }
  return installs.toSorted((a, b) => compareCodePoints(a.path, b.path));
}

/** Who installed tells the truth; where nobody did, the lockfile tells who would. */
async function managerOf({ host, root, lockfiles }: InstallSearch, folder: string): Promise<Manager | null> {
  const names = new Set((await host.readFolder(joinPath(root, folder, "node_modules")))?.map(({ name }) => name));
  const trace = TRACES.find(([name]) => names.has(name));
  if (trace !== undefined) return trace[1];
  const managers: readonly Manager[] = ["npm", "pnpm", "yarn", "bun"];
  return managers.find((manager) => lockfileOf(lockfiles, folder, manager) !== undefined) ?? null;
}

/** Without any package manager: the nearest folder that Node would take for a project. */
async function projectFolder({ host, root, folders }: InstallSearch): Promise<string | undefined> {
  for (const folder of folders) {
    if ((await host.readFolder(joinPath(root, folder, "node_modules"))) !== undefined) return folder;
    if ((await host.readFile(joinPath(root, folder, "package.json"))) !== undefined) return folder;
  }
  return undefined;
}

/** Reads the install of one folder, relative to the root. */
export async function readInstall(search: InstallSearch, path: string, manager: Manager | null): Promise<InstallState> {
  const { host, root, signal } = search;
  const base = joinPath(root, path);
  const onPath = search.folders.flatMap((folder) => pathInside(base, joinPath(root, folder)) ?? []);
  const site: InstallSite = { host, root, base, onPath, ...(signal === undefined ? {} : { signal }) };
  const lockfile = manager === null ? undefined : lockfileOf(search.lockfiles, path, manager);
  return installState(path, manager, lockfile, await readPackages(site, manager, lockfile));
}

async function readPackages(
  site: InstallSite,
  manager: Manager | null,
  lockfile: FoundLockfile | undefined,
): Promise<InstallReading> {
  if (manager === "pnpm") return readPnpmInstall(site, lockfile);
  if ((await site.host.readFile(joinPath(site.base, ".pnp.cjs"))) === undefined) return readFlatInstall(site, lockfile);
  const reason = "yarn's Plug'n'Play keeps packages in archives, which are not read";
  return { folders: [], links: new Map(), packages: reason, drift: uncheckedDrift(reason) };
}

function installState(
  path: string,
  manager: Manager | null,
  lockfile: FoundLockfile | undefined,
  reading: InstallReading,
): InstallState {
  const { packages } = reading;
  return {
    path,
    manager,
    lockfile: lockfile?.state.path ?? null,
    folders: [...reading.folders].toSorted(compareCodePoints),
    packages: typeof packages === "string" ? { status: "unknown", reason: packages } : inOrder(packages),
    links: inOrder(reading.links),
    drift: reading.drift,
  };
}

function inOrder<Value>(map: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => compareCodePoints(a, b)));
}
