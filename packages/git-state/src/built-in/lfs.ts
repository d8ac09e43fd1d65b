import { compareCodePoints } from "@repro/core";

import type { BytePath } from "../files.ts";
import { textOfPath } from "../files.ts";
import { MAX_LFS_POINTER_BYTES, parseLfsPointer } from "../rules/lfs.ts";
import type { GitLfsFile } from "../state/state.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { readContents } from "./patch.ts";
import type { Worktree } from "./reading.ts";

/** Lists the files under git-lfs, those of submodules too, sorted by path from the top work tree. */
export async function listLfsFiles(worktree: Worktree, prefix: BytePath = ""): Promise<readonly GitLfsFile[]> {
  const inner = await Promise.all(
    worktree.submodules.map(async ({ path, worktree: submodule }) =>
      submodule === null ? [] : listLfsFiles(submodule, `${prefix}${path}/`),
    ),
  );
  const own = worktree.rules.content.lfs ? await ownLfsFiles(worktree, prefix) : [];
  return [...own, ...inner.flat()].toSorted((a, b) => compareCodePoints(a.path, b.path));
}

async function ownLfsFiles(worktree: Worktree, prefix: BytePath): Promise<readonly GitLfsFile[]> {
  const found: GitLfsFile[] = [];
  for (const entry of worktree.own) {
    if ((entry.mode & FILE_TYPE) !== FILE) continue;
    const { filter } = await worktree.rules.content.attributesOf(entry.path);
    const file = filter === "lfs" ? await lfsFile(worktree, entry, prefix) : null;
    if (file !== null) found.push(file);
  }
  return found;
}

const FILE_TYPE = 0o170000;
const FILE = 0o100000;

async function lfsFile(worktree: Worktree, entry: TreeEntry, prefix: BytePath): Promise<GitLfsFile | null> {
  const pointer = parseLfsPointer(await readContents(worktree, entry));
  if (pointer === null) return null; // added before git-lfs was set up, or empty
  return { path: textOfPath(prefix + entry.path), ...pointer, checkedOut: checkedOut(worktree, entry.path) };
}

function checkedOut({ repository: { files, place } }: Worktree, path: BytePath): GitLfsFile["checkedOut"] {
  const stat = files.stat(`${place.root}/${path}`);
  if (stat === null) return "pointer"; // a sparse checkout left it out
  if (stat.sizeBytes > MAX_LFS_POINTER_BYTES) return "contents";
  const bytes = files.read(`${place.root}/${path}`);
  return bytes !== null && parseLfsPointer(bytes) !== null ? "pointer" : "contents";
}
