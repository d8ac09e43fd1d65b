import { isDigest, parseState } from "@repro/core";
import type { Digest, LayerState } from "@repro/core";
import * as z from "zod";

import type { GitOperation } from "./git/repository.ts";

/**
 * How a path of the work tree differs from the commit.
 *
 * `"type-changed"` is between file, symbolic link and submodule; a changed executable bit is `"modified"`.
 * `"submodule-modified"` is a submodule, or a repository inside the work tree, with changes of its own, which no tree id shows.
 *
 * @public
 */
export type GitChangeStatus = "added" | "modified" | "deleted" | "type-changed" | "submodule-modified";

/**
 * One path that is not as the commit has it, whether staged or not.
 *
 * @public
 */
export interface GitChange {
  /** Path from the root of the work tree, with `/`. Bytes that are not UTF-8 are written U+FFFD; the tree ids are exact. */
  readonly path: string;
  /** How it differs from the commit. */
  readonly status: GitChangeStatus;
}

/**
 * A repository inside the work tree: a submodule, or one that git has not been told of.
 *
 * @public
 */
export interface GitSubmodule {
  /** Path from the root of the work tree, with `/`. */
  readonly path: string;
  /** Commit checked out there; `null` when nothing is, or when it has no commits. */
  readonly commit: string | null;
  /** Whether files in it differ from that commit. */
  readonly dirty: boolean;
}

/**
 * Where the uncommitted changes are kept.
 *
 * @public
 */
export interface GitPatchReference {
  /** Name of the attachment beside the record. */
  readonly attachment: "git/worktree.patch";
  /** Digest of the patch's bytes. */
  readonly digest: Digest;
  /** Length of the patch in bytes. */
  readonly sizeBytes: number;
}

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
 * What was seen beside the code itself; neither hashed nor compared.
 *
 * @public
 */
export interface GitObserved {
  /** Branch that was checked out; `null` when HEAD was detached. */
  readonly branch: string | null;
  /** Whether HEAD named a commit and no branch. */
  readonly detached: boolean;
  /** Remote-tracking branch of the branch: `"origin/main"`; `null` when it has none. */
  readonly upstream: string | null;
  /** Remotes, sorted by name, then as configured. */
  readonly remotes: readonly GitRemote[];
  /** Whether the clone lacks history (`git clone --depth`). */
  readonly shallow: boolean;
  /** What read the repository: the git program, and its version. */
  readonly engine: { readonly name: string; readonly version: string };
  /** Operation that was begun and not finished; `null` when there was none. */
  readonly operation: GitOperation | null;
  /** Filters that only the repository's own configuration defines. They are commands and were not run: files under them were hashed as they lie on disk. */
  readonly filtersNotRun: readonly string[];
}

/**
 * The exact state of the code in a git work tree.
 *
 * `commit` and `worktreeTree` are what a reader needs to get the same files; all else explains them.
 *
 * @public
 */
export interface GitState extends LayerState {
  /** Layout of this value. */
  readonly schema: "repro/git-state/v1";
  /** `"exact"`: ids are those that git itself would compute. `"approximate"` is for readers that cannot promise that. */
  readonly fidelity: "exact" | "approximate";
  /** Hash behind all object ids of this state. */
  readonly objectFormat: "sha1" | "sha256";
  /** Id of the commit that HEAD named: 40 (sha1) or 64 (sha256) hexadecimal digits. */
  readonly commit: string;
  /** Id of that commit's tree. */
  readonly tree: string;
  /** Whether the work tree differs from the commit. What is staged, and what not, makes no difference. */
  readonly dirty: boolean;
  /** Id of the tree that `git add --all` would have made of the work tree, staged, unstaged and untracked; `tree` when nothing differs. */
  readonly worktreeTree: string;
  /** What differs from the commit, sorted by path. */
  readonly changes: readonly GitChange[];
  /** Repositories inside the work tree, sorted by path. */
  readonly submodules: readonly GitSubmodule[];
  /** Where the changes are kept; `null` when there are none, or when they were not kept. */
  readonly patch: GitPatchReference | null;
  /** What was seen beside the code itself. */
  readonly observed?: GitObserved;
}

const objectId: z.ZodString = /* @__PURE__ */ z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

const observedSchema: z.ZodType<GitObserved> = /* @__PURE__ */ z
  .strictObject({
    branch: z.string().nullable(),
    detached: z.boolean(),
    upstream: z.string().nullable(),
    remotes: z.array(z.strictObject({ name: z.string(), url: z.string() }).readonly()).readonly(),
    shallow: z.boolean(),
    engine: z.strictObject({ name: z.string(), version: z.string() }).readonly(),
    operation: z.enum(["rebase", "am", "merge", "cherry-pick", "revert", "bisect"]).nullable(),
    filtersNotRun: z.array(z.string()).readonly(),
  })
  .readonly();

const stateMembers: z.ZodType<GitState> = /* @__PURE__ */ z
  .strictObject({
    schema: z.literal("repro/git-state/v1"),
    fidelity: z.enum(["exact", "approximate"]),
    objectFormat: z.enum(["sha1", "sha256"]),
    commit: objectId,
    tree: objectId,
    dirty: z.boolean(),
    worktreeTree: objectId,
    changes: z
      .array(
        z
          .strictObject({
            path: z.string(),
            status: z.enum(["added", "modified", "deleted", "type-changed", "submodule-modified"]),
          })
          .readonly(),
      )
      .readonly(),
    submodules: z
      .array(z.strictObject({ path: z.string(), commit: objectId.nullable(), dirty: z.boolean() }).readonly())
      .readonly(),
    patch: z
      .strictObject({
        attachment: z.literal("git/worktree.patch"),
        digest: z.custom<Digest>((value) => isDigest(value), "must be a sha256 digest"),
        sizeBytes: z.int().nonnegative(),
      })
      .readonly()
      .nullable(),
    observed: z.exactOptional(observedSchema),
  })
  .readonly();

/**
 * Schema of a recorded {@link GitState}; unknown members are refused.
 *
 * @public
 */
export const gitStateSchema: z.ZodType<GitState> = /* @__PURE__ */ stateMembers.superRefine((state, context) => {
  const length = state.objectFormat === "sha256" ? 64 : 40;
  for (const member of ["commit", "tree", "worktreeTree"] as const) {
    if (state[member].length === length) continue;
    context.addIssue({ code: "custom", path: [member], message: `must have ${length} digits (${state.objectFormat})` });
  }
  const differs = state.worktreeTree !== state.tree || state.submodules.some(({ dirty }) => dirty);
  if (state.dirty !== differs) {
    context.addIssue({ code: "custom", path: ["dirty"], message: `must be ${differs}, as trees and submodules say` });
  }
  if (state.changes.length > 0 !== differs) {
    context.addIssue({
      code: "custom",
      path: ["changes"],
      message: "must be empty when nothing differs, and only then",
    });
  }
  if (state.patch !== null && state.worktreeTree === state.tree) {
    context.addIssue({ code: "custom", path: ["patch"], message: "must be null when the trees are the same" });
  }
});

/**
 * Checks a recorded state.
 *
 * @returns The state, frozen.
 * @throws ReproError `LAYER_STATE_INVALID`; `data.issues` lists the path and message of each fault.
 * @public
 */
export function parseGitState(value: unknown): GitState {
  return parseState(gitStateSchema, value, { what: "a git-state record" });
}
