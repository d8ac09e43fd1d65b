import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { textOfPath } from "../files.ts";
import { readSubmoduleUrls } from "../config/gitmodules.ts";
import type { RepositoryFolder } from "../scan/result.ts";
import type { GitSubmodule } from "../state/state.ts";
import type { OpenedRepository } from "./repository.ts";
import { openBuiltIn } from "./repository.ts";
import type { ReadWorktree, Submodule, WorktreeOptions } from "./reading.ts";

/** How the repositories in a work tree are read. */
interface InnerOptions extends WorktreeOptions {
  /** Reads one of them, and those in it. */
  readonly readWorktree: ReadWorktree;
}

/** Tells whether the folder at a path is the root of a repository's work tree. */
export function isRepositoryAt({ files, place }: OpenedRepository, path: BytePath): boolean {
  const dotGit = `${place.root}/${path}/.git`;
  const stat = files.stat(dotGit);
  if (stat?.kind === "file") return true;
  return (
    stat?.kind === "directory" && files.stat(`${dotGit}/HEAD`) !== null && files.stat(`${dotGit}/objects`) !== null
  );
}

/** Reads the repositories inside a work tree. */
export async function readSubmodules(
  repository: OpenedRepository,
  folders: readonly RepositoryFolder[],
  options: InnerOptions,
): Promise<readonly Submodule[]> {
  if (folders.length === 0) return [];
  const urls = readSubmoduleUrls(repository.files, repository.place.root);
  const submodules: Submodule[] = [];
  for (const folder of folders) {
    const url = urls.get(textOfPath(folder.path)) ?? null;
    const submodule = await readSubmodule(repository, folder, { ...options, url });
    if (!isVoid(submodule)) submodules.push(submodule);
    else if (folder.entry !== null) submodules.push(notCheckedOut(folder, submodule.state));
  }
  return submodules;
}

/** Without a commit and without a file a repository is no more than an empty folder. */
function isVoid({ state, worktree }: Submodule): boolean {
  return worktree !== null && state.commit === null && !state.dirty;
}

async function readSubmodule(
  outer: OpenedRepository,
  { path, entry, isRepository }: RepositoryFolder,
  { url, readWorktree, ...options }: InnerOptions & { readonly url: string | null },
): Promise<Submodule> {
  const shown = textOfPath(options.prefix + path);
  if (!isRepository) return notCheckedOut({ path, entry }, { path: shown, url, commit: null, dirty: false });
  const root = `${outer.place.root}/${path}`;
  const repository = await openBuiltIn(outer.files, root, outer.env);
  if (repository.place.root !== root) throw elsewhere(shown);
  const worktree = await readWorktree(repository, { ...options, prefix: `${options.prefix}${path}/` });
  const { commit } = repository.head;
  const dirty = worktree.worktreeTree !== worktree.tree;
  const link = dirty || commit === null ? null : { path, mode: GITLINK, id: commit };
  return {
    path,
    state: { path: shown, url, commit, dirty },
    worktree,
    link,
    isAsIndexed: link === null ? !dirty && entry === null : entry?.mode === GITLINK && entry.id === commit,
  };
}

/** What stands for it is what the index around it has. */
function notCheckedOut({ path, entry }: Pick<RepositoryFolder, "path" | "entry">, state: GitSubmodule): Submodule {
  return { path, state, worktree: null, link: entry, isAsIndexed: true };
}

const GITLINK = 0o160000;

function elsewhere(path: string): Error {
  return gitError(`captureGitState: the repository at "${path}" has its work tree elsewhere`, {
    code: "GIT_UNSUPPORTED",
    remedy: `git -C "${path}" config --unset core.worktree`,
    data: { path },
  });
}
