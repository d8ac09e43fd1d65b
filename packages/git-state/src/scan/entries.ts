import type { BytePath } from "../files.ts";
import { INTENT_TO_ADD, STAGE_MASK, entryAt } from "../repository/index-entries.ts";
import type { IndexFile } from "../repository/index-file.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { WorktreeScan } from "./result.ts";

/**
 * Entries of the index that the work tree holds as they are: all but those that a scan found gone, or to be looked at.
 *
 * With an entry for each candidate and repository of the scan they make up the work tree.
 */
export function unchangedEntries(index: IndexFile, scan: WorktreeScan): readonly TreeEntry[] {
  const touched = new Set<BytePath>(scan.gone);
  for (const { path } of scan.candidates) touched.add(path);
  for (const { path } of scan.repositories) touched.add(path);
  return indexEntries(index).filter(({ path }) => !touched.has(path));
}

/** Entries of the index that are merged and have contents: those of the tree that `git write-tree` makes of it. */
export function indexEntries(index: IndexFile): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < index.paths.length; at += 1) {
    if (((index.flags[at] ?? 0) & (STAGE_MASK | INTENT_TO_ADD)) === 0) entries.push(entryAt(index, at));
  }
  return entries;
}
