import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import { hostFiles, pathOfText } from "../../src/files.ts";
import { STAT, STAT_FIELDS, entryAt } from "../../src/repository/index-entries.ts";
import type { IndexFile } from "../../src/repository/index-file.ts";
import { openIndex, readIndex } from "../../src/repository/index-file.ts";
import type { Fixture } from "../fixture.ts";
import { makeRepository, tempFolder } from "../fixture.ts";
import { withChecksum } from "./index-bytes.ts";

function indexOf({ root }: Fixture): IndexFile {
  return openIndex({ files: hostFiles, gitDir: `${pathOfText(root)}/.git`, idLength: 20 });
}

/** Entries as `git ls-files --stage` lists them. */
function stageLines(index: IndexFile): string[] {
  return index.paths.map((path, at) => {
    const { mode, id, stage } = entryAt(index, at);
    return `${mode.toString(8).padStart(6, "0")} ${id} ${stage}\t${path}`;
  });
}

function peerLines({ root, env }: Fixture, ...args: string[]): string[] {
  const output = execFileSync("git", ["ls-files", "--stage", "-z", ...args], { cwd: root, env, encoding: "latin1" });
  return output.split("\0").slice(0, -1);
}

const NAMES = ["b", "a/b/c", "a/b-c", "a/b.c", "a", "Z", "é", "long/".repeat(30), "x".repeat(200), "new\nline"];

/** A repository with many kinds of names, one of them announced only. */
function manyNames(): Fixture {
  const fixture = makeRepository();
  for (const name of NAMES) fixture.write(`f/${name === "a" ? "a.d" : name}${name.endsWith("/") ? "end" : ""}`, name);
  fixture.commit();
  fixture.write("announced", "later");
  fixture.git("add", "--intent-to-add", "announced");
  return fixture;
}

test.each(["2", "4"])("layout %s is read as git reads it", (version) => {
  const fixture = manyNames();
  fixture.git("update-index", "--index-version", version);
  const index = indexOf(fixture);
  expect(index.version).toBe(version === "2" ? 3 : 4); // an announced file needs the flags of layout 3
  expect(stageLines(index)).toEqual(peerLines(fixture));
  expect(index.paths.filter((_, at) => entryAt(index, at).intentToAdd)).toEqual(["announced"]);
});

test("what git knows of a file's stat is read as git reads it", () => {
  const fixture = makeRepository();
  const index = indexOf(fixture);
  const numbers = fixture.git("ls-files", "--debug").matchAll(/: *(\d+)(?::(\d+))?/g);
  const peer = [...numbers].flatMap(([, one, two]) => (two === undefined ? [Number(one)] : [Number(one), Number(two)]));
  const ours = index.paths.flatMap((_, at) => {
    const stat = index.stats.subarray(at * STAT_FIELDS, (at + 1) * STAT_FIELDS);
    const { mode, user, group, size, inode } = STAT;
    expect(stat[mode]).toBe(entryAt(index, at).mode);
    // ctime, mtime, dev and ino, uid and gid, size and flags
    return [...stat.subarray(0, 4), stat[4], stat[inode], stat[user], stat[group], stat[size], 0];
  });
  expect(ours).toEqual(peer);
});

test("the tree that the index makes is known where git knows it, and not where the index has changed since", () => {
  const fixture = makeRepository();
  expect(indexOf(fixture).cacheTree).toBe(fixture.git("rev-parse", "HEAD^{tree}"));
  fixture.write("new", "");
  fixture.git("add", "new");
  expect(indexOf(fixture).cacheTree).toBeNull();
  const tree = fixture.git("write-tree");
  expect(indexOf(fixture).cacheTree).toBe(tree);
});

test("where there is no index, nothing is tracked", () => {
  const fixture = makeRepository();
  rmSync(join(fixture.root, ".git/index"));
  expect(indexOf(fixture).paths).toEqual([]);
});

test("a conflict has an entry for each side", () => {
  const fixture = conflict();
  const index = indexOf(fixture);
  expect(stageLines(index)).toEqual(peerLines(fixture));
  expect(index.paths.map((_, at) => entryAt(index, at).stage)).toEqual([1, 2, 3, 0, 0]);
  expect(index.cacheTree).toBeNull();
});

function conflict(): Fixture {
  const fixture = makeRepository();
  fixture.git("checkout", "--quiet", "-b", "other");
  fixture.write("a.txt", "theirs\n");
  fixture.commit();
  fixture.git("checkout", "--quiet", "main");
  fixture.write("a.txt", "ours\n");
  fixture.commit();
  expect(() => fixture.git("merge", "other")).toThrow();
  return fixture;
}

