import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hashBytes } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../src/index.ts";
import type { CaptureGitOptions, GitState } from "../src/index.ts";
import type { Env, Fixture } from "./fixture.ts";
import { failure, fixedEnv, listing, makeRepository, makeShim, tempFolder } from "./fixture.ts";

const capture = async ({ root, env }: Fixture, more: CaptureGitOptions = {}): Promise<GitState> =>
  captureGitState({ cwd: root, env, ...more });

/** Environments in which the git program does not read a repository that is sound. */
const withoutGit: readonly (readonly [code: string, env: () => Env, message: string])[] = [
  ["GIT_NOT_FOUND", () => fixedEnv({ PATH: tempFolder() }), "not on PATH"],
  ["GIT_TOO_OLD", () => fixedEnv({ PATH: makeShim("echo git version 2.31.9; exit") }), "2.31.9"],
  [
    "GIT_UNSAFE_OWNER",
    () => fixedEnv({ PATH: makeShim("export GIT_TEST_ASSUME_DIFFERENT_OWNER=1") }),
    "belongs to another user",
  ],
];

function dirtyRepository(): Fixture {
  const fixture = makeRepository();
  fixture.write("a.txt", "edited\n");
  fixture.git("add", "a.txt");
  fixture.write("new/b.txt", "new\n");
  return fixture;
}

/** All that a state says but who read it. */
function read({ observed, ...state }: GitState): unknown {
  return { ...state, observed: { ...observed, engine: undefined } };
}

/** Every file under a folder with the digest of its contents. */
function contents(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
  return names.filter((name) => statSync(name).isFile()).map((name) => `${name} ${hashBytes(readFileSync(name))}`);
}

describe("the engine", () => {
  test("is the git program where there is one, asked for or not", async () => {
    const fixture = dirtyRepository();
    const version = fixture.git("version").replace("git version ", "").replace(/ .*/, "");
    for (const more of [{}, { engine: "auto" }, { engine: "git" }] as const) {
      const { observed } = await capture(fixture, more);
      expect(observed?.engine).toEqual({ name: "git", version, insteadOfGit: null });
    }
  });

  test("is the built-in one when it is asked for, and git is then not missed", async () => {
    const fixture = dirtyRepository();
    const state = await capture(fixture, { engine: "built-in", env: fixedEnv({ PATH: tempFolder() }) });
    expect(state.observed?.engine).toEqual({
      name: "built-in",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      insteadOfGit: null,
    });
    expect(read(state)).toEqual(read(await capture(fixture, { engine: "git" })));
  });

  test("must be one of three: TypeError", async () => {
    const engine: unknown = "native";
    await expect(captureGitState({ engine: engine as "git" })).rejects.toThrow(TypeError);
  });
});

describe.for(withoutGit)("where git says %s", ([code, makeEnv, message]) => {
  test("the built-in engine reads the same, and the state says why", async () => {
    const fixture = dirtyRepository();
    const state = await capture(fixture, { env: makeEnv() });
    expect(state.observed?.engine).toMatchObject({
      name: "built-in",
      insteadOfGit: { code, message: expect.stringContaining(message) },
    });
    expect(read(state)).toEqual(read(await capture(fixture, { engine: "git" })));
  });

  test("the patch is made all the same, and git takes it", async () => {
    const fixture = dirtyRepository();
    const { patch, tree } = await captureGitPatch({ cwd: fixture.root, env: makeEnv() });
    expect(tree).toBe((await capture(fixture)).worktreeTree);
    const file = join(tempFolder(), "patch");
    writeFileSync(file, patch);
    fixture.git("reset", "--quiet", "--hard");
    fixture.git("clean", "--quiet", "--force", "-d");
    fixture.git("apply", "--index", file);
    expect(fixture.git("write-tree")).toBe(tree);
  });

  test("and only git was asked for: the error, with a remedy", async () => {
    const error = await failure(capture(dirtyRepository(), { engine: "git", env: makeEnv() }));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error.remedy).not.toBe("");
  });

  test("nothing is written: not to the repository, not to the user's configuration", async () => {
    const fixture = dirtyRepository();
    const home = tempFolder();
    writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = Ada\n");
    const env = { ...makeEnv(), HOME: home, GIT_CONFIG_GLOBAL: undefined };
    const before = [home, fixture.root].map((folder) => [listing(folder), contents(folder)]);
    await capture(fixture, { env });
    await failure(capture(fixture, { env, engine: "git" }));
    expect([home, fixture.root].map((folder) => [listing(folder), contents(folder)])).toEqual(before);
  });

  test("a folder outside of any work tree is none for the built-in engine either: GIT_NOT_A_WORKTREE", async () => {
    for (const cwd of [tempFolder(), join(tempFolder(), "absent")]) {
      expect(await failure(captureGitState({ cwd, env: makeEnv() }))).toMatchObject({ code: "GIT_NOT_A_WORKTREE" });
    }
  });

  test("an aborted signal is its reason, from either engine", async () => {
    const reason = new Error("enough");
    for (const engine of ["auto", "git", "built-in"] as const) {
      const capturing = capture(dirtyRepository(), { env: makeEnv(), engine, signal: AbortSignal.abort(reason) });
      await expect(capturing).rejects.toBe(reason);
    }
  });
});

describe("the built-in engine does not stand in", () => {
  test("where git finds damage: that is told, not read around", async () => {
    const fixture = dirtyRepository();
    writeFileSync(join(fixture.root, ".git/index"), "not an index");
    for (const more of [{}, { engine: "auto" }] as const) {
      expect(await failure(capture(fixture, more))).toMatchObject({ code: "GIT_UNREADABLE" });
    }
  });

  test("where git fails in the middle", async () => {
    const env = fixedEnv({ PATH: makeShim('[ "$1" = status ] && { echo fatal: enough >&2; exit 128; }') });
    expect(await failure(capture(dirtyRepository(), { env }))).toMatchObject({
      code: "GIT_COMMAND_FAILED",
      message: expect.stringContaining("fatal: enough"),
    });
  });

  test("where the folder does not exist, which a missing program looks like: GIT_NOT_A_WORKTREE", async () => {
    const cwd = join(tempFolder(), "absent");
    expect(await failure(captureGitState({ cwd, env: fixedEnv() }))).toMatchObject({ code: "GIT_NOT_A_WORKTREE" });
  });
});
