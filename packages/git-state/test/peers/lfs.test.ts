import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { withoutObserved } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";

import { captureGitPatch, captureGitState, restoreGitState } from "../../src/index.ts";
import { encodeLfsPointer, parseLfsPointer } from "../../src/rules/lfs.ts";
import type { Env, Fixture } from "../fixture.ts";
import { failure, fixedEnv, fixtureAt, listing, makeTrap, peerTree, tempFolder } from "../fixture.ts";

const SLOW = process.env["SLOW"] === "1";

/** The environment of a user who has run `git lfs install`. */
function lfsEnv(): Env {
  const home = tempFolder();
  const env = fixedEnv({ HOME: home, GIT_CONFIG_GLOBAL: join(home, ".gitconfig") });
  writeFileSync(join(home, ".gitconfig"), '[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n');
  execFileSync("git", ["lfs", "install", "--skip-repo"], { env, cwd: home });
  return env;
}

/** A clone of a repository of files under git-lfs, by the real git-lfs, and the repository that it is a clone of. */
function cloned(more: Env = {}): { readonly clone: Fixture; readonly origin: Fixture } {
  const env = lfsEnv();
  const folder = tempFolder();
  mkdirSync(join(folder, "origin"));
  const origin = fixtureAt(join(folder, "origin"), env);
  origin.git("init", "--quiet");
  origin.git("lfs", "track", "*.bin", "*.dat");
  origin.write("a.bin", "contents of a\n");
  origin.write("sub/b.bin", "contents\r\nof b");
  origin.write("run.bin", "#!/bin/sh\n", 0o755);
  origin.write("empty.bin", "");
  origin.write("big.dat", big(1));
  origin.write("readme.txt", "text\n");
  origin.commit();
  fixtureAt(folder, { ...env, ...more }).git("clone", "--quiet", `file://${origin.root}`, "clone");
  return { origin, clone: fixtureAt(join(folder, "clone"), env) };
}

function big(seed: number): Uint8Array {
  return new Uint8Array(20_000_000).fill(seed);
}

/** The environment with a git-lfs that leaves a mark when it is run. */
function trapped(env: Env): { readonly env: Env; readonly ran: () => boolean } {
  const folder = tempFolder();
  const trap = makeTrap(folder);
  mkdirSync(join(folder, "bin"));
  copyFileSync(trap.command, join(folder, "bin/git-lfs"));
  chmodSync(join(folder, "bin/git-lfs"), 0o755);
  return { env: { ...env, PATH: `${folder}/bin:${env["PATH"]}` }, ran: trap.sprung };
}

/** Captures without git-lfs and without a trace; then asks the real git and git-lfs for the tree. */
async function expectSameTree(fixture: Fixture): Promise<Awaited<ReturnType<typeof captureGitState>>> {
  const { env, ran } = trapped(fixture.env);
  const before = listing(fixture.root);
  const state = await captureGitState({ cwd: fixture.root, env });
  expect(listing(fixture.root)).toEqual(before); // .git/lfs with its times among them
  expect(ran()).toBe(false);
  expect(state.fidelity).toBe("exact");
  expect(state.worktreeTree).toBe(peerTree(fixture));
  expect(state.lfs).toEqual(peerFiles(fixture));
  return state;
}

const listed = z.object({
  files: z.array(z.object({ name: z.string(), size: z.number(), oid: z.string() })).nullable(),
});

