import { diffJson } from "@repro/core";
import type { Difference } from "@repro/core";

import type { GitState } from "./state.ts";

/**
 * Lists how the code differs between two states.
 *
 * Two work trees with the same files are the same code: a commit with another history is then a warning, and so is the
 * tree that it has. Otherwise every differing id is an error. Branches, remotes and what is staged are not compared.
 *
 * @returns `[]` when both have the same commit, the same files and the same submodules.
 * @example
 * ```ts no-run
 * diffGitState(recorded, await captureGitState()).filter(({ severity }) => severity === "error");
 * ```
 * @public
 */
export function diffGitState(recorded: GitState, actual: GitState): readonly Difference[] {
  const sameFiles = recorded.worktreeTree === actual.worktreeTree;
  const [expected, found] = [compared(recorded), compared(actual)];
  return diffJson(expected, found, {
    severity: (path) => (sameFiles && (path === "/commit" || path === "/tree") ? "warning" : "error"),
    remedy: recorded.dirty
      ? `check out ${recorded.commit} and apply the recorded patch`
      : `git checkout --detach ${recorded.commit}`,
  });
}

function compared({ objectFormat, commit, tree, worktreeTree, submodules }: GitState): Parameters<typeof diffJson>[0] {
  // By path, so that one submodule more does not make all that follow differ.
  const byPath = new Map(submodules.map(({ path, commit, dirty }) => [path, { commit, dirty }]));
  return { objectFormat, commit, tree, worktreeTree, submodules: Object.fromEntries(byPath) };
}
