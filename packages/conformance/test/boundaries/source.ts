import { readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";

import type { WorkspacePackage } from "../../src/workspace.ts";
import { entryPoints, publishedPackages } from "../../src/workspace.ts";
import type { Edges } from "./edges.ts";
import type { Import } from "./module.ts";

/** Absolute paths of a package's source files. */
export function sourceFiles({ path }: WorkspacePackage): readonly string[] {
  const entries = readdirSync(join(path, "src"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Where a file is, relative to `src`, with `/`. */
export function placeOf(pkg: WorkspacePackage, file: string): string {
  return relative(join(pkg.path, "src"), file).replaceAll(sep, "/");
}

/**
 * Says what is wrong with one import of one source file.
 *
 * @returns `undefined` when the table allows it.
 */
export function faultOf(pkg: WorkspacePackage, edges: Edges, file: string, found: Import): string | undefined {
  const { specifier } = found;
  const isHost = (edges.hosts ?? ["host.ts"]).includes(placeOf(pkg, file));
  if (specifier === undefined) return isHost ? undefined : "a computed import belongs in host.ts";
  if (specifier.startsWith(".")) return relativeFault(pkg, file, specifier);
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith("node:")) return `"${specifier}" is written "node:${specifier}"`;
    return isHost ? undefined : `"${specifier}" may be imported by ${(edges.hosts ?? ["host.ts"]).join(" and ")} only`;
  }
  const name = packageName(specifier);
  if (name.startsWith("@repro/")) return ourFault(edges, name, specifier);
  if (edges.theirs.includes(name)) return undefined;
  if (!(edges.peers ?? []).includes(name)) return `"${name}" is not in the table of allowed edges`;
  return found.kind === "static" ? `"${name}" is optional: import() it, or import type` : undefined;
}

function relativeFault(pkg: WorkspacePackage, file: string, specifier: string): string | undefined {
  if (specifier.split("../").length > 2) return `"${specifier}" climbs more than one folder`;
  const target = resolve(dirname(file), specifier);
  if (!target.startsWith(join(pkg.path, "src") + sep)) return `"${specifier}" leaves src`;
  return target.endsWith(".ts") ? undefined : `"${specifier}" must end in .ts`;
}

function ourFault(edges: Edges, name: string, specifier: string): string | undefined {
  const folder = name.slice("@repro/".length);
  if (!edges.ours.includes(folder)) return `"${name}" is not in the table of allowed edges`;
  const subpath = `.${specifier.slice(name.length)}`;
  const target = publishedPackages().find((candidate) => candidate.folder === folder);
  const exported = target === undefined ? [] : entryPoints(target).map((entry) => entry.subpath);
  return exported.includes(subpath) ? undefined : `"${specifier}" is not exported by ${name}`;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
