import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { isReproError } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import { hostFiles } from "../../src/files.ts";
import type { FileReader } from "../../src/files.ts";
import { readIndex } from "../../src/repository/index-file.ts";
import { treeIdOf } from "../../src/tree/tree.ts";
import type { Fixture } from "../fixture.ts";
import { makeRepository, tempFolder } from "../fixture.ts";
import { withChecksum } from "../repository/index-bytes.ts";
import { SIMPLE_GITIGNORE, USUAL, copiedPeerTree, scanFixture, scannedTree, worktreeEntries } from "./engine.ts";

const SLOW = process.env["SLOW"] === "1";

const KINDS = [
  "write",
  "write",
  "delete",
  "link",
  "chmod",
  "add",
  "unadd",
  "announce",
  "touch",
  "rename",
  "layout",
] as const;
const PATHS = [
  "a.txt",
  "data.bin",
  "src",
  "src/run.sh",
  "src/deep/er/x",
  "n",
  "n/x",
  "n/y\n",
  "build/out",
  "x.log",
  "-z",
  " ",
  'q"\\',
  "é",
];

type Step = readonly [kind: (typeof KINDS)[number], path: string, content: string];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...KINDS),
  fc.constantFrom(...PATHS),
  fc.constantFrom("", "one\ntwo\nthree\n", "ONE\ntwo\nthree\n", "x\r\n", "\0\u0001\0", "long\n".repeat(50)),
);

/** Takes a step where the file system and git let it. */
function take({ root, git, write }: Fixture, [kind, path, content]: Step): void {
  const full = join(root, path);
  try {
    if (kind === "write") write(path, content);
    else if (kind === "delete") rmSync(full, { recursive: true });
    else if (kind === "chmod") chmodSync(full, 0o755);
    else if (kind === "touch") utimesSync(full, 1, 1);
    else if (kind === "rename") renameSync(full, join(root, "src", "moved"));
    else if (kind === "add") git("add", "--force", "--", path);
    else if (kind === "announce") git("add", "--intent-to-add", "--", path);
    else if (kind === "unadd") git("rm", "-r", "-q", "--cached", "--", path);
    else if (kind === "layout") git("update-index", "--index-version", content.length % 2 === 0 ? "4" : "2");
    else {
      mkdirSync(dirname(full), { recursive: true });
      symlinkSync(content === "" ? "src" : content.replaceAll("\0", ""), full);
    }
  } catch (error) {
    if (isReproError(error)) throw error; // nothing of ours is called above
  }
}

test("after any steps, the tree of what a scan finds is the one that git add --all makes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const fixture = makeRepository();
      fixture.write(".gitignore", SIMPLE_GITIGNORE);
      for (const one of steps) take(fixture, one);
      expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
    }),
    { numRuns: SLOW ? 500 : 25 },
  );
});

test("a file that was changed in the moment in which the index was written is looked at, each time", async () => {
  const fixture = makeRepository();
  const names = Array.from({ length: SLOW ? 200 : 25 }, (_, round) => `round-${round}`);
  for (const name of names) {
    fixture.write("a.txt", `${name} before`.padEnd(20));
    fixture.git("add", "--all");
    fixture.write("a.txt", `${name} after`.padEnd(20)); // the same size, in the same second
    const { scan } = await scanFixture(fixture);
    expect(scan.candidates.map(({ path }) => path)).toContain("a.txt");
  }
});

test("an index that was written to mislead reads nothing outside of the work tree, and nothing behind a link", async () => {
  const fixture = makeRepository();
  fixture.write("src/deep/x", "x");
  fixture.git("add", "--all");
  const outside = tempFolder();
  writeFileSync(join(outside, "run.sh"), "outside");
  for (const name of ["link", "l", "src/l"]) symlinkSync(outside, join(fixture.root, name));
  const bytes = Uint8Array.from(readFileSync(join(fixture.root, ".git/index")));
  // Names of the index, of what is there, and of what must not be reached.
  const name = fc.constantFrom(
    "a.txt",
    "src/run.sh",
    "link/run.sh",
    "l/run.sh",
    "src/l/run.sh",
    "src",
    "../run.sh",
    "/etc/passwd",
    "src/../x",
    ".git/HEAD",
  );
  const change = fc.tuple(
    fc.nat(bytes.byteLength - 21),
    fc.oneof(
      fc.nat(255).map((one) => String.fromCharCode(one)),
      name,
    ),
  );
  const opened: string[] = [];
  const spy = (member: "list" | "read" | "readLink" | "stat") => (path: string) => (
    opened.push(path),
    hostFiles[member](path) as never
  );
  const files: FileReader = {
    ...hostFiles,
    stat: spy("stat"),
    list: spy("list"),
    read: spy("read"),
    readLink: spy("readLink"),
  };
  let readable = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), async (changes, ignoreCase) => {
      const damaged = Uint8Array.from(bytes);
      for (const [at, text] of changes)
        damaged.set(Buffer.from(text, "latin1").subarray(0, damaged.byteLength - at), at);
      try {
        const index = readIndex(withChecksum(damaged), { idLength: 20 });
        const scanned = await scanFixture(fixture, { files, index, config: { ...USUAL, ignoreCase } });
        readable += 1;
        treeIdOf(worktreeEntries(fixture, scanned), "sha1");
      } catch (error) {
        if (!isReproError(error)) throw error;
        expect(["GIT_UNREADABLE", "GIT_UNSUPPORTED"]).toContain(error.code);
      }
    }),
    { numRuns: SLOW ? 20_000 : 1_000 },
  );
  expect(readable).toBeGreaterThan(100);
  const folders = [...new Set(opened.filter((path) => path !== fixture.root).map((path) => dirname(path)))];
  const isInside = (folder: string) => realpathSync(folder) === folder && `${folder}/`.startsWith(`${fixture.root}/`);
  expect(folders.filter((folder) => !isInside(folder))).toEqual([]);
});
