import { compareCodePoints } from "@repro/core";

import { booleanSetting } from "../config/config.ts";
import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hostFiles, pathOfBytes, pathOfText } from "../files.ts";
import { hashFile, makeFolder, writeText } from "../host.ts";
import type { LfsPointer } from "../rules/lfs.ts";
import {
  MAX_LFS_POINTER_BYTES,
  encodeLfsPointer,
  hasLfsExtensions,
  isLfsFilter,
  parseLfsPointer,
} from "../rules/lfs.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { indexVariables } from "../scratch/scratch.ts";
import type { GitApproximation, GitLfsFile } from "../state/state.ts";
import { git } from "../git/command.ts";
import { itemText, joinNul, splitNul } from "../git/nul-list.ts";
import type { Repository } from "../git/repository.ts";
import type { StatusEntry } from "../git/status.ts";

/** A path under git-lfs, and what an index holds there. */
export interface LfsPath {
  readonly path: Uint8Array;
  /** Octal file mode. */
  readonly mode: string;
  /** Object id: of a pointer, or of contents that were added before git-lfs was set up. */
  readonly id: string;
}

/**
 * Lists the files under git-lfs; none, without asking git, where the filter `lfs` is not git-lfs.
 *
 * @param index - Absolute path of the index file; the repository's own when omitted.
 */
export async function listLfsPaths({ config, context }: Repository, index?: string): Promise<readonly LfsPath[]> {
  if (!isLfsFilter(config)) return [];
  const args = ["ls-files", "--stage", "-z", ":(attr:filter=lfs)"];
  const entries = splitNul(await git(context, args, { variables: indexVariables(index) }));
  return entries.flatMap((entry) => {
    const tab = entry.indexOf(0x09);
    const { mode, id } = /^(?<mode>100\d+) (?<id>\w+) 0$/.exec(itemText(entry.subarray(0, tab)))?.groups ?? {};
    return mode === undefined || id === undefined ? [] : [{ path: entry.subarray(tab + 1), mode, id }];
  });
}

/** Pointers by object id. */
export type Pointers = ReadonlyMap<string, LfsPointer>;

/** Reads the pointers among the objects at paths. What is longer, missing, or no pointer is left out. */
export async function readPointers(
  scratch: Scratch,
  paths: readonly LfsPath[],
  known: Pointers = new Map(),
): Promise<Pointers> {
  const pointers = new Map(known);
  const ids = [...new Set(paths.map(({ id }) => id))].filter((id) => !known.has(id));
  if (ids.length === 0) return pointers;
  const store = scratch.readable;
  const lines = (list: readonly string[]): Uint8Array => new TextEncoder().encode(list.map((id) => `${id}\n`).join(""));
  const sizes = await scratch.git(["cat-file", "--batch-check", "--buffer"], { store, stdin: lines(ids) });
  const short = itemText(sizes)
    .split("\n")
    .flatMap((line) => {
      const { id, size } = /^(?<id>\w+) blob (?<size>\d+)$/.exec(line)?.groups ?? {};
      return id === undefined || Number(size) > MAX_LFS_POINTER_BYTES ? [] : [id];
    });
  if (short.length === 0) return pointers;
  let rest = await scratch.git(["cat-file", "--batch", "--buffer"], { store, stdin: lines(short) });
  for (const id of short) {
    const start = rest.indexOf(0x0a) + 1;
    const end = start + Number(itemText(rest.subarray(0, start)).trim().split(" ").at(-1));
    const pointer = parseLfsPointer(rest.subarray(start, end));
    if (pointer !== null) pointers.set(id, pointer);
    rest = rest.subarray(end + 1);
  }
  return pointers;
}

/**
 * Finds files that git-lfs would change and `git status`, for which it is switched off, cannot see: the index holds their
 * contents as they are (added before git-lfs was set up), and only stat data say that git would hash them again.
 *
 * @param seen - What `git status` did see.
 */
