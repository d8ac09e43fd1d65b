import { compareCodePoints } from "@repro/core";

import { gitError } from "../error.ts";
import type { TreeDifference } from "../scratch/base.ts";
import { diffTrees } from "../scratch/base.ts";
import { encodePatch, verifyPatch } from "../scratch/patch.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { openScratch } from "../scratch/scratch.ts";
import type { Snapshot, SnapshotOptions } from "../snapshot.ts";
import type { GitChange, GitChangeStatus, GitSubmodule } from "../state/state.ts";
import { gitText } from "../git/command.ts";
import { requireKept } from "../lfs/store.ts";
import type { Change } from "./measure.ts";
import { measure } from "./measure.ts";
import { itemText } from "../git/nul-list.ts";
import { observe } from "../git/observe.ts";
import type { Repository } from "../git/repository.ts";
import { openRepository } from "../git/repository.ts";
import type { Worktree } from "../git/worktree.ts";
import { readWorktree, withInner } from "../git/worktree.ts";
import { settled } from "../git/settle.ts";

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
  const { approximations, changes, submodules, lfs, patch } = contents;
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
  };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareCodePoints(a.path, b.path);
}

interface Contents extends Pick<Snapshot, "approximations" | "changes" | "lfs" | "patch" | "submodules"> {
  /** `null` when nothing differs. */
  readonly worktreeTree: string | null;
}

async function readContents(worktree: Worktree, maxPatchBytes: number | undefined): Promise<Contents> {
  return needsScratch(worktree) ? measureContents(worktree, maxPatchBytes) : unchanged(worktree);
}

/** Where nothing may differ, and nothing is under git-lfs, there is nothing to look up. */
function needsScratch(worktree: Worktree): boolean {
  return withInner(worktree).some(({ status, lfsPaths }) => status.entries.length > 0 || lfsPaths.length > 0);
}

function unchanged(worktree: Worktree): Contents {
  return {
    worktreeTree: null,
    approximations: [],
    changes: [],
    submodules: cleanSubmodules(worktree),
    lfs: [],
    patch: new Uint8Array(),
  };
}

function cleanSubmodules({ prefix, submodules }: Worktree): readonly GitSubmodule[] {
  return submodules.flatMap(({ path, url, worktree }) => [
    { path: prefix + itemText(path), url, commit: worktree?.status.commit ?? null, dirty: false },
    ...(worktree === null ? [] : cleanSubmodules(worktree)),
  ]);
}

async function measureContents(worktree: Worktree, maxPatchBytes: number | undefined): Promise<Contents> {
  const [top, ...inner] = withInner(worktree);
  await using scratch = await openScratch([top.repository, ...inner.map(({ repository }) => repository)]);
  const { change, moved, ...measured } = await measure(scratch, worktree, maxPatchBytes !== undefined);
  if (change === null) return { ...measured, worktreeTree: null, changes: [], patch: new Uint8Array() };
  const changes = [...(await diffTrees(scratch, change.base.tree, change.tree)).map(changeOf), ...moved];
  const read = { ...measured, worktreeTree: change.tree, changes, patch: new Uint8Array() };
  if (maxPatchBytes === undefined) return read;
  await requireKept(
    withInner(worktree).map(({ repository }) => repository),
    measured.lfs,
    changes,
  );
  return { ...read, patch: await verifiedPatch(scratch, change, maxPatchBytes) };
}

async function verifiedPatch(scratch: Scratch, { base, tree }: Change, maxBytes: number): Promise<Uint8Array> {
  const patch = await encodePatch(scratch, base.tree, tree, maxBytes);
  await verifyPatch(scratch, base, tree, patch);
  return patch;
}

const LETTERS: Readonly<Record<string, GitChangeStatus>> = {
  A: "added",
  D: "deleted",
  M: "modified",
  T: "type-changed",
};

function changeOf({ letter, path }: TreeDifference): GitChange {
  return { path: itemText(path), status: LETTERS[letter] ?? "modified" };
}

function noCommits({ root }: Repository): Error {
  return gitError(`captureGitState: the repository at "${root}" has no commits`, {
    code: "GIT_NO_COMMITS",
    remedy: "git add --all && git commit",
    data: { root },
  });
}
