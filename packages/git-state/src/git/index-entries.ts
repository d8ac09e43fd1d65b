import { hostFiles, pathOfBytes, pathOfText } from "../files.ts";
import { git } from "./command.ts";
import { itemText, splitNul } from "./nul-list.ts";
import type { Repository } from "./repository.ts";
import type { StatusEntry } from "./status.ts";

/** What the index holds that `git status` does not tell of. */
export interface IndexEntries {
  /** Paths at which it holds a commit of another repository (submodules). */
  readonly gitlinks: readonly Uint8Array[];
  /** Files that git was told to overlook (`assume-unchanged`, `skip-worktree`), where they are there, or should be. */
  readonly overlooked: readonly StatusEntry[];
}

/** Reads the index. */
export async function readIndexEntries(repository: Repository): Promise<IndexEntries> {
  const gitlinks: Uint8Array[] = [];
  const overlooked: StatusEntry[] = [];
  for (const entry of splitNul(await git(repository.context, ["ls-files", "--stage", "-v", "-z"]))) {
    // tag, blank, mode, blank, id, blank, stage, tab, path
    const isGitlink = entry[2] === DIGIT_1 && entry[3] === DIGIT_6;
    if (!isGitlink && entry[0] === UPPER_H) continue; // of most entries nothing else is read
    const tab = entry.indexOf(0x09);
    const [tag = "", mode = "", id = "", stage = ""] = itemText(entry.subarray(0, tab)).split(" ");
    const path = entry.subarray(tab + 1);
    if (isGitlink) gitlinks.push(path);
    else if (stage === "0" && isOverlooked(tag))
      overlooked.push(...overlookedEntry(repository, tag, { path, mode, id }));
  }
  return { gitlinks, overlooked };
}

const [UPPER_H, DIGIT_1, DIGIT_6] = [0x48, 0x31, 0x36] as const;

/** @remarks git-ls-files(1), `-t` and `-v`: `S` is skip-worktree, small letters are assume-unchanged. */
function isOverlooked(tag: string): boolean {
  return tag === "S" || tag !== tag.toUpperCase();
}

function overlookedEntry(
  { root }: Repository,
  tag: string,
  { path, mode, id }: { readonly path: Uint8Array; readonly mode: string; readonly id: string },
): readonly StatusEntry[] {
  const isThere = hostFiles.stat(`${pathOfText(root)}/${pathOfBytes(path)}`) !== null;
  // A sparse checkout leaves files out: they are as the index has them.
  if (!isThere && tag.toUpperCase() === "S") return [];
  return [{ path, index: isThere ? { mode, id } : null, hash: isThere, untracked: false }];
}
