import { gitError } from "../error.ts";
import type { Snapshot, SnapshotOptions } from "../snapshot.ts";

/** Reads a work tree without the git program. */
export async function captureBuiltIn({ cwd }: SnapshotOptions): Promise<Snapshot> {
  throw gitError(`captureGitState: reading "${cwd}" needs the git program`, {
    code: "GIT_UNSUPPORTED",
    remedy: "install git 2.32 or newer",
    data: { cwd },
  });
}
