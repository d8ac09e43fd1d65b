import { isReproError } from "@repro/core";

import { joinPath, pathInside, sha256 } from "../host.ts";
import type { InstallReading } from "../packages/drift.ts";
import { checkedDrift, uncheckedDrift } from "../packages/drift.ts";
import type { FoundLockfile } from "../packages/lockfile.ts";
import type { FoundModules, InstallSite } from "../packages/node-modules.ts";
import { listModules } from "../packages/node-modules.ts";
import type { InstalledPackage } from "../state.ts";
import type { YamlNode } from "./block-yaml.ts";
import type { PnpmNotes } from "./drift.ts";
import { pnpmFindings } from "./drift.ts";
import type { PnpmLock, UnreadLock } from "./lock.ts";
import { at, parsePnpmLock, readYaml, withoutPeers } from "./lock.ts";
import { PNPM_STORE, readPnpmStore } from "./store.ts";

const NOTHING: PnpmLock = { packages: /* @__PURE__ */ new Map(), importers: /* @__PURE__ */ new Map() };

/** Reads an install of pnpm: packages in `node_modules/.pnpm`, and links to them in each `node_modules`. */
export async function readPnpmInstall(site: InstallSite, lockfile: FoundLockfile | undefined): Promise<InstallReading> {
  const lock = lockfile && (await parsePnpmLock(lockfile.bytes, lockfile.state.path));
  const modules = await readModules(site);
  const installed =
    unreadLayout(modules) ?? (modules === undefined ? NOTHING : await installedLock(site, lockfile, lock));
  if (typeof installed === "string") return unreadInstall(installed);
  const found = await walkImporters(site, [...installed.importers.keys()]);
  const store = await readPnpmStore(site, installed.packages);
  const own = [...found.packages].map(([at, manifest]) => [at, { ...manifest, integrity: null }] as const);
  const reading = { folders: found.folders, links: found.links };
  const packages = new Map<string, InstalledPackage>([...own, ...store.packages]);
  if (lock === undefined) return { ...reading, packages, drift: uncheckedDrift("there is no pnpm-lock.yaml") };
  if ("unsupported" in lock)
    return { ...reading, packages, drift: uncheckedDrift(`pnpm-lock.yaml: ${lock.unsupported}`) };
  const findings = pnpmFindings(lock, { found, store, installed, notes: notesOf(modules), onPath: site.onPath });
  return { ...reading, packages, drift: checkedDrift(findings) };
}

function unreadInstall(reason: string): InstallReading {
  return { folders: ["."], links: new Map(), packages: reason, drift: uncheckedDrift(reason) };
}

async function readModules(site: InstallSite): Promise<YamlNode | undefined> {
  const path = "node_modules/.modules.yaml";
  const bytes = await site.host.readFile(joinPath(site.base, path));
  return bytes === undefined ? undefined : await readYaml(new TextDecoder().decode(bytes), path);
}

/** Other layouts keep packages elsewhere: flat, or in one store for all projects. */
function unreadLayout(modules: YamlNode | undefined): string | undefined {
  const linker = at(modules, "nodeLinker") ?? "isolated";
  if (linker !== "isolated") return "pnpm's node linkers other than isolated are not read";
  const store = at(modules, "virtualStoreDir") ?? ".pnpm";
  return store === ".pnpm" ? undefined : "pnpm keeps the packages in a store outside node_modules/.pnpm";
}

/** pnpm's copy of the lockfile as far as it installed it, or why there is none; mostly it is the lockfile itself. */
async function installedLock(
  site: InstallSite,
  lockfile: FoundLockfile | undefined,
  lock: PnpmLock | UnreadLock | undefined,
): Promise<PnpmLock | string> {
  const path = `${PNPM_STORE}/lock.yaml`;
  const bytes = await site.host.readFile(joinPath(site.base, path));
  if (bytes === undefined) return `${path} is missing`;
  const same = lock !== undefined && sha256(bytes) === lockfile?.state.digest;
  try {
    const read = same ? lock : await parsePnpmLock(bytes, path);
    return "unsupported" in read ? `${path}: ${read.unsupported}` : read;
  } catch (error) {
    if (isReproError(error, "ENV_LOCKFILE_INVALID")) return error.message;
    throw error;
  }
}

function notesOf(modules: YamlNode | undefined): PnpmNotes {
  const skipped = at(modules, "skipped");
  const included = at(modules, "included");
  const keys = Array.isArray(skipped) ? skipped.filter((key) => typeof key === "string") : [];
  const groups = ["dependencies", "devDependencies", "optionalDependencies"];
  return {
    skipped: new Set(keys.map(withoutPeers)),
    omitted: new Set(groups.filter((group) => at(included, group) === "false")),
  };
}

/** Lists the `node_modules` of each manifest; those outside the install are not read, whatever the lockfile says. */
async function walkImporters(site: InstallSite, importers: readonly string[]): Promise<FoundModules> {
  const found: FoundModules = { folders: new Set(), packages: new Map(), links: new Map() };
  for (const importer of new Set([...site.onPath, ...importers])) {
    const folder = pathInside(site.base, joinPath(site.base, importer));
    if (folder !== importer) continue;
    if ((await listModules(site, folder, found)) !== undefined) found.folders.add(folder);
  }
  return found;
}
