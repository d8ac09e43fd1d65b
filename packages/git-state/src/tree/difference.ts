import type { BytePath } from "../files.ts";
import type { TreeEntry } from "./tree.ts";
import { sortEntries } from "./tree.ts";

/** One path at which two trees differ. */
export interface EntryDifference {
  readonly path: BytePath;
  /** `"type-changed"` is between file, link, repository and unlisted folder; a changed executable bit is `"modified"`. */
  readonly status: "added" | "modified" | "deleted" | "type-changed";
  /** What the first tree has; `null` when it was added. */
  readonly base: TreeEntry | null;
  /** What the second tree has; `null` when it was deleted. */
  readonly actual: TreeEntry | null;
}

/**
 * Compares the entries of two trees, as `git diff-tree -r --name-status --no-renames` does.
 *
 * @returns Differences sorted by path; none when the trees are the same.
 */
export function diffEntries(base: Iterable<TreeEntry>, actual: Iterable<TreeEntry>): readonly EntryDifference[] {
  const [left, right] = [sortEntries(base), sortEntries(actual)];
  const differences: EntryDifference[] = [];
  let next = 0;
  for (const entry of left) {
    for (let other = right[next]; other !== undefined && other.path < entry.path; other = right[next]) {
      differences.push(added(other));
      next += 1;
    }
    const match = right[next]?.path === entry.path ? right[next] : undefined;
    if (match !== undefined) next += 1;
    differences.push(...compared(entry, match));
  }
  return [...differences, ...right.slice(next).map(added)];
}

/**
 * Tells whether folders that stand in a tree leave no room for what was at a path: it is one of them, in one of them, or
 * on the way to one.
 *
 * @param folders - Their paths, each with a slash at its end.
 */
export function isReplaced(path: BytePath, folders: readonly BytePath[]): boolean {
  return folders.some((folder) => `${path}/`.startsWith(folder) || folder.startsWith(`${path}/`));
}

function added(actual: TreeEntry): EntryDifference {
  return { path: actual.path, status: "added", base: null, actual };
}

function compared(base: TreeEntry, actual: TreeEntry | undefined): EntryDifference[] {
  const { path } = base;
  if (actual === undefined) return [{ path, status: "deleted", base, actual: null }];
  if (actual.id === base.id && actual.mode === base.mode) return [];
  const isSameType = (actual.mode & TYPE_MASK) === (base.mode & TYPE_MASK);
  return [{ path, status: isSameType ? "modified" : "type-changed", base, actual }];
}

/** The bits of a mode that tell file, link and repository apart. */
const TYPE_MASK = 0o170000;
