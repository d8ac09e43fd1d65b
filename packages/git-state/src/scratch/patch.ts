import { isReproError } from "@repro/core";

import { gitError } from "../error.ts";
import { copyFile } from "../host.ts";
import type { Base } from "./base.ts";
import { copyObjects, writeTree } from "./base.ts";
import { itemText, splitNul } from "../git/nul-list.ts";
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

/** Writes what leads from one tree to another; both are in the scratch repository's reach. */
export async function encodePatch(scratch: Scratch, from: string, to: string, maxBytes: number): Promise<Uint8Array> {
  return scratch.git([...PATCH, from, to], { store: scratch.readable, maxStdoutBytes: maxBytes });
}

/** A patch that has been applied to a tree, in the scratch repository. */
export interface AppliedPatch {
  /** Id of the tree that came out. */
  readonly tree: string;
  /** Absolute path of an index file that holds it. */
  readonly index: string;
  /** Absolute path of a folder with the objects that the patch made. */
  readonly objects: string;
}

/**
 * Applies a patch to a tree, with no other contents in reach than those of the tree at the patch's paths.
 *
 * Git does not decode a binary patch whose result it already has: applied within reach of the changed contents, a patch
 * would prove nothing.
 */
export async function applyPatch(scratch: Scratch, base: Base, patch: Uint8Array): Promise<AppliedPatch> {
  const index = scratch.newPath("patched-index");
  const objects = scratch.newPath("patched-objects");
  await copyFile(base.index, index);
  const store = await copyObjects(scratch, await preimages(scratch, index, patch), objects);
  if (patch.byteLength > 0) {
    await scratch.git(["apply", "--cached", "--whitespace=nowarn"], { store, index, stdin: patch });
  }
  return { tree: await writeTree(scratch, base, index, objects), index, objects };
}

async function preimages(scratch: Scratch, index: string, patch: Uint8Array): Promise<readonly string[]> {
  if (patch.byteLength === 0) return [];
  const store = scratch.readable;
  const touched = splitNul(await scratch.git(["apply", "--numstat", "-z"], { store, index, stdin: patch }));
  const paths = new Set(touched.map((line) => itemText(line).split("\t").slice(2).join("\t")));
  const held = splitNul(await scratch.git(["ls-files", "--stage", "-z"], { store, index })).map(itemText);
  return held.flatMap((line) => {
    const { mode, id, path } = /^(?<mode>\d+) (?<id>[0-9a-f]+) \d\t(?<path>.*)$/s.exec(line)?.groups ?? {};
    return id === undefined || path === undefined || mode === "160000" || !paths.has(path) ? [] : [id];
  });
}

/**
 * Checks that a patch rebuilds a tree.
 *
 * @throws ReproError `GIT_PATCH_UNVERIFIED` when it does not apply, or makes another tree.
 */
export async function verifyPatch(scratch: Scratch, base: Base, to: string, patch: Uint8Array): Promise<void> {
  let rebuilt: string;
  try {
    rebuilt = (await applyPatch(scratch, base, patch)).tree;
  } catch (cause) {
    if (!isReproError(cause, "GIT_COMMAND_FAILED")) throw cause;
    throw unverified({ expected: to }, cause);
  }
  if (rebuilt !== to) throw unverified({ expected: to, rebuilt });
}

function unverified(data: Readonly<Record<string, string>>, cause?: unknown): Error {
  return gitError("captureGitPatch: the patch does not rebuild the work tree that it was made from", {
    code: "GIT_PATCH_UNVERIFIED",
    remedy: "commit the changes (`git commit`), and report the case: git's own diff and apply disagree",
    data,
    cause,
  });
}
