import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { bytesOfPath, hashHex, pathOfHex, textOfPath } from "../files.ts";

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

/** A tree object that is being written. */
interface OpenTree {
  /** Path of its folder with a slash at the end; empty for the root. */
  readonly prefix: BytePath;
  readonly content: BytePath;
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
  checkPaths(sorted);
  const outer: OpenTree[] = [];
  let tree: OpenTree = { prefix: "", content: "" };
  const idOf = ({ content }: OpenTree): string =>
    hashHex(objectFormat, `tree ${content.length}\0`, bytesOfPath(content));
  const leave = (): void => {
    const above = outer.pop() ?? { prefix: "", content: "" };
    tree = withLine(above, { path: tree.prefix, mode: FOLDER_MODE, id: idOf(tree) });
  };
  for (const entry of sorted) {
    while (!entry.path.startsWith(tree.prefix)) leave();
    for (const prefix of foldersBetween(tree.prefix, entry.path)) {
      outer.push(tree);
      tree = { prefix, content: "" };
    }
    tree = withLine(tree, entry);
  }
  while (outer.length > 0) leave();
  return idOf(tree);
}

/** Prefixes of the folders that lead from one down to an entry. */
function foldersBetween(prefix: BytePath, path: BytePath): readonly BytePath[] {
  const folders: BytePath[] = [];
  let slash = path.indexOf("/", prefix.length);
  while (slash !== -1 && slash < path.length - 1) {
    folders.push(path.slice(0, slash + 1));
    slash = path.indexOf("/", slash + 1);
  }
  return folders;
}

function withLine({ prefix, content }: OpenTree, { path, mode, id }: TreeEntry): OpenTree {
  const name = path.slice(prefix.length, mode === FOLDER_MODE ? -1 : undefined);
  return { prefix, content: `${content}${mode.toString(8)} ${name}\0${pathOfHex(id)}` };
}

function checkPaths(sorted: readonly TreeEntry[]): void {
  const paths = new Set<BytePath>();
  let before = "";
  for (const { path, mode } of sorted) {
    const isNamed = /^(?!\/)(?!.*\/\/)/s.test(path) && path.endsWith("/") === (mode === FOLDER_MODE);
    // What stands at each folder on the way; those that the entry before was in are known to be free.
    const folders = foldersBetween(sharedFolder(before, path), path);
    const isFree = !paths.has(path) && !paths.has(path.replace(/\/$/, ""));
    if (
      !isNamed ||
      path === "" ||
      !isFree ||
      folders.some((folder) => paths.has(folder) || paths.has(folder.slice(0, -1)))
    ) {
      throw gitError(`captureGitState: "${textOfPath(path)}" cannot be in a tree beside the other paths`, {
        code: "GIT_UNREADABLE",
        remedy: "run `git fsck` in the repository",
        data: { path: textOfPath(path) },
      });
    }
    paths.add(path);
    before = path.replace(/\/$/, "");
  }
}

/** The innermost folder that two paths share. */
function sharedFolder(one: BytePath, other: BytePath): BytePath {
  let end = one.lastIndexOf("/") + 1;
  while (end > 0 && !other.startsWith(one.slice(0, end))) end = one.lastIndexOf("/", end - 2) + 1;
  return one.slice(0, end);
}
