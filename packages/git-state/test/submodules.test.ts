import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { withoutObserved } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixtureAt, listing, makeRepository, tempFolder } from "./fixture.ts";

/** A work tree with the submodule `lib`, which has the submodule `lib/deep`. */
function withSubmodules(): Fixture & { readonly lib: Fixture; readonly deep: Fixture } {
  const library = makeRepository();
  library.git("submodule", "--quiet", "add", makeRepository().root, "deep");
  library.commit("library");
  const fixture = makeRepository();
  fixture.git("submodule", "--quiet", "add", library.root, "lib");
  fixture.commit("with library");
  fixture.git("submodule", "--quiet", "update", "--init", "--recursive");
  const at = (path: string): Fixture => fixtureAt(join(fixture.root, path), fixture.env);
  return { ...fixture, lib: at("lib"), deep: at("lib/deep") };
}

type Change = (fixture: ReturnType<typeof withSubmodules>) => void;

const CASES: Readonly<Record<string, { readonly change: Change; readonly changes: readonly string[] }>> = {
  "nothing changed": { change: () => {}, changes: [] },
  "an edit in a submodule": { change: ({ lib }) => lib.write("a.txt", "edited\n"), changes: ["modified lib/a.txt"] },
  "an edit in a submodule's submodule, and one above": {
    change: ({ write, deep }) => {
      deep.write("data.bin", Uint8Array.of(0, 1, 2));
      deep.write("new\nline", "new\n");
      write("b.txt", "new\n");
    },
    changes: ["added b.txt", "modified lib/deep/data.bin", "added lib/deep/new\nline"],
  },
  "a submodule at another commit": {
    change: ({ lib }) => {
      lib.write("a.txt", "second\n");
      lib.commit("second");
    },
    changes: ["modified lib"],
  },
  "a submodule at another commit, and edited": {
    change: ({ lib }) => {
      lib.write("a.txt", "second\n");
      lib.commit("second");
      lib.write("src/run.sh", "third\n", 0o755);
    },
    changes: ["modified lib", "modified lib/src/run.sh"],
  },
  "a file staged in a submodule and put back": {
    change: ({ lib }) => {
      lib.write("a.txt", "staged\n");
      lib.git("add", "a.txt");
      lib.write("a.txt", "one\ntwo\nthree\n");
    },
    changes: [],
  },
  "a repository that git was not told of, edited": {
    change: ({ root }) => makeRepository({ root: join(root, "inner") }).write("a.txt", "edited\n"),
    changes: ["modified inner/a.txt"],
  },
  "a repository without commits": {
    change: ({ root, write }) => {
      mkdirSync(join(root, "unborn"));
      fixtureAt(join(root, "unborn")).git("init", "-q");
      write("unborn/x/file", "file\n");
    },
    changes: ["added unborn/x/file"],
  },
  "a repository without commits or files": {
    change: ({ root }) => {
      mkdirSync(join(root, "unborn"));
      fixtureAt(join(root, "unborn")).git("init", "-q");
    },
    changes: [],
  },
  "a submodule that is not checked out": {
    change: ({ git }) => void git("submodule", "--quiet", "deinit", "--force", "lib"),
    changes: [],
  },
};

const stateOf = async ({ root, env }: Fixture, engine: "git" | "built-in"): Promise<GitState> =>
  captureGitState({ cwd: root, env, engine });

describe("repositories in a work tree", () => {
  for (const [name, { change, changes }] of Object.entries(CASES)) {
    test(`${name}: both engines give one state, and it comes back from the patch of either`, async () => {
      const fixture = withSubmodules();
      change(fixture);
      const state = await stateOf(fixture, "git");
      expect(state.changes.map(({ path, status }) => `${status} ${path}`)).toEqual(changes);
      expect(withoutObserved(await stateOf(fixture, "built-in"))).toEqual(withoutObserved(state));
      const before = listing(fixture.root);
      for (const engine of ["git", "built-in"] as const) {
        const { patch } = await captureGitPatch({ cwd: fixture.root, env: fixture.env, engine });
        const root = join(tempFolder(), "restored");
        await restoreGitState(state, { source: fixture.root, env: fixture.env, root, patch });
        expect(withoutObserved(await stateOf(fixtureAt(root, fixture.env), "git"))).toEqual(withoutObserved(state));
      }
      expect(listing(fixture.root)).toEqual(before);
    });
  }

  test("are listed at any depth, with the addresses that .gitmodules has", async () => {
    const fixture = withSubmodules();
    fixture.git("config", "--file", ".gitmodules", "submodule.lib.url", "https://user:s3cret@example.com/lib.git");
    const state = await stateOf(fixture, "git");
    expect(state.submodules.map(({ path, url }) => [path, url])).toEqual([
      ["lib", "https://example.com/lib.git"],
      ["lib/deep", expect.stringContaining("/work")],
    ]);
    expect(withoutObserved(await stateOf(fixture, "built-in"))).toEqual(withoutObserved(state));
  });

  test("whose commit is gone are named: GIT_COMMIT_MISSING, and nothing is left", async () => {
    const fixture = withSubmodules();
    const state = await stateOf(fixture, "git");
    rmSync(join(fixture.root, "lib"), { recursive: true });
    mkdirSync(join(fixture.root, "lib"));
    const root = join(tempFolder(), "restored");
    const error = await failure(restoreGitState(state, { source: fixture.root, env: fixture.env, root }));
    expect(error).toMatchObject({ code: "GIT_COMMIT_MISSING", data: { path: "lib" } });
    expect(error.remedy).toContain("submodule update --init");
  });

  test("cannot be put behind a link or outside by a forged record: GIT_RESTORE_MISMATCH", async () => {
    const fixture = makeRepository();
    const outside = tempFolder();
    symlinkSync(outside, join(fixture.root, "link"));
    fixture.commit();
    const inner = makeRepository({ root: join(fixture.root, "inner") });
    const commit = inner.git("rev-parse", "HEAD");
    fixture.write(".git/info/exclude", "inner\n");
    const state = await stateOf(fixture, "git");
    expect(state.submodules).toEqual([]);
    for (const path of ["link/x", "../x", ".git/x"]) {
      symlinkSync(inner.root, join(outside, "x"));
      const forged = { ...state, submodules: [{ path, url: null, commit, dirty: false }] };
      const root = join(tempFolder(), "restored");
      const restoring = restoreGitState(forged, { source: fixture.root, env: fixture.env, root });
      await expect(restoring).rejects.toMatchObject({ name: "ReproError" });
      rmSync(join(outside, "x"));
      expect(listing(outside)).toEqual([]);
    }
  });
});
