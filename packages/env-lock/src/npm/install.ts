import { isReproError } from "@repro/core";

import { joinPath } from "../host.ts";
import type { InstallReading } from "../packages/drift.ts";
import { checkedDrift, identityOf, linkIdentity, uncheckedDrift } from "../packages/drift.ts";
import type { FoundLockfile } from "../packages/lockfile.ts";
import { membersOf, member } from "../packages/member.ts";
import type { FoundModules, InstallSite } from "../packages/node-modules.ts";
import { readJson, walkModules } from "../packages/node-modules.ts";
import type { DriftState, InstalledPackage, PackageDrift } from "../state.ts";
import type { NpmLocked } from "./lock.ts";
import { parseNpmLock } from "./lock.ts";

type Locked = ReadonlyMap<string, NpmLocked>;

/** Reads an install whose packages are folders in `node_modules`: npm's, yarn's, bun's, or nobody's we know. */
export async function readFlatInstall(site: InstallSite, lockfile: FoundLockfile | undefined): Promise<InstallReading> {
  const found = await walkModules(site);
  const hidden = await hiddenLock(site);
  const packages = new Map(
    [...found.packages].map(([location, manifest]): [string, InstalledPackage] => {
      const record = hidden.get(location);
      const integrity = record?.identity === identityOf(manifest) ? record.integrity : null;
      return [location, { ...manifest, integrity }];
    }),
  );
  return {
    folders: found.folders,
    links: found.links,
    packages,
    drift: await flatDrift(site, lockfile, found, packages),
  };
}

/** What npm says it unpacked. Without it, or with a broken one, npm reads the folders instead; so do we. */
async function hiddenLock(site: InstallSite): Promise<Locked> {
  const path = "node_modules/.package-lock.json";
  const bytes = await site.host.readFile(joinPath(site.base, path));
  if (bytes === undefined) return new Map();
  try {
    const lock = parseNpmLock(bytes, path);
    return "packages" in lock ? lock.packages : new Map();
  } catch (error) {
    if (isReproError(error, "ENV_LOCKFILE_INVALID")) return new Map();
    throw error;
  }
}

async function flatDrift(
  site: InstallSite,
  lockfile: FoundLockfile | undefined,
  found: FoundModules,
  packages: ReadonlyMap<string, InstalledPackage>,
): Promise<DriftState> {
  if (lockfile === undefined) return uncheckedDrift("there is no lockfile", await missingDeclared(site, found));
  const { path, kind } = lockfile.state;
  if (kind !== "npm")
    return uncheckedDrift(`${path} is recorded by its digest only`, await missingDeclared(site, found));
  const lock = parseNpmLock(lockfile.bytes, path);
  if ("unsupported" in lock) return uncheckedDrift(`${path}: ${lock.unsupported}`, await missingDeclared(site, found));
  return checkedDrift([...lockedFindings(lock.packages, found, packages), ...extraFindings(lock.packages, found)]);
}

/** Dependencies that the manifest declares and that are not there: all that can be said without a lockfile. */
async function missingDeclared(site: InstallSite, found: FoundModules): Promise<readonly PackageDrift[]> {
  const manifest = await readJson(site, "package.json");
  return membersOf(member(manifest, "dependencies")).flatMap(([name, range]): PackageDrift[] => {
    const location = `node_modules/${name}`;
    if (identityAt(found, location) !== undefined) return [];
    const expected = `${name}@${typeof range === "string" ? range : "*"}`;
    return [{ kind: "missing", location, expected, actual: null }];
  });
}

function lockedFindings(
  locked: Locked,
  found: FoundModules,
  packages: ReadonlyMap<string, InstalledPackage>,
): readonly PackageDrift[] {
  const groups = installedGroups(locked, found);
  return [...locked].flatMap(([location, entry]): PackageDrift[] => {
    const actual = identityAt(found, location);
    const expected = entry.identity;
    if (actual === undefined) {
      const mayMiss = entry.optional || (entry.group !== null && !groups.has(entry.group));
      return mayMiss ? [] : [{ kind: "missing", location, expected, actual: null }];
    }
    if (expected !== null && expected !== actual) return [{ kind: "version", location, expected, actual }];
    const integrity = packages.get(location)?.integrity ?? null;
    if (integrity === null || entry.integrity === null || integrity === entry.integrity) return [];
    return [{ kind: "integrity", location, expected: entry.integrity, actual: integrity }];
  });
}

/** Groups of which something is installed: `npm ci --omit=dev` leaves out all of one, and never a part. */
function installedGroups(locked: Locked, found: FoundModules): ReadonlySet<string> {
  const there = [...locked].filter(([location]) => identityAt(found, location) !== undefined);
  return new Set(there.flatMap(([, { group }]) => group ?? []));
}

function extraFindings(locked: Locked, found: FoundModules): readonly PackageDrift[] {
  return [...found.packages.keys(), ...found.links.keys()]
    .filter((location) => !locked.has(location))
    .map((location) => ({ kind: "extra", location, expected: null, actual: identityAt(found, location) ?? null }));
}

function identityAt(found: FoundModules, location: string): string | undefined {
  const manifest = found.packages.get(location);
  if (manifest !== undefined) return identityOf(manifest);
  const target = found.links.get(location);
  return target === undefined ? undefined : linkIdentity(target);
}
