import { isReproError } from "@repro/core";

import { gitError } from "../error.ts";
import { remotesOf } from "../git/config.ts";
import type { Repository } from "../git/repository.ts";
import { openInner } from "../native/worktree.ts";
import { pathExists } from "../host.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { GitLfsFile, GitState } from "../state/state.ts";

/** A repository that is to be brought back: the top one, or one in it. */
export interface Level {
  /** Path from the top work tree; empty for the top one. */
  readonly path: string;
  /** Commit that is checked out; `null` before the first one. */
  readonly commit: string | null;
  /** Whether its files are not those of its commit. */
  readonly dirty: boolean;
  /** The user's repository that has the commit. */
  readonly source: Repository;
  /** Files under git-lfs, by path from its own root. */
  readonly lfs: readonly GitLfsFile[];
}

/**
 * Lists what a state's work tree consists of, outer repositories first. A submodule that was not checked out is none.
 *
 * @throws ReproError `GIT_COMMIT_MISSING` when the source has no repository where the state has one.
 */
export async function planLevels(state: GitState, source: Repository): Promise<readonly [Level, ...Level[]]> {
  const submodules = state.submodules.filter(({ commit, dirty }) => commit !== null || dirty);
  const paths = submodules.map(({ path }) => path);
  const lfsOf = (path: string): readonly GitLfsFile[] =>
    state.lfs
      .filter((file) => ownerOf(file.path, paths) === path)
      .map((file) => ({ ...file, path: relativeTo(path, file.path) }));
  const levels: Level[] = [];
  for (const { path, commit, dirty } of submodules) {
    const own = commit === null ? source : await openSource(source, path, commit);
    levels.push({ path, commit, dirty, source: own, lfs: lfsOf(path) });
  }
  return [{ path: "", commit: state.commit, dirty: state.dirty, source, lfs: lfsOf("") }, ...levels];
}

/** The innermost of some repositories that a path is in; empty for the top one. */
export function ownerOf(path: string, repositories: readonly string[]): string {
  const around = repositories.filter((repository) => path.startsWith(`${repository}/`));
  return around.reduce((longest, one) => (one.length > longest.length ? one : longest), "");
}

/** A path as it is seen from a folder that it is in; empty for the top one. */
export function relativeTo(folder: string, path: string): string {
  return folder === "" ? path : path.slice(folder.length + 1);
}

async function openSource(source: Repository, path: string, commit: string): Promise<Repository> {
  if (await pathExists(`${source.root}/${path}/.git`)) return openInner(source, path);
  throw gitError(
    `restoreGitState: "${path}" is not checked out in "${source.root}", and its commit ${commit} not there`,
    {
      code: "GIT_COMMIT_MISSING",
      remedy: `git -C "${source.root}" submodule update --init --recursive -- "${path}"`,
      data: { commit, source: source.root, path },
    },
  );
}

/**
 * Checks that the commit of a level is there.
 *
 * @throws ReproError `GIT_COMMIT_MISSING`.
 */
export async function requireCommit(scratch: Scratch, { source, path, commit }: Level): Promise<void> {
  if (commit === null) return;
  try {
    await scratch.git(["cat-file", "-e", `${commit}^{commit}`], { store: scratch.readable });
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    const remote = remotesOf(source.config)[0]?.name ?? "<remote>";
    throw gitError(`restoreGitState: the repository at "${source.root}" does not have commit ${commit}`, {
      code: "GIT_COMMIT_MISSING",
      remedy: path === "" ? `git fetch ${remote} ${commit}` : `git -C "${source.root}" fetch ${remote} ${commit}`,
      data: { commit, source: source.root, path, shallow: source.shallow },
      cause,
    });
  }
}
