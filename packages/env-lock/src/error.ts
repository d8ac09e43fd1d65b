import { ReproError } from "@repro/core";

/**
 * Every code that this package throws beside those of `@repro/core`.
 *
 * @public
 */
export type EnvLockErrorCode =
  | "ENV_DRIFT_MISMATCH"
  | "ENV_INSTALL_FAILED"
  | "ENV_LOCKFILE_INVALID"
  | "ENV_NOT_INSTALLED"
  | "ENV_NOT_RESTORABLE"
  | "ENV_UNREADABLE";

/** A lockfile that is not what its name and version promise. */
export function invalidLockfile(path: string, fault: string, cause?: unknown): ReproError<EnvLockErrorCode> {
  return new ReproError(`captureEnv: the lockfile "${path}" cannot be read: ${fault}`, {
    code: "ENV_LOCKFILE_INVALID",
    remedy: `git checkout -- ${path}, or let the package manager write it again`,
    data: { path, fault },
    ...(cause === undefined ? {} : { cause }),
  });
}
