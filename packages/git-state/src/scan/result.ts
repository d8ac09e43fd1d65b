import type { BytePath, FileStat } from "../files.ts";
import type { IndexEntry } from "../repository/index-entries.ts";

/** A file or link whose contents must be read to know its id. */
export interface HashCandidate {
  readonly path: BytePath;
  readonly stat: FileStat;
  /** Mode that it has in the tree: 0o100644, 0o100755 or 0o120000. */
  readonly mode: number;
  /** What the index has at the path; `null` when it is untracked. In a conflict, ours rather than the ancestor's or theirs. */
  readonly entry: IndexEntry | null;
}

/** A folder that stands, or may stand, for a repository. */
export interface RepositoryFolder {
  readonly path: BytePath;
  /** What the index has at the path; `null` when git has not been told of it. */
  readonly entry: IndexEntry | null;
  /** Whether it is a repository; a submodule that was not fetched is an empty folder, or one of files that git overlooks. */
  readonly isRepository: boolean;
}

/** What of a work tree must be looked at more closely. All else that the index has is there, unchanged. */
export interface WorktreeScan {
  /** Tracked paths that are gone, or where something stands that git cannot keep. Sorted. */
  readonly gone: readonly BytePath[];
  /** Sorted by path. */
  readonly candidates: readonly HashCandidate[];
  /** Sorted by path. */
  readonly repositories: readonly RepositoryFolder[];
}
