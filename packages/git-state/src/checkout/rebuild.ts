import { isReproError } from "@repro/core";

import { itemText, joinNul, splitNul } from "../git/nul-list.ts";
import type { Base } from "../scratch/base.ts";
import { openBase } from "../scratch/base.ts";
import { expandBase } from "../scratch/expand.ts";
import type { AppliedPatch } from "../scratch/patch.ts";
import { applyPatch } from "../scratch/patch.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { GitState } from "../state/state.ts";
import type { Level } from "./level.ts";
import { ownerOf, relativeTo } from "./level.ts";
import { mismatch } from "./mismatch.ts";

/** The recorded files, as objects and entries of an index. */
export interface Rebuilt extends AppliedPatch {
  /** Entries of `index`, as `git ls-files --stage` writes them. */
  readonly entries: readonly Uint8Array[];
}

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
): Promise<Rebuilt> {
  const [top, ...inner] = levels;
  const found = itemText(
    await scratch.git(["rev-parse", `${state.commit}^{tree}`], { store: scratch.readable }),
  ).trim();
  if (found !== state.tree) {
    throw mismatch("the commit has another tree than recorded", { expected: state.tree, actual: found });
  }
  const base = await expandedBase(
    scratch,
    top,
    inner.filter(({ dirty }) => dirty),
  );
  let applied: AppliedPatch;
  try {
    applied = await applyPatch(scratch, base, patch);
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw mismatch("the patch does not apply to the commit", { commit: state.commit }, cause);
  }
  if (applied.tree !== state.worktreeTree) {
    const data = { expected: state.worktreeTree, actual: applied.tree };
    throw mismatch("the patch makes another tree than recorded", data);
  }
  const listed = await scratch.git(["ls-files", "--stage", "-z"], { store: scratch.readable, index: applied.index });
  return { ...applied, entries: splitNul(listed) };
}

/** What a repository's commit has, with those in it expanded that the patch reaches into. */
async function expandedBase(scratch: Scratch, level: Level, dirty: readonly Level[]): Promise<Base> {
  const base = await openBase(scratch, level.commit);
  const expansions: { path: Uint8Array; tree: string }[] = [];
  for (const child of childrenOf(level, dirty)) {
    const { tree } = await expandedBase(scratch, child, dirty);
    expansions.push({ path: new TextEncoder().encode(relativeTo(level.path, child.path)), tree });
  }
  return expandBase(scratch, base, expansions);
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
  { index, entries }: Rebuilt,
  level: Level,
  levels: readonly Level[],
): Promise<string> {
  const dirty = levels.filter((one) => one.dirty && one.path !== "");
  if (level.path === "" && dirty.length === 0) return index;
  const store = scratch.readable;
  const own = scratch.newPath("index");
  if (!level.dirty && level.commit !== null) {
    await scratch.git(["read-tree", level.commit], { store, index: own });
    return own;
  }
  const paths = dirty.map(({ path }) => path);
  const lines: (readonly (string | Uint8Array)[])[] = entries.flatMap((entry) => {
    const tab = entry.indexOf(0x09);
    const path = entry.subarray(tab + 1);
    if (ownerOf(itemText(path), paths) !== level.path) return [];
    const start = new TextEncoder().encode(level.path === "" ? "" : `${level.path}/`).byteLength;
    return [[entry.subarray(0, tab + 1), path.subarray(start)]];
  });
  for (const child of childrenOf(level, dirty)) {
    if (child.commit !== null) lines.push([`160000 ${child.commit} 0\t`, relativeTo(level.path, child.path)]);
  }
  await scratch.git(["update-index", "-z", "--index-info"], { store, index: own, stdin: joinNul(lines) });
  return own;
}
