import { encodeCanonical, hashBytes } from "@repro/core";
import { describe, expect, test } from "vitest";

import {
  assertCleanWorktree,
  captureGitState,
  diffGitState,
  gitLayer,
  gitStateSchema,
  parseGitState,
} from "../src/index.ts";
import type { GitApproximation, GitState } from "../src/index.ts";
import { failure, makeRepository, tempFolder } from "./fixture.ts";

const [COMMIT, TREE, OTHER] = ["c".repeat(40), "a".repeat(40), "b".repeat(40)] as const;

const clean: GitState = {
  schema: "repro/git-state/v1",
  fidelity: "exact",
  approximations: [],
  objectFormat: "sha1",
  commit: COMMIT,
  tree: TREE,
  dirty: false,
  worktreeTree: TREE,
  changes: [],
  submodules: [],
  lfs: [],
  patch: null,
};

const dirty: GitState = {
  ...clean,
  dirty: true,
  worktreeTree: OTHER,
  changes: [{ path: "a.txt", status: "modified" }],
  patch: { attachment: "git/worktree.patch", digest: hashBytes(new Uint8Array()), sizeBytes: 0, secrets: [] },
  observed: {
    engine: { name: "built-in", version: "1.2.3", insteadOfGit: { code: "GIT_NOT_FOUND", message: "no git" } },
    branch: null,
    detached: true,
    upstream: { name: "origin/main", ahead: 1, behind: null },
    tags: ["v1"],
    onRemote: false,
    remotes: [{ name: "origin", url: "https://example.com/a.git" }],
    clone: { shallow: false, partial: false, sparse: false, linkedWorktree: false },
    operation: "rebase",
    config: { "core.autocrlf": "input" },
    rules: {},
    filtersNotRun: [],
  },
};

describe("parseGitState", () => {
  test("takes what was written, byte for byte", () => {
    for (const state of [clean, dirty]) {
      const bytes = encodeCanonical(JSON.parse(JSON.stringify(state)));
      const parsed = parseGitState(JSON.parse(new TextDecoder().decode(bytes)));
      expect(encodeCanonical(JSON.parse(JSON.stringify(parsed)))).toEqual(bytes);
      expect(Object.isFrozen(parsed)).toBe(true);
    }
  });

  const faults: readonly (readonly [name: string, value: unknown, path: string])[] = [
    ["a member that is unknown", { ...clean, extra: 1 }, ""],
    ["another version", { ...clean, schema: "repro/git-state/v2" }, "/schema"],
    ["an id with upper-case digits", { ...clean, commit: "C".repeat(40) }, "/commit"],
    ["an id of another length than its format", { ...clean, objectFormat: "sha256" }, "/commit"],
    ["a clean state whose trees differ", { ...clean, worktreeTree: OTHER }, "/dirty"],
    [
      "a clean state with a dirty submodule",
      { ...clean, submodules: [{ path: "l", url: null, commit: null, dirty: true }] },
      "/submodules",
    ],
    [
      "an exact state with approximations",
      { ...clean, approximations: [{ reason: "filter", path: "a" }] },
      "/approximations",
    ],
    ["an approximate state without", { ...clean, fidelity: "approximate" }, "/approximations"],
    ["a dirty state in which nothing differs", { ...clean, dirty: true }, "/dirty"],
    ["changes in a clean state", { ...clean, changes: dirty.changes }, "/changes"],
    ["a dirty state without changes", { ...dirty, changes: [] }, "/changes"],
    ["a patch of nothing", { ...clean, patch: dirty.patch }, "/patch"],
    ["a change of no known kind", { ...dirty, changes: [{ path: "a", status: "M" }] }, "/changes/0/status"],
    ["a digest without its algorithm", { ...dirty, patch: { ...dirty.patch, digest: "d" } }, "/patch/digest"],
    ["an attachment elsewhere", { ...dirty, patch: { ...dirty.patch, attachment: "../x" } }, "/patch/attachment"],
    ["an observed member that is undefined", { ...clean, observed: undefined }, "/observed"],
    ["no object", null, ""],
  ];
  test.for(faults)("refuses %s: LAYER_STATE_INVALID, and says where", ([, value, path]) => {
    expect(() => parseGitState(value)).toThrow(
      expect.objectContaining({
        code: "LAYER_STATE_INVALID",
        data: { issues: expect.arrayContaining([expect.objectContaining({ path })]) },
      }),
    );
    expect(gitStateSchema.safeParse(value).success).toBe(false);
  });
});

