import { gitError } from "../error.ts";
import type { GitState } from "./state.ts";

/** Changes that an error names; a longer list hides the first. */
const NAMED_CHANGES = 20;

/**
 * Refuses a state whose work tree is not what the commit says.
 *
 * @throws ReproError `GIT_DIRTY`; `data: { count, changes }`, with the first 20 changes.
 * @public
 */
export function assertCleanWorktree(state: GitState): void {
  if (!state.dirty) return;
  const changes = state.changes.slice(0, NAMED_CHANGES).map(({ path, status }) => ({ path, status }));
  const count = state.changes.length;
  throw gitError(
    `assertCleanWorktree: ${count} path(s) differ from the commit, the first is "${changes[0]?.path ?? ""}"`,
    {
      code: "GIT_DIRTY",
      remedy:
        "`git commit` or `git stash --include-untracked` them, list products in .gitignore, or record them with `--allow-dirty`",
      data: { commit: state.commit, count, changes },
    },
  );
}
