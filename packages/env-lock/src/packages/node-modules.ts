import type { JsonValue } from "@repro/core";

import type { EnvHost, FolderEntry } from "../host.ts";
import { joinPath, pathBetween, pathInside } from "../host.ts";
import type { InstalledPackage } from "../state.ts";
import { textMember } from "./member.ts";

/** A folder that a package manager ran in. */
export interface InstallSite {
  /** Reads the machine. */
  readonly host: EnvHost;
  /** Absolute path of the work tree's root. */
  readonly root: string;
  /** Absolute path of the folder. */
  readonly base: string;
  /** Folders from the working directory up to this one, relative to this one. */
  readonly onPath: readonly string[];
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/** What lies in `node_modules`. */
export interface FoundModules {
  /** Folders that have a `node_modules`. */
  readonly folders: Set<string>;
  /** Packages by folder. */
  readonly packages: Map<string, Manifest>;
  /** Symbolic links by path, and the folder each leads to, relative to the install; `null` = out of the root. */
  readonly links: Map<string, string | null>;
}

/** Name and version of a package, as its own manifest has them. */
export type Manifest = Pick<InstalledPackage, "name" | "version">;

/** Walks the `node_modules` of an install the way Node resolves: nested ones too, and those of linked workspaces. */
export async function walkModules(site: InstallSite): Promise<FoundModules> {
  const found: FoundModules = { folders: new Set(), packages: new Map(), links: new Map() };
  for (const folder of site.onPath) await walkFolder(site, folder, found);
  for (const target of found.links.values()) {
    if (isWorkspace(target) && !found.folders.has(target)) await walkFolder(site, target, found);
  }
  return found;
}

async function walkFolder(site: InstallSite, folder: string, found: FoundModules): Promise<void> {
  if (await walkBelow(site, folder, found)) found.folders.add(folder);
}

async function walkBelow(site: InstallSite, owner: string, found: FoundModules): Promise<boolean> {
  const packages = await listModules(site, owner, found);
  for (const location of packages ?? []) await walkBelow(site, location, found);
  return packages !== undefined;
}

/**
 * Lists one `node_modules`, scopes included: packages and links go to `found`.
 *
 * @returns Folders of the packages; `undefined` when there is no such `node_modules`.
 */
export async function listModules(
  site: InstallSite,
  owner: string,
  found: FoundModules,
): Promise<readonly string[] | undefined> {
  site.signal?.throwIfAborted();
  const folder = owner === "." ? "node_modules" : `${owner}/node_modules`;
  const entries = await site.host.readFolder(joinPath(site.base, folder));
  if (entries === undefined) return undefined;
  const all: FolderEntry[] = [];
  for (const entry of entries) {
    if (!entry.name.startsWith("@") || entry.kind !== "folder") all.push(entry);
    else all.push(...(await listScope(site, folder, entry.name)));
  }
  // .bin, .cache, .pnpm: nobody imports by such a name.
  const named = all.filter(({ name }) => !/(?:^|\/)\.[^/]*$/.test(name));
  for (const { name, kind } of named) await addEntry(site, `${folder}/${name}`, kind, found);
  return named.filter(({ kind }) => kind === "folder").map(({ name }) => `${folder}/${name}`);
}

async function listScope(site: InstallSite, folder: string, scope: string): Promise<readonly FolderEntry[]> {
  const entries = (await site.host.readFolder(joinPath(site.base, folder, scope))) ?? [];
  return entries.map(({ name, kind }) => ({ name: `${scope}/${name}`, kind }));
}

async function addEntry(
  site: InstallSite,
  location: string,
  kind: FolderEntry["kind"],
  found: FoundModules,
): Promise<void> {
  if (kind === "link") found.links.set(location, await linkTarget(site, location));
  if (kind === "folder") found.packages.set(location, await readManifest(site, location));
}

/** Where a link's text leads, without asking the disk: a link in a linked `node_modules` leads to the same place. */
async function linkTarget(site: InstallSite, location: string): Promise<string | null> {
  const text = (await site.host.readLink(joinPath(site.base, location))) ?? "";
  const target = text.startsWith("/") ? text : joinPath(site.base, location, "..", text);
  return pathInside(site.root, target) === undefined ? null : pathBetween(site.base, target);
}

/** Reads the manifest of a package; without one, it is named by its folder. */
export async function readManifest(site: InstallSite, location: string): Promise<Manifest> {
  const manifest = await readJson(site, `${location}/package.json`);
  return {
    name: textMember(manifest, "name") ?? nameAt(location) ?? location,
    version: textMember(manifest, "version") ?? null,
  };
}

/** Reads JSON that somebody else wrote; `undefined` when there is none, or it is not JSON. */
export async function readJson(site: InstallSite, path: string): Promise<JsonValue | undefined> {
  const bytes = await site.host.readFile(joinPath(site.base, path));
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as JsonValue; // single members are read of it: depth does not matter
  } catch {
    return undefined; // what is no manifest is recorded as having no version
  }
}

function isWorkspace(target: string | null): target is string {
  return target !== null && target !== "." && !target.startsWith("..") && !isModules(target);
}

/** Whether a folder is inside a `node_modules`. */
export function isModules(folder: string): boolean {
  return folder.split("/").includes("node_modules");
}

/** Name of the package at a folder: `undefined` unless that is in a `node_modules` of the project. */
export function nameAt(location: string): string | undefined {
  if (location.startsWith("/") || location.split("/").includes("..")) return undefined;
  return /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@][^/]*)$/.exec(location)?.[1];
}