test("a split index is read together with the one that it shares", async () => {
  const edit = fc.tuple(fc.constantFrom("add", "change", "remove"), fc.integer({ min: 0, max: 80 }));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 12 }), fc.constantFrom("2", "4"), async (edits, version) => {
      const fixture = makeRepository();
      fixture.git("config", "splitIndex.maxPercentChange", "100");
      for (let at = 0; at < 80; at += 1) fixture.write(`f/${at}`, "same");
      fixture.git("add", "--all");
      fixture.git("update-index", "--index-version", version);
      fixture.git("update-index", "--split-index");
      for (const [kind, at] of edits) {
        if (kind === "remove") rmSync(join(fixture.root, `f/${at}`), { force: true });
        else fixture.write(kind === "add" ? `f/${at}.new` : `f/${at}`, kind);
      }
      fixture.git("add", "--all");
      const index = indexOf(fixture);
      expect(readdirSync(join(fixture.root, ".git")).some((name) => name.startsWith("sharedindex."))).toBe(true);
      expect(stageLines(index)).toEqual(peerLines(fixture));
    }),
    { numRuns: 5 },
  );
});

test("a split index whose shared one is missing, damaged or another is refused", () => {
  const fixture = makeRepository();
  fixture.git("update-index", "--split-index");
  const folder = join(fixture.root, ".git");
  const name = readdirSync(folder).find((one) => one.startsWith("sharedindex.")) ?? "";
  const bytes = Uint8Array.from(readFileSync(join(folder, name)));
  const refusal = "GIT_UNREADABLE";
  writeFileSync(join(folder, name), bytes.with(20, bytes[20]! ^ 1));
  expect(codeOf(() => indexOf(fixture))).toBe(refusal);
  writeFileSync(join(folder, name), withChecksum(bytes.with(20, bytes[20]! ^ 1)));
  expect(codeOf(() => indexOf(fixture))).toBe(refusal);
  writeFileSync(join(folder, name), readFileSync(join(folder, "index")));
  expect(codeOf(() => indexOf(fixture))).toBe(refusal);
  rmSync(join(folder, name));
  expect(codeOf(() => indexOf(fixture))).toBe(refusal);
});

test("folders that a sparse index leaves out are entries themselves", () => {
  const fixture = makeRepository();
  fixture.write("out/deep/x", "x");
  fixture.write("src/in/y", "y");
  fixture.commit();
  fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "src");
  const index = indexOf(fixture);
  expect(index.paths).toContain("out/");
  expect(stageLines(index)).toEqual(peerLines(fixture, "--sparse"));
  expect(entryAt(index, index.paths.indexOf("out/")).skipWorktree).toBe(true);
});

test("an index without a checksum is read, as git reads it", () => {
  const bytes = bytesOf(makeRepository());
  expect(readIndex(bytes.fill(0, -20), { idLength: 20 }).paths).toEqual(["a.txt", "data.bin", "src/run.sh"]);
});

test("an index of SHA-256 ids is read", () => {
  const fixture = makeRepository({ objectFormat: "sha256" });
  const index = openIndex({ files: hostFiles, gitDir: `${pathOfText(fixture.root)}/.git`, idLength: 32 });
  expect(stageLines(index)).toEqual(peerLines(fixture));
  expect(index.cacheTree).toBe(fixture.git("rev-parse", "HEAD^{tree}"));
});

function bytesOf({ root }: Fixture): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(join(root, ".git/index")));
}

function codeOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
  return undefined;
}

const FEW: readonly (readonly [string, (fixture: Fixture) => void])[] = [
  ["layout 2", () => {}],
  ["layout 4", ({ git }) => git("update-index", "--index-version", "4")],
  ["a split index", ({ git }) => git("update-index", "--split-index")],
];

test.each(FEW)("%s that is cut off anywhere, or has a byte changed, is refused", (_, prepare) => {
  const fixture = makeRepository();
  prepare(fixture);
  const bytes = bytesOf(fixture);
  const shared = (id: string): Uint8Array | null => hostFiles.read(`${fixture.root}/.git/sharedindex.${id}`);
  const read = (damaged: Uint8Array) => codeOf(() => readIndex(damaged, { idLength: 20, shared }));
  expect(read(bytes)).toBeUndefined();
  for (let end = 0; end < bytes.byteLength; end += 1) expect(read(bytes.subarray(0, end))).toBe("GIT_UNREADABLE");
  for (let at = 0; at < bytes.byteLength; at += 1) {
    for (const flip of [0x01, 0x80, 0xff]) {
      expect(read(bytes.with(at, bytes[at]! ^ flip))).toBe("GIT_UNREADABLE");
    }
  }
});

