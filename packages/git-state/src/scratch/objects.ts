import { gitError } from "../error.ts";
import { makeFolder } from "../host.ts";
import { itemText } from "../git/nul-list.ts";
import { parseTree } from "../tree/parse.ts";
import type { ReadTree } from "../tree/touched.ts";
import type { ObjectStore, Scratch } from "./scratch.ts";

/** Copies objects, and nothing that they refer to, into a folder of their own. */
export async function copyObjects(scratch: Scratch, ids: readonly string[]): Promise<ObjectStore> {
  const store: ObjectStore = { objects: scratch.newPath("objects"), alternates: [] };
  await makeFolder(store.objects);
  if (ids.length === 0) return store;
  const stdin = lines([...new Set(ids)]);
  const pack = await scratch.git(["pack-objects", "--quiet", "--stdout"], { store: scratch.readable, stdin });
  await scratch.git(["index-pack", "--stdin"], { store, stdin: pack });
  return store;
}

/**
 * Reads tree objects of the user's.
 *
 * @param names - Ids of trees, or `<commit>^{tree}`.
 * @throws ReproError `GIT_UNREADABLE` when one is missing, damaged, or no tree; `data: { name }`.
 * @remarks git-cat-file(1), "BATCH OUTPUT".
 */
export async function readTrees(scratch: Scratch, names: readonly string[]): Promise<readonly ReadTree[]> {
  const unique = [...new Set(names)];
  const stdin = lines(unique);
  const output = await scratch.git(["cat-file", "--batch", "--buffer"], { store: scratch.readable, stdin });
  const trees = new Map<string, ReadTree>();
  let at = 0;
  for (const name of unique) {
    const end = output.indexOf(0x0a, at);
    const { id, size } = /^(?<id>\w+) tree (?<size>\d+)$/.exec(itemText(output.subarray(at, end)))?.groups ?? {};
    const start = end + 1;
    const items =
      id === undefined ? null : parseTree(output.subarray(start, start + Number(size)), id.length === 64 ? 32 : 20);
    if (id === undefined || items === null) throw noTree(name);
    trees.set(name, { id, items });
    at = start + Number(size) + 1;
  }
  return names.flatMap((name) => trees.get(name) ?? []);
}

function lines(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text) => `${text}\n`).join(""));
}

function noTree(name: string): Error {
  return gitError(`captureGitState: there is no tree "${name}" in the repository`, {
    code: "GIT_UNREADABLE",
    remedy: "`git fsck` says what else is missing; `git fetch` or a fresh clone brings it back",
    data: { name },
  });
}
