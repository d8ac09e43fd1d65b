import { isReproError } from "@repro/core";

import { readSubmoduleUrls } from "../config/gitmodules.ts";
import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { hostFiles, pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { readHead } from "../repository/refs.ts";
import type { SnapshotOptions } from "../snapshot.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { IndexEntries } from "../git/index-entries.ts";
import { readIndexEntries } from "../git/index-entries.ts";
import type { LfsPath } from "../lfs/lfs.ts";
import { listLfsPaths } from "../lfs/lfs.ts";
import { itemText } from "../git/nul-list.ts";
import type { Repository } from "../git/repository.ts";
import { openRepository } from "../git/repository.ts";
import type { Status, StatusEntry } from "../git/status.ts";
import { readStatus } from "../git/status.ts";
import { settled } from "../git/settle.ts";

/** A work tree and those in it, as the git program sees them; nothing of them has been hashed. */
export interface Worktree {
  readonly repository: Repository;
  /** Path from the top work tree, with a slash at the end; empty for the top one. */
  readonly prefix: string;
  /** Files that may differ; products are left out, and what git was told to overlook is not. */
  readonly status: Status;
  /** Files of attributes that the index holds. */
  readonly attributes: readonly TreeEntry[];
  /** Files that the index holds under git-lfs. */
  readonly lfsPaths: readonly LfsPath[];
  readonly submodules: readonly Submodule[];
}

/** A repository inside a work tree. */
export interface Submodule {
  /** Path from the root of the work tree that it is in, without a slash at its end. */
  readonly path: BytePath;
  readonly url: string | null;
  /** Commit that the index around it has; `null` when that has none. */
  readonly indexed: string | null;
  /** Whether the commit around it may have another one. */
  readonly isChanged: boolean;
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
  if (all.commit === null) requireUnborn(repository);
  const counts = ({ untracked, path }: StatusEntry): boolean => !untracked || !isProduct(prefix + itemText(path));
  const entries = withOverlooked(all.entries.filter(counts), index);
  const submodules = await readSubmodules(repository, innerPaths(entries, index), options);
  const inner = new Set(submodules.map(({ path }) => path));
  const files = entries.filter(({ path, isRepository }) => !isRepository && !inner.has(pathOfBytes(path)));
  const { attributes } = index;
  return { repository, prefix, status: { ...all, entries: files }, attributes, lfsPaths, submodules };
}

/** Git takes a branch that is damaged, or that it may not read, for one without commits. */
function requireUnborn({ root, gitDir, commonDir }: Repository): void {
  const [top, own, common] = [root, gitDir, commonDir].map(pathOfText);
  readHead(hostFiles, { root: top ?? "", gitDir: own ?? "", commonDir: common ?? "" });
}

function withOverlooked(entries: readonly StatusEntry[], { overlooked }: IndexEntries): readonly StatusEntry[] {
  if (overlooked.length === 0) return entries;
  const paths = new Set(overlooked.map(({ path }) => pathOfBytes(path)));
  return [...entries.filter(({ path }) => !paths.has(pathOfBytes(path))), ...overlooked];
}

/** Where a repository is, or should be. */
interface Place extends Pick<Submodule, "path" | "indexed"> {
  /** What `git status` said of it; `undefined` for nothing. */
  readonly entry: StatusEntry | undefined;
}

function innerPaths(entries: readonly StatusEntry[], { gitlinks }: IndexEntries): readonly Place[] {
  const byPath = new Map(entries.map((entry) => [pathOfBytes(entry.path).replace(/\/$/, ""), entry]));
  const found = entries.filter(({ isRepository }) => isRepository);
  const paths = new Set([...gitlinks.keys(), ...found.map(({ path }) => pathOfBytes(path).replace(/\/$/, ""))]);
  return [...paths].toSorted().flatMap((path) => {
    const entry = byPath.get(path);
    // Where git saw something else, or nothing at all, there is no repository.
    const isGone = entry !== undefined && !entry.isRepository && !isAsIndexed(entry);
    return isGone ? [] : [{ path, indexed: gitlinks.get(path) ?? null, entry }];
  });
}

/** Whether only the index differs from the commit. */
function isAsIndexed({ hash, index }: StatusEntry): boolean {
  return !hash && index !== null;
}

/** Repositories that are read at a time. */
const AT_ONCE = 4;

async function readSubmodules(
  repository: Repository,
  places: readonly Place[],
  options: ReadOptions,
): Promise<readonly Submodule[]> {
  if (places.length === 0) return [];
  const urls = readSubmoduleUrls(hostFiles, pathOfText(repository.root));
  const submodules: Submodule[] = [];
  for (let start = 0; start < places.length; start += AT_ONCE) {
    const some = places.slice(start, start + AT_ONCE);
    const worktrees = await settled(some.map(async ({ path }) => readSubmodule(repository, path, options)));
    for (const [at, { path, indexed, entry }] of some.entries()) {
      const worktree = worktrees[at] ?? null;
      const isVoid = worktree !== null && isEmpty(worktree);
      if (isVoid && indexed === null) continue; // no more than an empty folder
      const commit = worktree?.status.commit ?? indexed;
      const url = urls.get(textOfPath(path)) ?? null;
      const isChanged = entry !== undefined || commit !== indexed;
      submodules.push({ path, url, indexed, isChanged, worktree: isVoid ? null : worktree });
    }
  }
  return submodules;
}

/** Tells whether a work tree has neither a commit nor a file. */
function isEmpty({ status, submodules }: Worktree): boolean {
  return status.commit === null && status.entries.length === 0 && submodules.length === 0;
}

async function readSubmodule(outer: Repository, path: BytePath, options: ReadOptions): Promise<Worktree | null> {
  if (hostFiles.stat(`${pathOfText(outer.root)}/${path}/.git`) === null) return null;
  const name = textOfPath(path);
  const shown = options.prefix + name;
  if (pathOfText(name) !== path) throw unsupported(shown, "has a name that is not UTF-8", "rename its folder");
  const repository = await openInner(outer, name);
  if (repository.objectFormat !== outer.objectFormat) {
    const what = `is a repository with ${repository.objectFormat} ids, inside one with others`;
    throw unsupported(shown, what, "have git ignore it, or move it out of the work tree");
  }
  return readWorktree(repository, { ...options, prefix: `${shown}/` });
}

/**
 * Opens the repository at a path of a work tree, and no other.
 *
 * @throws ReproError `GIT_UNREADABLE` when there is none that git can read; `GIT_UNSUPPORTED` when its files are
 *   elsewhere.
 */
export async function openInner({ root, context, gitVersion }: Repository, path: string): Promise<Repository> {
  const cwd = `${root}/${path}`;
  // Where ".git" leads nowhere, git must not go on to the repository above and answer for that one.
  const env = { ...context.env, GIT_CEILING_DIRECTORIES: cwd.slice(0, cwd.lastIndexOf("/")) };
  const repository = await openRepository({ cwd, env, signal: context.signal, gitVersion }).catch((cause: unknown) => {
    throw isReproError(cause, "GIT_NOT_A_WORKTREE") ? unreadable(path, cause) : cause;
  });
  if (repository.root === cwd) return repository;
  throw unsupported(path, "has its work tree elsewhere", `git -C "${path}" config --unset core.worktree`);
}

function unreadable(path: string, cause: unknown): Error {
  return gitError(`captureGitState: the repository at "${path}" cannot be read`, {
    code: "GIT_UNREADABLE",
    remedy: `\`git -C "${path}" status\` says why; \`git submodule update --init\` or \`git worktree repair\` mends links`,
    data: { path },
    cause,
  });
}

function unsupported(path: string, what: string, remedy: string): Error {
  return gitError(`captureGitState: "${path}" ${what}`, { code: "GIT_UNSUPPORTED", remedy, data: { path } });
}

/** A work tree and all in it, the outer ones first. */
export function withInner(worktree: Worktree): readonly [Worktree, ...Worktree[]] {
  const inner = worktree.submodules.flatMap((submodule) =>
    submodule.worktree === null ? [] : withInner(submodule.worktree),
  );
  return [worktree, ...inner];
}
