import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixedEnv, fixtureAt, makeRepository, makeShim, tempFolder } from "./fixture.ts";

const capture = async ({ root, env }: Fixture, more: object = {}): Promise<GitState> =>
  captureGitState({ cwd: root, env, ...more });

describe("what it refuses", () => {
  test("a folder outside of any work tree: GIT_NOT_A_WORKTREE", async () => {
    const error = await failure(captureGitState({ cwd: tempFolder(), env: fixedEnv() }));
    expect(error.code).toBe("GIT_NOT_A_WORKTREE");
    expect(error.remedy).toContain("git init");
  });

  test("a folder that does not exist: GIT_NOT_A_WORKTREE, and not that git is missing", async () => {
    const cwd = join(tempFolder(), "absent");
    expect(await failure(captureGitState({ cwd, env: fixedEnv() }))).toMatchObject({ code: "GIT_NOT_A_WORKTREE" });
  });

  test("a bare repository, and the inside of .git: GIT_NOT_A_WORKTREE", async () => {
    const fixture = makeRepository();
    const bare = join(tempFolder(), "bare.git");
    fixture.git("clone", "-q", "--bare", fixture.root, bare);
    for (const cwd of [bare, join(fixture.root, ".git")]) {
      expect(await failure(captureGitState({ cwd, env: fixedEnv() }))).toMatchObject({ code: "GIT_NOT_A_WORKTREE" });
    }
  });

  test("a repository before its first commit: GIT_NO_COMMITS", async () => {
    const root = tempFolder();
    const fixture = fixtureAt(root);
    fixture.git("init", "-q");
    expect(await failure(capture(fixture))).toMatchObject({ code: "GIT_NO_COMMITS" });
  });

  test("no git on PATH: GIT_NOT_FOUND", async () => {
    const env = fixedEnv({ PATH: tempFolder() });
    const error = await failure(captureGitState({ cwd: makeRepository().root, env, engine: "git" }));
    expect(error.code).toBe("GIT_NOT_FOUND");
    expect(error.remedy).toContain("install git");
  });

  test("an old git: GIT_TOO_OLD", async () => {
    const env = fixedEnv({ PATH: makeShim("echo git version 2.31.9; exit") });
    expect(await failure(captureGitState({ cwd: makeRepository().root, env, engine: "git" }))).toMatchObject({
      code: "GIT_TOO_OLD",
      data: { found: "git version 2.31.9", oldest: "2.32" },
    });
  });

  test("a repository of another user, from a folder in it: GIT_UNSAFE_OWNER, and the remedy names its root", async () => {
    const env = fixedEnv({ PATH: makeShim("export GIT_TEST_ASSUME_DIFFERENT_OWNER=1") });
    const { root } = makeRepository();
    const error = await failure(captureGitState({ cwd: join(root, "src"), env, engine: "git" }));
    expect(error.code).toBe("GIT_UNSAFE_OWNER");
    expect(error.remedy).toMatch(new RegExp(`safe\\.directory ${root}$`));
  });

  test("a damaged repository: GIT_UNREADABLE, with what git said", async () => {
    const fixture = makeRepository();
    writeFileSync(join(fixture.root, ".git/index"), "not an index");
    const error = await failure(capture(fixture));
    expect(error.code).toBe("GIT_UNREADABLE");
    expect(error.data["stderr"]).toContain("index");
  });

  test("an aborted signal: its reason", async () => {
    const fixture = makeRepository();
    const reason = new Error("enough");
    await expect(capture(fixture, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("a signal that comes later ends the running git", async () => {
    const control = new AbortController();
    const reason = new Error("enough");
    const pid = join(tempFolder(), "pid");
    const env = fixedEnv({ PATH: makeShim(`[ "$1" = status ] && { echo $$ > '${pid}'; exec tail -f /dev/null; }`) });
    const { root } = makeRepository();
    const capturing = captureGitState({ cwd: root, env, signal: control.signal });
    const started = (): boolean => existsSync(pid) && readFileSync(pid, "utf8").endsWith("\n");
    await expect.poll(started, { interval: 5, timeout: 10_000 }).toBe(true);
    control.abort(reason);
    await expect(capturing).rejects.toBe(reason);
    expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow();
  });
});
