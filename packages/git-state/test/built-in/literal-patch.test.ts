import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { bytesOfPath, hashHex } from "../../src/files.ts";
import type { BytePath } from "../../src/files.ts";
import { decodeBase85, encodeBase85 } from "../../src/patch/base85.ts";
import { applyLiteralPatch } from "../../src/patch/literal-apply.ts";
import type { PatchChange, PatchSide } from "../../src/patch/literal-patch.ts";
import { encodeLiteralPatch } from "../../src/patch/literal-patch.ts";
import { quotePath, unquotePath } from "../../src/patch/quoted-path.ts";
import { diffEntries } from "../../src/tree/difference.ts";
import type { TreeEntry } from "../../src/tree/tree.ts";
import { treeIdOf } from "../../src/tree/tree.ts";
import { failure, fixedEnv, fixtureAt, tempFolder } from "../fixture.ts";

const SLOW = process.env["SLOW"] === "1";
const MAX = { maxBytes: 10_000_000 };

/** A file, link or repository of a made-up tree, with its contents; a repository's are its commit's id. */
type Item = readonly [mode: number, content: string];
type Items = ReadonlyMap<BytePath, Item>;

const names = fc.constantFrom("a", "n", "a b", "a\tb", "n/x", "n/y z", '"q"', "back\\slash", "new\nline", "\u00c3\u00a9", "\u00ff", "-z", "\u0001", "b/ b/c", "é/ü"); // prettier-ignore
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(
    fc.constantFrom(0o100644, 0o100755),
    fc.oneof(
      fc.constantFrom("", "one\n", "no line feed", "a\r\n"),
      fc.string({ unit: "binary-ascii", maxLength: 300 }),
    ),
  ),
  fc.tuple(fc.constant(0o120000), fc.constantFrom("target", "no where\n", "\u00ff")),
  fc.tuple(fc.constant(0o160000), fc.constantFrom("1".repeat(40), "2".repeat(40))),
);
/** No file is where a folder must be. */
const items: fc.Arbitrary<Items> = fc.array(fc.tuple(names, item), { maxLength: 6 }).map((list) => {
  const tree = new Map(list);
  return new Map([...tree].filter(([path]) => ![...tree.keys()].some((other) => other.startsWith(`${path}/`))));
});

function sideOf([mode, content]: Item): PatchSide {
  const bytes = bytesOfPath(content);
  const id = mode === 0o160000 ? content : hashHex("sha1", `blob ${bytes.byteLength}\0`, bytes);
  return { mode, id, read: async () => bytes };
}

function entriesOf(tree: Items): TreeEntry[] {
  return [...tree].map(([path, one]) => ({ path, mode: sideOf(one).mode, id: sideOf(one).id }));
}

function changesOf(from: Items, to: Items): readonly PatchChange[] {
  return diffEntries(entriesOf(from), entriesOf(to)).map(({ path, base, actual }) => {
    const [before, after] = [from.get(path), to.get(path)];
    return { path, from: base && before ? sideOf(before) : null, to: actual && after ? sideOf(after) : null };
  });
}

/** Commits both trees on branches of their names, in one run of git. */
function commitBoth(root: string, trees: { readonly from: Items; readonly to: Items }): void {
  const stream = Object.entries(trees).map(([branch, tree]) => {
    const files = [...tree].map(([path, [mode, content]]) =>
      mode === 0o160000
        ? `M 160000 ${content} ${quotePath(path)}\n`
        : `M ${mode.toString(8)} inline ${quotePath(path)}\ndata ${content.length}\n${content}\n`,
    );
    return `commit refs/heads/${branch}\ncommitter A <a@example.com> 0 +0000\ndata 1\nx\n${files.join("")}\n`;
  });
  execFileSync("git", ["fast-import", "--quiet"], { cwd: root, env: fixedEnv(), input: bytesOfPath(stream.join("")) });
}