export async function findUnseen(
  repository: Repository,
  paths: readonly LfsPath[],
  pointers: Pointers,
  seen: readonly StatusEntry[],
): Promise<readonly StatusEntry[]> {
  const known = new Set(seen.map(({ path }) => pathOfBytes(path)));
  const unseen = paths.filter(({ path, id }) => !pointers.has(id) && !known.has(pathOfBytes(path)));
  if (unseen.length === 0) return [];
  const raw = await git(repository.context, ["diff-files", "--raw", "-z", "--", ":(attr:filter=lfs)"]);
  const stale = new Set(splitNul(raw).map(pathOfBytes));
  return unseen
    .filter(({ path }) => stale.has(pathOfBytes(path)) || isRacy(repository, path))
    .map(({ path, mode, id }) => ({ path, index: { mode, id }, hash: true, untracked: false, isRepository: false }));
}

/** Whether a file may have changed after the index was written, in the same second. Git hashes such a file again. */
function isRacy(repository: Repository, path: Uint8Array): boolean {
  const index = hostFiles.stat(`${pathOfText(repository.gitDir)}/index`);
  const file = hostFiles.stat(onDisk(repository, path));
  return index !== null && file !== null && index.mtimeSeconds <= file.mtimeSeconds;
}

/** Where a path of the work tree is in the file system. */
function onDisk({ root }: Pick<Repository, "root">, path: Uint8Array): BytePath {
  return `${pathOfText(root)}/${pathOfBytes(path)}`;
}

/** A file whose clean filter we have run ourselves. */
export interface CleanedFile {
  readonly entry: StatusEntry;
  readonly pointer: Uint8Array;
  /** Octal file mode, as git would give it. */
  readonly mode: string;
}

/** What filters make of the files that are to be hashed. */
export interface Filtered {
  /** Files that stand in the repository as pointers; git need not read them. */
  readonly cleaned: readonly CleanedFile[];
  /** Files that a filter would have changed, and none has. */
  readonly approximations: readonly GitApproximation[];
}

/**
 * Runs git-lfs's clean filter, as our own code, on those files to be hashed that are under it.
 *
 * @param index - Absolute path of the index by which attributes are found where they are not on disk.
 * @throws ReproError `GIT_UNREADABLE` when a file cannot be read.
 */
export async function filterFiles(
  repository: Repository,
  files: readonly StatusEntry[],
  index: string,
): Promise<Filtered> {
  const { config, filtersNotRun } = repository;
  const isLfs = isLfsFilter(config);
  const cleaned: CleanedFile[] = [];
  const approximations: GitApproximation[] = [];
  if (files.length === 0 || (!isLfs && filtersNotRun.length === 0)) return { cleaned, approximations };
  const inexact = new Set([...filtersNotRun, ...(isLfs && hasLfsExtensions(config) ? ["lfs"] : [])]);
  for (const { entry, filter } of await readFilters(repository, files, index)) {
    if (hostFiles.stat(onDisk(repository, entry.path))?.kind !== "file") continue; // links are not filtered
    if (inexact.has(filter)) approximations.push({ reason: "filter", path: itemText(entry.path) });
    const pointer = isLfs && filter === "lfs" ? await pointerTo(repository, entry) : null;
    if (pointer !== null) cleaned.push({ entry, pointer, mode: modeOf(repository, entry) });
  }
  return { cleaned, approximations };
}

async function readFilters(
  { context }: Repository,
  files: readonly StatusEntry[],
  index: string,
): Promise<readonly { readonly entry: StatusEntry; readonly filter: string }[]> {
  const stdin = joinNul(files.map(({ path }) => [path]));
  const args = ["check-attr", "-z", "--stdin", "filter"];
  const items = splitNul(await git(context, args, { stdin, variables: indexVariables(index) }));
  // path, attribute, value: for each path that was asked for, in that order
  return files.map((entry, at) => ({ entry, filter: itemText(items[3 * at + 2] ?? new Uint8Array()) }));
}

