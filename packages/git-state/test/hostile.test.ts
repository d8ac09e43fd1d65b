import { appendFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import { arm } from "./arm.ts";
import { fixedEnv, fixtureAt, listing, makeRepository, makeTrap, peerTree, tempFolder } from "./fixture.ts";

describe("a hostile repository", () => {
  test("runs nothing when its state and patch are captured, and when it is restored", async () => {
    const fixture = makeRepository();
    const folder = tempFolder();
    const trap = makeTrap(folder);
    arm(fixture, trap.command);
    fixture.write("a.txt", "edited\n");
    fixture.write("new.sh", "new\n");
    utimesSync(join(fixture.root, "data.bin"), 1, 1); // has git hash it again
    const { root: source, env } = fixture;
    const state = await captureGitState({ cwd: source, env });
    const { patch } = await captureGitPatch({ cwd: source, env });
    await restoreGitState(state, { source, env, patch, root: join(folder, "restored") });
    expect(trap.sprung()).toBe(false);
    expect(state.observed?.filtersNotRun).toEqual(["trap", "two", "a=b"]);
    expect(() => fixture.git("status")).toThrow(); // git itself does run them: the trap was armed
    expect(trap.sprung()).toBe(true);
  });

  test("cannot hide its filters in an included file or in a work tree's own configuration", async () => {
    const fixture = makeRepository();
    const trap = makeTrap(tempFolder());
    writeFileSync(join(fixture.root, ".git/more"), `[filter "inc"]\n\tclean = ${trap.command}\n\trequired\n`);
    fixture.git("config", "include.path", "more");
    fixture.git("config", "extensions.worktreeConfig", "true");
    fixture.git("config", "--worktree", "filter.wt.clean", trap.command);
    fixture.write(".gitattributes", "*.txt filter=inc\n*.bin filter=wt\n");
    for (const name of ["a.txt", "data.bin"]) utimesSync(join(fixture.root, name), 1, 1);
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    expect(state.changes).toEqual([{ path: ".gitattributes", status: "added" }]);
    expect(trap.sprung()).toBe(false);
    expect(() => fixture.git("status")).toThrow();
    expect(trap.sprung()).toBe(true);
  });

  test("runs nothing from within a submodule", async () => {
    const fixture = makeRepository();
    fixture.git("submodule", "--quiet", "add", makeRepository().root, "lib");
    fixture.commit();
    const trap = makeTrap(tempFolder());
    arm(fixtureAt(join(fixture.root, "lib")), trap.command);
    utimesSync(join(fixture.root, "lib/a.txt"), 1, 1);
    const { root: source, env } = fixture;
    const state = await captureGitState({ cwd: source, env, engine: "git" });
    expect(state.submodules[0]?.dirty).toBe(true);
    const { patch } = await captureGitPatch({ cwd: source, env, engine: "git" });
    await restoreGitState(state, { source, env, patch, root: join(tempFolder(), "restored") });
    expect(trap.sprung()).toBe(false);
    expect(() => fixture.git("status")).toThrow();
    expect(trap.sprung()).toBe(true);
  });

  test("runs nothing to fetch what a partial clone lacks", async () => {
    const fixture = makeRepository();
    const clone = join(tempFolder(), "partial");
    fixture.git("config", "uploadpack.allowFilter", "true");
    fixture.git("clone", "-q", "--filter=blob:none", "--no-checkout", `file://${fixture.root}`, clone);
    const partial = fixtureAt(clone);
    partial.git("reset", "-q");
    const trap = makeTrap(tempFolder());
    partial.git("config", "remote.origin.uploadpack", trap.command);
    partial.git("config", "protocol.allow", "always");
    writeFileSync(join(clone, "a.txt"), "edited\n");
    await captureGitPatch({ cwd: clone, env: partial.env }).catch(() => {});
    expect(trap.sprung()).toBe(false);
    expect(() => partial.git("cat-file", "-p", "HEAD:a.txt")).toThrow();
    expect(trap.sprung()).toBe(true);
  });
});

describe("filters", () => {
  /** A configuration of the user's own, with a filter that keeps upper case out of the repository. */
  function userFilter(): Record<string, string | undefined> {
    const config = join(tempFolder(), "config");
    writeFileSync(config, '[filter "lower"]\n\tclean = tr A-Z a-z\n\tsmudge = tr a-z A-Z\n\trequired\n');
    return fixedEnv({ GIT_CONFIG_GLOBAL: config });
  }

  test("of the user's own configuration run, as they do for git", async () => {
    const fixture = makeRepository({ env: userFilter() });
    fixture.write(".gitattributes", "*.txt filter=lower\n");
    fixture.write("new.txt", "SHOUT\n");
    const { root: cwd, env } = fixture;
    const state = await captureGitState({ cwd, env });
    expect(state.worktreeTree).toBe(peerTree(fixture));
    expect(state.observed?.filtersNotRun).toEqual([]);
  });

  test("of the user's own are not replaced by the repository's of the same name", async () => {
    const fixture = makeRepository({ env: userFilter() });
    const trap = makeTrap(tempFolder());
    fixture.write(".gitattributes", "*.txt filter=lower\n");
    fixture.write("new.txt", "SHOUT\n");
    fixture.git("config", "filter.lower.clean", trap.command);
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    expect(trap.sprung()).toBe(false);
    fixture.git("config", "--unset", "filter.lower.clean");
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });
});

describe("the repository is never written", () => {
  test("not even a time of its files, when what changed is among its objects already", async () => {
    const fixture = makeRepository();
    const { root, env } = fixture;
    fixture.write("a.txt", "second\n");
    fixture.write("src/other.txt", "other\n");
    fixture.commit("second");
    fixture.git("gc", "-q");
    fixture.write("loose.txt", "loose\n");
    fixture.git("add", "loose.txt");
    fixture.write("a.txt", "one\ntwo\nthree\n"); // packed, as of the first commit
    rmSync(join(root, "src/other.txt")); // and so is the tree without it
    fixture.write("again.txt", "loose\n");
    for (const folder of [".git", ".git/objects"]) utimesSync(join(root, folder), 1, 1);
    const before = listing(root);
    const state = await captureGitState({ cwd: root, env });
    const { patch, tree } = await captureGitPatch({ cwd: root, env });
    await restoreGitState(state, { source: root, env, patch, root: join(tempFolder(), "restored") });
    expect(listing(root)).toEqual(before);
    expect(tree).toBe(peerTree(fixture));
  });

  test("nor is anything left among the system's temporary files", async () => {
    const temp = tempFolder();
    const fixture = makeRepository();
    appendFileSync(join(fixture.root, "a.txt"), "edited\n");
    const saved = process.env["TMPDIR"];
    process.env["TMPDIR"] = temp;
    try {
      await captureGitPatch({ cwd: fixture.root, env: fixture.env });
      await expect(captureGitPatch({ cwd: fixture.root, env: fixture.env, maxPatchBytes: 0 })).rejects.toThrow();
    } finally {
      if (saved === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = saved;
    }
    expect(listing(temp)).toEqual([]);
  });
});
