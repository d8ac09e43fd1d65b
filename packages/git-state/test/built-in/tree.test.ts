import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import { diffEntries } from "../../src/tree/difference.ts";
import { flattenTree } from "../../src/tree/flatten.ts";
import type { ReadTree } from "../../src/tree/flatten.ts";
import type { TreeEntry } from "../../src/tree/tree.ts";
import { treeIdOf } from "../../src/tree/tree.ts";
import type { Fixture } from "../fixture.ts";
import { failure, fixtureAt, tempFolder } from "../fixture.ts";

const SLOW = process.env["SLOW"] === "1";
const ID = "1".repeat(40);

function file(path: string, more: Partial<TreeEntry> = {}): TreeEntry {
  return { path, mode: 0o100644, id: ID, ...more };
}

/** Names whose order depends on whether they are folders. */
const part = fc.constantFrom("a", "a-", "a.", "a0", "b", "-", "~", "\u00ff");
const entry: fc.Arbitrary<TreeEntry> = fc.record({
  path: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
  mode: fc.constantFrom(0o100644, 0o100755, 0o120000, 0o160000),
  id: fc.constantFrom(ID, "2".repeat(40)),
});
/** No file is where a folder must be. */
const tree = fc
  .uniqueArray(entry, { selector: ({ path }) => path, maxLength: 12 })
  .map((list) => list.filter(({ path }) => !list.some((other) => other.path.startsWith(`${path}/`))));

function bareRepository(): Fixture {
  const fixture = fixtureAt(tempFolder());
  fixture.git("init", "--quiet", "--bare", "--template=");
  return fixture;
}

/** Id of the tree that git makes of entries, whose contents do not exist. */
function peerTreeOf({ root, env }: Fixture, entries: readonly TreeEntry[]): string {
  rmSync(join(root, "index"), { force: true });
  const lines = entries.map(({ path, mode, id }) => `${mode.toString(8)} ${id}\t${path}\0`).join("");
  execFileSync("git", ["update-index", "-z", "--index-info"], { cwd: root, env, input: Buffer.from(lines, "latin1") });
  return execFileSync("git", ["write-tree", "--missing-ok"], { cwd: root, env, encoding: "latin1" }).trim();
}

function readTreeOf({ root, env }: Fixture): ReadTree {
  return async (id) =>
    execFileSync("git", ["ls-tree", "-z", id], { cwd: root, env, encoding: "latin1" })
      .split("\0")
      .slice(0, -1)
      .map((line) => {
        const {
          mode = "",
          object = "",
          name = "",
        } = /^(?<mode>\d+) \w+ (?<object>\w+)\t(?<name>.*)$/s.exec(line)?.groups ?? {};
        return { mode: Number.parseInt(mode, 8), id: object, name };
      });
}

test("any entries make the tree that git makes of them, which holds just these, and differs from others as git says", async () => {
  const fixture = bareRepository();
  await fc.assert(
    fc.asyncProperty(tree, tree, async (one, other) => {
      const [from, to] = [peerTreeOf(fixture, one), peerTreeOf(fixture, other)];
      expect([treeIdOf(one, "sha1"), treeIdOf(other, "sha1")]).toEqual([from, to]);
      const flat = await flattenTree(readTreeOf(fixture), from);
      expect(new Set(flat)).toEqual(new Set(one));
      expect(flat.map(({ path }) => path)).toEqual(one.map(({ path }) => path).toSorted());

      const args = ["diff-tree", "-r", "-z", "--name-status", "--no-renames", from, to];
      const said = execFileSync("git", args, { cwd: fixture.root, env: fixture.env, encoding: "latin1" });
      const letters = { added: "A", modified: "M", deleted: "D", "type-changed": "T" };
      const ours = diffEntries(one, other).map(({ path, status }) => `${letters[status]}\0${path}\0`);
      expect(ours.join("")).toBe(said);
    }),
    { numRuns: SLOW ? 300 : 25 },
  );
});

test("the tree without entries has git's well-known id", () => {
  expect(treeIdOf([], "sha1")).toBe("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  expect(treeIdOf([], "sha256")).toBe("6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321");
});

test("a folder that is given by its id alone makes the same tree as its files", () => {
  const inner = treeIdOf([file("x"), file("y/z")], "sha1");
  const files = [file("a/x"), file("a/y/z"), file("a-b")];
  expect(treeIdOf([file("a/", { mode: 0o040000, id: inner }), file("a-b")], "sha1")).toBe(treeIdOf(files, "sha1"));
});

test.each([
  ["one path twice", ["a", "a"]],
  ["a file where a folder must be", ["a", "a-b", "a/x"]],
  ["a file where a folder must be, further up", ["a", "a/b/c/d"]],
  ["a file below a file", ["a/b", "a/b/c"]],
  ["a folder given by its id, and a file in it", ["a/", "a/x"]],
  ["a folder given by its id, and a file of its name", ["a", "a/"]],
  ["an empty path", [""]],
  ["an empty part", ["a//b"]],
  ["a slash at the start", ["/a"]],
])("no tree holds %s", (_, paths) => {
  const entries = paths.map((path) => file(path, path.endsWith("/") ? { mode: 0o040000 } : {}));
  let code: string | undefined;
  try {
    treeIdOf(entries, "sha1");
  } catch (error) {
    code = isReproError(error) ? error.code : String(error);
  }
  expect(code).toBe("GIT_UNREADABLE");
});

test.each(["", "a/b"])("a tree with the name %j in it is refused", async (name) => {
  const error = await failure(flattenTree(async () => [{ name, mode: 0o100644, id: ID }], ID));
  expect(error.code).toBe("GIT_UNREADABLE");
});

test("a tree of trees without end is refused", async () => {
  const error = await failure(flattenTree(async () => [{ name: "again", mode: 0o040000, id: ID }], ID));
  expect(error.code).toBe("GIT_UNSUPPORTED");
});
