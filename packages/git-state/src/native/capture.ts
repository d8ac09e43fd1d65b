import { compareCodePoints } from "@repro/core";

import { gitError } from "../error.ts";
import { textOfPath } from "../files.ts";
import { makePatch } from "../scratch/patch.ts";
import { openScratch } from "../scratch/scratch.ts";
import { findSecrets } from "../secrets/tokens.ts";
import type { Snapshot, SnapshotOptions } from "../snapshot.ts";
import type { GitChange, GitSubmodule } from "../state/state.ts";
import type { EntryDifference } from "../tree/difference.ts";
import { gitText } from "../git/command.ts";
import { requireKept } from "../lfs/store.ts";
import { measure, stateOf } from "./measure.ts";
import { observe } from "../git/observe.ts";
import type { Repository } from "../git/repository.ts";
import { openRepository } from "../git/repository.ts";
import { settled } from "../git/settle.ts";
import type { Worktree } from "./worktree.ts";
import { readWorktree, withInner } from "./worktree.ts";

/** Reads a work tree with the git program. */
export async function captureWithGit(options: SnapshotOptions): Promise<Snapshot> {
  const repository = await openRepository(options);
  const worktree = await readWorktree(repository, { prefix: "", isProduct: options.isProduct });
  const { status } = worktree;
  if (status.commit === null) throw noCommits(repository);
  const [tree, observed, contents] = await settled([
    gitText(repository.context, ["rev-parse", "--verify", `${status.commit}^{tree}`]),
    observe(repository, status),
    readContents(worktree, options.maxPatchBytes),
  ]);
  const { approximations, changes, submodules, lfs, patch, secrets } = contents;
  return {
    engineVersion: repository.gitVersion,
    approximations: approximations.toSorted(byPath),
    objectFormat: repository.objectFormat,
    commit: status.commit,
    tree,
    worktreeTree: contents.worktreeTree ?? tree,
    changes: changes.toSorted(byPath),
    submodules: submodules.toSorted(byPath),
    lfs: lfs.toSorted(byPath),
    observed,
    patch,
    secrets,
  };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareCodePoints(a.path, b.path);
}

interface Contents extends Pick<Snapshot, "approximations" | "changes" | "lfs" | "patch" | "secrets" | "submodules"> {
  /** `null` when nothing differs. */
  readonly worktreeTree: string | null;
}

async function readContents(worktree: Worktree, maxPatchBytes: number | undefined): Promise<Contents> {
  return needsScratch(worktree) ? measureContents(worktree, maxPatchBytes) : unchanged(worktree);
}

/** Where nothing may differ, and nothing is under git-lfs, there is nothing to look up. */
function needsScratch(worktree: Worktree): boolean {
  return withInner(worktree).some(
    ({ status, lfsPaths, submodules }) =>
      status.entries.length > 0 || lfsPaths.length > 0 || submodules.some(({ isChanged }) => isChanged),
  );
}

function unchanged(worktree: Worktree): Contents {
  return {
    worktreeTree: null,
    approximations: [],
    changes: [],
    submodules: cleanSubmodules(worktree),
    lfs: [],
    patch: new Uint8Array(),
    secrets: [],
  };
}

function cleanSubmodules({ prefix, submodules }: Worktree): readonly GitSubmodule[] {
  return submodules.flatMap((submodule) => [
    stateOf(prefix, submodule, false),
    ...(submodule.worktree === null ? [] : cleanSubmodules(submodule.worktree)),
  ]);
}

async function measureContents(worktree: Worktree, maxPatchBytes: number | undefined): Promise<Contents> {
  const { repository } = worktree;
  const inner = withInner(worktree).slice(1);
  const repositories = [repository, ...inner.map((one) => one.repository)] as const;
  const keepContents = maxPatchBytes !== undefined;
  await using scratch = await openScratch(repositories);
  const { tree, differences, moved, ...measured } = await measure(worktree, { scratch, keepContents });
  const changes = [...differences.map(changeOf), ...moved];
  const read = { ...measured, worktreeTree: tree, changes, patch: new Uint8Array(), secrets: [] };
  if (!keepContents || tree === null) return read;
  requireKept(repositories, measured.lfs, changes);
  const options = { maxBytes: maxPatchBytes, objectFormat: repository.objectFormat };
  const patch = await makePatch(scratch, differences, options);
  return { ...read, patch, secrets: findSecrets(patch) };
}

function changeOf({ path, status }: EntryDifference): GitChange {
  return { path: textOfPath(path), status };
}

function noCommits({ root }: Repository): Error {
  return gitError(`captureGitState: the repository at "${root}" has no commits`, {
    code: "GIT_NO_COMMITS",
    remedy: "git add --all && git commit",
    data: { root },
  });
}
