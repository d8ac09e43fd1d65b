import { gitError } from "../error.ts";
import type { BytePath, FileKind, FileReader } from "../files.ts";
import { pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { notAWorktree } from "../git/failure.ts";
import type { Variables } from "../host.ts";
import type { ConfigEntry } from "../git/config.ts";
import { booleanSetting, readConfigFiles, settingOf } from "../config/config.ts";

/** Where a work tree and its repository are: absolute paths without links and without a slash at the end. */
export interface RepositoryPlace {
  /** Top of the work tree. */
  readonly root: BytePath;
  /** What is this work tree's own in the repository: index, HEAD, operations under way. */
  readonly gitDir: BytePath;
  /** What all work trees of the repository share: objects, branches, configuration. */
  readonly commonDir: BytePath;
}

/**
 * Finds the repository around a folder, as git does.
 *
 * @throws ReproError `GIT_NOT_A_WORKTREE` when there is none, or none with a work tree here; `GIT_UNREADABLE` when a
 *   `.git` leads nowhere, or to something that is no repository.
 * @remarks gitrepository-layout(5); git(1), `GIT_CEILING_DIRECTORIES`.
 */
export function locateRepository(
  files: FileReader,
  { cwd, env }: { readonly cwd: BytePath; readonly env: Variables },
): RepositoryPlace {
  const start = files.realPath(cwd);
  if (start === null || files.stat(start)?.kind !== "directory") throw notAWorktree(textOfPath(cwd));
  const ceilings = ceilingsOf(files, env);
  for (let folder = start; ; folder = parentOf(folder)) {
    const gitDir = gitDirIn(files, folder);
    if (gitDir !== null) return placeOf(files, { folder, gitDir, start, env });
    if (isGitDir(files, folder)) throw notAWorktree(textOfPath(cwd)); // a bare repository, or the inside of one
    if (folder === "/" || ceilings.has(parentOf(folder))) throw notAWorktree(textOfPath(cwd));
  }
}

/** Folders at which the search ends, without links; behind an empty one the others are taken as they are written. */
function ceilingsOf(files: FileReader, env: Variables): ReadonlySet<BytePath> {
  const written = pathOfText(env["GIT_CEILING_DIRECTORIES"] ?? "").split(":");
  const empty = written.indexOf("");
  return new Set(
    written.flatMap((path, at) => {
      if (!path.startsWith("/")) return [];
      return empty !== -1 && at > empty ? path.replace(/(?<=.)\/$/s, "") : (files.realPath(path) ?? []);
    }),
  );
}

function parentOf(folder: BytePath): BytePath {
  return folder.slice(0, Math.max(folder.lastIndexOf("/"), 1));
}

/** The folder that `.git` is, or names; `null` when there is no repository here. */
function gitDirIn(files: FileReader, folder: BytePath): BytePath | null {
  const dotGit = folder === "/" ? "/.git" : `${folder}/.git`;
  const kind = kindOf(files, dotGit);
  if (kind === "directory") return isGitDir(files, dotGit) ? files.realPath(dotGit) : null;
  if (kind !== "file") return null;
  const target = /^gitdir: (?<path>[^\0]+)$/s.exec(lineOf(files.read(dotGit)))?.groups?.["path"];
  const path = target === undefined ? null : files.realPath(target.startsWith("/") ? target : `${folder}/${target}`);
  if (path === null || !isGitDir(files, path)) throw leadsNowhere(dotGit);
  return path;
}

/** What is at a path, where a link leads included. */
function kindOf(files: FileReader, path: BytePath): FileKind | undefined {
  return files.stat(files.realPath(path) ?? path)?.kind;
}

/** Tells whether a folder is a repository: it has a HEAD, objects and references, or leads to them. */
function isGitDir(files: FileReader, folder: BytePath): boolean {
  if (!hasHead(files, `${folder}/HEAD`)) return false;
  const common = commonDirOf(files, folder);
  return common !== null && ["objects", "refs"].every((name) => kindOf(files, `${common}/${name}`) === "directory");
}

function hasHead(files: FileReader, path: BytePath): boolean {
  const link = files.readLink(path);
  if (link?.startsWith("refs/") === true) return true;
  return (
    kindOf(files, path) === "file" && /^(?:ref:\s*refs\/|[0-9a-fA-F]{40})/.test(pathOfBytes(files.read(path) ?? NONE))
  );
}

const NONE: Uint8Array = /* @__PURE__ */ new Uint8Array();

function commonDirOf(files: FileReader, gitDir: BytePath): BytePath | null {
  const bytes = files.read(`${gitDir}/commondir`);
  if (bytes === null) return gitDir;
  const path = lineOf(bytes);
  if (path === "" || path.includes("\0")) return null;
  return files.realPath(path.startsWith("/") ? path : `${gitDir}/${path}`);
}

function lineOf(bytes: Uint8Array | null): BytePath {
  return pathOfBytes(bytes ?? NONE).replace(/[\r\n]+$/, "");
}

interface Found {
  /** Folder that `.git` is in. */
  readonly folder: BytePath;
  readonly gitDir: BytePath;
  /** Where the search began. */
  readonly start: BytePath;
  readonly env: Variables;
}

function placeOf(files: FileReader, { folder, gitDir, start, env }: Found): RepositoryPlace {
  const commonDir = commonDirOf(files, gitDir) ?? gitDir;
  const place = { root: folder, gitDir, commonDir };
  const config = readConfigFiles(files, { place, env, branch: null });
  const root = configuredRoot(files, place, config);
  if (root === null || !`${start}/`.startsWith(root === "/" ? root : `${root}/`)) throw notAWorktree(textOfPath(start));
  return { ...place, root };
}

function configuredRoot(
  files: FileReader,
  { root, gitDir, commonDir }: RepositoryPlace,
  config: readonly ConfigEntry[],
): BytePath | null {
  const local = config.filter(({ scope }) => scope === "local" || scope === "worktree");
  // A linked work tree has neither: what the shared configuration says is about the main one.
  const own = gitDir === commonDir ? local : local.filter(({ scope }) => scope === "worktree");
  const worktree = settingOf(own, "core.worktree");
  if (worktree !== undefined) {
    const path = pathOfText(worktree);
    return files.realPath(path.startsWith("/") ? path : `${gitDir}/${path}`);
  }
  return booleanSetting(own, "core.bare") === true ? null : root;
}

function leadsNowhere(dotGit: BytePath): Error {
  const path = textOfPath(dotGit);
  return gitError(`captureGitState: "${path}" does not lead to a repository`, {
    code: "GIT_UNREADABLE",
    remedy: "`git worktree repair` or `git submodule update --init` writes it anew",
    data: { path },
  });
}
