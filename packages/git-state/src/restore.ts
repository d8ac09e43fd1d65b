import { hashBytes } from "@repro/core";

import { captureGitState } from "./capture.ts";
import { planLevels, requireCommit } from "./checkout/level.ts";
import { materialize } from "./checkout/materialize.ts";
import { mismatch } from "./checkout/mismatch.ts";
import { indexOf, rebuild } from "./checkout/rebuild.ts";
import { gitError } from "./error.ts";
import { openRepository } from "./git/repository.ts";
import { absolutePath, listFolder, removeFolder } from "./host.ts";
import { openScratch } from "./scratch/scratch.ts";
import { diffGitState } from "./state/difference.ts";
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
 * Submodules come back too, each a repository of its own, from the one at the same path of `source`. It reads the objects
 * of `source` where they are, so it is quick and small, and is of use as long as `source` is there. No hook runs, and no
 * filter that only `source` configures. Changes come back staged. The files on disk have been hashed, and have given the
 * recorded tree, before this returns; when it fails, `root` is empty or absent. Killed in the middle it leaves a folder
 * that is not empty, which no later restore takes.
 *
 * @throws ReproError `GIT_COMMIT_MISSING`, `GIT_LFS_MISSING`, `GIT_PATCH_MISSING`, `GIT_RESTORE_MISMATCH`,
 *   `GIT_RESTORE_NOT_EMPTY`, `GIT_NOT_FOUND`, `GIT_TOO_OLD`, `GIT_UNSAFE_OWNER`, and as {@link captureGitState}.
 * @public
 */
export async function restoreGitState(state: GitState, options: RestoreGitOptions): Promise<void> {
  requireRestorable(state, options.patch);
  const root = absolutePath(options.root);
  await requireEmpty(root);
  const source = await openRepository({ cwd: options.source, env: options.env, signal: options.signal });
  const levels = await planLevels(state, source);
  const [top, ...inner] = levels;
  await using scratch = await openScratch([top.source, ...inner.map((level) => level.source)]);
  for (const level of levels) await requireCommit(scratch, level);
  const rebuilt = await rebuild(scratch, state, levels, options.patch ?? new Uint8Array());
  try {
    for (const level of levels) {
      const index = await indexOf(scratch, rebuilt, level, levels);
      await materialize({ level, state, top: root, index, objects: rebuilt.objects });
    }
    await requireSameFiles(state, root, options);
  } catch (error) {
    await emptyFolder(root);
    throw error;
  }
}

function requireRestorable(state: GitState, patch: Uint8Array | undefined): void {
  if (patch === undefined && state.dirty) {
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

async function requireSameFiles(state: GitState, root: string, { env, signal }: RestoreGitOptions): Promise<void> {
  const actual = await captureGitState({
    cwd: root,
    engine: "git",
    ...(env === undefined ? {} : { env }),
    ...(signal === undefined ? {} : { signal }),
  });
  const [difference] = diffGitState(state, actual);
  if (difference === undefined) return;
  throw mismatch("the files on disk are not those of the state", {
    expected: state.worktreeTree,
    actual: actual.worktreeTree,
    difference: difference.path,
    changes: actual.changes.slice(0, 20).map(({ path }) => path),
  });
}

async function emptyFolder(root: string): Promise<void> {
  for (const name of (await listFolder(root)) ?? []) await removeFolder(`${root}/${name}`);
}
