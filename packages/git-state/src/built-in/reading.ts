import type { BytePath } from "../files.ts";
import type { HashCandidate } from "../scan/result.ts";
import type { GitApproximation, GitSubmodule } from "../state/state.ts";
import type { EntryDifference } from "../tree/difference.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { OpenedRepository } from "./repository.ts";
import type { WorktreeRules } from "./rules.ts";

/** How a work tree is read. */
export interface WorktreeOptions {
  /** Path from the top work tree, with a slash at the end; empty for the top one. */
  readonly prefix: BytePath;
  /** Tells whether a path from the top work tree is a product. */
  readonly isProduct: (path: string) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A work tree as it lies on disk. Paths are from its own root. */
export interface Worktree {
  readonly repository: OpenedRepository;
  readonly rules: WorktreeRules;
  /** Tree of HEAD; `null` before the first commit. */
  readonly tree: string | null;
  /** Id of the tree of what lies there; `tree` when nothing differs. */
  readonly worktreeTree: string | null;
  /** What lies there, but for submodules whose files differ from their commit. */
  readonly own: readonly TreeEntry[];
  /** What the commit has, with those submodules expanded to what their own commits have. Only told when something differs. */
  readonly base: readonly TreeEntry[];
  /** What lies there, with those submodules expanded. Only told when something differs. */
  readonly actual: readonly TreeEntry[];
  /** Submodules that moved to another commit and differ from that as well: neither list above shows the move. */
  readonly moved: readonly Pick<EntryDifference, "path" | "status">[];
  /** What was hashed, by path. */
  readonly candidates: ReadonlyMap<BytePath, HashCandidate>;
  readonly submodules: readonly Submodule[];
  readonly approximations: readonly GitApproximation[];
}

/** A repository inside a work tree. */
export interface Submodule {
  /** Path from the root of the work tree that it is in. */
  readonly path: BytePath;
  readonly state: GitSubmodule;
  /** What lies there; `null` when nothing is checked out. */
  readonly worktree: Worktree | null;
  /** What stands for it in the tree of the work tree around it; `null` when its files do, or nothing. */
  readonly link: TreeEntry | null;
  /** Whether the index around it has just this. */
  readonly isAsIndexed: boolean;
}

/** Reads a work tree and those in it. */
export type ReadWorktree = (repository: OpenedRepository, options: WorktreeOptions) => Promise<Worktree>;
