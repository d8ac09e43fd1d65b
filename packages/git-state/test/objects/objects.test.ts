import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { isReproError } from "@repro/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { FileReader } from "../../src/files.ts";
import { hashHex, hostFiles, pathOfText } from "../../src/files.ts";
import { objectFolders } from "../../src/objects/alternates.ts";
import { openObjects } from "../../src/objects/objects.ts";
import type { ObjectReader } from "../../src/objects/objects.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, makeRepository, tempFolder } from "../fixture.ts";

// isomorphic-git prints errors of a kind that it does not know.
beforeEach(() => {
  for (const method of ["log", "warn", "error", "info", "debug"] as const) vi.spyOn(console, method);
});
afterEach(() => {
  for (const method of ["log", "warn", "error", "info", "debug"] as const)
    expect(console[method]).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

async function open(root: string, files: FileReader = hostFiles): Promise<ObjectReader> {
  return openObjects(files, pathOfText(`${root}/.git`));
}

interface Stored {
  readonly id: string;
  readonly type: string;
}

/** Every object that git finds, in alternates as well. */
function listObjects({ git }: Fixture): readonly Stored[] {
  return git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    .split("\n")
    .map((line) => ({ id: line.slice(0, 40), type: line.slice(41) }));
}

/** Reads an object; what it is made of again has the same id, or it is not what it should be. */
async function readSame(objects: ObjectReader, { id, type }: Stored): Promise<void> {
  if (type === "blob") {
    const bytes = await objects.readBlob(id);
    expect(hashHex("sha1", `blob ${bytes.length}\0`, bytes)).toBe(id);
  } else if (type === "tree") {
    const items = await objects.readTree(id);
    const parts = items.flatMap(({ mode, name, id: of }) => [
      Buffer.from(`${mode.toString(8)} ${name}\0`, "latin1"),
      Buffer.from(of, "hex"),
    ]);
    const bytes = Buffer.concat(parts);
    expect(hashHex("sha1", `tree ${bytes.length}\0`, bytes)).toBe(id);
  } else if (type === "commit") {
    const { tree, parents } = await objects.readCommit(id);
    expect(tree).toMatch(/^[0-9a-f]{40}$/);
    expect(parents.length).toBeLessThan(9);
  }
}

async function expectAll(fixture: Fixture): Promise<number> {
  const objects = await open(fixture.root);
  const stored = listObjects(fixture);
  for (const one of stored) await readSame(objects, one);
  for (const { id, type } of stored.filter((one) => one.type === "commit")) {
    const [tree, ...parents] = fixture.git("show", "--no-patch", "--format=%T %P", id).trim().split(" ");
    expect(await objects.readCommit(id)).toEqual({ tree, parents });
    expect(await objects.peel(id)).toBe(id);
    expect(type).toBe("commit");
  }
  for (const { id } of stored.filter(({ type }) => type === "tag")) {
    expect(await objects.peel(id)).toBe(fixture.git("rev-parse", `${id}^{}`));
  }
  return stored.length;
}

/** A repository whose packs hold deltas. */
function makeHistory(): Fixture {
  const fixture = makeRepository();
  const line = (at: number): string => `${hashHex("sha1", String(at))}\n`;
  const text = Array.from({ length: 300 }, (_, at) => line(at));
  for (let at = 0; at < 12; at += 1) {
    text[at * 20] = line(1000 + at);
    fixture.write("big.txt", text.join(""));
    fixture.write(`folder/${at}`, line(at));
    fixture.commit(`commit ${at}`);
  }
  fixture.git("tag", "-a", "-m", "x", "one");
  fixture.git("tag", "-a", "-m", "x", "two", "one");
  fixture.git("tag", "-a", "-m", "x", "of-tree", "HEAD^{tree}");
  return fixture;
}

describe("objects are what git says", () => {
  test("loose, packed with deltas, and in several packs", async () => {
    const fixture = makeHistory();
    const count = await expectAll(fixture);
    fixture.git("gc", "--quiet", "--aggressive");
    expect(fixture.git("verify-pack", "--verbose", ...packs(fixture))).toContain("chain length = 3");
    expect(await expectAll(fixture)).toBe(count);
    fixture.write("more", "x");
    fixture.commit();
    fixture.git("repack", "--quiet", "-d");
    fixture.write("more", "y");
    fixture.commit();
    expect(packs(fixture)).toHaveLength(2);
    expect(await expectAll(fixture)).toBe(count + 6);
  });

  test("with names that are not UTF-8, of any mode, and merges", async () => {
    const fixture = makeRepository();
    for (const name of ["\u00ff", "\u00c3\u00a9", "a\nb", "a\tb", "A B"]) {
      writeFileSync(Buffer.from(`${fixture.root}/${name}`, "latin1"), name);
    }
    fixture.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},link`);
    fixture.git("commit", "--quiet", "-m", "x", "--allow-empty");
    fixture.git("checkout", "--quiet", "-b", "other", "HEAD^");
    fixture.commit("y");
    fixture.git("merge", "--quiet", "-m", "\n\ntree of it\nparent of it\n", "main");
    await expectAll(fixture);
    const names = (await (await open(fixture.root)).readTree(fixture.git("rev-parse", "HEAD^{tree}"))).map(
      ({ name }) => name,
    );
    expect(names).toEqual(expect.arrayContaining(["\u00ff", "\u00c3\u00a9", "a\nb"]));
  });

  test("in a commit that is signed, encoded, or has no message", async () => {
    const fixture = makeRepository();
    const tree = fixture.git("rev-parse", "HEAD^{tree}");
    const parent = fixture.git("rev-parse", "HEAD");
    const who = "A <a@example.com> 0 +0000";
    for (const [header, rest] of [
      [`parent ${parent}\n`, "encoding latin1\ngpgsig -----BEGIN\n parent x\n -----END\n\n\u00e9"],
      ["", "\n"],
      [`parent ${parent}\n`, ""],
    ] as const) {
      const text = `tree ${tree}\n${header}author ${who}\ncommitter ${who}\n${rest}`;
      const input = Buffer.from(text, "latin1");
      const id = execFileSync("git", ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], {
        cwd: fixture.root,
        env: fixture.env,
        input,
      })
        .toString()
        .trim();
      expect(await (await open(fixture.root)).readCommit(id)).toEqual({ tree, parents: header === "" ? [] : [parent] });
    }
  });

  test("a blob of many megabytes", async () => {
    const fixture = makeRepository();
    const bytes = Buffer.alloc(20_000_000, "abcdefghi");
    fixture.write("big", bytes);
    const id = fixture.git("hash-object", "-w", "big");
    expect(Buffer.compare(await (await open(fixture.root)).readBlob(id), bytes)).toBe(0);
  });

  test("the empty tree is there though it is not stored", async () => {
    const { root } = makeRepository();
    expect(await (await open(root)).readTree("4b825dc642cb6eb9a060e54bf8d69288fbee4904")).toEqual([]);
  });
});

function packs({ root }: Fixture): readonly string[] {
  const folder = join(root, ".git/objects/pack");
  return readdirSync(folder).flatMap((name) => (name.endsWith(".idx") ? [join(folder, name)] : []));
}

describe("borrowed objects are found", () => {
  test("in a clone that shares, and in one that borrows from that", async () => {
    const first = makeHistory();
    first.git("clone", "--quiet", "--shared", first.root, `${first.root}-b`);
    const second = fixtureAt(`${first.root}-b`);
    second.commit("in b");
    second.git("clone", "--quiet", "--shared", second.root, `${first.root}-c`);
    const third = fixtureAt(`${first.root}-c`);
    third.commit("in c");
    expect(await expectAll(third)).toBe(listObjects(first).length + 2);
    first.git("gc", "--quiet");
    await expectAll(third);
  });

  test("by paths that are relative, quoted, commented, empty, double", async () => {
    const lender = makeHistory();
    const plain = lender.root;
    cpSync(plain, join(dirname(plain), 'q"\\ \té'), { recursive: true });
    for (const line of [
      `${plain}/.git/objects`,
      `${plain}/.git/objects/`,
      `../../../${basename(plain)}/.git/objects`,
      `../../.git/../../${basename(plain)}/.git/objects`,
      `"${plain}/.git/objects"`,
      `"${dirname(plain)}/q\\"\\\\ \\t\\303\\251/.git/objects"`,
      `# x\n\n${plain}/.git/objects\n${plain}/.git/objects\n# y`,
      `${plain}/.git/objects\n../../.git/objects`,
    ]) {
      const borrower = makeRepository({ root: join(dirname(plain), "borrower") });
      writeFileSync(join(borrower.root, ".git/objects/info/alternates"), `${line}\n`);
      expect([line, await expectAll(borrower)]).toEqual([line, listObjects(lender).length]);
      rmSync(borrower.root, { recursive: true });
    }
  });

  test("where repositories borrow from each other", async () => {
    const [a, b] = [makeHistory(), makeRepository()];
    b.write("own", "of b");
    b.commit();
    appendFileSync(join(a.root, ".git/objects/info/alternates"), `${b.root}/.git/objects\n`);
    appendFileSync(join(b.root, ".git/objects/info/alternates"), `${a.root}/.git/objects\n`);
    expect(await expectAll(a)).toBe(await expectAll(b));
  });

  test("and where the folder is gone: GIT_UNREADABLE, though git goes on", async () => {
    const { root } = makeRepository();
    writeFileSync(join(root, ".git/objects/info/alternates"), "/absent/objects\n");
    await expect(open(root)).rejects.toMatchObject({ code: "GIT_UNREADABLE", data: { path: "/absent/objects" } });
  });

  test("six deep, which is more than git goes", () => {
    const folder = tempFolder();
    for (let at = 0; at < 8; at += 1) {
      mkdirSync(join(folder, `${at}/info`), { recursive: true });
      if (at < 7) writeFileSync(join(folder, `${at}/info/alternates`), `../${at + 1}\n`);
    }
    expect(objectFolders(hostFiles, pathOfText(join(folder, "2")))).toHaveLength(6);
    expect(() => objectFolders(hostFiles, pathOfText(join(folder, "1")))).toThrow(
      expect.objectContaining({ code: "GIT_UNREADABLE" }),
    );
  });
});

