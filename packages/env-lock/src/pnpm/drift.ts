import { joinPath } from "../host.ts";
import { identityOf, linkIdentity } from "../packages/drift.ts";
import type { FoundModules } from "../packages/node-modules.ts";
import type { PackageDrift } from "../state.ts";
import type { PnpmLock } from "./lock.ts";
import type { PnpmStore } from "./store.ts";
import { PNPM_STORE, folderName } from "./store.ts";

/** What pnpm notes about the way it installed. */
export interface PnpmNotes {
  /** Keys of packages that it left out, because they are optional and not for this platform. */
  readonly skipped: ReadonlySet<string>;
  /** Lists of the manifests that it left out: `pnpm install --prod`. */
  readonly omitted: ReadonlySet<string>;
}

/** What pnpm installed. */
export interface PnpmInstalled {
  /** Links and folders in the `node_modules` of the manifests. */
  readonly found: FoundModules;
  /** Packages in the store. */
  readonly store: PnpmStore;
  /** pnpm's copy of the lockfile, as far as it installed it. */
  readonly installed: PnpmLock;
  /** What it left out. */
  readonly notes: PnpmNotes;
  /** Manifests that must be installed: those that the working directory resolves through. */
  readonly onPath: readonly string[];
}

/** Lists where an install is not what the lockfile says. */
export function pnpmFindings(lock: PnpmLock, actual: PnpmInstalled): readonly PackageDrift[] {
  return [...missingPackages(lock, actual), ...storeFindings(lock, actual), ...linkFindings(lock, actual)];
}

function missingPackages(lock: PnpmLock, { store, installed, notes }: PnpmInstalled): readonly PackageDrift[] {
  const there = new Set(store.keys.values());
  return [...lock.packages].flatMap(([key, { optional, identity }]): PackageDrift[] => {
    const leftOut = notes.omitted.size > 0 && !installed.packages.has(key);
    if (there.has(key) || optional || leftOut || notes.skipped.has(key)) return [];
    return [{ kind: "missing", location: `${PNPM_STORE}/${folderName(key)}`, expected: identity ?? key, actual: null }];
  });
}

function storeFindings(lock: PnpmLock, { store, installed }: PnpmInstalled): readonly PackageDrift[] {
  return [...store.keys].flatMap(([location, key]): PackageDrift[] => {
    const manifest = store.packages.get(location);
    if (manifest === undefined) return [];
    const actual = identityOf(manifest);
    const locked = lock.packages.get(key);
    if (locked === undefined) return [{ kind: "extra", location, expected: null, actual }];
    if (locked.identity !== null && locked.identity !== actual) {
      return [{ kind: "version", location, expected: locked.identity, actual }];
    }
    const integrity = installed.packages.get(key)?.integrity ?? null;
    if (integrity === locked.integrity) return [];
    return [{ kind: "integrity", location, expected: locked.integrity, actual: integrity }];
  });
}

function linkFindings(lock: PnpmLock, actual: PnpmInstalled): readonly PackageDrift[] {
  const { found, notes, onPath } = actual;
  const expected = new Map<string, string>();
  const absent: PackageDrift[] = [];
  for (const [folder, dependencies] of lock.importers) {
    if (!onPath.includes(folder) && !found.folders.has(folder)) continue; // `pnpm install --filter`
    for (const [name, { target, group }] of dependencies) {
      const location = folder === "." ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
      const wanted = expectedTarget(folder, target);
      expected.set(location, wanted);
      if (found.links.has(location) || found.packages.has(location)) continue;
      if (group === "optionalDependencies" || notes.omitted.has(group)) continue;
      absent.push({ kind: "missing", location, expected: wanted, actual: null });
    }
  }
  return [...absent, ...wrongLinks(expected, actual)];
}

function wrongLinks(expected: ReadonlyMap<string, string>, { found, store }: PnpmInstalled): readonly PackageDrift[] {
  const there: [string, string | undefined][] = [
    ...[...found.packages].map(([location, manifest]): [string, string] => [location, identityOf(manifest)]),
    ...[...found.links].map(([location, target]): [string, string] => [location, actualTarget(target, store)]),
  ];
  return there.flatMap(([location, actual = ""]): PackageDrift[] => {
    const wanted = expected.get(location);
    if (wanted === actual) return [];
    if (wanted !== undefined) return [{ kind: "version", location, expected: wanted, actual }];
    // Links into the store that no manifest asks for are hoisted ones.
    return actual.startsWith("link:") || found.packages.has(location)
      ? [{ kind: "extra", location, expected: null, actual }]
      : [];
  });
}

function expectedTarget(folder: string, target: string): string {
  if (!target.startsWith("link:")) return target;
  return linkIdentity(joinPath(folder, target.slice("link:".length)));
}

function actualTarget(target: string | null, store: PnpmStore): string {
  return (target === null ? undefined : store.keys.get(target)) ?? linkIdentity(target);
}
