import { hashBytes, isReproError } from "@repro/core";

import { captureGitState } from "./capture.ts";
import { gitError } from "./error.ts";
import { openBase } from "./scratch/base.ts";
import type { Setting } from "./git/command.ts";
import { git } from "./git/command.ts";
import { isFromRepository, remotesOf, untrustedFilters } from "./git/config.ts";
import { restoreLfsContents } from "./git/lfs-store.ts";
import { applyPatch } from "./scratch/patch.ts";
import type { AppliedPatch } from "./scratch/patch.ts";
import type { Repository } from "./git/repository.ts";
import { objectsFolder, openRepository } from "./git/repository.ts";
import type { Scratch } from "./scratch/scratch.ts";
import { openScratch, quotePath } from "./scratch/scratch.ts";
import {
  absolutePath,
  appendText,
  copyFileIfPresent,
  copyFolder,
  listFolder,
  makeFolder,
  removeFolder,
  writeText,
} from "./host.ts";
import { isLfsFilter } from "./rules/lfs.ts";
import type { GitState } from "./state/state.ts";

/**
 * Where {@link restoreGitState} reads and writes.
 *
 * @public
 */
export interface RestoreGitOptions {
  /** A folder in a work tree whose repository has the commit. Read, never written. */
  readonly source: string;
  /** The folder that becomes the work tree: absent or empty. Those above it are made. */
  readonly root: string;
  /** The patch, as {@link captureGitPatch} made it; needed when the state differs from its commit. */
  readonly patch?: Uint8Array;
  /** Environment that git runs in; this process's own when omitted. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops git and rejects with the signal's reason; `root` is then empty. */
  readonly signal?: AbortSignal;
}

/**
 * Makes a work tree with exactly the files of a recorded state, HEAD detached at its commit.
 *
 * It reads the objects of `source` where they are, so it is quick and small, and is of use as long as `source` is there.
 * No hook runs, and no filter that only `source` configures. Changes come back staged. The files on disk have been
 * hashed, and have given the recorded tree, before this returns; when it fails, `root` is empty or absent.
 *
 * @throws ReproError `GIT_COMMIT_MISSING`, `GIT_PATCH_MISSING`, `GIT_RESTORE_MISMATCH`, `GIT_RESTORE_NOT_EMPTY`,
 *   `GIT_SUBMODULES_UNSUPPORTED`, and as {@link captureGitState}.
 * @public
 */
export async function restoreGitState(state: GitState, options: RestoreGitOptions): Promise<void> {
  requireRestorable(state, options.patch);
  const root = absolutePath(options.root);
  await requireEmpty(root);
  const source = await openRepository({ cwd: options.source, env: options.env, signal: options.signal });
  await using scratch = await openScratch(source);
  await requireCommit(scratch, source, state);
  const applied = await rebuild(scratch, state, options.patch);
  try {
    await materialize({ state, source, root, applied });
    await requireSameFiles(state, root, options);
  } catch (error) {
    await emptyFolder(root);
    throw error;
  }
}

function requireRestorable(state: GitState, patch: Uint8Array | undefined): void {
  if (state.submodules.length > 0) {
    throw gitError(`restoreGitState: the work tree contains other repositories, "${state.submodules[0]?.path}" first`, {
      code: "GIT_SUBMODULES_UNSUPPORTED",
      remedy: `git clone --recurse-submodules the repository, check out ${state.commit}, and replay there`,
      data: { paths: state.submodules.map(({ path }) => path) },
    });
  }
  if (patch === undefined && state.worktreeTree !== state.tree) {
    throw gitError("restoreGitState: the state has uncommitted changes, and no patch of them was given", {
      code: "GIT_PATCH_MISSING",
      remedy: 'pass the recorded "patch"; where none was kept, record again with `--allow-dirty`',
      data: { commit: state.commit, worktreeTree: state.worktreeTree },
    });
  }
  const digest = patch === undefined || state.patch === null ? undefined : hashBytes(patch);
  if (digest !== undefined && digest !== state.patch?.digest) {
    throw mismatch("the patch is not the recorded one", { expected: state.patch?.digest ?? null, actual: digest });
  }
}

async function requireEmpty(root: string): Promise<void> {
  const held = await listFolder(root);
  if (held === null || held.length === 0) return;
  throw gitError(`restoreGitState: "root" must be absent or empty, got "${root}" with ${held.length} entries`, {
    code: "GIT_RESTORE_NOT_EMPTY",
    remedy: "name a new folder",
    data: { root },
  });
}

