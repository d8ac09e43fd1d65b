import { gitError } from "../error.ts";

/** The error for files, trees or patches that are not the recorded ones. */
export function mismatch(
  what: string,
  data: Readonly<Record<string, string | null | readonly string[]>>,
  cause?: unknown,
): Error {
  return gitError(`restoreGitState: ${what}`, {
    code: "GIT_RESTORE_MISMATCH",
    remedy: "compare the record and its attachments with where they came from; `git fsck` checks the repository",
    data,
    cause,
  });
}
