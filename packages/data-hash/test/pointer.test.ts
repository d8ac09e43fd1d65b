import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { createDvcOutput, encodeDvcFile, hashTree, parseDvcFile, verifyData } from "../src/index.ts";
import type { DvcOutput } from "../src/index.ts";
import { folderOf, write } from "./folder.ts";

const FOO = "acbd18db4cc2f85cedef654fccc4a4d8";
const encoded = (output: DvcOutput): string => new TextDecoder().decode(encodeDvcFile(output));

describe("encodeDvcFile", () => {
  test("writes what `dvc add data` writes, as DVC's own test has it", async () => {
    const output = createDvcOutput("data", await hashTree(folderOf({ foo: "foo", bar: "bar" })));
    expect(encoded(output)).toBe(
      "outs:\n- md5: 5ea40360f5b4ec688df672a4db9c17d1.dir\n  size: 6\n  nfiles: 2\n  hash: md5\n  path: data\n",
    );
  });

  test("writes a file without the number of files, and says that it is executable", () => {
    const output: DvcOutput = { path: "run.sh", md5: FOO, hash: "md5", sizeBytes: 3, files: null, isExecutable: true };
    expect(encoded(output)).toBe(`outs:\n- md5: ${FOO}\n  size: 3\n  isexec: true\n  hash: md5\n  path: run.sh\n`);
  });

  test.each(["12345678901234567890123456789012", "1234567890123456789012345678e123"])("quotes the id %s", (md5) => {
    const output: DvcOutput = { path: "a", md5, hash: "md5", sizeBytes: 1, files: null, isExecutable: false };
    expect(encoded(output)).toContain(`- md5: '${md5}'\n`);
  });

  test("is undone by parseDvcFile for any path", () => {
    const path = fc.oneof(
      fc.string({ minLength: 1, unit: "grapheme" }),
      fc.constantFrom(
        "null",
        "true",
        "~",
        "1e3",
        "0o7",
        "- a",
        "a: b",
        "#x",
        "a\nb",
        " a ",
        "a #b",
        "'",
        '"',
        "&a",
        "*a",
        "!!str",
        "x".repeat(200),
        "a b ".repeat(60),
      ),
    );
    const output = fc.record({
      path,
      md5: fc.stringMatching(/^[0-9a-f]{32}(\.dir)?$/),
      hash: fc.constantFrom("md5" as const, "md5-dos2unix" as const),
      sizeBytes: fc.option(fc.nat()),
      files: fc.option(fc.nat()),
      isExecutable: fc.boolean(),
    });
    fc.assert(
      fc.property(output, (value) => {
        expect(parseDvcFile(encoded(value)).outs).toEqual([value]);
      }),
    );
  });

  test("throws RangeError for an id that is none, and for no path", () => {
    const output: DvcOutput = { path: "a", md5: FOO, hash: "md5", sizeBytes: 1, files: null, isExecutable: false };
    expect(() => encodeDvcFile({ ...output, md5: null })).toThrow(RangeError);
    expect(() => encodeDvcFile({ ...output, md5: FOO.toUpperCase() })).toThrow(RangeError);
    expect(() => encodeDvcFile({ ...output, path: "" })).toThrow(RangeError);
  });
});