/** What reading an object gives: whether it is right, or the error's code. */
async function outcome(objects: Promise<ObjectReader>, one: Stored): Promise<string> {
  try {
    await readSame(await objects, one);
    return "right";
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
}

const EVERY = process.env["SLOW"] === "1" ? 1 : 5;

/** Copies of bytes that are damaged: cut off, or changed in a place. */
function* damaged(whole: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < whole.length; at += EVERY) {
    yield whole.subarray(0, at);
    for (const flip of [0x01, 0x80, 0xff]) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      yield bytes;
    }
  }
}

describe("of a damaged file comes the right object, or GIT_UNREADABLE", () => {
  async function expectSafe(fixture: Fixture, file: string, stored: readonly Stored[]): Promise<void> {
    const path = pathOfText(file);
    const outcomes = new Set<string>();
    for (const bytes of damaged(readFileSync(file))) {
      const files = { ...hostFiles, read: (asked: string) => (asked === path ? bytes : hostFiles.read(asked)) };
      for (const one of stored) outcomes.add(await outcome(open(fixture.root, files), one));
    }
    expect([...outcomes].filter((one) => one !== "right")).toEqual(["GIT_UNREADABLE"]);
  }

  test("loose", async () => {
    const fixture = makeRepository();
    for (const name of ["HEAD", "HEAD^{tree}", "HEAD:a.txt"]) {
      const id = fixture.git("rev-parse", name);
      const one = { id, type: fixture.git("cat-file", "-t", id) };
      await expectSafe(fixture, join(fixture.root, ".git/objects", id.slice(0, 2), id.slice(2)), [one]);
    }
  });

  test("a pack, and its index", async () => {
    const fixture = makeRepository();
    fixture.write("b.txt", "one\ntwo\nthree\nfour\n".repeat(9));
    fixture.commit();
    fixture.write("b.txt", "one\ntwo\nthree\nfour\n".repeat(9) + "five\n");
    fixture.commit();
    fixture.git("gc", "--quiet", "--aggressive");
    const stored = ["HEAD", "HEAD^", "HEAD^{tree}", "HEAD:b.txt", "HEAD^:b.txt"].map((name) => {
      const id = fixture.git("rev-parse", name);
      return { id, type: fixture.git("cat-file", "-t", id) };
    });
    const index = packs(fixture)[0] ?? "";
    await expectSafe(fixture, index.replace(/idx$/, "pack"), stored);
    await expectSafe(fixture, index, stored);
  });
});