/** What git-lfs makes of a file; `null` when it leaves it as it is: because it is empty, or a pointer already. */
async function pointerTo(repository: Repository, { path }: StatusEntry): Promise<Uint8Array | null> {
  if (pointerIn(repository, path) !== null) return null;
  const { signal } = repository.context;
  try {
    const { sha256, sizeBytes } = await hashFile(onDisk(repository, path), { signal });
    return sizeBytes === 0 ? null : encodeLfsPointer({ digest: `sha256:${sha256}`, sizeBytes });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(path, cause);
  }
}

/** The pointer that a file is; `null` when it holds anything else, or is not there. */
function pointerIn(repository: Repository, path: Uint8Array): LfsPointer | null {
  const file = onDisk(repository, path);
  const stat = hostFiles.stat(file);
  if (stat?.kind !== "file" || stat.sizeBytes > MAX_LFS_POINTER_BYTES) return null;
  try {
    return parseLfsPointer(hostFiles.read(file) ?? new Uint8Array());
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: Uint8Array, cause: unknown): Error {
  return gitError(`captureGitState: "${itemText(path)}" is under git-lfs and cannot be read`, {
    code: "GIT_UNREADABLE",
    remedy: "make the file readable, or list it in .gitignore",
    data: { path: itemText(path) },
    cause,
  });
}

/** @remarks git-config(1), "core.fileMode". */
function modeOf(repository: Repository, { index, path }: StatusEntry): string {
  const before = index?.mode.startsWith("100") === true ? index.mode : "100644";
  if (booleanSetting(repository.config, "core.filemode") === false) return before;
  const stat = hostFiles.stat(onDisk(repository, path));
  return stat !== null && (stat.permissions & 0o100) !== 0 ? "100755" : "100644";
}

/** Puts pointers into an index of ours, and into the scratch repository's objects. */
export async function addPointers(scratch: Scratch, cleaned: readonly CleanedFile[], index: string): Promise<void> {
  if (cleaned.length === 0) return;
  const folder = scratch.newPath("pointers");
  await makeFolder(folder);
  for (const [at, { pointer }] of cleaned.entries()) await writeText(`${folder}/${at}`, itemText(pointer));
  const files = cleaned.map((_, at) => `${folder}/${at}\n`).join("");
  // The user's objects are out of reach: where git finds an object that it is about to write, it sets that file's time.
  const store = { objects: scratch.readable.objects, alternates: [] };
  const stdin = new TextEncoder().encode(files);
  const args = ["hash-object", "-w", "--no-filters", "--stdin-paths"];
  const ids = itemText(await scratch.git(args, { store, stdin })).split("\n");
  await scratch.git(["update-index", "-z", "--index-info"], {
    store,
    index,
    stdin: joinNul(cleaned.map(({ entry, mode }, at) => [`${mode} ${ids[at] ?? ""}\t`, entry.path])),
  });
}

/** Describes files under git-lfs, sorted by path: those whose object is a pointer. */
export function describeLfsFiles(
  repository: Repository,
  paths: readonly LfsPath[],
  pointers: Pointers,
): readonly GitLfsFile[] {
  const files = paths.flatMap(({ path, id }): GitLfsFile[] => {
    const onlyPointer = pointerIn(repository, path);
    const pointer = pointers.get(id) ?? onlyPointer; // no object is made of a changed file when no patch is wanted
    // No file is as long as an unsafe integer: such a pointer leads to nothing.
    if (pointer === null || !Number.isSafeInteger(pointer.sizeBytes)) return [];
    // What a sparse checkout leaves out comes back as a pointer, too.
    const checkedOut =
      onlyPointer !== null || hostFiles.stat(onDisk(repository, path)) === null ? "pointer" : "contents";
    return [{ path: itemText(path), ...pointer, checkedOut }];
  });
  return files.toSorted((a, b) => compareCodePoints(a.path, b.path));
}
