import { isDigest, parseState } from "@repro/core";
import type { Digest, LayerState } from "@repro/core";
import * as z from "zod";

import type { GitObserved } from "./observed.ts";
import { observedSchema } from "./observed.ts";

/**
 * How a path of the work tree differs from the commit.
 *
 * `"type-changed"` is between file, symbolic link and submodule; a changed executable bit is `"modified"`.
 *
 * @public
 */
export type GitChangeStatus = "added" | "modified" | "deleted" | "type-changed";

/**
 * One path that is not as the commit has it, whether staged or not.
 *
 * @public
 */
export interface GitChange {
  /**
   * Path from the root of the work tree, with `/`; of a file in a submodule, through the submodule. Bytes that are not
   * UTF-8 are written U+FFFD; the tree ids are exact.
   */
  readonly path: string;
  /** How it differs from the commit. */
  readonly status: GitChangeStatus;
}

/**
 * A repository inside the work tree: a submodule, or one that git has not been told of, at any depth.
 *
 * @public
 */
export interface GitSubmodule {
  /** Path from the root of the work tree, with `/`. */
  readonly path: string;
  /** Address that `.gitmodules` gives, without credentials; `null` when it gives none. */
  readonly url: string | null;
  /** Commit checked out there; `null` when nothing is, or when it has no commits. */
  readonly commit: string | null;
  /** Whether files in it differ from that commit. */
  readonly dirty: boolean;
}

/**
 * A file whose contents git-lfs keeps outside of the repository.
 *
 * @public
 */
export interface GitLfsFile {
  /** Path from the root of the work tree, with `/`. */
  readonly path: string;
  /** Digest of the contents, as the pointer in the repository names it. */
  readonly digest: Digest;
  /** Length of the contents in bytes. */
  readonly sizeBytes: number;
  /** What lies in the work tree: the contents, or only the pointer to them. */
  readonly checkedOut: "contents" | "pointer";
}

/**
 * Why an id may not be the one that git would compute.
 *
 * @public
 */
export interface GitApproximation {
  /**
   * `"filter"`: a program of the repository's configuration would have changed the contents, and was not run.
   * `"encoding"`: the contents would have been changed into UTF-8 (`working-tree-encoding`).
   * `"names"`: the file system may have changed how names are written (`core.precomposeUnicode`).
   */
  readonly reason: "filter" | "encoding" | "names";
  /** Path that was hashed as it lies on disk. */
  readonly path: string;
}

/**
 * Something in a patch that looks like a password, a key or a token.
 *
 * @public
 */
export interface GitSecretWarning {
  /** What it looks like: `"github-token"`. */
  readonly kind: string;
  /** Path of the file that adds it. */
  readonly path: string;
  /** Line of that file, from 1. */
  readonly line: number;
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
  /** What in it looks like a secret. The patch is kept as it is: look, before you hand it on. */
  readonly secrets: readonly GitSecretWarning[];
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
  /** `"exact"`: ids are those that git itself would compute. `"approximate"`: {@link GitState.approximations} says where they may not be. */
  readonly fidelity: "exact" | "approximate";
  /** Why, and where, an id may not be git's own, sorted by path; `[]` when `fidelity` is `"exact"`. */
  readonly approximations: readonly GitApproximation[];
  /** Hash behind all object ids of this state. */
  readonly objectFormat: "sha1" | "sha256";
  /** Id of the commit that HEAD named: 40 (sha1) or 64 (sha256) hexadecimal digits. */
  readonly commit: string;
  /** Id of that commit's tree. */
  readonly tree: string;
  /** Whether the work tree differs from the commit. What is staged, and what not, makes no difference. */
  readonly dirty: boolean;
  /**
   * One id for the files as they lie there, staged, unstaged, untracked and in submodules; `tree` when nothing differs.
   *
   * It is the id of the tree that `git add --all` would make, where a submodule whose files differ from its commit
   * stands as a tree of those files.
   */
  readonly worktreeTree: string;
  /** What differs from the commit, sorted by path. */
  readonly changes: readonly GitChange[];
  /** Repositories inside the work tree, sorted by path. */
  readonly submodules: readonly GitSubmodule[];
  /** Files under git-lfs, sorted by path. */
  readonly lfs: readonly GitLfsFile[];
  /** Where the changes are kept; `null` when there are none, or when they were not kept. */
  readonly patch: GitPatchReference | null;
  /** What was seen beside the code itself. */
  readonly observed?: GitObserved;
}

const objectId: z.ZodString = /* @__PURE__ */ z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
const digest: z.ZodType<Digest> = /* @__PURE__ */ z.custom<Digest>(
  (value) => isDigest(value),
  "must be a sha256 digest",
);

const patchSchema: z.ZodType<GitPatchReference> = /* @__PURE__ */ z
  .strictObject({
    attachment: z.literal("git/worktree.patch"),
    digest,
    sizeBytes: z.int().nonnegative(),
    secrets: z
      .array(z.strictObject({ kind: z.string(), path: z.string(), line: z.int().positive() }).readonly())
      .readonly(),
  })
  .readonly();

const stateMembers: z.ZodType<GitState> = /* @__PURE__ */ z
  .strictObject({
    schema: z.literal("repro/git-state/v1"),
    fidelity: z.enum(["exact", "approximate"]),
    approximations: z
      .array(z.strictObject({ reason: z.enum(["filter", "encoding", "names"]), path: z.string() }).readonly())
      .readonly(),
    objectFormat: z.enum(["sha1", "sha256"]),
    commit: objectId,
    tree: objectId,
    dirty: z.boolean(),
    worktreeTree: objectId,
    changes: z
      .array(
        z
          .strictObject({ path: z.string(), status: z.enum(["added", "modified", "deleted", "type-changed"]) })
          .readonly(),
      )
      .readonly(),
    submodules: z
      .array(
        z
          .strictObject({
            path: z.string(),
            url: z.string().nullable(),
            commit: objectId.nullable(),
            dirty: z.boolean(),
          })
          .readonly(),
      )
      .readonly(),
    lfs: z
      .array(
        z
          .strictObject({
            path: z.string(),
            digest,
            sizeBytes: z.int().nonnegative(),
            checkedOut: z.enum(["contents", "pointer"]),
          })
          .readonly(),
      )
      .readonly(),
    patch: patchSchema.nullable(),
    observed: z.exactOptional(observedSchema),
  })
  .readonly();

/**
 * Schema of a recorded {@link GitState}; unknown members are refused.
 *
 * @public
 */
export const gitStateSchema: z.ZodType<GitState> = /* @__PURE__ */ stateMembers.superRefine((state, context) => {
  const refuse = (member: keyof GitState, message: string): void => {
    context.addIssue({ code: "custom", path: [member], message });
  };
  const length = state.objectFormat === "sha256" ? 64 : 40;
  for (const member of ["commit", "tree", "worktreeTree"] as const) {
    if (state[member].length !== length) refuse(member, `must have ${length} digits (${state.objectFormat})`);
  }
  const differs = state.worktreeTree !== state.tree;
  if (state.dirty !== differs) refuse("dirty", `must be ${differs}, as the trees say`);
  if (state.changes.length > 0 !== differs) refuse("changes", "must be empty when nothing differs, and only then");
  if (!differs && state.submodules.some(({ dirty }) => dirty))
    refuse("submodules", "must be clean when nothing differs");
  if (!differs && state.patch !== null) refuse("patch", "must be null when the trees are the same");
  if (state.approximations.length > 0 !== (state.fidelity === "approximate")) {
    refuse("approximations", "must be empty when the fidelity is exact, and only then");
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
