import { compareCodePoints } from "@repro/core";

import { readSubmoduleUrls } from "../config/gitmodules.ts";
import { gitError } from "../error.ts";
import { pathExists } from "../host.ts";
import { hostFiles, pathOfBytes, pathOfText } from "../files.ts";
import type { SnapshotOptions } from "../snapshot.ts";
import type { IndexEntries } from "./index-entries.ts";
import { readIndexEntries } from "./index-entries.ts";
import type { LfsPath } from "../lfs/lfs.ts";
import { listLfsPaths } from "../lfs/lfs.ts";
import { itemText } from "./nul-list.ts";
import type { Repository } from "./repository.ts";
import { openRepository } from "./repository.ts";
import type { Status, StatusEntry } from "./status.ts";
import { readStatus } from "./status.ts";
import { settled } from "./settle.ts";

/** A work tree and those in it, as the git program sees them; nothing of them has been hashed. */
export interface Worktree {
  readonly repository: Repository;
  /** Path from the top work tree, with a slash at the end; empty for the top one. */
  readonly prefix: string;
  /** What may differ; products are left out, and what git was told to overlook is not. */
  readonly status: Status;
  /** Files that the index holds under git-lfs. */
  readonly lfsPaths: readonly LfsPath[];
  readonly submodules: readonly Submodule[];
}

/** A repository inside a work tree. */
export interface Submodule {
  /** Path from the root of the work tree that it is in, without a slash at its end. */
  readonly path: Uint8Array;
  readonly url: string | null;
  /** `null` when nothing is checked out. */
  readonly worktree: Worktree | null;
}

/** How a work tree is read. */
export interface ReadOptions extends Pick<SnapshotOptions, "isProduct"> {
  readonly prefix: string;
}

/**
 * Reads a work tree and the repositories in it, those that git knows and those that it does not.
 *
 * `git status` could look into submodules, but runs itself in each of them, with the commands that each one's
 * configuration names.
 */
export async function readWorktree(repository: Repository, options: ReadOptions): Promise<Worktree> {
  const { prefix, isProduct } = options;
  const [all, index, lfsPaths] = await settled([
    readStatus(repository),
    readIndexEntries(repository),
    listLfsPaths(repository),
  ]);
  const counts = ({ untracked, path }: StatusEntry): boolean => !untracked || !isProduct(prefix + itemText(path));
  const entries = withOverlooked(all.entries.filter(counts), index);
  const submodules = await readSubmodules(repository, innerPaths(entries, index), options);
  // A repository without commits is not something that git can add.
  const committed = new Set(
    submodules.flatMap(({ path, worktree }) => ((worktree?.status.commit ?? null) === null ? [] : [key(path)])),
  );
  const addable = entries.filter(
    (entry) => !isNestedRepository(entry) || committed.has(key(entry.path.subarray(0, -1))),
  );
  return { repository, prefix, status: { ...all, entries: addable }, lfsPaths, submodules };
}

/** Bytes as a key of sets and maps. */
function key(path: Uint8Array): string {
  return pathOfBytes(path);
}

function withOverlooked(entries: readonly StatusEntry[], { overlooked }: IndexEntries): readonly StatusEntry[] {
  if (overlooked.length === 0) return entries;
  const paths = new Set(overlooked.map(({ path }) => key(path)));
  return [...entries.filter(({ path }) => !paths.has(key(path))), ...overlooked];
}

/** Tells whether an entry is a repository that git has not been told of. */
function isNestedRepository({ untracked, path }: StatusEntry): boolean {
  return untracked && path.at(-1) === 0x2f;
}

function innerPaths(entries: readonly StatusEntry[], { gitlinks }: IndexEntries): readonly Uint8Array[] {
  const nested = entries.filter(isNestedRepository).map(({ path }) => path.subarray(0, -1));
  const byKey = new Map([...gitlinks, ...nested].map((path) => [key(path), path]));
  return [...byKey].toSorted(([a], [b]) => compareCodePoints(a, b)).map(([, path]) => path);
}

async function readSubmodules(
  repository: Repository,
  paths: readonly Uint8Array[],
  options: ReadOptions,
): Promise<readonly Submodule[]> {
  if (paths.length === 0) return [];
  const urls = readSubmoduleUrls(hostFiles, pathOfText(repository.root));
  const submodules: Submodule[] = [];
  for (const path of paths) {
    const url = urls.get(itemText(path)) ?? null;
    const worktree = await readSubmodule(repository, path, options);
    if (!isVoid(worktree)) submodules.push({ path, url, worktree });
  }
  return submodules;
}

/** Without a commit and without a file a repository is no more than an empty folder. */
function isVoid(worktree: Worktree | null): boolean {
  if (worktree === null) return false;
  const { status, submodules } = worktree;
  return status.commit === null && status.entries.length === 0 && submodules.length === 0;
}

async function readSubmodule(outer: Repository, path: Uint8Array, options: ReadOptions): Promise<Worktree | null> {
  const name = itemText(path);
  const cwd = `${outer.root}/${name}`;
  if (!(await pathExists(`${cwd}/.git`))) return null;
  const repository = await openInner(outer, name);
  if (repository.objectFormat !== outer.objectFormat) throw otherFormat(options.prefix + name, repository);
  return readWorktree(repository, { ...options, prefix: `${options.prefix}${name}/` });
}

/** Opens the repository at a path of a work tree, and no other. */
export async function openInner({ root, context }: Repository, path: string): Promise<Repository> {
  const cwd = `${root}/${path}`;
  // Where ".git" leads nowhere, git must not go on to the repository above and answer for that one.
  const env = { ...context.env, GIT_CEILING_DIRECTORIES: cwd.slice(0, cwd.lastIndexOf("/")) };
  const repository = await openRepository({ cwd, env, signal: context.signal });
  if (repository.root === cwd) return repository;
  throw gitError(`captureGitState: the repository at "${path}" has its work tree elsewhere`, {
    code: "GIT_UNSUPPORTED",
    remedy: `git -C "${path}" config --unset core.worktree`,
    data: { path },
  });
}

function otherFormat(path: string, { objectFormat }: Repository): Error {
  return gitError(`captureGitState: "${path}" is a repository with ${objectFormat} ids, inside one with others`, {
    code: "GIT_UNSUPPORTED",
    remedy: "have git ignore it, or move it out of the work tree",
    data: { path },
  });
}

/** A work tree and all in it, the outer ones first. */
export function withInner(worktree: Worktree): readonly [Worktree, ...Worktree[]] {
  const inner = worktree.submodules.flatMap((submodule) =>
    submodule.worktree === null ? [] : withInner(submodule.worktree),
  );
  return [worktree, ...inner];
}
