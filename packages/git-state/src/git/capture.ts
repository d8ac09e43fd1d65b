import { compareCodePoints } from "@repro/core";

import { gitError } from "../error.ts";
import type { Base, TreeDifference } from "../scratch/base.ts";
import { diffTrees, openBase } from "../scratch/base.ts";
import { encodePatch, verifyPatch } from "../scratch/patch.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { openScratch } from "../scratch/scratch.ts";
import { worktreeTreeOf } from "../scratch/worktree-tree.ts";
import type { Snapshot, SnapshotOptions } from "../snapshot.ts";
import type { GitChange, GitChangeStatus, GitSubmodule } from "../state/state.ts";
import { gitText } from "./command.ts";
import { requireKept } from "./lfs-store.ts";
import type { LfsPath } from "./lfs.ts";
import { describeLfsFiles, findUnseen, listLfsPaths, readPointers } from "./lfs.ts";
import { itemText } from "./nul-list.ts";
import { observe } from "./observe.ts";
import type { Repository } from "./repository.ts";
import { openRepository } from "./repository.ts";
import type { Status, StatusEntry } from "./status.ts";
import { readStatus } from "./status.ts";
import { captureSubmodules } from "./submodule.ts";

/** Reads a work tree with the git program. */
export async function captureWithGit(options: SnapshotOptions): Promise<Snapshot> {
  const { isProduct, maxPatchBytes } = options;
  const repository = await openRepository(options);
  const [all, lfsPaths] = await Promise.all([readStatus(repository), listLfsPaths(repository)]);
  const counts = ({ untracked, path }: StatusEntry): boolean => !untracked || !isProduct(itemText(path));
  const status: Status = { ...all, entries: all.entries.filter(counts) };
  if (status.commit === null) throw noCommits(repository);
  const [tree, submodules, observed] = await Promise.all([
    gitText(repository.context, ["rev-parse", "--verify", `${status.commit}^{tree}`]),
    captureSubmodules(repository, status),
    observe(repository, status),
  ]);
  const entries = addable(status, submodules);
  const worktree = await captureWorktree({ repository, tree, entries, lfsPaths, maxPatchBytes });
  return {
    engineVersion: repository.gitVersion,
    approximations: worktree.approximations.toSorted((a, b) => compareCodePoints(a.path, b.path)),
    objectFormat: repository.objectFormat,
    commit: status.commit,
    tree,
    worktreeTree: worktree.tree,
    changes: worktree.changes.toSorted((a, b) => compareCodePoints(a.path, b.path)),
    submodules,
    lfs: worktree.lfs,
    observed,
    patch: worktree.patch,
  };
}

interface WorktreeOptions {
  readonly repository: Repository;
  readonly tree: string;
  readonly entries: readonly StatusEntry[];
  /** Files that the index holds under git-lfs. */
  readonly lfsPaths: readonly LfsPath[];
  readonly maxPatchBytes: number | undefined;
}

interface Worktree extends Pick<Snapshot, "approximations" | "changes" | "lfs" | "patch"> {
  readonly tree: string;
}

async function captureWorktree(options: WorktreeOptions): Promise<Worktree> {
  const { repository, tree, lfsPaths, maxPatchBytes } = options;
  const unchanged = { tree, approximations: [], changes: [], lfs: [], patch: new Uint8Array() };
  if (options.entries.length === 0 && lfsPaths.length === 0) return unchanged;
  await using scratch = await openScratch(repository);
  const pointers = await readPointers(scratch, lfsPaths);
  const entries = [...options.entries, ...(await findUnseen(repository, lfsPaths, pointers, options.entries))];
  if (entries.length === 0) return { ...unchanged, lfs: describeLfsFiles(repository, lfsPaths, pointers) };
  const base = await openBase(scratch, tree);
  const keepContents = maxPatchBytes !== undefined;
  const actual = await worktreeTreeOf({ repository, scratch, base, entries, keepContents });
  const actualPaths = await listLfsPaths(repository, actual.index);
  const lfs = describeLfsFiles(repository, actualPaths, await readPointers(scratch, actualPaths, pointers));
  const changes = (await diffTrees(scratch, tree, actual.tree)).map(changeOf);
  const read = { ...unchanged, ...actual, changes, lfs };
  if (!keepContents || actual.tree === tree) return read;
  await requireKept(repository, lfs, changes);
  return { ...read, patch: await verifiedPatch(scratch, base, actual.tree, maxPatchBytes) };
}

async function verifiedPatch(scratch: Scratch, base: Base, to: string, maxBytes: number): Promise<Uint8Array> {
  const patch = await encodePatch(scratch, base.tree, to, maxBytes);
  await verifyPatch(scratch, base, to, patch);
  return patch;
}

/** A repository without commits is not something git can add. */
function addable({ entries }: Status, submodules: readonly GitSubmodule[]): readonly StatusEntry[] {
  const empty = new Set(submodules.filter(({ commit }) => commit === null).map(({ path }) => `${path}/`));
  return entries.filter(({ untracked, path }) => !untracked || !empty.has(itemText(path)));
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