async function requireCommit(scratch: Scratch, source: Repository, { commit, tree }: GitState): Promise<void> {
  const store = scratch.readable;
  try {
    await scratch.git(["cat-file", "-e", `${commit}^{commit}`], { store });
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    const remote = remotesOf(source.config)[0]?.name ?? "<remote>";
    throw gitError(`restoreGitState: the repository at "${source.root}" does not have commit ${commit}`, {
      code: "GIT_COMMIT_MISSING",
      remedy: `git fetch ${remote} ${commit}`,
      data: { commit, source: source.root, shallow: source.shallow },
      cause,
    });
  }
  const found = new TextDecoder().decode(await scratch.git(["rev-parse", `${commit}^{tree}`], { store })).trim();
  if (found !== tree) throw mismatch("the commit has another tree than recorded", { expected: tree, actual: found });
}

async function rebuild(scratch: Scratch, state: GitState, patch?: Uint8Array): Promise<AppliedPatch> {
  const base = await openBase(scratch, state.tree);
  let applied: AppliedPatch;
  try {
    applied = await applyPatch(scratch, base, patch ?? new Uint8Array());
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw mismatch("the patch does not apply to the commit", { commit: state.commit }, cause);
  }
  if (applied.tree === state.worktreeTree) return applied;
  throw mismatch("the patch makes another tree than recorded", { expected: state.worktreeTree, actual: applied.tree });
}

interface Materialization {
  readonly state: GitState;
  readonly source: Repository;
  readonly root: string;
  readonly applied: AppliedPatch;
}

async function materialize({ state, source, root, applied }: Materialization): Promise<void> {
  await makeFolder(root);
  // The new repository defines no filters; of the user's own, git-lfs does not run either.
  const trusted = source.config.filter((entry) => !isFromRepository(entry));
  const context = { ...source.context, cwd: root, settings: untrustedFilters(trusted).settings };
  await git(context, ["init", "--quiet", "--template=", `--object-format=${state.objectFormat}`]);
  const objects = await objectsFolder(source);
  const common = objects.slice(0, -"/objects".length);
  await copyFolder(applied.objects, `${root}/.git/objects`);
  await makeFolder(`${root}/.git/objects/info`);
  // As `git clone --shared` writes it: quotes, which git would take too, are beyond git-lfs.
  const alternate = objects.includes("\n") ? quotePath(objects) : objects;
  await writeText(`${root}/.git/objects/info/alternates`, `${alternate}\n`);
  await copyFileIfPresent(`${common}/shallow`, `${root}/.git/shallow`);
  await makeFolder(`${root}/.git/info`);
  await copyFileIfPresent(`${common}/info/attributes`, `${root}/.git/info/attributes`);
  await copyFileIfPresent(`${common}/info/exclude`, `${root}/.git/info/exclude`);
  await appendText(`${root}/.git/info/exclude`, LINKED_PACKAGES);
  for (const { name, value } of source.config.filter(isFromRepository)) {
    if (LINE_ENDINGS.has(name)) await git(context, ["config", name, value]);
  }
  await copyFileIfPresent(applied.index, `${root}/.git/index`);
  await git(context, ["update-ref", "--no-deref", "HEAD", state.commit]);
  await git(context, ["checkout-index", "--all", "--index", "--quiet"]);
  await restoreLfsContents({ state, source, target: { root, context } });
  if (!isLfsFilter(trusted) && isLfsFilter(source.config)) {
    for (const [name, value] of LFS_SETUP) await git(context, ["config", name, value]);
  }
}

/** What `git lfs install --local` writes. */
const LFS_SETUP: readonly Setting[] = [
  ["filter.lfs.clean", "git-lfs clean -- %f"],
  ["filter.lfs.smudge", "git-lfs smudge -- %f"],
  ["filter.lfs.process", "git-lfs filter-process"],
  ["filter.lfs.required", "true"],
];

/** Installed packages may come back as a link, which the usual pattern `node_modules/` does not match. */
const LINKED_PACKAGES = "\nnode_modules\n";

/** What decides, beside attributes, which bytes a file has on disk. */
const LINE_ENDINGS: ReadonlySet<string> = /* @__PURE__ */ new Set(["core.autocrlf", "core.eol"]);

async function requireSameFiles(state: GitState, root: string, { env, signal }: RestoreGitOptions): Promise<void> {
  const actual = await captureGitState({
    cwd: root,
    ...(env === undefined ? {} : { env }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (actual.worktreeTree === state.worktreeTree && actual.commit === state.commit) return;
  throw mismatch("the files on disk are not those of the state", {
    expected: state.worktreeTree,
    actual: actual.worktreeTree,
    changes: actual.changes.slice(0, 20).map(({ path }) => path),
  });
}

async function emptyFolder(root: string): Promise<void> {
  for (const name of (await listFolder(root)) ?? []) await removeFolder(`${root}/${name}`);
}

function mismatch(
  what: string,
  data: Readonly<Record<string, string | null | readonly string[]>>,
  cause?: unknown,
): Error {
  return gitError(`restoreGitState: ${what}`, {
    code: "GIT_RESTORE_MISMATCH",
    remedy: "compare the record and its attachments with where they came from; `git fsck` checks the repository",
    data,
    cause,
  });
}