test("git takes the patch in a fresh clone, forwards and back, and so does our own reading of it", async () => {
  await fc.assert(
    fc.asyncProperty(items, items, async (from, to) => {
      const patch = await encodeLiteralPatch(changesOf(from, to), MAX);
      const expected = treeIdOf(entriesOf(to), "sha1");
      expect(treeIdOf(await applyLiteralPatch(entriesOf(from), patch), "sha1")).toBe(expected);

      const { git, root } = fixtureAt(tempFolder());
      git("init", "--quiet", "--template=", "origin");
      commitBoth(join(root, "origin"), { from, to });
      // Where git has the contents already, it does not decode the patch: the clone has those of one branch alone.
      git("clone", "--quiet", "--no-local", "--single-branch", "--branch=from", "origin", "clone");
      const clone = fixtureAt(join(root, "clone"));
      expect(git("-C", "origin", "rev-parse", "to^{tree}")).toBe(expected);
      if (patch.byteLength === 0) return;
      writeFileSync(join(root, "patch"), patch);
      clone.git("apply", "--index", "../patch");
      expect(clone.git("write-tree")).toBe(expected);
      clone.git("apply", "--index", "--reverse", "../patch");
      expect(clone.git("write-tree")).toBe(treeIdOf(entriesOf(from), "sha1"));
    }),
    { numRuns: SLOW ? 500 : 25 },
  );
});

test("any bytes come back from their digits", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeBase85(encodeBase85(bytes), bytes.byteLength)).toEqual(bytes);
    }),
  );
});

test.each([
  ["too few digits", "0000", 4],
  ["a character that is no digit", "0000 ", 4],
  ["more than four bytes can hold", "~~~~~", 4],
  ["bytes after the last one", "00001", 3],
])("digits are refused: %s", (_, text, sizeBytes) => {
  expect(decodeBase85(text, sizeBytes)).toBeNull();
});

test("any path comes back from its quotes, and git reads them alike", () => {
  const path = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes));
  fc.assert(
    fc.property(path, (one) => {
      const quoted = quotePath(one);
      expect(quoted).toMatch(/^[ -~]+$/);
      fc.pre(!one.startsWith('"') || quoted.startsWith('"'));
      expect(unquotePath(quoted)).toBe(one);
    }),
  );
});

const BASE: Items = new Map<BytePath, Item>([
  ["a", [0o100644, "before\n"]],
  ["gone", [0o100755, "#!/bin/sh\n"]],
]);
const AFTER: Items = new Map<BytePath, Item>([["a", [0o100644, "after ".repeat(40)]]]);

test("a patch with a byte changed makes the same tree, or none", async () => {
  const patch = await encodeLiteralPatch(changesOf(BASE, AFTER), MAX);
  const expected = treeIdOf(entriesOf(AFTER), "sha1");
  for (let at = 0; at < patch.byteLength; at += 1) {
    const damaged = Uint8Array.from(patch, (byte, index) => (index === at ? byte ^ 0x01 : byte));
    const outcome = await applyLiteralPatch(entriesOf(BASE), damaged).then(
      (entries) => treeIdOf(entries, "sha1"),
      (error: unknown) => (error as { code?: string }).code,
    );
    expect([expected, "GIT_PATCH_UNVERIFIED"]).toContain(outcome);
  }
});

test("a patch that is cut off does not make the tree", async () => {
  const patch = await encodeLiteralPatch(changesOf(BASE, AFTER), MAX);
  for (let end = 1; end < patch.byteLength; end += 1) {
    const outcome = await applyLiteralPatch(entriesOf(BASE), patch.subarray(0, end)).then(
      (entries) => treeIdOf(entries, "sha1"),
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(outcome).not.toBe(treeIdOf(entriesOf(AFTER), "sha1"));
  }
});

test("a patch does not apply to another tree", async () => {
  const patch = await encodeLiteralPatch(changesOf(BASE, AFTER), MAX);
  const error = await failure(applyLiteralPatch(entriesOf(AFTER), patch));
  expect(error.code).toBe("GIT_PATCH_UNVERIFIED");
});

test("a patch has a longest length", async () => {
  const error = await failure(encodeLiteralPatch(changesOf(BASE, AFTER), { maxBytes: 10 }));
  expect([error.code, error.data]).toEqual(["GIT_PATCH_TOO_LARGE", { limitBytes: 10 }]);
});

test("a patch that is not wanted any more is given up", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(encodeLiteralPatch(changesOf(BASE, AFTER), { ...MAX, signal })).rejects.toThrow("enough");
});
