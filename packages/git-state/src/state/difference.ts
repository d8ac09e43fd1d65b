import { diffJson } from "@repro/core";
import type { Difference } from "@repro/core";

import type { GitState } from "./state.ts";

/**
 * Lists how the code differs between two states.
 *
 * Two work trees with the same files are the same code: a commit with another history is then a warning, and so is the
 * tree that it has. Otherwise every differing id is an error. Files under git-lfs are compared too, by path: the tree
 * is the same whether their contents lie in the work tree or only pointers to them, and a program is not. Branches,
 * remotes, what is staged, and how certain each state is are not compared.
 *
 * @returns `[]` when both have the same commit, the same files, the same submodules and the same contents under git-lfs.
 * @example
 * ```ts no-run
 * diffGitState(recorded, await captureGitState()).filter(({ severity }) => severity === "error");
 * ```
 * @public
 */
export function diffGitState(recorded: GitState, actual: GitState): readonly Difference[] {
  const sameFiles = recorded.worktreeTree === actual.worktreeTree;
  const differences = diffJson(compared(recorded), compared(actual), {
    severity: (path) => (sameFiles && (path === "/commit" || path === "/tree") ? "warning" : "error"),
    remedy: recorded.dirty
      ? `check out ${recorded.commit} and apply the recorded patch`
      : `git checkout --detach ${recorded.commit}`,
  });
  const isPointer = ({ path, expected }: Difference): boolean =>
    /^\/lfs\/[^/]*\/checkedOut$/.test(path) && expected === "contents";
  return differences.map((one) => (isPointer(one) ? { ...one, remedy: "git lfs pull" } : one));
}

function compared(state: GitState): Parameters<typeof diffJson>[0] {
  const { objectFormat, commit, tree, worktreeTree } = state;
  // By path, so that one more does not make all that follow differ.
  const submodules = new Map(state.submodules.map(({ path, commit: id, dirty }) => [path, { commit: id, dirty }]));
  const lfs = new Map(
    state.lfs.map(({ path, digest, sizeBytes, checkedOut }) => [path, { digest, sizeBytes, checkedOut }]),
  );
  return {
    objectFormat,
    commit,
    tree,
    worktreeTree,
    submodules: Object.fromEntries(submodules),
    lfs: Object.fromEntries(lfs),
  };
}
