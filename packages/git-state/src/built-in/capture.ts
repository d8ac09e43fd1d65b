import { compareCodePoints } from "@repro/core";

import { gitError } from "../error.ts";
import { hostFiles, pathOfText, textOfPath } from "../files.ts";
import { readableFiles } from "../scan/readable.ts";
import { requireKept } from "../lfs/store.ts";
import type { Snapshot, SnapshotOptions } from "../snapshot.ts";
import type { GitChange, GitSubmodule } from "../state/state.ts";
import type { EntryDifference } from "../tree/difference.ts";
import { diffEntries } from "../tree/difference.ts";
import { listLfsFiles } from "./lfs.ts";
import { observeBuiltIn } from "./observe.ts";
import { makePatch } from "./patch.ts";
import { openBuiltIn } from "./repository.ts";
import type { Worktree } from "./reading.ts";
import { readWorktree } from "./worktree.ts";

/** Reads a work tree without the git program. */
export async function captureBuiltIn(options: SnapshotOptions): Promise<Snapshot> {
  const { cwd, env, isProduct, maxPatchBytes, signal } = options;
  signal?.throwIfAborted();
  const repository = await openBuiltIn(readableFiles(hostFiles, "/"), pathOfText(cwd), env);
  const { head, objects, place } = repository;
  if (head.commit === null) throw noCommits(textOfPath(place.root));
  const worktree = await readWorktree(repository, { prefix: "", isProduct, signal });
  const { tree, worktreeTree } = worktree;
  if (tree === null || worktreeTree === null) throw noCommits(textOfPath(place.root));
  const differences = diffEntries(worktree.base, worktree.actual);
  const changes = changesOf(worktree, differences);
  const lfs = await listLfsFiles(worktree);
  if (maxPatchBytes !== undefined) requireKept(repositoriesOf(worktree), lfs, changes);
  const patch = maxPatchBytes === undefined || tree === worktreeTree ? null : { maxBytes: maxPatchBytes, signal };
  return {
    engineVersion: objects.version,
    approximations: worktree.approximations.toSorted(byPath),
    objectFormat: "sha1",
    commit: head.commit,
    tree,
    worktreeTree,
    changes,
    submodules: submodulesOf(worktree).toSorted(byPath),
    lfs,
    observed: await observeBuiltIn(repository, head.commit, worktree.rules.outer),
    ...(patch === null ? { patch: new Uint8Array(), secrets: [] } : await makePatch(worktree, differences, patch)),
  };
}

function repositoriesOf({ repository: { place, config }, submodules }: Worktree): Parameters<typeof requireKept>[0] {
  return [
    { commonDir: textOfPath(place.commonDir), config },
    ...submodules.flatMap(({ worktree }) => (worktree === null ? [] : repositoriesOf(worktree))),
  ];
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareCodePoints(a.path, b.path);
}

function changesOf(worktree: Worktree, differences: readonly EntryDifference[]): readonly GitChange[] {
  const files = differences.map(({ path, status }): GitChange => ({ path: textOfPath(path), status }));
  return [...files, ...movedIn(worktree, "")].toSorted(byPath);
}

/** Submodules that moved to another commit and differ from that as well, at any depth. */
function movedIn({ moved, submodules }: Worktree, prefix: string): readonly GitChange[] {
  return [
    ...moved.map(({ path, status }): GitChange => ({ path: prefix + textOfPath(path), status })),
    ...submodules.flatMap(({ worktree, state }) => (worktree === null ? [] : movedIn(worktree, `${state.path}/`))),
  ];
}

function submodulesOf({ submodules }: Worktree): readonly GitSubmodule[] {
  return submodules.flatMap(({ state, worktree }) => [state, ...(worktree === null ? [] : submodulesOf(worktree))]);
}

function noCommits(root: string): Error {
  return gitError(`captureGitState: the repository at "${root}" has no commits`, {
    code: "GIT_NO_COMMITS",
    remedy: "git add --all && git commit",
    data: { root },
  });
}
