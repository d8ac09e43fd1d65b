import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hashHex, textOfPath } from "../files.ts";
import { createTreeStack } from "./tree-stack.ts";

/** One file, link, repository or folder of a tree, at any depth. */
export interface TreeEntry {
  /** Path from the tree's root; that of a folder (mode 0o040000) ends in `/`. */
  readonly path: BytePath;
  /** 0o100644, 0o100755, 0o120000, 0o160000, or 0o040000 for a folder whose contents are not listed. */
  readonly mode: number;
  /** Object id in hexadecimal digits. */
  readonly id: string;
}

/** Mode of a folder. */
export const FOLDER_MODE = 0o040000;

/** Puts entries in git's order: by the bytes of their paths. */
export function sortEntries<Entry extends Pick<TreeEntry, "path">>(entries: Iterable<Entry>): readonly Entry[] {
  const list = [...entries];
  const isSorted = list.every(({ path }, at) => at === 0 || (list[at - 1]?.path ?? "") <= path);
  return isSorted ? list : list.toSorted((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
}

/**
 * Computes the id of the tree with these entries: what `git write-tree` gives.
 *
 * @param entries - In any order.
 * @throws ReproError `GIT_UNREADABLE` when two entries have one path, a file is where a folder must be, or a part of a
 *   path is empty.
 * @remarks In a tree, a folder is sorted as if its name ended in `/`. Whole paths, sorted by their bytes, are in that
 *   order in each tree.
 */
export function treeIdOf(entries: Iterable<TreeEntry>, objectFormat: "sha1" | "sha256"): string {
  const sorted = sortEntries(entries);
  const stack = createTreeStack();
  const prefixes: BytePath[] = []; // of the folders around the innermost one
  let prefix = "";
  const close = (): string => {
    const bytes = stack.close();
    return hashHex(objectFormat, `tree ${bytes.byteLength}\0`, bytes);
  };
  const leave = (): void => {
    const id = close();
    const outer = prefixes.pop() ?? "";
    stack.add(FOLDER_MODE, prefix.slice(outer.length, -1), id);
    prefix = outer;
  };
  stack.open();
  for (const [at, { path, mode, id }] of sorted.entries()) {
    while (!path.startsWith(prefix)) leave();
    if (sorted[at - 1]?.path === path || path.endsWith("/") !== (mode === FOLDER_MODE)) throw misplaced(path);
    for (const inner of foldersBetween(prefix, path)) {
      checkFolder(sorted, inner, prefix);
      if (hasPath(sorted, inner)) throw misplaced(inner);
      prefixes.push(prefix);
      prefix = inner;
      stack.open();
    }
    if (mode === FOLDER_MODE) checkFolder(sorted, path, prefix);
    if (path.length === prefix.length) throw misplaced(path);
    stack.add(mode, mode === FOLDER_MODE ? path.slice(prefix.length, -1) : path.slice(prefix.length), id);
  }
  while (prefixes.length > 0) leave();
  return close();
}

/** Checks that a folder has a name, and that no file stands there. */
function checkFolder(sorted: readonly TreeEntry[], path: BytePath, outer: BytePath): void {
  if (path.length === outer.length + 1 || hasPath(sorted, path.slice(0, -1))) throw misplaced(path);
}

/** Paths of the folders, with a slash at the end, that lead from one down to an entry. */
function foldersBetween(prefix: BytePath, path: BytePath): readonly BytePath[] {
  let slash = path.indexOf("/", prefix.length);
  if (slash === -1) return [];
  const folders: BytePath[] = [];
  while (slash !== -1 && slash < path.length - 1) {
    folders.push(path.slice(0, slash + 1));
    slash = path.indexOf("/", slash + 1);
  }
  return folders;
}

/** Tells whether a sorted list has a path. */
function hasPath(sorted: readonly TreeEntry[], path: BytePath): boolean {
  let [first, last] = [0, sorted.length];
  while (first < last) {
    const middle = (first + last) >>> 1;
    if ((sorted[middle]?.path ?? "") < path) first = middle + 1;
    else last = middle;
  }
  return sorted[first]?.path === path;
}

function misplaced(path: BytePath): Error {
  const text = textOfPath(path);
  return gitError(`captureGitState: "${text}" cannot be in one tree with the other paths`, {
    code: "GIT_UNREADABLE",
    remedy: "run `git fsck` in the repository",
    data: { path: text },
  });
}
