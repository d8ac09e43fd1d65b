import type { BytePath } from "../files.ts";
import { hostFiles, pathOfBytes, pathOfText } from "../files.ts";
import { verifyIndexChecksum } from "../repository/index-file.ts";
import { readableFiles } from "../scan/readable.ts";
import { isFolderPresent } from "../scan/sparse.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { git } from "./command.ts";
import { itemText, splitNul } from "./nul-list.ts";
import type { Repository } from "./repository.ts";
import { settled } from "./settle.ts";
import type { StatusEntry } from "./status.ts";

/** What the index holds that `git status` does not tell of. */
export interface IndexEntries {
  /** Ids of the commits of other repositories (submodules) by path. */
  readonly gitlinks: ReadonlyMap<BytePath, string>;
  /** Files that git was told to overlook (`assume-unchanged`, `skip-worktree`), where they are there, or should be. */
  readonly overlooked: readonly StatusEntry[];
  /** Files of attributes (gitattributes(5)). */
  readonly attributes: readonly TreeEntry[];
}

/**
 * Reads the index.
 *
 * @throws ReproError `GIT_UNREADABLE` when its checksum is not that of its contents: git does not look.
 */
export async function readIndexEntries(repository: Repository): Promise<IndexEntries> {
  const listing = git(repository.context, ["ls-files", "--stage", "-v", "-z"]);
  const [listed] = await settled([listing, verifyChecksums(repository)]);
  const isPresent = presence(pathOfText(repository.root));
  const gitlinks = new Map<BytePath, string>();
  const overlooked: StatusEntry[] = [];
  const attributes: TreeEntry[] = [];
  for (const entry of splitNul(listed)) {
    // tag, blank, mode, blank, id, blank, stage, tab, path
    const isGitlink = entry[2] === DIGIT_1 && entry[3] === DIGIT_6;
    if (!isGitlink && entry[0] === UPPER_H && !isAttributes(entry)) continue; // of most entries nothing else is read
    const tab = entry.indexOf(0x09);
    const [tag = "", mode = "", id = "", stage = ""] = itemText(entry.subarray(0, tab)).split(" ");
    const path = entry.subarray(tab + 1);
    if (isGitlink) gitlinks.set(pathOfBytes(path), id);
    else if (stage === "0") {
      if (isAttributes(entry)) attributes.push({ path: pathOfBytes(path), mode: Number.parseInt(mode, 8), id });
      if (isOverlooked(tag)) overlooked.push(...overlookedEntry(isPresent, tag, { path, mode, id }));
    }
  }
  return { gitlinks, overlooked, attributes };
}

async function verifyChecksums({ gitDir, objectFormat }: Repository): Promise<void> {
  verifyIndexChecksum({ files: hostFiles, gitDir: pathOfText(gitDir), idLength: objectFormat === "sha256" ? 32 : 20 });
}

const [UPPER_H, DIGIT_1, DIGIT_6] = [0x48, 0x31, 0x36] as const;

const ATTRIBUTES: Uint8Array = /* @__PURE__ */ new TextEncoder().encode(".gitattributes");

function isAttributes(entry: Uint8Array): boolean {
  const start = entry.byteLength - ATTRIBUTES.byteLength;
  const before = entry[start - 1];
  return (before === 0x09 || before === 0x2f) && ATTRIBUTES.every((byte, at) => entry[start + at] === byte);
}

/** @remarks git-ls-files(1), `-t` and `-v`: `S` is skip-worktree, small letters are assume-unchanged. */
function isOverlooked(tag: string): boolean {
  return tag === "S" || tag !== tag.toUpperCase();
}

function overlookedEntry(
  isPresent: (path: BytePath) => boolean,
  tag: string,
  { path, mode, id }: { readonly path: Uint8Array; readonly mode: string; readonly id: string },
): readonly StatusEntry[] {
  const isThere = isPresent(pathOfBytes(path));
  // A sparse checkout leaves files out: they are as the index has them.
  if (!isThere && tag.toUpperCase() === "S") return [];
  const index = isThere ? { mode, id } : null;
  return [{ path, index, hash: isThere, untracked: false, isRepository: false }];
}

/** Behind a link, or where there is a folder, the file of the index is not. */
function presence(root: BytePath): (path: BytePath) => boolean {
  const files = readableFiles(hostFiles, root);
  const folders = new Map<BytePath, boolean>();
  return (path) => {
    const folder = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    const hasFolder = folders.get(folder) ?? isFolderPresent(hostFiles, root, folder);
    folders.set(folder, hasFolder);
    const kind = hasFolder ? files.stat(`${root}/${path}`)?.kind : undefined;
    return kind === "file" || kind === "link";
  };
}
