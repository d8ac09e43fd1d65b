import { ReproError } from "@repro/core";
import type { ReproErrorOptions } from "@repro/core";

/**
 * Every code that this package throws.
 *
 * @public
 */
export type GitStateErrorCode =
  | "GIT_COMMAND_FAILED"
  | "GIT_COMMIT_MISSING"
  | "GIT_DIRTY"
  | "GIT_LFS_MISSING"
  | "GIT_NOT_A_WORKTREE"
  | "GIT_NOT_FOUND"
  | "GIT_NO_COMMITS"
  | "GIT_PATCH_MISSING"
  | "GIT_PATCH_TOO_LARGE"
  | "GIT_PATCH_UNVERIFIED"
  | "GIT_RESTORE_MISMATCH"
  | "GIT_RESTORE_NOT_EMPTY"
  | "GIT_STATE_UNCERTAIN"
  | "GIT_TAG_EXISTS"
  | "GIT_TOO_OLD"
  | "GIT_UNREADABLE"
  | "GIT_UNSAFE_OWNER"
  | "GIT_UNSUPPORTED";

/** Builds an error of this package: a code outside the union does not compile. */
export function gitError(
  message: string,
  options: ReproErrorOptions<GitStateErrorCode>,
): ReproError<GitStateErrorCode> {
  return new ReproError(message, options);
}