describe("diffGitState", () => {
  test("finds nothing between a state and itself, whatever was observed", () => {
    expect(diffGitState(dirty, parseGitState({ ...dirty, observed: undefinedless(dirty) }))).toEqual([]);
    expect(gitLayer().diff(clean, clean)).toEqual([]);
  });

  test("other files are errors, and the remedy names the commit", () => {
    const found = diffGitState(clean, { ...clean, commit: OTHER, tree: OTHER, worktreeTree: OTHER });
    expect(found.map(({ path, severity }) => [path, severity])).toEqual([
      ["/commit", "error"],
      ["/tree", "error"],
      ["/worktreeTree", "error"],
    ]);
    expect(found[0]).toMatchObject({ expected: COMMIT, actual: OTHER, remedy: `git checkout --detach ${COMMIT}` });
  });

  test("the same files under another commit are a warning", () => {
    expect(diffGitState(clean, { ...clean, commit: OTHER })).toMatchObject([{ path: "/commit", severity: "warning" }]);
    const committed = { ...clean, commit: "d".repeat(40), tree: OTHER, worktreeTree: OTHER };
    expect(diffGitState(dirty, committed).map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  test("a submodule at another commit is an error under its path", () => {
    const submodules = [{ path: "lib/a", url: null, commit: COMMIT, dirty: false }];
    expect(diffGitState({ ...clean, submodules }, clean)).toMatchObject([
      { path: "/submodules/lib~1a", severity: "error" },
    ]);
    const moved = [{ path: "lib/a", url: null, commit: OTHER, dirty: false }];
    expect(diffGitState({ ...clean, submodules }, { ...clean, submodules: moved })).toMatchObject([
      { path: "/submodules/lib~1a/commit", severity: "error" },
    ]);
  });
});

describe("diffGitState, of git-lfs", () => {
  const file = {
    path: "data/a.bin",
    digest: hashBytes(new Uint8Array()),
    sizeBytes: 0,
    checkedOut: "contents",
  } as const;

  test("finds a pointer where the contents were: the trees are the same, what a program reads is not", () => {
    const pulled = { ...clean, lfs: [file] };
    const pointer = { ...clean, lfs: [{ ...file, checkedOut: "pointer" as const }] };
    expect(diffGitState(pulled, pulled)).toEqual([]);
    expect(diffGitState(pulled, pointer)).toEqual([
      {
        path: "/lfs/data~1a.bin/checkedOut",
        expected: "contents",
        actual: "pointer",
        severity: "error",
        remedy: "git lfs pull",
      },
    ]);
    expect(diffGitState(pointer, pulled)).toMatchObject([
      { severity: "error", remedy: `git checkout --detach ${COMMIT}` },
    ]);
  });

  test("compares by path", () => {
    const other = { ...file, path: "__proto__" };
    expect(diffGitState({ ...clean, lfs: [file] }, { ...clean, lfs: [other, file] })).toMatchObject([
      { path: "/lfs/__proto__", severity: "error" },
    ]);
  });

  test("does not compare how certain the states are", () => {
    const uncertain = { ...clean, fidelity: "approximate", approximations: [{ reason: "names", path: "a" }] } as const;
    expect(diffGitState(clean, uncertain)).toEqual([]);
  });
});

describe("assertCleanWorktree", () => {
  test("reads the work tree itself where no state is given, and returns what it read", async () => {
    const { root, env, write } = makeRepository();
    const state = await assertCleanWorktree({ cwd: root, env });
    expect(state).toEqual(await captureGitState({ cwd: root, env }));
    write("new.txt", "new\n");
    expect(await failure(assertCleanWorktree({ cwd: root, env }))).toMatchObject({
      code: "GIT_DIRTY",
      data: { count: 1, changes: [{ path: "new.txt", status: "added" }] },
    });
    await assertCleanWorktree({ cwd: root, env, exclude: ["new.txt"] });
  });

  test("reads this process's folder when nothing is given", async () => {
    const folder = process.cwd();
    process.chdir(tempFolder());
    try {
      expect(await failure(assertCleanWorktree())).toMatchObject({ code: "GIT_NOT_A_WORKTREE" });
    } finally {
      process.chdir(folder);
    }
  });

  test("never passes what is uncertain, and says why: GIT_STATE_UNCERTAIN", () => {
    const approximations = Array.from({ length: 30 }, (_, index) => ({ reason: "filter", path: `f${index}` }) as const);
    const uncertain: GitState = { ...clean, fidelity: "approximate", approximations };
    expect(() => assertCleanWorktree(uncertain)).toThrow(
      expect.objectContaining({
        code: "GIT_STATE_UNCERTAIN",
        message: expect.stringContaining('a filter that was not run; the first is "f0"'),
        remedy: expect.stringContaining("--allow-dirty"),
        data: { commit: COMMIT, count: 30, approximations: approximations.slice(0, 20) },
      }),
    );
  });

  test("says what is dirty before what is uncertain", () => {
    const both: GitState = { ...dirty, fidelity: "approximate", approximations: [{ reason: "encoding", path: "a" }] };
    expect(() => assertCleanWorktree(both)).toThrow(expect.objectContaining({ code: "GIT_DIRTY" }));
  });

  const ways: readonly (readonly [GitApproximation["reason"], "git" | "built-in", readonly string[], string[]])[] = [
    ["filter", "git", ["indent"], ["git config --global filter.indent.clean"]],
    ["filter", "built-in", ["indent"], ["git config --global filter.indent.clean", "install git"]],
    ["filter", "built-in", [], ["install git"]],
    ["encoding", "built-in", ["indent"], ["install git"]],
    ["names", "built-in", [], ["install git"]],
  ];
  test.for(ways)("names the way out of %s under %s with filters %j", ([reason, name, filtersNotRun, expected]) => {
    const observed = { ...undefinedless(dirty), filtersNotRun, engine: { name, version: "1", insteadOfGit: null } };
    const state: GitState = { ...clean, fidelity: "approximate", approximations: [{ reason, path: "a" }], observed };
    const all = ["git config --global filter.indent.clean", "install git"];
    for (const way of all) {
      const has = expected.includes(way);
      const matcher = has ? expect.stringContaining(way) : expect.not.stringContaining(way);
      expect(() => assertCleanWorktree(state)).toThrow(expect.objectContaining({ remedy: matcher }));
    }
  });

  test("lets a clean state pass", () => {
    expect(() => assertCleanWorktree(clean)).not.toThrow();
  });

  test("names up to 20 changes and every way out: GIT_DIRTY", () => {
    const changes = Array.from({ length: 30 }, (_, index) => ({ path: `f${index}`, status: "added" as const }));
    const expected = { code: "GIT_DIRTY", data: { commit: COMMIT, count: 30, changes: changes.slice(0, 20) } };
    expect(() => assertCleanWorktree({ ...dirty, changes })).toThrow(expect.objectContaining(expected));
    for (const way of ["git commit", "git stash", ".gitignore", "--allow-dirty"]) {
      expect(() => assertCleanWorktree(dirty)).toThrow(
        expect.objectContaining({ remedy: expect.stringContaining(way) }),
      );
    }
  });
});

function undefinedless(state: GitState): NonNullable<GitState["observed"]> {
  return { ...state.observed!, branch: "elsewhere", detached: false };
}
