import type { BytePath, FileReader } from "../files.ts";
import type { EntryRow } from "../repository/index-entries.ts";
import { SKIP_WORKTREE, assembleEntries, checkEntries, createEntries, entryAt } from "../repository/index-entries.ts";
import type { IndexFile } from "../repository/index-file.ts";
import type { ReadTree } from "../tree/flatten.ts";
import { flattenTree } from "../tree/flatten.ts";
import { readableFiles } from "./readable.ts";

/** How a sparse index is expanded. */
export interface ExpandOptions {
  readonly readTree: ReadTree;
  /** Which folders; all when omitted. The path has a slash at its end. */
  readonly isWanted?: (path: BytePath) => boolean;
}

/**
 * Puts a folder's files, as its tree has them, in the place of a folder that stands in a sparse index as one entry.
 *
 * @throws ReproError `GIT_UNREADABLE` when a tree holds what no index may hold, and as `readTree`.
 * @remarks git's "sparse-index" design document.
 */
export async function expandSparse(
  index: IndexFile,
  { readTree, isWanted = () => true }: ExpandOptions,
): Promise<IndexFile> {
  const { idLength, paths } = index;
  const isExpanded = (path: BytePath): boolean => path.endsWith("/") && isWanted(path);
  if (!paths.some(isExpanded)) return index;
  const rows: EntryRow[] = [];
  for (const [at, path] of paths.entries()) {
    if (!isExpanded(path)) {
      rows.push({ from: index, at, path });
      continue;
    }
    const items = await flattenTree(readTree, entryAt(index, at).id, path);
    const from = createEntries(items, { idLength, flags: SKIP_WORKTREE });
    for (const [inner, item] of items.entries()) rows.push({ from, at: inner, path: item.path });
  }
  const entries = assembleEntries(rows, idLength);
  checkEntries(entries);
  return { ...index, ...entries };
}

/** Tells whether a path leads to a folder without following a link on the way. */
export function isFolderPresent(files: FileReader, root: BytePath, path: BytePath): boolean {
  const readable = readableFiles(files, root);
  let folder = root;
  return path
    .split("/")
    .filter((part) => part !== "")
    .every((part) => {
      folder = `${folder}/${part}`;
      return readable.stat(folder)?.kind === "directory";
    });
}
