import { compareCodePoints } from "@repro/core";

import { pathExists } from "../host.ts";
import type { GitSubmodule } from "../state/state.ts";
import { itemText } from "./nul-list.ts";
import type { Repository } from "./repository.ts";
import { openRepository, readGitlinks } from "./repository.ts";
import type { Status, StatusEntry } from "./status.ts";
import { readStatus } from "./status.ts";

/** Tells whether an entry is a repository that git has not been told of. */
function isNestedRepository({ untracked, path }: StatusEntry): boolean {
  return untracked && path.at(-1) === 0x2f;
}

/**
 * Reads the repositories inside a work tree, those that git knows and those that it does not.
 *
 * `git status` could do it, but runs itself in each of them, with the commands that each one's configuration names.
 */
export async function captureSubmodules(repository: Repository, status: Status): Promise<readonly GitSubmodule[]> {
  const known = await readGitlinks(repository);
  const unknown = status.entries.filter(isNestedRepository).map(({ path }) => itemText(path).slice(0, -1));
  const paths = [...new Set([...known, ...unknown])].toSorted(compareCodePoints);
  const submodules: GitSubmodule[] = [];
  for (const path of paths) submodules.push(await captureSubmodule(repository, path, unknown.includes(path)));
  return submodules;
}

async function captureSubmodule({ root, context }: Repository, path: string, unknown: boolean): Promise<GitSubmodule> {
  const cwd = `${root}/${path}`;
  if (!(await pathExists(`${cwd}/.git`))) return { path, url: null, commit: null, dirty: false };
  // Where ".git" leads nowhere, git must not go on to the repository above and answer for that one.
  const env = { ...context.env, GIT_CEILING_DIRECTORIES: cwd.slice(0, cwd.lastIndexOf("/")) };
  const submodule = await openRepository({ cwd, env, signal: context.signal });
  const status = await readStatus(submodule);
  const inner = await captureSubmodules(submodule, status);
  const dirty =
    status.entries.length > 0 || inner.some((nested) => nested.dirty) || (unknown && status.commit === null);
  return { path, url: null, commit: status.commit, dirty };
}
