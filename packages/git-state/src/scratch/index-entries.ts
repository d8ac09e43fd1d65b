import { bytesOfPath, pathOfBytes } from "../files.ts";
import { itemText, joinNul, splitNul } from "../git/nul-list.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { Scratch } from "./scratch.ts";

/** Lists an index file of ours. Without one, it has no entries. */
export async function readIndex(scratch: Scratch, index: string): Promise<readonly TreeEntry[]> {
  const listed = await scratch.git(["ls-files", "--stage", "-z"], { store: scratch.readable, index });
  return splitNul(listed).flatMap((line) => {
    // mode, blank, id, blank, stage, tab, path
    const tab = line.indexOf(0x09);
    const [mode = "", id = ""] = itemText(line.subarray(0, tab)).split(" ");
    return [{ path: pathOfBytes(line.subarray(tab + 1)), mode: Number.parseInt(mode, 8), id }];
  });
}

/** Lists the files of a commit. */
export async function readCommit(scratch: Scratch, commit: string): Promise<readonly TreeEntry[]> {
  const listed = await scratch.git(["ls-tree", "-r", "-z", commit], { store: scratch.readable });
  return splitNul(listed).map((line) => {
    // mode, blank, type, blank, id, tab, path
    const tab = line.indexOf(0x09);
    const [mode = "", , id = ""] = itemText(line.subarray(0, tab)).split(" ");
    return { path: pathOfBytes(line.subarray(tab + 1)), mode: Number.parseInt(mode, 8), id };
  });
}

/**
 * Writes an index file. Objects need not be there.
 *
 * @returns Its absolute path; without entries there is no such file.
 */
export async function writeIndex(scratch: Scratch, entries: readonly TreeEntry[]): Promise<string> {
  const index = scratch.newPath("index");
  if (entries.length === 0) return index;
  const lines = entries.map(({ path, mode, id }) => [`${mode.toString(8)} ${id} 0\t`, bytesOfPath(path)]);
  await scratch.git(["update-index", "-z", "--index-info"], { store: scratch.readable, index, stdin: joinNul(lines) });
  return index;
}
