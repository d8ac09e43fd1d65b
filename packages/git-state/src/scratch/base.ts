import { makeFolder } from "../host.ts";
import { itemText, splitNul } from "../git/nul-list.ts";
import type { ObjectStore, Scratch } from "./scratch.ts";

/** The commit's tree, laid out in the scratch repository to be changed there. */
export interface Base {
  /** Id of the tree. */
  readonly tree: string;
  /** Absolute path of an index file that holds it; it is copied, and not changed. */
  readonly index: string;
  /** A store of the tree and the trees below it, without any file's contents. */
  readonly trees: ObjectStore;
}

/**
 * Lays out a tree.
 *
 * @param commit - Commit whose tree it is; `null` for the tree without entries.
 */
export async function openBase(scratch: Scratch, commit: string | null): Promise<Base> {
  const index = scratch.newPath("base-index");
  const store = scratch.readable;
  const args = commit === null ? ["mktree"] : ["rev-parse", "--verify", `${commit}^{tree}`];
  const tree = itemText(await scratch.git(args, { store })).trim();
  await scratch.git(["read-tree", tree], { store, index });
  const below = splitNul(await scratch.git(["ls-tree", "-r", "-d", "-t", "-z", tree], { store })).map(itemText);
  const ids = below.flatMap((line) => /^040000 tree (?<id>[0-9a-f]+)\t/.exec(line)?.groups?.["id"] ?? []);
  return { tree, index, trees: await copyObjects(scratch, [tree, ...ids], scratch.newPath("base-trees")) };
}

/** Copies objects, and nothing that they refer to, into a folder of their own. */
export async function copyObjects(scratch: Scratch, ids: readonly string[], to: string): Promise<ObjectStore> {
  const store: ObjectStore = { objects: to, alternates: [] };
  await makeFolder(to);
  if (ids.length === 0) return store;
  const stdin = new TextEncoder().encode([...new Set(ids)].map((id) => `${id}\n`).join(""));
  const pack = await scratch.git(["pack-objects", "--quiet", "--stdout"], { store: scratch.readable, stdin });
  await scratch.git(["index-pack", "--stdin"], { store, stdin: pack });
  return store;
}

/**
 * Writes the trees of an index into a folder and returns the id of the top one.
 *
 * Within reach are the base's trees, in our own copy, and not the user's objects: where git finds an object that it is
 * about to write, it sets that file's time, and the user's repository would have been written to.
 */
export async function writeTree(scratch: Scratch, base: Base, index: string, objects: string): Promise<string> {
  const store = { objects, alternates: [base.trees.objects] };
  return itemText(await scratch.git(["write-tree", "--missing-ok"], { store, index })).trim();
}

/** One path at which two trees differ. */
export interface TreeDifference {
  /** `A`, `M`, `D` or `T`, as git-diff-tree(1) has them. */
  readonly letter: string;
  readonly path: Uint8Array;
}

/** Compares two trees, down to files. */
export async function diffTrees(scratch: Scratch, from: string, to: string): Promise<readonly TreeDifference[]> {
  const args = ["diff-tree", "-r", "-z", "--name-status", "--no-renames", from, to];
  const items = splitNul(await scratch.git(args, { store: scratch.readable }));
  return items.flatMap((path, index) =>
    index % 2 === 0 ? [] : [{ letter: String.fromCharCode(items[index - 1]?.[0] ?? 0), path }],
  );
}
