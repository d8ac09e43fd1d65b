import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareCodePoints, hashBytes } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { hashFile, hashTree, nodeFs } from "../src/index.ts";
import type { DataFs } from "../src/index.ts";
import { folderOf, write } from "./folder.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("hashTree", () => {
  test("hashes a file as hashFile does", async () => {
    const path = join(folderOf({ a: "abc" }), "a");
    const { digests } = await hashFile(path, { algorithms: ["sha256", "md5"] });
    expect(await hashTree(path)).toEqual({ kind: "file", sizeBytes: 3, files: 1, digests });
  });

  test("hashes an empty folder, and one that holds only empty folders, alike", async () => {
    const folder = folderOf();
    const empty = {
      kind: "tree",
      sizeBytes: 0,
      files: 0,
      digests: { sha256: hashBytes(text("repro/tree/v1\n")), md5: "md5:d751713988987e9331980363e24189ce" },
    };
    expect(await hashTree(folder)).toEqual(empty);
    mkdirSync(join(folder, "a/b"), { recursive: true });
    expect(await hashTree(folder)).toEqual(empty);
  });

  test("hashes a tree's manifest as its documentation says", async () => {
    const folder = folderOf({ "b.csv": "2", "a/\u{1F600}\n.csv": "1", "a/\uFF5E": "3" });
    const hex = (value: string): string => hashBytes(text(value)).slice("sha256:".length);
    const manifest = [
      "repro/tree/v1\n",
      `{"relpath":"a/\uFF5E","sha256":"${hex("3")}"}\n`,
      `{"relpath":"a/\u{1F600}\\n.csv","sha256":"${hex("1")}"}\n`,
      `{"relpath":"b.csv","sha256":"${hex("2")}"}\n`,
    ];
    expect((await hashTree(folder)).digests.sha256).toBe(hashBytes(text(manifest.join(""))));
  });

  test("hashes this tree to these digests, which change only in a major", async () => {
    const folder = folderOf({ "train.csv": "id,y\n1,0\n", "images/0.png": Uint8Array.of(137, 80, 78, 71) });
    expect((await hashTree(folder, { algorithms: ["sha256", "md5", "blake3"] })).digests).toEqual({
      sha256: "sha256:bd36e94120cbaaca6e15630844a96cb5791cd94eef6b30482a2e00f155f36481",
      md5: "md5:d15e0a23a7d9c8e91dd49dfdab1422a4",
      blake3: "blake3:3f7e46e43b5f0f56498c095da1b479dd4af1b3c5c3df5fda4359714913f3c92f",
    });
  });

  test("does not depend on the order of a listing, on modes or on times", async () => {
    const folder = folderOf({ a: "1", "b/c": "2", "b/d": "3" });
    const first = await hashTree(folder);
    const reversed: DataFs = { ...nodeFs, list: (path) => nodeFs.list(path).toReversed() };
    expect(await hashTree(folder, { fs: reversed })).toEqual(first);
    chmodSync(join(folder, "a"), 0o755);
    writeFileSync(join(folder, "a"), "1");
    expect(await hashTree(folder)).toEqual(first);
  });

  test("tells any two different trees apart, and the same tree never", async () => {
    const name = fc.stringMatching(/^[a-c\u00e9]{1,3}$/);
    const tree = fc.dictionary(name, fc.string({ maxLength: 3 }), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(tree, tree, async (a, b) => {
        const [x, y] = [await hashTree(folderOf(a)), await hashTree(folderOf(b))];
        const sorted = (files: object): string =>
          JSON.stringify(Object.entries(files).toSorted(([p], [q]) => compareCodePoints(p, q)));
        expect(x.digests.sha256 === y.digests.sha256).toBe(sorted(a) === sorted(b));
        expect(x.digests.md5 === y.digests.md5).toBe(sorted(a) === sorted(b));
      }),
      { numRuns: 50 },
    );
  });

  test("counts a link to a file as the file and leaves out a link to a folder", async () => {
    const folder = folderOf({ a: "1", "deep/b": "2" });
    const outside = folderOf({ target: "3" });
    const before = await hashTree(folder);
    symlinkSync(outside, join(folder, "folder-link"));
    expect(await hashTree(folder)).toEqual(before);
    symlinkSync(join(outside, "target"), join(folder, "c"));
    expect(await hashTree(folder)).toEqual(await hashTree(folderOf({ a: "1", c: "3", "deep/b": "2" })));
  });

  test("leaves out .git, .hg, .dvc and DVC repositories inside", async () => {
    const foreign = {
      ".git/HEAD": "x",
      "sub/.git": "gitdir: x",
      ".hg/x": "x",
      "nested/.dvc/config": "",
      "nested/a": "x",
    };
    expect(await hashTree(folderOf({ a: "1", ...foreign }))).toEqual(await hashTree(folderOf({ a: "1" })));
  });

  test("keeps files that are merely called like a folder that is left out", async () => {
    expect((await hashTree(folderOf({ ".dvc": "x", ".hg": "x", a: "1" }))).files).toBe(3);
  });

  test("throws DATA_LINK_BROKEN for a link to nothing", async () => {
    const folder = folderOf();
    symlinkSync("nothing", join(folder, "link"));
    await expect(hashTree(folder)).rejects.toMatchObject({
      code: "DATA_LINK_BROKEN",
      data: { path: join(folder, "link") },
    });
  });

  test("throws DATA_UNREADABLE for a pipe", async () => {
    const folder = folderOf();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await expect(hashTree(folder)).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
  });

  test("throws DATA_NAME_NOT_UTF8 for such a name, and not for a U+FFFD that is meant", async () => {
    const folder = folderOf({ "\uFFFD": "1" });
    expect((await hashTree(folder)).files).toBe(1);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), "2");
    await expect(hashTree(folder)).rejects.toMatchObject({ code: "DATA_NAME_NOT_UTF8" });
  });

  test("throws DATA_MISSING when a file vanishes between the listing and the reading", async () => {
    const folder = folderOf({ a: "1" });
    const fs: DataFs = { ...nodeFs, open: () => nodeFs.open(join(folder, "gone")) };
    await expect(hashTree(folder, { fs })).rejects.toMatchObject({
      code: "DATA_MISSING",
      data: { path: join(folder, "a") },
    });
  });

  test("lets other work run, and stops when its signal does, between many small files", async () => {
    const folder = folderOf(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, ""])));
    const stop = new AbortController();
    const fs: DataFs = { ...nodeFs, pause: async () => stop.abort() };
    await expect(hashTree(folder, { fs, signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe(".dvcignore", () => {
  const repository = (patterns: string, files: Record<string, string>): string =>
    join(folderOf({ ".dvc/config": "", ".dvcignore": patterns, ...files }), "data");

  test("leaves out what the files above the tree name", async () => {
    const tree = repository("# header\n\n*.tmp\n/data/cache/\n!keep.tmp\n", {
      "data/a": "1",
      "data/b.tmp": "x",
      "data/deep/keep.tmp": "2",
      "data/cache/c": "x",
    });
    expect(await hashTree(tree)).toEqual(await hashTree(folderOf({ a: "1", "deep/keep.tmp": "2" })));
  });

  test("is without effect outside of a DVC repository", async () => {
    const folder = folderOf({ ".dvcignore": "*\n", "data/a": "1" });
    expect((await hashTree(join(folder, "data"))).files).toBe(1);
  });

  test("applies in the order of the folders, each relative to its own", async () => {
    const folder = folderOf({
      ".dvc/config": "",
      ".dvcignore": "/x\n*.log\n",
      "sub/.dvcignore": "!b.log\n/data/x\n",
      "sub/data/x": "1",
      "sub/data/a.log": "1",
      "sub/data/b.log": "2",
    });
    expect(await hashTree(join(folder, "sub/data"))).toEqual(await hashTree(folderOf({ "b.log": "2" })));
  });

  test("inside of the tree is DATA_DVCIGNORE_INSIDE", async () => {
    await expect(hashTree(repository("", { "data/deep/.dvcignore": "" }))).rejects.toMatchObject({
      code: "DATA_DVCIGNORE_INSIDE",
    });
  });

  test.each(["[ab]", "a\\ b", "a**", "**", "/", "a//b", "!"])(
    "throws DATA_DVCIGNORE_UNSUPPORTED for %j",
    async (pattern) => {
      await expect(hashTree(repository(pattern, { "data/a": "1" }))).rejects.toMatchObject({
        code: "DATA_DVCIGNORE_UNSUPPORTED",
        data: { pattern },
      });
    },
  );

  test("lets a link to nothing be left out", async () => {
    const tree = repository(".#*\n", { "data/a": "1" });
    symlinkSync("nothing", join(tree, ".#lock"));
    expect((await hashTree(tree)).files).toBe(1);
  });

  test("matches what git matches", async () => {
    const names = ["a", "b", "ab", "a.b", "aa"] as const;
    const segment = fc.constantFrom("a", "b", "ab", "*", "a*", "?", "a?b", "*.b", "a+", "**");
    const pattern = fc
      .tuple(
        fc.constantFrom("", "!"),
        fc.constantFrom("", "/"),
        fc.array(segment, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("", "/"),
      )
      .map(([not, start, middle, end]) => not + start + middle.join("/") + end)
      .filter((value) => !/^!?\/?\*\*(\/\*\*)*\/?$/.test(value));
    const folder = folderOf({ ".dvc/config": "" });
    execFileSync("git", ["init", "--quiet", folder]);
    for (const x of names)
      for (const y of names) write(folder, { [`a/${x}/${y}.f`]: "", [`a/${x}/${y}/b`]: "", [`a/f-${x}`]: "" });
    await fc.assert(
      fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 3 }), async (patterns) => {
        write(folder, { ".dvcignore": `${patterns.join("\n")}\n` });
        const options = ["-c", "core.excludesFile=/dev/null", "-C", folder, "ls-files", "--others", "-z"];
        const kept = execFileSync("git", [...options, "--exclude-from=.dvcignore", "--", "a"], { encoding: "utf8" });
        if (kept === "") return; // git leaves out the tree itself, which a caller of hashTree has named
        const paths = kept.split("\0").filter((path) => path !== "");
        const lines = paths.toSorted(compareCodePoints).map((path) => {
          return `{"relpath":"${path.slice("a/".length)}","sha256":"${hashBytes(text("")).slice("sha256:".length)}"}\n`;
        });
        const { sha256 } = (await hashTree(join(folder, "a"))).digests;
        expect(sha256).toBe(hashBytes(text(`repro/tree/v1\n${lines.join("")}`)));
      }),
      { numRuns: 100 },
    );
  });
});
