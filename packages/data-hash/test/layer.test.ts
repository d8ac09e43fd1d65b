import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { LayerContext } from "@repro/core";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";

import {
  createDvcOutput,
  dataLayer,
  diffDataState,
  encodeDvcFile,
  hashTree,
  nodeFs,
  parseDataState,
} from "../src/index.ts";
import type { DataEntry, DataFs, DataState } from "../src/index.ts";
import { folderOf, makeOld, write } from "./folder.ts";

function contextOf(root: string, cwd = root): LayerContext {
  return {
    root,
    cwd,
    env: {},
    attach: async () => {
      throw new Error("the data layer attaches nothing");
    },
  };
}

async function captured(root: string, entries: Record<string, string>): Promise<DataState> {
  return (await dataLayer(entries).open(contextOf(root))).seal();
}

async function addPointer(root: string, path: string): Promise<void> {
  write(root, { [`${path}.dvc`]: encodeDvcFile(createDvcOutput(path, await hashTree(join(root, path)))) });
}

describe("open and seal", () => {
  test("record this state for these files, which changes only in a major", async () => {
    const root = folderOf({ "train.csv": "id,y\n1,0\n", "images/0.png": Uint8Array.of(137, 80, 78, 71) });
    await addPointer(root, "train.csv");
    const state = await captured(root, { train: "train.csv", images: "images" });
    expect(state).toEqual({
      schema: "repro/data/v1",
      entries: {
        images: {
          path: "images",
          kind: "tree",
          digest: "sha256:502ccbae0ba022ea4a7f235ba61e83f177d656572b67e9bc47adb7faba899be7",
          md5: "md5:d7ce4a8f790e2f53a83b674a8cd031f6",
          sizeBytes: 4,
          files: 1,
          pointer: null,
        },
        train: {
          path: "train.csv",
          kind: "file",
          digest: "sha256:ae1753637f532eba03c3736466747c062801ec68d51c67bb7a874bcd6317a3fb",
          md5: "md5:67caa9555a1d5ff15e0878849699ffc5",
          sizeBytes: 9,
          files: 1,
          pointer: {
            path: "train.csv.dvc",
            digest: "sha256:3766fa87e47c72948527058e654af8f1d94b9f23304c3d9d5c46d57356ae1317",
          },
        },
      },
    });
    expect(parseDataState(state)).toEqual(state);
  });

  test("hand out the entries by their literal names", async () => {
    const { handle } = await dataLayer({ train: "a", test: "b" }).open(contextOf(folderOf({ a: "1", b: "2" })));
    expectTypeOf(handle).toEqualTypeOf<{ readonly train: DataEntry; readonly test: DataEntry }>();
    expect(handle.train.sizeBytes).toBe(1);
  });

  test("freeze what they return", async () => {
    const state = await captured(folderOf({ a: "1" }), { a: "a" });
    expect([state, state.entries, state.entries["a"]].every((value) => Object.isFrozen(value))).toBe(true);
  });

  test("accept no entries at all", async () => {
    expect(await captured(folderOf(), {})).toEqual({ schema: "repro/data/v1", entries: {} });
  });

  test("record paths from the root, wherever the working directory is", async () => {
    const root = folderOf({ "data/a": "1", "src/x": "" });
    const open = await dataLayer({ a: "../data/a", root: ".." }).open(contextOf(root, join(root, "src")));
    expect([open.handle.a.path, open.handle.root.path]).toEqual(["data/a", "."]);
    const fromRoot = await dataLayer({ a: "data/a" }, { relativeTo: "root" }).open(contextOf(root, join(root, "src")));
    expect(fromRoot.handle.a).toEqual(open.handle.a);
  });

  test("record an absolute path as it is outside of the root, and from the root inside of it", async () => {
    const [root, outside] = [folderOf({ "..a": "1" }), folderOf({ b: "2" })];
    const state = await captured(root, { inside: join(root, "..a"), outside: join(outside, "b") });
    expect(state.entries["inside"]?.path).toBe("..a");
    expect(state.entries["outside"]?.path).toBe(join(outside, "b"));
  });

  test("throw DATA_OUTSIDE_ROOT for a relative path that leaves the root", async () => {
    const open = dataLayer({ a: "../a" }).open(contextOf(folderOf()));
    await expect(open).rejects.toMatchObject({ code: "DATA_OUTSIDE_ROOT", data: { name: "a", path: "../a" } });
  });

  test("throw DATA_MISSING, with the command where a pointer tells that DVC has it", async () => {
    const root = folderOf({ "a b.csv": "1" });
    await addPointer(root, "a b.csv");
    rmSync(join(root, "a b.csv"));
    const layer = dataLayer({ a: "a b.csv" });
    await expect(layer.open(contextOf(root))).rejects.toMatchObject({
      code: "DATA_MISSING",
      remedy: "dvc pull 'a b.csv'",
    });
    rmSync(join(root, "a b.csv.dvc"));
    await expect(layer.open(contextOf(root))).rejects.toMatchObject({
      code: "DATA_MISSING",
      data: { path: join(root, "a b.csv") },
    });
  });

  test("throw DATA_POINTER_MISMATCH, with both ids and both commands", async () => {
    const root = folderOf({ "a.csv": "foo" });
    await addPointer(root, "a.csv");
    write(root, { "a.csv": "bar" });
    await expect(dataLayer({ a: "a.csv" }).open(contextOf(root))).rejects.toMatchObject({
      code: "DATA_POINTER_MISMATCH",
      remedy: "dvc checkout a.csv brings the recorded bytes back; dvc add a.csv accepts the new ones",
      data: {
        path: "a.csv",
        expected: "acbd18db4cc2f85cedef654fccc4a4d8",
        actual: "37b51d194a7513e45b56f6524f2d51f2",
      },
    });
  });

  test("verify by a pointer that DVC 2 wrote, and record the MD5 of the bytes", async () => {
    const root = folderOf({
      "a.csv": "a\r\nb\r\nc",
      "a.csv.dvc": "outs:\n- md5: c32b2057b9bd62caa835386346177935\n  path: a.csv\n",
    });
    const { entries } = await captured(root, { a: "a.csv" });
    expect(entries["a"]?.pointer?.path).toBe("a.csv.dvc");
    expect(entries["a"]?.md5).not.toBe("md5:c32b2057b9bd62caa835386346177935");
  });

  test("throw DATA_POINTER_UNSUPPORTED for a pointer without MD5, DATA_POINTER_INVALID for none", async () => {
    const root = folderOf({ a: "1", "a.dvc": "outs:\n- path: a\n", b: "2", "b.dvc": "{" });
    await expect(dataLayer({ a: "a" }).open(contextOf(root))).rejects.toMatchObject({
      code: "DATA_POINTER_UNSUPPORTED",
    });
    await expect(dataLayer({ b: "b" }).open(contextOf(root))).rejects.toMatchObject({ code: "DATA_POINTER_INVALID" });
  });

  test("take a .dvc file that points elsewhere for no pointer", async () => {
    const root = folderOf({
      a: "1",
      "a.dvc": "outs:\n- md5: acbd18db4cc2f85cedef654fccc4a4d8\n  hash: md5\n  path: b\n",
    });
    expect((await captured(root, { a: "a" })).entries["a"]?.pointer).toBeNull();
  });

  test.each(["", "a b", "a/b", "é", "__proto__"])("throw RangeError for the name %j", (name) => {
    expect(() => dataLayer(Object.fromEntries([[name, "a"]]))).toThrow(RangeError);
  });

  test("throw RangeError for an empty path, TypeError for none", () => {
    expect(() => dataLayer({ a: "" })).toThrow(RangeError);
    expect(() => dataLayer({ a: undefined as unknown as string })).toThrow(TypeError);
  });
});

