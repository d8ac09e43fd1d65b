import * as z from "zod";

/**
 * An operation that git has begun and not finished.
 *
 * @public
 */
export type GitOperation = "rebase" | "am" | "merge" | "cherry-pick" | "revert" | "bisect";

/**
 * An address that the repository exchanges commits with.
 *
 * @public
 */
export interface GitRemote {
  /** Name in the configuration: `"origin"`. */
  readonly name: string;
  /** Address without credentials, see {@link redactUrl}. */
  readonly url: string;
}

/**
 * What read the repository.
 *
 * @public
 */
export interface GitEngine {
  /** `"git"` is the git program; `"built-in"` reads the repository's files itself, with isomorphic-git for its objects. */
  readonly name: "git" | "built-in";
  /** Version of the git program, or of isomorphic-git. */
  readonly version: string;
  /** Why the git program was not used, where it was asked first; `null` when it was used, or not to be. */
  readonly insteadOfGit: {
    /** `"GIT_NOT_FOUND"`, `"GIT_TOO_OLD"` or `"GIT_UNSAFE_OWNER"`. */
    readonly code: string;
    /** What it said. */
    readonly message: string;
  } | null;
}

/**
 * The remote-tracking branch that a branch follows.
 *
 * @public
 */
export interface GitUpstream {
  /** `"origin/main"`. */
  readonly name: string;
  /** Commits of the branch that the upstream lacks; `null` when that could not be found out. */
  readonly ahead: number | null;
  /** Commits of the upstream that the branch lacks; `null` when that could not be found out. */
  readonly behind: number | null;
}

/**
 * How much of the repository is there.
 *
 * @public
 */
export interface GitClone {
  /** Whether history is missing (`git clone --depth`). */
  readonly shallow: boolean;
  /** Whether objects may be missing that a remote has promised (`git clone --filter`). */
  readonly partial: boolean;
  /** Whether only a part of the files is checked out (`git sparse-checkout`). */
  readonly sparse: boolean;
  /** Whether the work tree is one of several (`git worktree add`). */
  readonly linkedWorktree: boolean;
}

/**
 * What was seen beside the code itself; neither hashed nor compared.
 *
 * @public
 */
export interface GitObserved {
  /** What read the repository. */
  readonly engine: GitEngine;
  /** Branch that was checked out; `null` when HEAD was detached. */
  readonly branch: string | null;
  /** Whether HEAD named a commit and no branch. */
  readonly detached: boolean;
  /** What the branch follows; `null` when it has no upstream, or one that was never fetched. */
  readonly upstream: GitUpstream | null;
  /** Tags that name the commit, annotated or not, sorted. */
  readonly tags: readonly string[];
  /** Whether a remote-tracking branch contains the commit, so that others can fetch it; `null` when that could not be found out. */
  readonly onRemote: boolean | null;
  /** Remotes, sorted by name, then as configured. */
  readonly remotes: readonly GitRemote[];
  /** How much of the repository is there. */
  readonly clone: GitClone;
  /** Operation that was begun and not finished; `null` when there was none. */
  readonly operation: GitOperation | null;
  /** Settings that decide what git makes of a file, where they are set: `"core.autocrlf": "input"`. */
  readonly config: Readonly<Record<string, string>>;
  /** SHA-256 of each file outside of the work tree that adds ignore rules or attributes: `"info/exclude"`, `"core.attributesFile"`. */
  readonly rules: Readonly<Record<string, string>>;
  /** Filters that only the repository's own configuration defines. They are commands, and were not run. */
  readonly filtersNotRun: readonly string[];
}

const count: z.ZodNullable<z.ZodInt> = /* @__PURE__ */ z.int().nonnegative().nullable();

/** Schema of {@link GitObserved}. */
export const observedSchema: z.ZodType<GitObserved> = /* @__PURE__ */ z
  .strictObject({
    engine: z
      .strictObject({
        name: z.enum(["git", "built-in"]),
        version: z.string(),
        insteadOfGit: z.strictObject({ code: z.string(), message: z.string() }).readonly().nullable(),
      })
      .readonly(),
    branch: z.string().nullable(),
    detached: z.boolean(),
    upstream: z.strictObject({ name: z.string(), ahead: count, behind: count }).readonly().nullable(),
    tags: z.array(z.string()).readonly(),
    onRemote: z.boolean().nullable(),
    remotes: z.array(z.strictObject({ name: z.string(), url: z.string() }).readonly()).readonly(),
    clone: z
      .strictObject({ shallow: z.boolean(), partial: z.boolean(), sparse: z.boolean(), linkedWorktree: z.boolean() })
      .readonly(),
    operation: z.enum(["rebase", "am", "merge", "cherry-pick", "revert", "bisect"]).nullable(),
    config: z.record(z.string(), z.string()).readonly(),
    rules: z.record(z.string(), z.string()).readonly(),
    filtersNotRun: z.array(z.string()).readonly(),
  })
  .readonly();
