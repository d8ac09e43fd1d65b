import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isReproError } from "@repro/core";
import { describe, expect, test } from "vitest";

import type { FileReader } from "../../src/files.ts";
import { hostFiles, pathOfBytes, pathOfText, textOfPath } from "../../src/files.ts";
import type { RepositoryPlace } from "../../src/repository/location.ts";
import { locateRepository } from "../../src/repository/location.ts";
import type { Head, Ref } from "../../src/repository/refs.ts";
import { readHead, readRefs } from "../../src/repository/refs.ts";
import type { Fixture } from "../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository } from "../fixture.ts";

function placeOf(root: string): RepositoryPlace {
  return locateRepository(hostFiles, { cwd: pathOfText(root), env: fixedEnv() });
}

function ask({ root, env }: Fixture, ...args: string[]): string | null {
  const { status, stdout } = spawnSync("git", args, { cwd: root, env, encoding: "utf8" });
  return status === 0 ? stdout.replace(/\n$/, "") : null;
}

function peerHead(fixture: Fixture): Head {
  const name = ask(fixture, "symbolic-ref", "--quiet", "HEAD");
  return {
    branch: name?.replace(/^refs\/heads\//, "") ?? null,
    commit: ask(fixture, "rev-parse", "--verify", "--quiet", "HEAD"),
  };
}

/** Every reference that git lists, with what it names. */
function peerRefs(fixture: Fixture): ReadonlyMap<string, string> {
  const lines = (ask(fixture, "for-each-ref", "--format=%(refname) %(objectname)") ?? "").split("\n");
  const shared = lines.filter((line) => line !== "" && !/^refs\/(?:bisect|worktree)\//.test(line));
  return new Map(shared.map((line) => [line.slice(0, -41), line.slice(-40)]));
}

function ourRefs(root: string, files: FileReader = hostFiles): ReadonlyMap<string, string> {
  return new Map([...readRefs(files, placeOf(root))].map(([name, { id }]) => [textOfPath(name), id]));
}

function expectSame(fixture: Fixture): Head {
  const head = readHead(hostFiles, placeOf(fixture.root));
  expect(head).toEqual(peerHead(fixture));
  const [found, expected] = [ourRefs(fixture.root), peerRefs(fixture)];
  expect(found).toEqual(expected); // in any order
  return head;
}

/** A repository with references of all kinds. */
function makeRefs(): Fixture {
  const fixture = makeRepository();
  const { git, commit } = fixture;
  git("tag", "plain");
  git("tag", "-a", "-m", "x", "annotated");
  git("tag", "-a", "-m", "x", "nested", "annotated");
  git("tag", "of-tree", "HEAD^{tree}");
  git("branch", "feature/éà");
  git("pack-refs", "--all");
  commit("second");
  git("tag", "-a", "-m", "x", "loose");
  git("branch", "later/one");
  git("update-ref", "refs/remotes/origin/main", "HEAD");
  git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
  return fixture;
}

describe("git names what is named here", () => {
  test("in a repository with packed and loose references, by symbolic ones too", () => {
    const fixture = makeRefs();
    expect(expectSame(fixture)).toMatchObject({ branch: "main" });
    expect(peerRefs(fixture).size).toBe(10);
  });

  test("on a detached HEAD, on a branch without commits, and after branches were packed", () => {
    const fixture = makeRefs();
    fixture.git("pack-refs", "--all", "--prune");
    expectSame(fixture);
    fixture.git("checkout", "--quiet", "--detach");
    expect(expectSame(fixture).branch).toBeNull();
    fixture.git("checkout", "--quiet", "--orphan", "new/one");
    expect(expectSame(fixture)).toEqual({ branch: "new/one", commit: null });
  });

  test("in a linked work tree", () => {
    const fixture = makeRefs();
    fixture.git("worktree", "add", "--quiet", "-b", "linked", `${fixture.root}-linked`);
    const linked = fixtureAt(`${fixture.root}-linked`);
    linked.commit("third");
    linked.git("update-ref", "refs/worktree/own", "HEAD");
    linked.git("update-ref", "refs/bisect/bad", "HEAD");
    expect(expectSame(linked).branch).toBe("linked");
    expect(expectSame(fixture).branch).toBe("main");
  });

  test("where a folder is left of a deleted branch, and the branch is packed", () => {
    const fixture = makeRefs();
    fixture.git("pack-refs", "--all");
    for (const name of ["main", "annotated", "empty/deep"])
      mkdirSync(join(fixture.root, ".git/refs/heads", name), { recursive: true });
    expectSame(fixture);
  });

  test("where HEAD is a symbolic link, as old versions wrote it", () => {
    const fixture = makeRefs();
    rmSync(join(fixture.root, ".git/HEAD"));
    symlinkSync("refs/heads/later/one", join(fixture.root, ".git/HEAD"));
    symlinkSync("main", join(fixture.root, ".git/refs/heads/link"));
    expect(expectSame(fixture).branch).toBe("later/one");
  });

  test("where HEAD names a reference that is no branch, or one by way of another", () => {
    const fixture = makeRefs();
    for (const name of ["refs/remotes/origin/main", "refs/tags/plain", "refs/remotes/origin/HEAD"]) {
      writeFileSync(join(fixture.root, ".git/HEAD"), `ref: ${name}\n`);
      const commit = ask(fixture, "rev-parse", "HEAD");
      const head = readHead(hostFiles, placeOf(fixture.root));
      expect(head.commit).toBe(commit);
    }
  });

  test("however a file of a reference ends", () => {
    const fixture = makeRefs();
    const id = fixture.git("rev-parse", "HEAD");
    for (const text of [id, `${id}\n\n`, `${id}\r\n`, `${id} x`, `${id}\nx`, id.toUpperCase()]) {
      writeFileSync(join(fixture.root, ".git/refs/heads/main"), text);
      expectSame(fixture);
    }
    for (const text of [
      "ref: refs/heads/main",
      "ref:refs/heads/main\n",
      "ref: \t refs/heads/main \n\n",
      "ref:\nrefs/heads/main",
    ]) {
      writeFileSync(join(fixture.root, ".git/HEAD"), text);
      expectSame(fixture);
    }
  });
});

describe("a reference that leads astray gives GIT_UNREADABLE", () => {
  test.each([
    "ref: ../../x",
    "ref: refs/../../../x",
    "ref: refs/heads/../../../x",
    "ref: /etc/x",
    "ref: refs//x",
    "ref: refs/heads/.",
    "ref: refs/heads/main/..",
    "ref: refs/x\0y",
    "ref: HEAD",
  ])("%j", (text) => {
    const { root } = makeRepository();
    writeFileSync(join(dirname(root), "x"), `${"1".repeat(40)}\n`);
    const place = placeOf(root);
    const asked: string[] = [];
    const watching = { ...hostFiles, read: (path: string) => (asked.push(path), hostFiles.read(path)) };
    for (const file of ["HEAD", "refs/heads/main"]) {
      writeFileSync(join(root, ".git", file), text);
      expect(codeOf(() => readHead(watching, place))).toBe("GIT_UNREADABLE");
      writeFileSync(join(root, ".git", file), "ref: refs/heads/main\n");
    }
    expect(asked.filter((path) => !path.startsWith(`${root}/.git/`) || path.includes(".."))).toEqual([]);
  });

  test("a circle", () => {
    const { root } = makeRepository();
    const place = placeOf(root);
    writeFileSync(join(root, ".git/refs/heads/main"), "ref: refs/heads/other\n");
    writeFileSync(join(root, ".git/refs/heads/other"), "ref: refs/heads/main\n");
    expect(codeOf(() => readHead(hostFiles, place))).toBe("GIT_UNREADABLE");
  });
});

function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
}

/** Reads a repository in which one file has other contents. */
function withContents(path: string, bytes: Uint8Array): FileReader {
  return { ...hostFiles, read: (asked) => (asked === path ? bytes : hostFiles.read(asked)) };
}

/** HEAD and all references; these are `null` when something cannot be read. */
function answer(files: FileReader, place: RepositoryPlace): { head: Head; refs: ReadonlyMap<string, Ref> | null } {
  try {
    return { head: readHead(files, place), refs: readRefs(files, place) };
  } catch (error) {
    if (isReproError(error, "GIT_UNREADABLE")) return { head: { branch: null, commit: null }, refs: null };
    throw error;
  }
}

describe("a damaged file gives the same HEAD, none, an object that is not there, or GIT_UNREADABLE", () => {
  test.each(["HEAD", "refs/heads/main", "packed-refs"])("%s, cut off anywhere or with any byte changed", (name) => {
    const fixture = makeRefs();
    if (name === "packed-refs") fixture.git("pack-refs", "--all", "--prune");
    const place = placeOf(fixture.root);
    const path = `${place.commonDir}/${name}`;
    const whole = readFileSync(path);
    const before = answer(hostFiles, place);
    const objects = new Set(fixture.git("rev-list", "--all", "--objects", "--no-object-names").split("\n"));
    const expectHarmless = (bytes: Uint8Array): void => {
      const { head, refs } = answer(withContents(path, bytes), place);
      if (refs !== null && head.commit !== before.head.commit) {
        expect(objects.has(head.commit ?? "")).toBe(false);
        if (name !== "HEAD") expect(head.branch).toBe("main");
      }
    };
    const cut = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    for (const bytes of cut) {
      expectHarmless(bytes);
      const { head, refs } = answer(withContents(path, bytes), place);
      if (name === "packed-refs" && refs !== null) {
        // It is a shorter file, by whole lines.
        expect(["", "\n"]).toContain(pathOfBytes(bytes).slice(-1));
        for (const [ref, { id }] of refs) expect(id).toBe(before.refs?.get(ref)?.id);
      }
      if (name === "HEAD" && refs !== null)
        expect(head.commit === null || bytes.length === whole.length - 1).toBe(true);
    }
    for (let at = 0; at < whole.length; at += 1) {
      for (const flip of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff]) {
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        expectHarmless(bytes);
      }
    }
  });
});

describe("a packed-refs that is no such file gives GIT_UNREADABLE", () => {
  const id = "1".repeat(40);
  test.each([
    `${id} refs/heads/x`,
    `${id}\n`,
    `${id} ../x\n`,
    `${id} refs/../x\n`,
    `^${id}\n`,
    `${id} refs/x\n^${id}\n^${id}\n`,
    "x\n",
    "\n",
    `${id} refs/x y\n`,
    `${id}  refs/x\n`,
  ])("%j", (text) => {
    const { root } = makeRepository();
    writeFileSync(join(root, ".git/packed-refs"), text);
    expect(codeOf(() => readRefs(hostFiles, placeOf(root)))).toBe("GIT_UNREADABLE");
  });
});

test("files under refs/ that are no references are passed over, as git does", () => {
  const fixture = makeRefs();
  for (const name of [".DS_Store", "main.lock", "a~1", "a b", "x."])
    writeFileSync(join(fixture.root, ".git/refs/heads", name), "");
  expectSame(fixture);
});