describe("parseDvcFile", () => {
  test("reads an import, as DVC's own test has it", () => {
    const id = "b6dcab6ccd17ca0a8bf4a215a37d14cc.dir";
    const entry = `- md5: ${id}\n  size: 11\n  nfiles: 2\n  hash: md5\n  path: `;
    const text = `md5: 7033ee831f78a4dfec2fc71405516067\nfrozen: true\ndeps:\n${entry}remote://workspace/dir\nouts:\n${entry}dir\n`;
    expect(parseDvcFile(text)).toEqual({
      wdir: ".",
      isFrozen: true,
      isImport: true,
      outs: [{ path: "dir", md5: id, hash: "md5", sizeBytes: 11, files: 2, isExecutable: false }],
    });
  });

  test("takes an entry without `hash` for one that DVC 2 wrote", () => {
    expect(parseDvcFile(`outs:\n- md5: ${FOO}\n  path: foo\n`).outs).toEqual([
      { path: "foo", md5: FOO, hash: "md5-dos2unix", sizeBytes: null, files: null, isExecutable: false },
    ]);
  });

  test("keeps every digit of an unquoted id, and writes it in lower case", () => {
    const read = (md5: string): string | null | undefined =>
      parseDvcFile(`outs:\n- md5: ${md5}\n  path: a\n`).outs[0]?.md5;
    expect(read("00000000000000000000000000000123")).toBe("00000000000000000000000000000123");
    expect(read(FOO.toUpperCase())).toBe(FOO);
    expect(read("")).toBeNull();
  });

  test("reads every key that DVC knows, and comments", () => {
    const text = `# kept by hand
wdir: ..
frozen: false
always_changed: false
desc: what it is
meta: {owner: [a, b], n: 1}
deps:
- path: data.csv
  repo: {url: "https://example.com/r", rev: main, rev_lock: abc, config: {}, remote: r}
- db: {query: SELECT 1, connection: c, file_format: csv}
outs:
- md5: ${FOO}
  size: 3
  isexec: true
  version_id: v
  etag: E
  checksum: c
  cloud: {r: {etag: E, version_id: v}}
  hash: md5
  path: foo
  fs_config: {}
  desc: d
  type: dataset
  labels: [x]
  meta: {}
  cache: false
  metric: true
  plot: {x: a}
  persist: true
  remote: r
  push: false
  files:
  - {relpath: a, md5: ${FOO}, size: 3, isexec: true, version_id: v, etag: E, cloud: {r: {etag: E}}}
`;
    expect(parseDvcFile(text)).toMatchObject({
      wdir: "..",
      isFrozen: false,
      isImport: true,
      outs: [{ isExecutable: true }],
    });
  });

  const letters = "abcdefghijklmnop".split("");
  const doubled = letters.slice(1).map((name, index) => `${name}: &${name} [*${letters[index]}, *${letters[index]}]`);
  const bomb = `a: &a [x, x]\n${doubled.join("\n")}\n`;
  test.each([
    ["an unknown key", "/", "colour: red\n"],
    ["an unknown key of an output", "/outs/0", `outs:\n- {path: a, colour: red}\n`],
    ["an output without a path", "/outs/0/path", `outs:\n- {md5: ${FOO}}\n`],
    ["an id that is none", "/outs/0/md5", "outs:\n- {path: a, md5: ../../x}\n"],
    ["a hash that DVC does not have", "/outs/0/hash", "outs:\n- {path: a, hash: sha1}\n"],
    ["a size that is no number", "/outs/0/size", "outs:\n- {path: a, size: -1}\n"],
    ["a scalar", "/", "text\n"],
    ["nothing", "/", ""],
    ["a duplicate key", "/", "desc: a\ndesc: b\n"],
    ["an alias", "/", "desc: &x a\nwdir: *x\n"],
    ["a bomb of aliases", "/", bomb],
    ["a tag", "/", "desc: !!python/object:os.system x\n"],
    ["two documents", "/", "desc: a\n---\ndesc: b\n"],
    ["a duplicate key deep inside", "/", "meta: {a: [{b: 1, b: 2}]}\n"],
    ["a key that is no text", "/", "[a]: b\n"],
    ["a tab for indentation", "/", "outs:\n\t- path: a\n"],
    ["`__proto__`", "/", "__proto__: {frozen: true}\n"],
    ["nesting without end", "/", `meta: ${"[".repeat(50_000)}\n`],
    ["more than it reads", "/", `desc: ${"x".repeat(262_144)}\n`],
  ])("throws DATA_POINTER_INVALID for %s", (_, path, text) => {
    expect(() => parseDvcFile(text)).toThrow(
      expect.objectContaining({
        name: "ReproError",
        code: "DATA_POINTER_INVALID",
        data: expect.objectContaining({ path: path === "/" ? "" : path }),
      }),
    );
  });

  test("finds duplicate keys without comparing each key with each other", () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => index.toString(36));
    const started = performance.now();
    expect(parseDvcFile(`meta: {${keys.join(",")}}\n`).outs).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000); // quadratic work takes 15 s here
  });

  test("throws only DATA_POINTER_INVALID, whatever the text", () => {
    const piece = fc.constantFrom(
      "outs:",
      "\n",
      "- ",
      "  ",
      "md5: ",
      FOO,
      "path: ",
      "a",
      "&a ",
      "*a",
      "{",
      "}",
      "[",
      "]",
      "|",
      ">",
      "'",
      '"',
      "!!",
      "? ",
      "%YAML 1.1\n",
      "---\n",
      "#",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        try {
          parseDvcFile(pieces.join(""));
        } catch (error) {
          expect(error).toMatchObject({ code: "DATA_POINTER_INVALID" });
        }
      }),
    );
  });
});