test.each(FEW)(
  "%s with bytes changed and a checksum that fits is read or refused, and keeps its promises",
  (_, prepare) => {
    const fixture = makeRepository();
    prepare(fixture);
    const bytes = bytesOf(fixture);
    const shared = (id: string): Uint8Array | null => hostFiles.read(`${fixture.root}/.git/sharedindex.${id}`);
    const change = fc.tuple(fc.nat(bytes.byteLength - 21), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(bytes.byteLength), (changes, cut) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        const shortened = cut % 3 === 0 ? damaged.subarray(cut / 3) : damaged;
        let index: IndexFile | undefined;
        const code = codeOf(() => (index = readIndex(withChecksum(shortened), { idLength: 20, shared })));
        expect([undefined, "GIT_UNREADABLE", "GIT_UNSUPPORTED"]).toContain(code);
        for (const path of index?.paths ?? []) {
          expect(path).not.toMatch(/^\/|\/\/|(^|\/)(\.|\.\.|\.git)(\/|$)/);
        }
        expect(index?.paths.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(index?.paths);
      }),
      { numRuns: 3_000 },
    );
  },
);

test.each(["../x", "/etc/passwd", "a/../b", ".git/config", "a/.GIT/x", "a//b", "a/", ".", "a/./b"])(
  "an index with the path %s is refused",
  (path) => {
    const fixture = makeRepository();
    const harmless = path.replaceAll(/[^x]/g, "q");
    fixture.write(harmless, "");
    fixture.git("add", harmless);
    fixture.git("rm", "-q", "--cached", "a.txt", "data.bin", "src/run.sh");
    const text = Buffer.from(bytesOf(fixture)).toString("latin1").replace(`${harmless}\0`, `${path}\0`);
    expect(codeOf(() => readIndex(bytesOf(fixture), { idLength: 20 }))).toBeUndefined();
    expect(codeOf(() => readIndex(withChecksum(Buffer.from(text, "latin1")), { idLength: 20 }))).toBe("GIT_UNREADABLE");
  },
);

test("an index that has one path twice, or is out of order, is refused", () => {
  const fixture = makeRepository();
  fixture.git("rm", "-q", "--cached", "a.txt", "data.bin", "src/run.sh");
  for (const name of ["qa", "qb", "qc"]) fixture.write(name, "");
  fixture.git("add", "qa", "qb", "qc");
  const text = Buffer.from(bytesOf(fixture)).toString("latin1");
  for (const name of ["qa\0", "qc\0", "qd\0", "q/\0"]) {
    const bytes = withChecksum(Buffer.from(text.replace("qb\0", name), "latin1"));
    expect(codeOf(() => readIndex(bytes, { idLength: 20 }))).toBe("GIT_UNREADABLE");
  }
});

test("an index that claims more entries than fit is refused before they are counted", () => {
  const bytes = bytesOf(makeRepository());
  const claiming = withChecksum(bytes.with(8, 0x7f));
  expect(codeOf(() => readIndex(claiming, { idLength: 20 }))).toBe("GIT_UNREADABLE");
});

test("a layout that is not known, with a checksum that fits, is another git's", () => {
  const bytes = bytesOf(makeRepository());
  expect(codeOf(() => readIndex(withChecksum(bytes.with(7, 5)), { idLength: 20 }))).toBe("GIT_UNSUPPORTED");
});

test("an extension that a reader must know and this one does not is no reason to guess", () => {
  const bytes = bytesOf(makeRepository());
  const extension = (name: string) =>
    withChecksum(Buffer.concat([bytes.subarray(0, -20), Buffer.from(`${name}\0\0\0\u0001x`), bytes.subarray(-20)]));
  expect(codeOf(() => readIndex(extension("ABCD"), { idLength: 20 }))).toBeUndefined();
  expect(codeOf(() => readIndex(extension("abcd"), { idLength: 20 }))).toBe("GIT_UNSUPPORTED");
});

test("an index that may not be read is an error, and no empty one", () => {
  const files = {
    ...hostFiles,
    read: () => {
      throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    },
  };
  expect(codeOf(() => openIndex({ files, gitDir: tempFolder(), idLength: 20 }))).toBe("GIT_UNREADABLE");
});
