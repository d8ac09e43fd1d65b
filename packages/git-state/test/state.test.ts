import { encodeCanonical, hashBytes } from "@repro/core";
import { describe, expect, test } from "vitest";

import { assertCleanWorktree, diffGitState, gitLayer, gitStateSchema, parseGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";

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

describe("assertCleanWorktree", () => {
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