/** What `git lfs ls-files` says once the index, which holds the work tree, is committed. */
function peerFiles({ git, root }: Fixture): object[] {
  git("commit", "--quiet", "--allow-empty", "--message", "all");
  // git-lfs lists pointers wherever they are; ours are those to which its filter applies.
  const under = new Set(git("ls-files", "-z", ":(attr:filter=lfs)").split("\0"));
  const all = listed.parse(JSON.parse(git("lfs", "ls-files", "--json"))).files ?? [];
  const files = all
    .filter(({ name }) => under.has(name))
    .map(({ name, size, oid }) => {
      const held = readFileSync(join(root, name));
      const checkedOut = parseLfsPointer(held) === null ? "contents" : "pointer";
      return { path: name, digest: `sha256:${oid}`, sizeBytes: size, checkedOut };
    });
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

/** Ends of lines and parts of lines of which pointers, and near misses, are made. */
const part = fc.constantFrom(
  "version https://git-lfs.github.com/spec/v1",
  "version https://hawser.github.com/spec/v1",
  "version http://git-media.io/v/2",
  "version https://git-lfs.github.com/spec/v2",
  `oid sha256:${OID}`,
  `oid sha256:${OID.toUpperCase()}`,
  `oid sha256:${OID}0`,
  `oid md5:${OID}`,
  ...["0", "12345", "+7", "-0", "-1", "007", "1_0", "0x1", " 1", "", "9223372036854775807", "9223372036854775808"].map(
    (size) => `size ${size}`,
  ),
  ...["ext-0-a", "ext-0-b", "ext-1-b", "ext-10-a", "ext-0-", "ext-0-a\u00e9", "ext-0-\u00e9", "x"].map(
    (key) => `${key} sha256:${OID}`,
  ),
  "ext-0-a sha256:bad",
  "",
  "x",
  "\ufeff",
);
const space = fc.constantFrom(
  "",
  "",
  "",
  " ",
  "\n",
  "\r\n",
  "\t\v\f",
  "\u0085",
  "\u00a0",
  "\u2003",
  "\u3000",
  "\ufeff",
  "\0",
);

/** Mostly pointers with a part put in, left out, moved or replaced. */
const nearPointer = fc
  .tuple(
    fc.tuple(space, space, fc.constantFrom("\n", "\n", "\r\n", "\n\n")),
    fc.array(fc.tuple(fc.nat(4), fc.nat(1), part), { maxLength: 2 }),
  )
  .map(([[before, after, ending], edits]) => {
    const lines = ["version https://git-lfs.github.com/spec/v1", `oid sha256:${OID}`, "size 12345"];
    for (const [at, removed, line] of edits) lines.splice(at, removed, line);
    return before + lines.map((line) => line + ending).join("") + after;
  });

describe("git lfs clean", () => {
  /** Contents that git-lfs makes of contents, as its clean filter. */
  function cleaner(): (contents: Uint8Array) => Buffer {
    const folder = tempFolder();
    const env = lfsEnv();
    fixtureAt(folder, env).git("init", "--quiet");
    return (input) => execFileSync("git-lfs", ["clean", "--", "any"], { cwd: folder, env, input, stdio: "pipe" });
  }

  function ours(contents: Uint8Array): Uint8Array {
    if (contents.byteLength === 0 || parseLfsPointer(contents) !== null) return contents;
    const digest = `sha256:${createHash("sha256").update(contents).digest("hex")}` as const;
    return encodeLfsPointer({ digest, sizeBytes: contents.byteLength });
  }

  const canonical = `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize 12345\n`;

  test.for([0, 1, 1022, 1023, 1024, 1025, 100_000])("makes the same of %i bytes", (length) => {
    const clean = cleaner();
    for (const start of ["", canonical]) {
      const contents = Buffer.from(start.padEnd(length, " ").slice(0, length));
      expect(clean(contents).equals(ours(contents))).toBe(true);
    }
  });

  test("takes the same for pointers", () => {
    const clean = cleaner();
    const seen = { pointers: 0, contents: 0 };
    fc.assert(
      fc.property(nearPointer, (text) => {
        const contents = Buffer.from(text);
        expect(clean(contents).toString()).toBe(Buffer.from(ours(contents)).toString());
        if (parseLfsPointer(contents) === null) seen.contents += 1;
        else seen.pointers += 1;
      }),
      { numRuns: SLOW ? 5000 : 400 },
    );
    expect(Math.min(seen.pointers, seen.contents)).toBeGreaterThan(50);
  });
});

describe("the tree is the one that git and git-lfs make", () => {
  test("of a fresh clone, with contents or with pointers only", async () => {
    for (const more of [{}, { GIT_LFS_SKIP_SMUDGE: "1" }]) {
      const { clone } = cloned(more);
      const state = await expectSameTree(clone);
      expect(state.dirty).toBe(false);
      expect(state.lfs.map(({ path }) => path)).toEqual(["a.bin", "big.dat", "run.bin", "sub/b.bin"]);
    }
  });

  test("of a clone whose files git has to hash again", async () => {
    const { clone } = cloned();
    for (const { path } of (await captureGitState({ cwd: clone.root, env: clone.env })).lfs) {
      utimesSync(join(clone.root, path), 1, 1);
    }
    expect((await expectSameTree(clone)).dirty).toBe(false);
  });

  test("of edits, new files, odd pointers, empty and big files, modes, deletions, and files that leave git-lfs", async () => {
    const { clone } = cloned();
    clone.write("a.bin", "edited");
    clone.write("run.bin", "#!/bin/sh\n", 0o644);
    clone.write("empty.bin", "not any more");
    clone.write("sub/b.bin", "");
    clone.write("big.dat", big(2));
    clone.write("new.bin", "new", 0o755);
    clone.write('\u00e9\n"q.bin', "odd name");
    const pointer = `version https://hawser.github.com/spec/v1\r\noid sha256:${OID}\r\nsize 12345\r\n\r\n`;
    clone.write("pointer.bin", pointer);
    clone.write("1023.bin", pointer.padEnd(1023));
    clone.write("1024.bin", pointer.padEnd(1024));
    clone.write("readme.txt", "edited");
    expect((await expectSameTree(clone)).changes).toHaveLength(11);
    clone.write(".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text\n*.txt filter=lfs\n");
    clone.write("a.bin", "no pointer any more");
    clone.write("new.txt", "crlf\r\n");
    rmSync(join(clone.root, "1024.bin"));
    utimesSync(join(clone.root, "readme.txt"), 1, 1); // contents, in the index as they are, that are now to be a pointer
    await expectSameTree(clone);
    rmSync(join(clone.root, ".gitattributes"));
    utimesSync(join(clone.root, "new.txt"), 1, 1);
    const state = await captureGitState({ cwd: clone.root, env: clone.env });
    // Pointers stand in the tree although no rule is left in it: what lies there is their contents, and that is told.
    expect(state.lfs.map(({ path, checkedOut }) => [path, checkedOut])).toEqual([
      ["big.dat", "contents"],
      ["readme.txt", "contents"],
    ]);
    expect(state.worktreeTree).toBe(peerTree(clone));
  });

  test("of pointers whose line endings git changes", async () => {
    const { clone } = cloned();
    clone.write(".gitattributes", "*.bin filter=lfs text=auto\n");
    clone.write("pointer.bin", `version https://git-lfs.github.com/spec/v1\r\noid sha256:${OID}\r\nsize 12345\r\n`);
    clone.write("crlf.bin", "a\r\nb\r\n");
    await expectSameTree(clone);
  });

  test("of a repository that sets git-lfs up for itself only", async () => {
    const { clone } = cloned();
    const plain = fixtureAt(clone.root, fixedEnv({ HOME: tempFolder() }));
    plain.git("lfs", "install", "--local", "--skip-smudge");
    plain.write("a.bin", "edited");
    expect((await expectSameTree(plain)).observed?.filtersNotRun).toEqual([]);
  });

  test("after any edits", async () => {
    const name = fc.constantFrom("a.bin", "sub/b.bin", "run.bin", "empty.bin", "new.bin", "sub/new.dat", "readme.txt");
    const contents = fc.constantFrom("", "x", "contents of a\n", "1".repeat(1024), `${OID}\r\n`);
    const step = fc.oneof(
      fc.tuple(fc.constant("write"), name, fc.oneof(contents, nearPointer)),
      fc.tuple(fc.constantFrom("delete", "touch", "add", "track", "untrack"), name, fc.constant("")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { clone } = cloned();
        for (const [kind, path, text] of steps) take(clone, kind, path, text);
        await expectSameTree(clone);
      }),
      { numRuns: SLOW ? 100 : 6 },
    );
  });
});