describe("seal", () => {
  test.each<[string, (root: string) => void]>([
    ["the bytes of a file, its length the same", (root) => write(root, { "tree/a": "2" })],
    ["the length of a file", (root) => write(root, { "tree/a": "12" })],
    ["a file more", (root) => write(root, { "tree/c": "" })],
    ["a file less", (root) => rmSync(join(root, "tree/b"))],
    ["a name", (root) => renameSync(join(root, "tree/b"), join(root, "tree/c"))],
    [
      "a file in place of the tree",
      (root) => (rmSync(join(root, "tree"), { recursive: true }), write(root, { tree: "" })),
    ],
    ["nothing in place of the tree", (root) => rmSync(join(root, "tree"), { recursive: true })],
    ["a link to nothing", (root) => symlinkSync("nothing", join(root, "tree/z"))],
  ])("throws DATA_CHANGED_DURING_RUN for %s", async (_, change) => {
    const root = folderOf({ "tree/a": "1", "tree/b": "1" });
    makeOld(join(root, "tree/a"), join(root, "tree/b"));
    const open = await dataLayer({ tree: "tree" }).open(contextOf(root));
    change(root);
    await expect(open.seal()).rejects.toMatchObject({
      code: "DATA_CHANGED_DURING_RUN",
      data: { name: "tree", path: "tree" },
    });
  });

  test("sees a change that left size, time and inode as they were, in a file that was young", async () => {
    const root = folderOf({ a: "1" });
    const now = new Date();
    utimesSync(join(root, "a"), now, now);
    const open = await dataLayer({ a: "a" }).open(contextOf(root));
    write(root, { a: "2" });
    utimesSync(join(root, "a"), now, now);
    await expect(open.seal()).rejects.toMatchObject({ code: "DATA_CHANGED_DURING_RUN" });
  });

  test("reads nothing again when no file changed, and accepts a file that was merely touched", async () => {
    const root = folderOf({ a: "1" });
    makeOld(join(root, "a"));
    let opened = 0;
    const fs: DataFs = { ...nodeFs, open: (path) => ((opened += 1), nodeFs.open(path)) };
    const open = await dataLayer({ a: "a" }, { fs }).open(contextOf(root));
    expect(await open.seal()).toEqual({ schema: "repro/data/v1", entries: open.handle });
    expect(opened).toBe(1);
    utimesSync(join(root, "a"), 1_600_000_001, 1_600_000_001);
    expect((await open.seal()).entries).toEqual(open.handle);
    expect(opened).toBe(2);
  });

  test("stops when the run is aborted", async () => {
    const root = folderOf({ a: "1" });
    const stop = new AbortController();
    const open = await dataLayer({ a: "a" }).open({ ...contextOf(root), signal: stop.signal });
    stop.abort();
    await expect(open.seal()).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("diff", () => {
  const layer = dataLayer({});

  test("is empty for two captures of the same bytes", async () => {
    const files = { "d/a": "1", "d/b": "2" };
    const [a, b] = [await captured(folderOf(files), { d: "d" }), await captured(folderOf(files), { d: "d" })];
    expect(layer.diff(a, b)).toEqual([]);
    expect(a).toEqual(b);
  });

  test("names other bytes once, and what to do", async () => {
    const root = folderOf({ a: "1" });
    await addPointer(root, "a");
    const recorded = await captured(root, { a: "a" });
    const actual = await captured(folderOf({ a: "22" }), { a: "a" });
    expect(layer.diff(recorded, actual)).toEqual([
      {
        path: "/entries/a/digest",
        expected: recorded.entries["a"]?.digest,
        actual: actual.entries["a"]?.digest,
        severity: "error",
        remedy: "dvc checkout a",
      },
    ]);
  });

  test("weighs an entry more or less as error, a path as warning, a pointer as info", async () => {
    const root = folderOf({ a: "1", b: "1" });
    const plain = await captured(root, { a: "a" });
    const severities = (other: DataState): readonly string[] =>
      diffDataState(plain, other).map((d) => `${d.path} ${d.severity}`);
    expect(severities(await captured(root, {}))).toEqual(["/entries/a error"]);
    expect(severities(await captured(root, { a: "a", b: "b" }))).toEqual(["/entries/b error"]);
    expect(severities(await captured(root, { a: "b" }))).toEqual(["/entries/a/path warning"]);
    await addPointer(root, "a");
    expect(severities(await captured(root, { a: "a" }))).toEqual(["/entries/a/pointer info"]);
  });
});

describe("parse", () => {
  const entry = {
    path: "a",
    kind: "file",
    digest: `sha256:${"0".repeat(64)}`,
    md5: `md5:${"0".repeat(32)}`,
    sizeBytes: 1,
    files: 1,
    pointer: null,
  };
  const state = (change: object, name = "a"): unknown => ({
    schema: "repro/data/v1",
    entries: Object.fromEntries([[name, { ...entry, ...change }]]),
  });

  test.each<[string, unknown]>([
    ["another schema", { schema: "repro/data/v2", entries: {} }],
    ["an unknown member", { schema: "repro/data/v1", entries: {}, more: 1 }],
    ["an unknown member of an entry", state({ more: 1 })],
    ["a name that is none", state({}, "a/b")],
    ["the name __proto__", state({}, "__proto__")],
    ["a digest without its algorithm", state({ digest: "0".repeat(64) })],
    ["a size that is no integer", state({ sizeBytes: 0.5 })],
    ["a missing pointer", state({ pointer: undefined })],
    ["null", null],
    ...["../a", "a/../../b", "a//b", "./a", "", "a/", "..", "a\0"].map((path): [string, unknown] => [
      `the path ${JSON.stringify(path)}`,
      state({ path }),
    ]),
  ])("throws LAYER_STATE_INVALID for %s", (_, value) => {
    expect(() => parseDataState(value)).toThrow(
      expect.objectContaining({ name: "ReproError", code: "LAYER_STATE_INVALID" }),
    );
  });

  test("returns what JSON carried of any state", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]+$/).filter((value) => value !== "__proto__");
    fc.assert(
      fc.property(name, fc.nat(), (key, sizeBytes) => {
        const value = state({ sizeBytes }, key);
        expect(parseDataState(JSON.parse(JSON.stringify(value)))).toEqual(value);
      }),
    );
  });
});

test("a folder of the data may be a link", async () => {
  const [root, outside] = [folderOf(), folderOf({ "d/a": "1" })];
  mkdirSync(join(root, "sub"));
  symlinkSync(join(outside, "d"), join(root, "sub/d"));
  expect((await captured(root, { d: "sub/d" })).entries["d"]).toMatchObject({ path: "sub/d", kind: "tree", files: 1 });
});