describe("GIT_UNREADABLE says which object is", () => {
  test("missing", async () => {
    const { root } = makeRepository();
    const objects = await open(root);
    const id = "1".repeat(40);
    for (const read of [objects.readBlob, objects.readCommit, objects.readTree, objects.peel]) {
      await expect(read(id)).rejects.toMatchObject({ code: "GIT_UNREADABLE", data: { id, reason: "missing" } });
    }
  });

  test("of another type", async () => {
    const { root, git } = makeRepository();
    const objects = await open(root);
    const [commit, tree, blob] = ["HEAD", "HEAD^{tree}", "HEAD:a.txt"].map((name) => git("rev-parse", name));
    const wrong = [
      async () => objects.readBlob(commit ?? ""),
      async () => objects.readCommit(tree ?? ""),
      async () => objects.readTree(blob ?? ""),
    ];
    for (const read of wrong) {
      await expect(read()).rejects.toMatchObject({ code: "GIT_UNREADABLE", data: { reason: "damaged" } });
    }
  });

  test("another one under its name", async () => {
    const { root, git } = makeRepository();
    const [tree, blob] = ["HEAD:src", "HEAD:a.txt"].map((name) => git("rev-parse", name));
    const at = (id = ""): string => join(root, ".git/objects", id.slice(0, 2), id.slice(2));
    rmSync(at(blob));
    renameSync(at(tree), at(blob));
    await expect((await open(root)).readBlob(blob ?? "")).rejects.toMatchObject({
      code: "GIT_UNREADABLE",
      data: { id: blob },
    });
  });

  test.each([
    ["tree", "x"],
    ["tree", "100644 a\0short"],
    ["tree", `100644 a${"b".repeat(30)}`],
    ["tree", `9 a\0${"b".repeat(20)}`],
    ["commit", "x"],
    ["commit", `tree ${"1".repeat(39)}\n`],
    ["commit", `parent ${"1".repeat(40)}\ntree ${"1".repeat(40)}\n`],
    ["tag", "x"],
    ["tag", `object ${"1".repeat(39)}\n`],
  ])("no %s at all: %j", async (type, text) => {
    const { root, env } = makeRepository();
    const input = Buffer.from(text, "latin1");
    const args = ["hash-object", "-t", type, "-w", "--stdin", "--literally"];
    const id = execFileSync("git", args, { cwd: root, env, input }).toString().trim();
    const objects = await open(root);
    const read = { tree: objects.readTree, commit: objects.readCommit, tag: objects.peel }[type];
    await expect(read?.(id)).rejects.toMatchObject({ code: "GIT_UNREADABLE", data: { id, reason: "damaged" } });
  });
});
