import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import { describe, expect, test } from "vitest";

import { hostFiles, pathOfText, textOfPath } from "../../src/files.ts";
import { locateRepository } from "../../src/repository/location.ts";
import type { Env } from "../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository, tempFolder } from "../fixture.ts";

type Place = readonly [root: string, gitDir: string, commonDir: string];

/** What git says; `null` when there is no work tree here. */
function peer(cwd: string, env: Env): Place | null {
  const ask = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync("git", ["rev-parse", ...args], { cwd, env, encoding: "utf8" });
    return status === 0 ? stdout.slice(0, -1) : null;
  };
  // A work tree that the folder is not in is of no use: git status would be about other files.
  if (ask("--is-inside-work-tree") !== "true") return null;
  const [root, gitDir, commonDir] = ["--show-toplevel", "--absolute-git-dir", "--git-common-dir"].map((one) =>
    ask("--path-format=absolute", one),
  );
  return [root ?? "", gitDir ?? "", commonDir ?? ""];
}

/** What we say; an error's code when there is no work tree here. */
function ours(cwd: string, env: Env): Place | string {
  try {
    const { root, gitDir, commonDir } = locateRepository(hostFiles, { cwd: pathOfText(cwd), env });
    return [textOfPath(root), textOfPath(gitDir), textOfPath(commonDir)];
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
}

function expectFound(cwd: string, env: Env = fixedEnv()): Place {
  const expected = peer(cwd, env);
  expect(expected).not.toBeNull();
  expect(ours(cwd, env)).toEqual(expected);
  return expected ?? ["", "", ""];
}

function expectNone(cwd: string, env: Env = fixedEnv(), code = "GIT_NOT_A_WORKTREE"): void {
  expect(peer(cwd, env)).toBeNull();
  expect(ours(cwd, env)).toBe(code);
}

describe("git finds the repository that is found here", () => {
  test("from its root and any folder in it, through links as well", () => {
    const home = tempFolder();
    const { root } = makeRepository({ root: join(home, "work é") });
    symlinkSync("work é", join(home, "link"));
    symlinkSync("work é/src", join(home, "deep"));
    for (const cwd of [root, join(root, "src"), join(home, "link"), join(home, "link/src"), join(home, "deep")]) {
      expect(expectFound(cwd)[0]).toBe(root);
    }
  });

  test("where .git is a link to a folder", () => {
    const { root } = makeRepository();
    renameSync(join(root, ".git"), `${root}.elsewhere`);
    symlinkSync(`${root}.elsewhere`, join(root, ".git"));
    expectFound(root);
  });

  test("where .git is a file, with any path in it", () => {
    const { root } = makeRepository();
    renameSync(join(root, ".git"), `${root}.elsewhere`);
    const paths = [`${root}.elsewhere`, "../work.elsewhere", "./../work.elsewhere/", "src/../../work.elsewhere"];
    for (const text of paths.flatMap((path) => [`gitdir: ${path}`, `gitdir: ${path}\n`, `gitdir: ${path}\r\n\n`])) {
      writeFileSync(join(root, ".git"), text);
      expectFound(join(root, "src"));
    }
  });

  test("of a linked work tree", () => {
    const fixture = makeRepository();
    const linked = `${fixture.root}-linked`;
    fixture.git("worktree", "add", "--quiet", linked);
    const [root, gitDir, commonDir] = expectFound(join(linked, "src"));
    expect([root, commonDir]).toEqual([linked, join(fixture.root, ".git")]);
    expect(gitDir).not.toBe(commonDir);
    fixture.git("config", "core.bare", "true"); // is about the main work tree
    expectFound(linked);
    expectNone(fixture.root);
  });

  test("of a linked work tree of a bare repository", () => {
    const { root, git } = makeRepository();
    git("clone", "--quiet", "--bare", root, `${root}.git`);
    fixtureAt(`${root}.git`).git("worktree", "add", "--quiet", `${root}-linked`);
    expectFound(`${root}-linked`);
    expectNone(`${root}.git`);
  });

  test("of a submodule, of a work tree of one, and around a folder that is one no more", () => {
    const inner = makeRepository();
    const outer = makeRepository();
    outer.git("submodule", "add", "--quiet", inner.root, "lib/x");
    outer.commit();
    const [root, gitDir] = expectFound(join(outer.root, "lib/x/src"));
    expect([root, gitDir]).toEqual([join(outer.root, "lib/x"), join(outer.root, ".git/modules/lib/x")]);
    fixtureAt(root).git("worktree", "add", "--quiet", `${outer.root}-linked`);
    expectFound(`${outer.root}-linked`);
    outer.git("submodule", "deinit", "--quiet", "lib/x");
    expect(expectFound(join(outer.root, "lib/x"))[0]).toBe(outer.root);
  });

  test("whose work tree is named by core.worktree", () => {
    const { root, git } = makeRepository();
    const other = `${root}-other`;
    mkdirSync(join(other, "folder"), { recursive: true });
    for (const value of [
      "..",
      "../",
      "../src/..",
      root,
      "../src",
      "../../work",
      other,
      "../../work-other",
      "/",
      "../absent",
    ]) {
      git("config", "core.worktree", value);
      for (const cwd of [root, join(root, "src")]) {
        if (peer(cwd, fixedEnv()) === null) expectNone(cwd);
        else expectFound(cwd);
      }
    }
  });

  test.each(["true", "false", "1", "no", ""])("with core.bare = %s", (value) => {
    const { root, git } = makeRepository();
    git("config", "core.bare", value);
    if (value === "true" || value === "1") expectNone(root);
    else expectFound(root);
  });

  test("with core.bare and core.worktree that another scope sets", () => {
    const { root } = makeRepository();
    for (const key of ["core.bare", "core.worktree"]) {
      const value = key === "core.bare" ? "true" : "/";
      const env = fixedEnv({ GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value });
      if (peer(root, env) === null) expectNone(root, env);
      else expectFound(root, env);
    }
  });

  test("with both of a work tree's own configuration", () => {
    const fixture = makeRepository();
    const linked = `${fixture.root}-linked`;
    fixture.git("worktree", "add", "--quiet", linked);
    fixture.git("config", "extensions.worktreeConfig", "true");
    const { git } = fixtureAt(linked);
    git("config", "--worktree", "core.bare", "false");
    expectFound(linked);
    git("config", "--worktree", "core.worktree", join(linked, "src"));
    expectFound(join(linked, "src"));
    expectNone(linked);
  });
});

describe("neither git nor we find a repository", () => {
  test("where there is none", () => {
    const folder = tempFolder();
    const env = fixedEnv({ GIT_CEILING_DIRECTORIES: folder });
    mkdirSync(join(folder, "a/b"), { recursive: true });
    expectNone(join(folder, "a/b"), env);
  });

  test("above a ceiling", () => {
    const { root } = makeRepository();
    const deep = join(root, "src/deep");
    mkdirSync(deep);
    symlinkSync(root, `${root}-link`);
    const ceilings = [
      root,
      join(root, "src"),
      deep,
      `${root}/`,
      `${root}/src/`,
      join(root, ".."),
      "/",
      "",
      "src",
      `${root}-link`,
      `${root}-link/src`,
    ];
    for (const ceiling of [
      ...ceilings,
      `/a:${root}/src:/b`,
      `/a::${root}-link/src`,
      `:${root}-link`,
      `${root}/./src`,
      `${root}/src/../src`,
    ]) {
      const env = fixedEnv({ GIT_CEILING_DIRECTORIES: ceiling });
      for (const cwd of [root, join(root, "src"), deep]) {
        const expected = peer(cwd, env);
        expect([ceiling, cwd, ours(cwd, env)]).toEqual([ceiling, cwd, expected ?? "GIT_NOT_A_WORKTREE"]);
      }
    }
  });

  test("inside of one", () => {
    const { root } = makeRepository();
    for (const cwd of [".git", ".git/refs", ".git/objects", ".git/refs/heads"]) expectNone(join(root, cwd));
  });

  test("in a bare one, or in a folder of it", () => {
    const { root, git } = makeRepository();
    git("clone", "--quiet", "--bare", root, `${root}.git`);
    for (const cwd of [`${root}.git`, `${root}.git/refs`]) expectNone(cwd);
  });

  test("where .git leads nowhere: GIT_UNREADABLE", () => {
    const { root } = makeRepository();
    const inner = join(root, "inner");
    mkdirSync(inner);
    const texts = [
      "gitdir: ../absent",
      "gitdir: ..",
      "gitdir: /",
      "gitdir:",
      "gitdir: ",
      "gitdir: \n",
      "",
      "x",
      "gitdir:../.git",
      " gitdir: ../.git",
    ];
    for (const text of texts) {
      writeFileSync(join(inner, ".git"), text);
      expectNone(inner, fixedEnv(), "GIT_UNREADABLE");
    }
    writeFileSync(join(inner, ".git"), "gitdir: ../.git\0"); // git reads what is before the NUL
    expect(ours(inner, fixedEnv())).toBe("GIT_UNREADABLE");
  });

  test("where .git is a folder without a repository, they look further up", () => {
    const { root } = makeRepository();
    mkdirSync(join(root, "inner/.git"), { recursive: true });
    expect(expectFound(join(root, "inner"))[0]).toBe(root);
    symlinkSync("absent", join(root, "src/.git"));
    expect(expectFound(join(root, "src"))[0]).toBe(root);
  });

  test.each(["HEAD", "objects", "refs"])("where .git lacks %s", (name) => {
    const folder = tempFolder();
    const env = fixedEnv({ GIT_CEILING_DIRECTORIES: folder });
    const { root } = makeRepository({ root: join(folder, "work") });
    rmSync(join(root, ".git", name), { recursive: true });
    expectNone(root, env);
    cpSync(join(root, ".git/config"), join(root, ".git", name));
    if (peer(root, env) === null) expect(["GIT_NOT_A_WORKTREE", "GIT_UNREADABLE"]).toContain(ours(root, env));
    else expectFound(root, env);
  });

  test.each([
    "",
    "x",
    "ref: refs/heads/x",
    "ref:refs/heads/x\n",
    "ref: x",
    "ref: HEAD",
    "\0",
    `${"0".repeat(40)}\n`,
    "0".repeat(39),
    `${"0".repeat(64)}\n`,
  ])("where HEAD is %j, unless git does", (text) => {
    const folder = tempFolder();
    const env = fixedEnv({ GIT_CEILING_DIRECTORIES: folder });
    const { root } = makeRepository({ root: join(folder, "work") });
    writeFileSync(join(root, ".git/HEAD"), text);
    if (peer(root, env) === null) expectNone(root, env);
    else expectFound(root, env);
  });

  test("in a folder that is none, or not there", () => {
    const { root } = makeRepository();
    for (const cwd of [join(root, "a.txt"), join(root, "absent")])
      expect(ours(cwd, fixedEnv())).toBe("GIT_NOT_A_WORKTREE");
  });
});
