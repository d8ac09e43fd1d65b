import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { textOfPath } from "../files.ts";
import type { TreeEntry } from "./tree.ts";
import { FOLDER_MODE } from "./tree.ts";

/** A line of a tree object. */
export interface TreeItem {
  readonly name: BytePath;
  readonly mode: number;
  /** Object id in hexadecimal digits. */
  readonly id: string;
}

/** Reads one tree object. */
export type ReadTree = (id: string) => Promise<readonly TreeItem[]>;

/** Entries of one tree, at most: far above any real one. A tree may hold itself, so to speak, a million times. */
const MAX_TREE_ENTRIES = 10_000_000;

/** The longest path that any file system's interface takes: that of Windows. */
const MAX_PATH_BYTES = 32_767;

/**
 * Lists what a tree holds at any depth, in the order in which the tree has it.
 *
 * @param prefix - Put before each path; with a slash at its end, or empty.
 * @throws ReproError `GIT_UNREADABLE` when a name is empty or has a slash; `GIT_UNSUPPORTED` when there are more than
 *   {@link MAX_TREE_ENTRIES}, or folders in folders without end; and as `readTree`.
 */
export async function flattenTree(
  readTree: ReadTree,
  id: string,
  prefix: BytePath = "",
): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const waiting: TreeEntry[] = [{ path: prefix, mode: FOLDER_MODE, id }]; // the next one is last
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.mode !== FOLDER_MODE) {
      entries.push(next);
      continue;
    }
    const { path } = next;
    const items = await readTree(next.id);
    for (const item of items.toReversed()) waiting.push(placed(path, item));
    if (waiting.length + entries.length > MAX_TREE_ENTRIES || path.length > MAX_PATH_BYTES) throw tooLarge();
  }
  return entries;
}

function placed(prefix: BytePath, { name, mode, id }: TreeItem): TreeEntry {
  if (name === "" || name.includes("/")) throw misnamed(prefix + name);
  return { path: mode === FOLDER_MODE ? `${prefix}${name}/` : prefix + name, mode: canonicalMode(mode), id };
}

/** Old versions of git wrote further permission bits; git reads them as one of the two that it writes today. */
export function canonicalMode(mode: number): number {
  if ((mode & 0o170000) !== 0o100000) return mode;
  return (mode & 0o100) === 0 ? 0o100644 : 0o100755;
}

function misnamed(path: BytePath): Error {
  return gitError(`captureGitState: a tree holds "${textOfPath(path)}", which is no name`, {
    code: "GIT_UNREADABLE",
    remedy: "run `git fsck` in the repository",
    data: { path: textOfPath(path) },
  });
}

function tooLarge(): Error {
  return gitError("captureGitState: the commit's tree is too large", {
    code: "GIT_UNSUPPORTED",
    data: { limit: MAX_TREE_ENTRIES },
  });
}
