import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { fixtureAt, listing, makeRepository, peerTree, tempFolder } from "./fixture.ts";

const capture = async ({ root, env }: Fixture, more: object = {}): Promise<GitState> =>
  captureGitState({ cwd: root, env, ...more });

const changesOf = async (fixture: Fixture): Promise<string[]> =>
  (await capture(fixture)).changes.map(({ path, status }) => `${status} ${path}`);

describe("kinds of repositories", () => {
  test("SHA-256", async () => {
    const fixture = makeRepository({ objectFormat: "sha256" });
    fixture.write("new.txt", "new\n");
    const state = await capture(fixture);
    expect(state).toMatchObject({
      objectFormat: "sha256",
      commit: expect.stringMatching(/^[0-9a-f]{64}$/),
      dirty: true,
    });
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("a linked work tree has its own HEAD and files", async () => {
    const fixture = makeRepository();
    const linked = join(tempFolder(), "linked");
    fixture.git("worktree", "add", "-q", "--detach", linked);
    writeFileSync(join(linked, "a.txt"), "linked\n");
    const before = listing(join(fixture.root, ".git"));
    const state = await captureGitState({ cwd: linked, env: fixture.env });
    expect(state).toMatchObject({
      changes: [{ path: "a.txt", status: "modified" }],
      observed: { detached: true, branch: null },
    });
    expect((await capture(fixture)).dirty).toBe(false);
    expect(listing(join(fixture.root, ".git"))).toEqual(before);
  });

  test("a shallow clone says so, and where it came from without credentials", async () => {
    const fixture = makeRepository();
    fixture.commit("second");
    const clone = join(tempFolder(), "clone");
    fixture.git("clone", "-q", "--depth=1", `file://${fixture.root}`, clone);
    const cloned = fixtureAt(clone);
    cloned.git("remote", "set-url", "origin", "https://user:s3cret@example.com/a.git");
    const { observed, dirty } = await capture(cloned);
    expect(dirty).toBe(false);
    expect(observed).toMatchObject({
      clone: { shallow: true },
      upstream: { name: "origin/main", ahead: 0, behind: 0 },
      remotes: [{ name: "origin", url: "https://example.com/a.git" }],
    });
  });

  test.for(["2", "4"])("index version %s", async (version) => {
    const fixture = makeRepository();
    fixture.git("update-index", "--index-version", version);
    fixture.write("a.txt", "edited\n");
    expect(await changesOf(fixture)).toEqual(["modified a.txt"]);
  });

  test("a split index is read, and no shared index appears", async () => {
    const fixture = makeRepository();
    fixture.git("update-index", "--split-index");
    fixture.git("config", "core.splitIndex", "true");
    fixture.write("a.txt", "edited\n");
    const names = (): string[] => listing(join(fixture.root, ".git")).map((line) => line.split(" ")[0] ?? "");
    const before = names();
    expect(await changesOf(fixture)).toEqual(["modified a.txt"]);
    expect(names()).toEqual(before);
  });

  test("a sparse checkout with a sparse index is clean where nothing changed", async () => {
    const fixture = makeRepository();
    fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "elsewhere");
    expect((await capture(fixture)).dirty).toBe(false);
    fixture.write("a.txt", "edited\n");
    const state = await capture(fixture);
    expect(state.changes).toEqual([{ path: "a.txt", status: "modified" }]);
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("objects in another repository (git clone --shared)", async () => {
    const fixture = makeRepository();
    const clone = join(tempFolder(), "shared");
    fixture.git("clone", "-q", "--shared", fixture.root, clone);
    writeFileSync(join(clone, "a.txt"), "edited\n");
    expect(await changesOf(fixtureAt(clone))).toEqual(["modified a.txt"]);
  });

  test("a root with a line feed, a colon and a quote in its path", async () => {
    const root = join(tempFolder(), 'odd\n:"name"\\');
    const fixture = makeRepository({ root });
    fixture.write("a.txt", "edited\n");
    const state = await capture(fixture);
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("replacement objects do not stand in for the commit", async () => {
    const fixture = makeRepository();
    const first = fixture.git("rev-parse", "HEAD");
    const tree = fixture.git("rev-parse", "HEAD^{tree}");
    fixture.write("a.txt", "replacement\n");
    const second = fixture.commit("second");
    fixture.git("checkout", "-q", "--detach", first);
    fixture.git("replace", first, second);
    expect(await capture(fixture)).toMatchObject({ commit: first, tree, dirty: false });
  });
});

describe("repositories inside the work tree", () => {
  const withSubmodule = (): Fixture => {
    const fixture = makeRepository();
    const library = makeRepository();
    fixture.git("submodule", "--quiet", "add", library.root, "lib/é");
    fixture.commit("submodule");
    return fixture;
  };

  test("a clean submodule is listed with its commit", async () => {
    const fixture = withSubmodule();
    const commit = fixtureAt(join(fixture.root, "lib/é")).git("rev-parse", "HEAD");
    expect(await capture(fixture)).toMatchObject({
      dirty: false,
      submodules: [{ path: "lib/é", commit, dirty: false }],
    });
  });

  test("a submodule with edits makes the work tree dirty, whatever its ignore setting", async () => {
    const fixture = withSubmodule();
    fixture.git("config", "submodule.lib/é.ignore", "all");
    fixture.write("lib/é/untracked.txt", "untracked\n");
    expect(await capture(fixture)).toMatchObject({
      dirty: true,
      changes: [{ path: "lib/é/untracked.txt", status: "added" }],
      submodules: [{ path: "lib/é", dirty: true }],
    });
  });

  test("a submodule at another commit is in the tree", async () => {
    const fixture = withSubmodule();
    fixtureAt(join(fixture.root, "lib/é")).commit("second");
    const state = await capture(fixture);
    expect(state.changes).toEqual([{ path: "lib/é", status: "modified" }]);
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("a submodule that was never cloned has no commit, and does not answer for the repository above", async () => {
    const fixture = withSubmodule();
    const clone = join(tempFolder(), "clone");
    fixture.git("clone", "-q", fixture.root, clone);
    expect(await capture(fixtureAt(clone))).toMatchObject({
      dirty: false,
      submodules: [{ path: "lib/é", commit: null, dirty: false }],
    });
  });

  test("a repository that git was not told of is listed, and its commit is in the tree", async () => {
    const fixture = makeRepository();
    const inner = makeRepository({ root: join(fixture.root, "inner") });
    const state = await capture(fixture);
    expect(state.changes).toEqual([{ path: "inner", status: "added" }]);
    expect(state.submodules).toEqual([
      { path: "inner", url: null, commit: inner.git("rev-parse", "HEAD"), dirty: false },
    ]);
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("a repository without commits is not reported as clean", async () => {
    const fixture = makeRepository();
    mkdirSync(join(fixture.root, "empty"));
    fixtureAt(join(fixture.root, "empty")).git("init", "-q");
    fixture.write("empty/file", "file\n");
    expect(await capture(fixture)).toMatchObject({
      dirty: true,
      changes: [{ path: "empty/file", status: "added" }],
      submodules: [{ path: "empty", commit: null, dirty: true }],
    });
  });
});