function take({ root, git, write }: Fixture, kind: string, path: string, text: string): void {
  if (kind === "write") write(path, text);
  else if (kind === "delete") rmSync(join(root, path), { force: true });
  else if (kind === "add") git("add", "--all", "sub", "readme.txt", ".");
  else if (kind === "track" || kind === "untrack") git("lfs", kind, "*.txt");
  else if (existsSync(join(root, path))) utimesSync(join(root, path), 1, 1);
}

describe("a restored tree", () => {
  test("holds what git-lfs kept after git add, is the same state, and is clean for git and git-lfs", async () => {
    const { clone } = cloned();
    clone.write("a.bin", "edited");
    clone.write("new.dat", big(3));
    const { root: source, env } = clone;
    expect(await failure(captureGitPatch({ cwd: source, env }))).toMatchObject({
      code: "GIT_LFS_MISSING",
      remedy: "git add -- a.bin new.dat",
    });
    clone.git("add", "--", "a.bin", "new.dat");
    const { patch } = await captureGitPatch({ cwd: source, env });
    const state = await captureGitState({ cwd: source, env });
    clone.write("a.bin", "moved on");
    clone.write("new.dat", "moved on");
    const { env: armed, ran } = trapped(env);
    const root = join(tempFolder(), "restored");
    const before = listing(source);
    await restoreGitState(state, { source, root, env: armed, patch });
    expect(listing(source)).toEqual(before);
    expect(ran()).toBe(false);
    expect(withoutObserved(await captureGitState({ cwd: root, env: armed }))).toEqual(withoutObserved(state));
    expect(readFileSync(join(root, "new.dat")).equals(big(3))).toBe(true);
    const restored = fixtureAt(root, env);
    expect(restored.git("status", "--porcelain")).toBe("M  a.bin\nA  new.dat");
    restored.git("lfs", "fsck", "--pointers");
    restored.git("commit", "--quiet", "--message", "go on");
  });

  test("of a clone with pointers only has pointers", async () => {
    const { clone } = cloned({ GIT_LFS_SKIP_SMUDGE: "1" });
    const { root: source, env } = clone;
    const state = await captureGitState({ cwd: source, env });
    const root = join(tempFolder(), "restored");
    await restoreGitState(state, { source, root, env });
    expect(withoutObserved(await captureGitState({ cwd: root, env }))).toEqual(withoutObserved(state));
  });

  test("can be had after the fetch that the error names", async () => {
    const { clone } = cloned();
    const { root: source, env } = clone;
    const state = await captureGitState({ cwd: source, env });
    rmSync(join(source, ".git/lfs/objects"), { recursive: true });
    clone.write("a.bin", "moved on");
    const error = await failure(restoreGitState(state, { source, root: join(tempFolder(), "restored"), env }));
    expect(error).toMatchObject({ code: "GIT_LFS_MISSING", data: { paths: ["a.bin"] } });
    execFileSync("sh", ["-c", error.remedy ?? ""], { env, stdio: "pipe" });
    const root = join(tempFolder(), "restored");
    await restoreGitState(state, { source, root, env });
    expect(readFileSync(join(root, "a.bin"), "utf8")).toBe("contents of a\n");
  });
});
