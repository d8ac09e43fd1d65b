import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";

import { isReproError } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import type { Fixture } from "../fixture.ts";
import { makeRepository } from "../fixture.ts";
import { SIMPLE_GITIGNORE, copiedPeerTree, scanFixture, scannedTree } from "./engine.ts";

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
