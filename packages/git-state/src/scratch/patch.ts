import { isReproError } from "@repro/core";

import { gitError } from "../error.ts";
import { bytesOfPath } from "../files.ts";
import { copyFileIfPresent } from "../host.ts";
import { itemText, splitNul } from "../git/nul-list.ts";
import type { EntryDifference } from "../tree/difference.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { treeIdOf } from "../tree/tree.ts";
import { readIndex, writeIndex } from "./index-entries.ts";
import { copyObjects } from "./objects.ts";
import type { Scratch } from "./scratch.ts";

/**
 * Every option whose default a version of git has changed, or could. Configuration and attributes are out of reach in
 * the scratch repository, so that the same two trees give the same bytes; binary contents, as far as zlib does.
 */
const PATCH = [
  "diff-tree",
  "-r",
  "--patch",
  "--binary",
  "--full-index",
  "--no-ext-diff",
  "--no-textconv",
  "--no-renames",
  "--no-color",
  "--unified=3",
  "--inter-hunk-context=0",
  "--diff-algorithm=myers",
  "--indent-heuristic",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

/** How a patch is made. */
export interface PatchOptions {
  readonly maxBytes: number;
  readonly objectFormat: "sha1" | "sha256";
}

/**
 * Makes the patch of some differences, whose new contents the scratch repository has, and checks that it makes them.
 *
 * Only what differs is laid out, on both sides: the patch is the same as that of the whole trees.
 *
 * @throws ReproError `GIT_PATCH_TOO_LARGE`; `GIT_PATCH_UNVERIFIED` when it does not apply, or makes something else.
 */
export async function makePatch(
  scratch: Scratch,
  differences: readonly EntryDifference[],
  { maxBytes, objectFormat }: PatchOptions,
): Promise<Uint8Array> {
  const before = differences.flatMap(({ base }) => base ?? []);
  const after = differences.flatMap(({ actual }) => actual ?? []);
  const [index, afterIndex] = await Promise.all([writeIndex(scratch, before), writeIndex(scratch, after)]);
  const trees = await Promise.all([writeTree(scratch, index), writeTree(scratch, afterIndex)]);
  const patch = await scratch.git([...PATCH, ...trees], { store: scratch.readable, maxStdoutBytes: maxBytes });
  const contents = before.filter(({ mode }) => mode !== GITLINK).map(({ id }) => id);
  const rebuilt = await rebuild(scratch, { index, contents }, patch);
  const [expected, actual] = [treeIdOf(after, objectFormat), treeIdOf(rebuilt, objectFormat)];
  if (actual !== expected) throw unverified({ expected, actual });
  return patch;
}

/** Mode of a commit of another repository. */
const GITLINK = 0o160000;

/**
 * Writes the trees of an index.
 *
 * The user's objects are out of reach: where git finds an object that it is about to write, it sets that file's time,
 * and the user's repository would have been written to.
 */
async function writeTree(scratch: Scratch, index: string): Promise<string> {
  const store = { objects: scratch.readable.objects, alternates: [] };
  return itemText(await scratch.git(["write-tree", "--missing-ok"], { store, index })).trim();
}

async function rebuild(scratch: Scratch, base: PatchBase, patch: Uint8Array): Promise<readonly TreeEntry[]> {
  try {
    return (await applyPatch(scratch, base, patch)).entries;
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw unverified({}, cause);
  }
}

function unverified(data: Readonly<Record<string, string>>, cause?: unknown): Error {
  return gitError("captureGitPatch: the patch does not rebuild the work tree that it was made from", {
    code: "GIT_PATCH_UNVERIFIED",
    remedy: "commit the changes (`git commit`), and report the case: git's own diff and apply disagree",
    data,
    cause,
  });
}

/** What a patch is applied to. */
export interface PatchBase {
  /** Absolute path of an index file; it is copied, and not changed. */
  readonly index: string;
  /** Ids of the contents that the patch may be about. */
  readonly contents: readonly string[];
}

/** A patch that has been applied, in the scratch repository. */
export interface AppliedPatch {
  /** What came out. */
  readonly entries: readonly TreeEntry[];
  /** Absolute path of a folder with the objects that the patch made. */
  readonly objects: string;
}

/**
 * Applies a patch with no other contents in reach than those that it is about.
 *
 * Git does not decode a binary patch whose result it already has: applied within reach of the changed contents, a patch
 * would prove nothing.
 */
export async function applyPatch(scratch: Scratch, base: PatchBase, patch: Uint8Array): Promise<AppliedPatch> {
  const index = scratch.newPath("patched-index");
  const [store] = await Promise.all([copyObjects(scratch, base.contents), copyFileIfPresent(base.index, index)]);
  if (patch.byteLength > 0) {
    await scratch.git(["apply", "--cached", "--whitespace=nowarn"], { store, index, stdin: patch });
  }
  return { entries: await readIndex(scratch, index), objects: store.objects };
}

/** Finds the contents that a patch is about, among the entries of an index. */
export async function contentsOf(
  scratch: Scratch,
  index: string,
  entries: readonly TreeEntry[],
  patch: Uint8Array,
): Promise<readonly string[]> {
  if (patch.byteLength === 0) return [];
  const numbers = await scratch.git(["apply", "--numstat", "-z"], { store: scratch.readable, index, stdin: patch });
  const paths = new Set(splitNul(numbers).map((line) => itemText(line).split("\t").slice(2).join("\t")));
  return entries.flatMap(({ path, mode, id }) =>
    mode === GITLINK || !paths.has(itemText(bytesOfPath(path))) ? [] : [id],
  );
}
