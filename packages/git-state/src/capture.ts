import { compareCodePoints } from "@repro/core";

import { gitError } from "./error.ts";
import type { Base, TreeDifference } from "./git/base.ts";
import { diffTrees, openBase } from "./git/base.ts";
import { gitText } from "./git/command.ts";
import { remotesOf } from "./git/config.ts";
import { itemText } from "./git/nul-list.ts";
import { encodePatch, verifyPatch } from "./git/patch.ts";
import type { Repository } from "./git/repository.ts";
import { openRepository, operationUnderWay } from "./git/repository.ts";
import type { Scratch } from "./git/scratch.ts";
import { openScratch } from "./git/scratch.ts";
import type { Status, StatusEntry } from "./git/status.ts";
import { createCounts, readStatus } from "./git/status.ts";
import { captureSubmodules } from "./git/submodule.ts";
import { worktreeTreeOf } from "./git/tree.ts";
import { redactUrl } from "./redact.ts";
import type { GitChange, GitChangeStatus, GitObserved, GitState, GitSubmodule } from "./state.ts";
import { parseGitState } from "./state.ts";

/**
 * What {@link captureGitState} reads.
 *
 * @public
 */
export interface CaptureGitOptions {
  /** A folder in the work tree; this process's working directory when omitted. */
  readonly cwd?: string;
  /**
   * Environment that git runs in; this process's own when omitted. `PATH` finds git and `HOME` the user's configuration.
   * Variables such as `GIT_DIR` and `GIT_INDEX_FILE`, which would lead to another repository, are not handed on.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Paths from the root of the work tree whose untracked files are products and no changes; `.repro` always is one. None when omitted. */
  readonly exclude?: readonly string[];
  /** Stops git and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * What {@link captureGitPatch} reads.
 *
 * @public
 */
export interface CaptureGitPatchOptions extends CaptureGitOptions {
  /** Longest patch in bytes that is made; {@link DEFAULT_MAX_PATCH_BYTES} when omitted. */
  readonly maxPatchBytes?: number;
}

/**
 * The uncommitted changes of a work tree.
 *
 * @public
 */
export interface GitPatch {
  /** What `git apply --index` takes on a checkout of the commit; empty when nothing differs. */
  readonly patch: Uint8Array;
  /** Id of the tree that it makes: the `worktreeTree` of the state. */
  readonly tree: string;
}

/**
 * Longest patch that is made unless told otherwise: 100 MiB. Larger untracked files are data, not code.
 *
 * @public
 */
export const DEFAULT_MAX_PATCH_BYTES: number = 104_857_600;

/**
 * Reads the exact state of the code in a work tree.
 *
 * Never writes to the repository, not even the index or a file's time, and runs no command that the repository
 * configures. Contents are read once: what another program changes meanwhile is in the state, or it is not.
 *
 * @returns The state, frozen, with `patch: null`: {@link captureGitPatch} makes the patch, and {@link gitLayer} keeps it.
 * @throws RangeError when a path of `exclude` is empty, absolute, or leaves the work tree.
 * @throws ReproError `GIT_NOT_FOUND`, `GIT_TOO_OLD`, `GIT_NOT_A_WORKTREE`, `GIT_UNSAFE_OWNER`, `GIT_NO_COMMITS`, `GIT_COMMAND_FAILED`.
 * @public
 */
export async function captureGitState(options: CaptureGitOptions = {}): Promise<GitState> {
  return (await capture(options)).state;
}

/**
 * Makes a patch of everything that is not committed: staged, unstaged and untracked, binary files, modes and links.
 *
 * It has been applied to the commit's tree, and has made the same tree as the work tree, before it is returned.
 *
 * @throws RangeError when `maxPatchBytes` is not a non-negative safe integer, and as {@link captureGitState}.
 * @throws ReproError `GIT_PATCH_UNVERIFIED`; `GIT_PATCH_TOO_LARGE`; `GIT_SUBMODULES_UNSUPPORTED` when a repository inside the
 *   work tree has changes of its own, which no patch of this one can hold; and as {@link captureGitState}.
 * @public
 */
export async function captureGitPatch(options: CaptureGitPatchOptions = {}): Promise<GitPatch> {
  const { state, patch } = await captureWithPatch(options);
  return { patch, tree: state.worktreeTree };
}

/** A state and its patch, from one reading of the work tree. */
export interface CaptureWithPatch {
  readonly state: GitState;
  /** Empty when nothing differs. */
  readonly patch: Uint8Array;
}

/** Reads the state and makes the patch in one go, so that the two cannot disagree. */
export async function captureWithPatch(options: CaptureGitPatchOptions): Promise<CaptureWithPatch> {
  const limit = options.maxPatchBytes ?? DEFAULT_MAX_PATCH_BYTES;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`captureGitPatch: "maxPatchBytes" must be a non-negative safe integer, got ${limit}`);
  }
  return capture(options, limit);
}

