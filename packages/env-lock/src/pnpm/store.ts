import { joinPath } from "../host.ts";
import { identityOf } from "../packages/drift.ts";
import type { InstallSite } from "../packages/node-modules.ts";
import { nameAt, readManifest } from "../packages/node-modules.ts";
import type { InstalledPackage } from "../state.ts";
import type { PnpmLocked } from "./lock.ts";
import { nameOfKey } from "./lock.ts";

/** Where pnpm keeps the packages of an install. */
export const PNPM_STORE = "node_modules/.pnpm";

/** Names of folders longer than this may be cut: pnpm's limit is 120, 60 on Windows, of which 33 are a hash. */
const SHORTEST_CUT = 60 - 33;

/** Packages of pnpm's store that an install uses. */
export interface PnpmStore {
  /** By folder. */
  readonly packages: ReadonlyMap<string, InstalledPackage>;
  /** Key in the lockfile of each of these folders. */
  readonly keys: ReadonlyMap<string, string>;
}

/**
 * Reads the store, as far as `locked` names what is in it: pnpm leaves packages there for days after it removed them.
 *
 * @param locked - `packages` of pnpm's record of what it installed.
 */
export async function readPnpmStore(site: InstallSite, locked: ReadonlyMap<string, PnpmLocked>): Promise<PnpmStore> {
  const byFolder = new Map([...locked.keys()].map((key) => [folderName(key), key]));
  const packages = new Map<string, InstalledPackage>();
  const keys = new Map<string, string>();
  for (const { name, kind } of (await site.host.readFolder(joinPath(site.base, PNPM_STORE))) ?? []) {
    site.signal?.throwIfAborted();
    const key = kind === "folder" ? keyOfFolder(name, byFolder) : undefined;
    const location = `${PNPM_STORE}/${name}/node_modules/${nameOfKey(key ?? "")}`;
    if (key === undefined || nameAt(location) === undefined) continue;
    const manifest = await readManifest(site, location);
    if (manifest.version === null) continue; // the folder stays when the package in it is deleted
    const { identity, integrity } = locked.get(key) ?? { identity: null, integrity: null };
    keys.set(location, key);
    packages.set(location, { ...manifest, integrity: identity === identityOf(manifest) ? integrity : null });
  }
  return { packages, keys };
}

/** The key that a folder is named after, whatever peers its name lists behind it. */
function keyOfFolder(folder: string, byFolder: ReadonlyMap<string, string>): string | undefined {
  for (let end = folder.length; end > 0; end = folder.lastIndexOf("_", end - 1)) {
    const key = byFolder.get(folder.slice(0, end));
    if (key !== undefined) return key;
  }
  const cut = folder.slice(0, Math.max(0, folder.lastIndexOf("_")));
  if (cut.length < SHORTEST_CUT) return undefined;
  return [...byFolder].find(([name]) => name.startsWith(cut))?.[1];
}

/** How pnpm spells a key as the name of a folder. */
export function folderName(key: string): string {
  return key.replace(/[\\/:*?"<>|#]/g, "+");
}
