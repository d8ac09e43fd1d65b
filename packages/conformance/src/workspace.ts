import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** What is read of a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files?: readonly string[];
  readonly publishConfig?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** One folder under `packages/`. */
export interface WorkspacePackage {
  /** Name of the folder, which is the package's name without its scope. */
  readonly folder: string;
  /** Absolute path of the folder. */
  readonly path: string;
  readonly manifest: Manifest;
}

/** One module that a package exports. */
export interface EntryPoint {
  /** `"."`, or `"./register"`. */
  readonly subpath: string;
  /** Name without scope and separators: `"seed"`, `"seed-register"`. */
  readonly label: string;
  /** Absolute path of the source. */
  readonly source: string;
  /** Absolute path of the compiled declarations. */
  readonly types: string;
}

/** The packages that users install, in order of their folder names. */
export function publishedPackages(): readonly WorkspacePackage[] {
  const folders = readdirSync(join(ROOT, "packages"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .map(({ name }) => readPackage(name))
    .filter(({ manifest }) => manifest.private !== true)
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

function readPackage(folder: string): WorkspacePackage {
  const path = join(ROOT, "packages", folder);
  return { folder, path, manifest: JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest };
}

/** The modules that a package exports; `./package.json` is none. */
export function entryPoints({ folder, path, manifest }: WorkspacePackage): readonly EntryPoint[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
    if (typeof target === "string") return [];
    return {
      subpath,
      label: subpath === "." ? folder : `${folder}-${subpath.slice(2).replaceAll("/", "-")}`,
      source: join(path, target["@repro/source"] ?? ""),
      types: join(path, target["types"] ?? ""),
    };
  });
}

/** The modules whose surface is written down in `api/`: all but `./register`, which exports nothing and only acts. */
export function reportedEntryPoints(pkg: WorkspacePackage): readonly EntryPoint[] {
  return entryPoints(pkg).filter(({ subpath }) => subpath !== "./register");
}

/** Absolute path of the committed report of an entry point's surface. */
export function apiReportPath(pkg: WorkspacePackage, { label }: EntryPoint): string {
  return join(pkg.path, "api", `${label}.api.md`);
}
