import { compareCodePoints } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import type { TreeItem } from "../src/tree/flatten.ts";
import type { Placed, ReadTree } from "../src/tree/touched.ts";
import { touchTree } from "../src/tree/touched.ts";
import type { TreeEntry } from "../src/tree/tree.ts";
import { FOLDER_MODE, treeIdOf } from "../src/tree/tree.ts";

const SLOW = process.env["SLOW"] === "1";

const id = fc.stringMatching(/^[0-9a-f]{40}$/);
const name = fc.constantFrom("a", "b", "a.b", "a-", "é");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const placed: fc.Arbitrary<Placed> = fc.record({ mode: fc.constantFrom(0o100644, 0o100755, 0o120000, 0o160000), id });

type Files = ReadonlyMap<string, Placed>;

/** Files of which none is a folder of another: later ones make room. */
function consistent(files: readonly (readonly [string, Placed])[]): Files {
  const kept = new Map<string, Placed>();
  for (const [at, file] of files) {
    for (const other of kept.keys()) {
      if (other.startsWith(`${at}/`) || at.startsWith(`${other}/`)) kept.delete(other);
    }
    kept.set(at, file);
  }
  return kept;
}

const files = fc.array(fc.tuple(path, placed), { maxLength: 12 }).map(consistent);

function entriesOf(all: Files): readonly TreeEntry[] {
  return [...all].map(([at, { mode, id: object }]) => ({ path: at, mode, id: object }));
}

/** Every tree object of some files, by id. */
function treesOf(all: Files): ReadonlyMap<string, ReadTree> {
  const trees = new Map<string, ReadTree>();
  const treeAt = (folder: string): string => {
    const below = entriesOf(all).filter((entry) => entry.path.startsWith(folder));
    const inner = below.map((entry) => ({ ...entry, path: entry.path.slice(folder.length) }));
    const names = [...new Set(inner.map((entry) => entry.path.split("/")[0] ?? ""))].toSorted(compareCodePoints);
    const items = names.map((one): TreeItem => {
      const file = inner.find((entry) => entry.path === one);
      return file === undefined
        ? { name: one, mode: FOLDER_MODE, id: treeAt(`${folder}${one}/`) }
        : { name: one, mode: file.mode, id: file.id };
    });
    const tree = treeIdOf(inner, "sha1");
    trees.set(tree, { id: tree, items });
    return tree;
  };
  treeAt("");
  return trees;
}

test("the tree of other files at some paths is the one that all files make", async () => {
  await fc.assert(
    fc.asyncProperty(files, files, async (before, after) => {
      const trees = treesOf(before);
      const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
        (at) => JSON.stringify(before.get(at)) !== JSON.stringify(after.get(at)),
      );
      const read: string[] = [];
      const touched = await touchTree({
        readTrees: async (names) => {
          read.push(...names);
          return names.flatMap((one) => trees.get(one) ?? []);
        },
        tree: treeIdOf(entriesOf(before), "sha1"),
        paths: differing,
        objectFormat: "sha1",
      });
      const isFile = (item: Placed | null): boolean => item !== null && item.mode !== FOLDER_MODE;
      for (const at of differing) {
        expect(isFile(touched.at(at)) ? touched.at(at) : undefined).toEqual(before.get(at));
      }
      const changes = new Map(differing.map((at) => [at, after.get(at) ?? null]));
      expect(touched.with(changes)).toBe(treeIdOf(entriesOf(after), "sha1"));
      const folders = new Set(
        differing.flatMap((at) => at.split("/").map((_, depth, parts) => parts.slice(0, depth).join("/"))),
      );
      expect(read.length).toBeLessThanOrEqual(Math.max(folders.size, 1));
    }),
    { numRuns: SLOW ? 20_000 : 500 },
  );
});

test("a folder in a file's place counts as it is, and an empty one as nothing", async () => {
  const file = { mode: 0o100644, id: "1".repeat(40) };
  const before: Files = new Map([
    ["a/x", file],
    ["a/y", file],
    ["b", file],
  ]);
  const trees = treesOf(before);
  const tree = treeIdOf(entriesOf(before), "sha1");
  const touched = await touchTree({
    readTrees: async (names) => names.flatMap((one) => trees.get(one) ?? []),
    tree,
    paths: ["a", "a/x", "b"],
    objectFormat: "sha1",
  });
  expect(touched.id).toBe(tree);
  expect(touched.with(new Map())).toBe(tree);
  const folder = { mode: FOLDER_MODE, id: "2".repeat(40) };
  const replaced = touched.with(
    new Map([
      ["a", folder],
      ["a/x", null],
      ["b", null],
    ]),
  );
  expect(replaced).toBe(treeIdOf([{ path: "a/", ...folder }], "sha1"));
  const empty = { mode: FOLDER_MODE, id: treeIdOf([], "sha1") };
  expect(
    touched.with(
      new Map([
        ["a", empty],
        ["a/x", null],
      ]),
    ),
  ).toBe(treeIdOf([{ path: "b", ...file }], "sha1"));
});
