import type { BytePath } from "../files.ts";
import { hashHex, nextTurn } from "../files.ts";
import type { ScanOptions } from "./options.ts";
import { changedMeanwhile, readableFiles } from "./readable.ts";
import type { WorktreeScan } from "./result.ts";
import type { Scan } from "./scan-folder.ts";
import { listingOf, scanFolder } from "./scan-folder.ts";

/**
 * Compares a work tree with an index by what the file system says of each file, without reading contents.
 *
 * Only what a folder lists is looked at, and links are not followed: an index cannot lead out of the work tree. Whatever
 * is flagged assume-unchanged is compared like all else; what is flagged skip-worktree may be absent.
 *
 * @throws ReproError `GIT_UNREADABLE` when a folder or file cannot be read.
 * @throws the signal's reason when it is aborted.
 */
export async function scanWorktree(options: ScanOptions): Promise<WorktreeScan> {
  const { index, config, indexTime, ignore, signal } = options;
  const files = readableFiles(options.files, options.root);
  const emptyBlob = hashHex(index.idLength === 20 ? "sha1" : "sha256", "blob 0\0");
  const found: Scan["found"] = { gone: [], candidates: [], repositories: [] };
  let steps = 0;
  const scan: Scan = {
    ...options,
    files,
    comparison: { ...config, indexTime, emptyBlob },
    found,
    isTurnDue: () => (steps += 1) % STEPS_PER_TURN === 0,
    takeTurn: async () => {
      await nextTurn();
      signal?.throwIfAborted();
    },
  };
  signal?.throwIfAborted();
  const listing = listingOf(scan, "");
  if (listing === null) throw changedMeanwhile("");
  await scanFolder(scan, { prefix: "", from: 0, to: index.paths.length, listing, ignore });
  return {
    gone: found.gone, // in the order of the index
    candidates: found.candidates.toSorted(byPath),
    repositories: found.repositories.toSorted(byPath),
  };
}

/** Paths between two looks at the signal: some milliseconds. */
const STEPS_PER_TURN = 2_000;

function byPath(one: { readonly path: BytePath }, other: { readonly path: BytePath }): number {
  return one.path < other.path ? -1 : 1;
}