describe("verifyData", () => {
  const pointer = (md5: string, path = "data", more = "  hash: md5\n"): string =>
    `outs:\n- md5: ${md5}\n${more}  path: ${path}\n`;

  test("holds for a folder, and not once a byte of it differs", async () => {
    const id = "5ea40360f5b4ec688df672a4db9c17d1.dir";
    const folder = folderOf({ "data/foo": "foo", "data/bar": "bar", "data.dvc": pointer(id) });
    expect(await verifyData(join(folder, "data.dvc"))).toEqual({
      holds: true,
      reason: "",
      outs: [{ path: "data", expected: id, actual: id, holds: true, reason: "" }],
    });
    write(folder, { "data/bar": "baz" });
    const verification = await verifyData(join(folder, "data.dvc"));
    expect(verification).toMatchObject({ holds: false, outs: [{ expected: id, holds: false }] });
    expect(verification.reason).toContain(id);
  });

  test("holds for a folder that DVC 2 recorded, whatever its line ends", async () => {
    const id = "1f69c66028c35037e8bf67e5bc4ceb6a.dir";
    const files = { "data/bar": "bar\r\n", "data/baz": "baz\n", "data.dvc": pointer(id, "data", "") };
    expect(await verifyData(join(folderOf(files), "data.dvc"))).toMatchObject({ holds: true });
  });

  test("finds the data from the folder of the .dvc file and its wdir", async () => {
    const folder = folderOf({ "x/foo": "foo", "y/foo.dvc": `wdir: ../x\n${pointer(FOO, "foo")}` });
    expect(await verifyData(join(folder, "y/foo.dvc"))).toMatchObject({ holds: true });
  });

  test.each([
    ["data that is not there", pointer(FOO), '"data" does not exist'],
    ["no MD5", "outs:\n- path: data\n", '"data" has no MD5 in its .dvc file'],
  ])("does not hold for %s", async (_, text, reason) => {
    const folder = folderOf({ "data.dvc": text });
    expect(await verifyData(join(folder, "data.dvc"))).toMatchObject({
      holds: false,
      reason,
      outs: [{ actual: null }],
    });
  });

  test("does not hold for a file that points to nothing", async () => {
    expect(await verifyData(join(folderOf({ "data.dvc": "outs: []\n" }), "data.dvc"))).toMatchObject({
      holds: false,
      outs: [],
    });
  });

  test("throws DATA_MISSING without a .dvc file, DATA_POINTER_INVALID for one that is none", async () => {
    const folder = folderOf({ "bad.dvc": "x: 1\n", "latin.dvc": Uint8Array.of(0xff) });
    await expect(verifyData(join(folder, "data.dvc"))).rejects.toMatchObject({ code: "DATA_MISSING" });
    for (const name of ["bad.dvc", "latin.dvc"]) {
      const file = join(folder, name);
      await expect(verifyData(file)).rejects.toMatchObject({ code: "DATA_POINTER_INVALID", data: { file } });
    }
  });
});