async function capture(options: CaptureGitOptions, maxPatchBytes?: number): Promise<CaptureWithPatch> {
  const counts = createCounts(options.exclude);
  const repository = await openRepository(options);
  const all = await readStatus(repository);
  const status: Status = { ...all, entries: all.entries.filter(counts) };
  if (status.commit === null) throw noCommits(repository);
  const [tree, submodules, observed] = await Promise.all([
    gitText(repository.context, ["rev-parse", "--verify", `${status.commit}^{tree}`]),
    captureSubmodules(repository, status),
    observe(repository, status),
  ]);
  if (maxPatchBytes !== undefined) requireHeldByPatch(repository, submodules);
  const worktree = await captureWorktree({ repository, tree, entries: addable(status, submodules), maxPatchBytes });
  const changes = [...worktree.changes, ...submodules.flatMap(submoduleChange)];
  const state = parseGitState({
    schema: "repro/git-state/v1",
    fidelity: "exact",
    objectFormat: repository.objectFormat,
    commit: status.commit,
    tree,
    dirty: changes.length > 0,
    worktreeTree: worktree.tree,
    changes: changes.toSorted((a, b) => compareCodePoints(a.path, b.path)),
    submodules,
    patch: null,
    observed,
  });
  return { state, patch: worktree.patch };
}

interface WorktreeOptions {
  readonly repository: Repository;
  readonly tree: string;
  readonly entries: readonly StatusEntry[];
  readonly maxPatchBytes: number | undefined;
}

interface Worktree {
  readonly tree: string;
  readonly changes: readonly GitChange[];
  readonly patch: Uint8Array;
}

async function captureWorktree({ repository, tree, entries, maxPatchBytes }: WorktreeOptions): Promise<Worktree> {
  if (entries.length === 0) return { tree, changes: [], patch: new Uint8Array() };
  await using scratch = await openScratch(repository);
  const base = await openBase(scratch, tree);
  const keepContents = maxPatchBytes !== undefined;
  const actual = await worktreeTreeOf({ repository, scratch, base, entries, keepContents });
  const changes = (await diffTrees(scratch, tree, actual)).map(changeOf);
  if (!keepContents || actual === tree) return { tree: actual, changes, patch: new Uint8Array() };
  return { tree: actual, changes, patch: await verifiedPatch(scratch, base, actual, maxPatchBytes) };
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

function submoduleChange({ path, dirty }: GitSubmodule): GitChange[] {
  return dirty ? [{ path, status: "submodule-modified" }] : [];
}

async function observe(repository: Repository, status: Status): Promise<GitObserved> {
  const remotes = remotesOf(repository.config).map(({ name, url }) => ({ name, url: redactUrl(url) }));
  return {
    branch: status.branch,
    detached: status.branch === null,
    upstream: status.upstream,
    remotes: remotes.toSorted((a, b) => compareCodePoints(a.name, b.name)),
    shallow: repository.shallow,
    engine: { name: "git", version: repository.gitVersion },
    operation: await operationUnderWay(repository),
    filtersNotRun: repository.filtersNotRun,
  };
}

function noCommits({ root }: Repository): Error {
  return gitError(`captureGitState: the repository at "${root}" has no commits`, {
    code: "GIT_NO_COMMITS",
    remedy: "git add --all && git commit",
    data: { root },
  });
}

function requireHeldByPatch({ root }: Repository, submodules: readonly GitSubmodule[]): void {
  const paths = submodules.filter(({ dirty }) => dirty).map(({ path }) => path);
  if (paths.length === 0) return;
  throw gitError(
    `captureGitPatch: "${paths[0]}" is a repository of its own, with changes that no patch here can hold`,
    {
      code: "GIT_SUBMODULES_UNSUPPORTED",
      remedy: `commit inside it: git -C "${root}/${paths[0]}" commit --all`,
      data: { root, paths },
    },
  );
}
