import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hexOfBytes, pathOfHex } from "../files.ts";

/**
 * Entries of an index in columns, so that a path costs no object of its own.
 *
 * They are sorted by the bytes of their paths, then by stage, and no two are the same.
 */
export interface IndexEntries {
  /** Bytes of an object id: 20 (sha1) or 32 (sha256). */
  readonly idLength: number;
  /**
   * One path an entry; that of a sparse folder ends in `/`. Joined to a folder, each stays below it: no part of a path is
   * empty, `.`, `..` or `.git`.
   */
  readonly paths: readonly BytePath[];
  /** {@link STAT_FIELDS} numbers an entry, at the places that {@link STAT} names. */
  readonly stats: Uint32Array;
  /** One number an entry, of the bits {@link STAGE_MASK}, {@link SKIP_WORKTREE} and {@link INTENT_TO_ADD}. */
  readonly flags: Uint16Array;
  /** `idLength` bytes an entry. */
  readonly ids: Uint8Array;
}

/** Numbers that an entry keeps of its file's stat. */
export const STAT_FIELDS = 10;

/** Where each of an entry's numbers stands. The device, at 4, is of no use: it changes from mount to mount. */
export const STAT = {
  ctimeSeconds: 0,
  ctimeNanoseconds: 1,
  mtimeSeconds: 2,
  mtimeNanoseconds: 3,
  inode: 5,
  mode: 6,
  user: 7,
  group: 8,
  size: 9,
} as const;

/** Bits of a flag: 0 when merged; in a conflict, 1 is the common ancestor's entry, 2 ours and 3 theirs. */
export const STAGE_MASK = 3;
/** Bit of a flag: the work tree need not hold the file. */
export const SKIP_WORKTREE = 4;
/** Bit of a flag: the path was announced, its contents were not. */
export const INTENT_TO_ADD = 8;

/** Modes that an entry may have. */
export const MODE = {
  file: 0o100644,
  executable: 0o100755,
  link: 0o120000,
  gitlink: 0o160000,
  folder: 0o040000,
} as const;

/** One entry, taken out of its columns. */
export interface IndexEntry {
  readonly path: BytePath;
  /** One of {@link MODE}. */
  readonly mode: number;
  /** Object id in hexadecimal digits. */
  readonly id: string;
  /** 0, or 1..3 in a conflict. */
  readonly stage: number;
  readonly skipWorktree: boolean;
  readonly intentToAdd: boolean;
}

/** Mode of the entry at a position. */
export function modeAt({ stats }: IndexEntries, at: number): number {
  return stats[at * STAT_FIELDS + STAT.mode] ?? 0;
}

/** Takes out the entry at a position, which must be one of the index. */
export function entryAt(entries: IndexEntries, at: number): IndexEntry {
  const { paths, flags, ids, idLength } = entries;
  const bits = flags[at] ?? 0;
  return {
    path: paths[at] ?? "",
    mode: modeAt(entries, at),
    id: hexOfBytes(ids, at * idLength, (at + 1) * idLength),
    stage: bits & STAGE_MASK,
    skipWorktree: (bits & SKIP_WORKTREE) !== 0,
    intentToAdd: (bits & INTENT_TO_ADD) !== 0,
  };
}

/** Finds the entry of a path, of the lowest stage; `null` when there is none. */
export function findEntry(entries: IndexEntries, path: BytePath): IndexEntry | null {
  const { paths } = entries;
  let [low, high] = [0, paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? "") < path) low = middle + 1;
    else high = middle;
  }
  return paths[low] === path ? entryAt(entries, low) : null;
}

/** An entry that stands elsewhere, and the path that it gets. */
export interface EntryRow {
  readonly from: IndexEntries;
  readonly at: number;
  readonly path: BytePath;
}

/** Puts entries of other indexes, in order, into columns of their own. */
export function assembleEntries(rows: readonly EntryRow[], idLength: number): IndexEntries {
  const entries = emptyColumns(rows.length, idLength);
  rows.forEach(({ from, at }, to) => {
    entries.stats.set(from.stats.subarray(at * STAT_FIELDS, (at + 1) * STAT_FIELDS), to * STAT_FIELDS);
    entries.flags[to] = from.flags[at] ?? 0;
    entries.ids.set(from.ids.subarray(at * idLength, (at + 1) * idLength), to * idLength);
  });
  return { ...entries, paths: rows.map(({ path }) => path) };
}

/** Makes entries that no stat fits, as for files that were never written to the work tree. */
export function createEntries(
  items: readonly Pick<IndexEntry, "path" | "mode" | "id">[],
  { idLength, flags }: { readonly idLength: number; readonly flags: number },
): IndexEntries {
  const entries = emptyColumns(items.length, idLength);
  items.forEach(({ mode, id }, at) => {
    entries.stats[at * STAT_FIELDS + STAT.mode] = mode;
    entries.flags[at] = flags;
    const bytes = pathOfHex(id);
    for (let index = 0; index < idLength; index += 1) entries.ids[at * idLength + index] = bytes.charCodeAt(index);
  });
  return { ...entries, paths: items.map(({ path }) => path) };
}

/** Columns for a number of entries, all zero and without paths. */
export function emptyColumns(count: number, idLength: number): Omit<IndexEntries, "paths"> {
  return {
    idLength,
    stats: new Uint32Array(count * STAT_FIELDS),
    flags: new Uint16Array(count),
    ids: new Uint8Array(count * idLength),
  };
}

/**
 * Checks what {@link IndexEntries} promises of paths, order and modes.
 *
 * @throws ReproError `GIT_UNREADABLE`.
 */
export function checkEntries(entries: IndexEntries): void {
  const { paths, flags } = entries;
  let before = "";
  let stageBefore = 0;
  for (let at = 0; at < paths.length; at += 1) {
    const path = paths[at] ?? "";
    const stage = (flags[at] ?? 0) & STAGE_MASK;
    if (path < before || (path === before && (stageBefore === 0 || stage <= stageBefore))) {
      throw damagedIndex("holds entries out of order");
    }
    checkEntry(path, modeAt(entries, at), flags[at] ?? 0);
    before = path;
    stageBefore = stage;
  }
}

function checkEntry(path: BytePath, mode: number, flags: number): void {
  const isFolder = mode === MODE.folder;
  if (!MODES.has(mode)) throw damagedIndex(`holds an entry with the mode ${mode.toString(8)}`);
  if (isFolder && (!path.endsWith("/") || flags !== SKIP_WORKTREE)) throw damagedIndex("holds a folder as an entry");
  if (path.length > MAX_PATH_BYTES || UNSAFE_PATH.test(isFolder ? path.slice(0, -1) : path)) {
    throw damagedIndex("holds a path that git would not write");
  }
}

const MODES: ReadonlySet<number> = /* @__PURE__ */ new Set(Object.values(MODE));

/** The longest path that any file system's interface takes: that of Windows. */
const MAX_PATH_BYTES = 32_767;

/** A part that is empty, leads upwards, or is a repository's own folder, which some file systems know in capitals too. */
const UNSAFE_PATH = /(?:^|\/)(?:\.{1,2}|\.git)?(?:\/|$)/i;

/** The error for an index that is not as git writes it. */
export function damagedIndex(what: string, cause?: unknown): Error {
  return gitError(`captureGitState: the index ${what}`, {
    code: "GIT_UNREADABLE",
    remedy: "run `git fsck` in the repository; `git reset` writes the index anew and keeps the files",
    data: { file: "index" },
    ...(cause === undefined ? {} : { cause }),
  });
}
