import type { CaptureGitOptions } from "../capture.ts";
import { captureGitState } from "../capture.ts";
import { gitError } from "../error.ts";
import type { GitApproximation, GitState } from "./state.ts";

/** Paths that an error names; a longer list hides the first. */
const NAMED_PATHS = 20;

/**
 * Refuses a work tree that is not what the commit says, or of which that cannot be said for certain.
 *
 * Without a state it reads the work tree itself: the line for the top of a script.
 *
 * @throws ReproError `GIT_DIRTY` with `data: { commit, count, changes }`, the first 20 changes; `GIT_STATE_UNCERTAIN`,
 *   where nothing differs but not all of it could be hashed as git would, with `data: { commit, count, approximations }`,
 *   the first 20.
 * @example
 * ```ts no-run
 * const { commit } = await assertCleanWorktree();
 * assertCleanWorktree(await captureGitState({ exclude: ["logs"] })); // the same, on a state at hand
 * ```
 * @public
 */
export function assertCleanWorktree(state: GitState): void;
/**
 * Reads the work tree, and refuses one that is not what the commit says, or of which that cannot be said for certain.
 *
 * @returns The state that was read, to be kept.
 * @throws ReproError `GIT_DIRTY`, `GIT_STATE_UNCERTAIN`, and as {@link captureGitState}.
 * @public
 */
export function assertCleanWorktree(options?: CaptureGitOptions): Promise<GitState>;
export function assertCleanWorktree(subject: GitState | CaptureGitOptions = {}): Promise<GitState> | void {
  return "schema" in subject ? requireClean(subject) : captureClean(subject);
}

async function captureClean(options: CaptureGitOptions): Promise<GitState> {
  const state = await captureGitState(options);
  requireClean(state);
  return state;
}

function requireClean(state: GitState): void {
  if (state.dirty) throw dirty(state);
  if (state.approximations.length > 0) throw uncertain(state);
}

function dirty({ commit, changes }: GitState): Error {
  const count = changes.length;
  return gitError(
    `assertCleanWorktree: ${count} path(s) differ from the commit, the first is "${changes[0]?.path ?? ""}"`,
    {
      code: "GIT_DIRTY",
      remedy:
        "`git commit` or `git stash --include-untracked` them, list products in .gitignore, or record them with `--allow-dirty`",
      data: { commit, count, changes: changes.slice(0, NAMED_PATHS).map(({ path, status }) => ({ path, status })) },
    },
  );
}

const WHY: Readonly<Record<GitApproximation["reason"], string>> = {
  filter: "a filter that was not run",
  encoding: "an encoding that was not converted",
  names: "names that the file system may have changed",
};

function uncertain(state: GitState): Error {
  const { commit, approximations } = state;
  const [first, count] = [approximations[0], approximations.length];
  const why = [...new Set(approximations.map(({ reason }) => WHY[reason]))].join(", ");
  return gitError(
    `assertCleanWorktree: ${count} path(s) could not be hashed as git would, for ${why}; the first is "${first?.path ?? ""}"`,
    {
      code: "GIT_STATE_UNCERTAIN",
      remedy: waysOut(state).join("; "),
      data: {
        commit,
        count,
        approximations: approximations.slice(0, NAMED_PATHS).map(({ reason, path }) => ({ reason, path })),
      },
    },
  );
}

function waysOut({ approximations, observed }: GitState): readonly string[] {
  const filter = observed?.filtersNotRun[0];
  const ways: string[] = [];
  if (filter !== undefined && approximations.some(({ reason }) => reason === "filter")) {
    ways.push(`if you trust the repository's filter, make it your own: git config --global filter.${filter}.clean …`);
  }
  if (observed?.engine.name === "built-in")
    ways.push("install git 2.32 or newer, which the built-in engine stood in for");
  return [...ways, "or record the work tree as it is with `--allow-dirty`"];
}
