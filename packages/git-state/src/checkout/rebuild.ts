import { isReproError } from "@repro/core";

import type { BytePath } from "../files.ts";
import { pathOfText } from "../files.ts";
import { itemText } from "../git/nul-list.ts";
import { readCommit, writeIndex } from "../scratch/index-entries.ts";
import type { AppliedPatch } from "../scratch/patch.ts";
import { applyPatch, contentsOf } from "../scratch/patch.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { GitState } from "../state/state.ts";
import { isReplaced } from "../tree/difference.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { treeIdOf } from "../tree/tree.ts";
import type { Level } from "./level.ts";
import { ownerOf, relativeTo } from "./level.ts";
import { mismatch } from "./mismatch.ts";

/**
 * Applies a patch to the commits of a state, and checks that it makes the recorded tree.
 *
 * @throws ReproError `GIT_RESTORE_MISMATCH`.
 */
export async function rebuild(
  scratch: Scratch,
  state: GitState,
  levels: readonly [Level, ...Level[]],
  patch: Uint8Array,
): Promise<AppliedPatch> {
  const [top, ...inner] = levels;
  const store = scratch.readable;
  const found = itemText(await scratch.git(["rev-parse", `${state.commit}^{tree}`], { store })).trim();
  if (found !== state.tree) {
    throw mismatch("the commit has another tree than recorded", { expected: state.tree, actual: found });
  }
  const base = await baseOf(
    scratch,
    top,
    inner.filter(({ dirty }) => dirty),
  );
  const applied = await apply(scratch, base, patch, state);
  const actual = treeIdOf(applied.entries, state.objectFormat);
  if (actual === state.worktreeTree) return applied;
  throw mismatch("the patch makes another tree than recorded", { expected: state.worktreeTree, actual });
}

async function apply(
  scratch: Scratch,
  base: readonly TreeEntry[],
  patch: Uint8Array,
  { commit }: GitState,
): Promise<AppliedPatch> {
  const index = await writeIndex(scratch, base);
  try {
    return await applyPatch(scratch, { index, contents: await contentsOf(scratch, index, base, patch) }, patch);
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw mismatch("the patch does not apply to the commit", { commit }, cause);
  }
}

/** What a repository's commit has, with those in it expanded that the patch reaches into. */
async function baseOf(scratch: Scratch, level: Level, dirty: readonly Level[]): Promise<readonly TreeEntry[]> {
  const entries = level.commit === null ? [] : await readCommit(scratch, level.commit);
  const children = childrenOf(level, dirty);
  const folders = children.map(({ path }) => folderIn(level, path));
  const own = entries.filter(({ path }) => !isReplaced(path, folders));
  const inner: TreeEntry[] = [];
  for (const [at, child] of children.entries()) {
    const prefix = folders[at] ?? "";
    for (const entry of await baseOf(scratch, child, dirty)) inner.push({ ...entry, path: prefix + entry.path });
  }
  return [...own, ...inner];
}

/** A path as a repository sees it, with a slash at its end. */
function folderIn({ path: outer }: Level, path: string): BytePath {
  return pathOfText(`${relativeTo(outer, path)}/`);
}

function childrenOf({ path }: Level, levels: readonly Level[]): readonly Level[] {
  const paths = levels.map((level) => level.path);
  return levels.filter((level) => level.path !== path && ownerOf(level.path, paths) === path);
}

/**
 * Makes the index of one repository of the work tree.
 *
 * @returns Absolute path of the file.
 */
export async function indexOf(
  scratch: Scratch,
  { entries }: AppliedPatch,
  level: Level,
  levels: readonly Level[],
): Promise<string> {
  const dirty = levels.filter((one) => one.dirty && one.path !== "");
  if (level.path !== "" && !level.dirty && level.commit !== null) {
    const index = scratch.newPath("index");
    await scratch.git(["read-tree", level.commit], { store: scratch.readable, index });
    return index;
  }
  const prefix = level.path === "" ? "" : pathOfText(`${level.path}/`);
  const folders = childrenOf(level, dirty).map(({ path }) => pathOfText(`${path}/`));
  const own = entries
    .filter(({ path }) => path.startsWith(prefix) && !folders.some((folder) => path.startsWith(folder)))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }));
  const links = childrenOf(level, dirty).flatMap(({ path, commit }) =>
    commit === null ? [] : [{ path: folderIn(level, path).slice(0, -1), mode: GITLINK, id: commit }],
  );
  return writeIndex(scratch, [...own, ...links]);
}

/** Mode of a commit of another repository. */
const GITLINK = 0o160000;
