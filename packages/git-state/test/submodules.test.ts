import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withoutObserved } from "@repro/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixtureAt, listing, makeRepository, makeShim, tempFolder } from "./fixture.ts";

const SLOW = process.env["SLOW"] === "1";

let template: string;

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), "git-state-submodules-"));
  const at = (name: string): Fixture => makeRepository({ root: join(template, name) });
  const library = at("library");
  library.git("submodule", "--quiet", "add", at("deep").root, "deep");
  library.commit("library");
  const work = at("work");
  work.git("submodule", "--quiet", "add", library.root, "lib");
  work.commit("with library");
  work.git("submodule", "--quiet", "update", "--init", "--recursive");
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A work tree with the submodule `lib`, which has the submodule `lib/deep`. */
function withSubmodules(): Fixture & { readonly lib: Fixture; readonly deep: Fixture } {
  const root = join(tempFolder(), "work");
  cpSync(join(template, "work"), root, { recursive: true });
  const fixture = fixtureAt(root);
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
  "a submodule whose files are all gone": {
    change: ({ root }) => {
      for (const name of [".gitmodules", "a.txt", "data.bin", "src", "deep"]) {
        rmSync(join(root, "lib", name), { recursive: true });
      }
    },
    changes: [
      "deleted lib/.gitmodules",
      "deleted lib/a.txt",
      "deleted lib/data.bin",
      "deleted lib/deep",
      "deleted lib/src/run.sh",
    ],
  },
  "a submodule that was removed": {
    change: ({ root }) => rmSync(join(root, "lib"), { recursive: true }),
    changes: ["deleted lib"],
  },
  "a submodule that became a file": {
    change: ({ root, write }) => {
      rmSync(join(root, "lib"), { recursive: true });
      write("lib", "file\n");
    },
    changes: ["type-changed lib"],
  },
  "a submodule that became a link to where it was moved": {
    change: ({ root }) => {
      rmSync(join(root, "lib"), { recursive: true });
      symlinkSync("moved", join(root, "lib"));
      makeRepository({ root: join(root, "moved") }).write("a.txt", "edited\n");
    },
    changes: ["type-changed lib", "modified moved/a.txt"],
  },
  "a submodule that began anew, without commits": {
    change: ({ root, lib }) => {
      rmSync(join(root, "lib/.git"));
      lib.git("init", "-q");
    },
    changes: [
      "modified lib",
      "added lib/.gitmodules",
      "added lib/a.txt",
      "added lib/data.bin",
      "added lib/deep",
      "added lib/src/run.sh",
    ],
  },
  "a submodule that began anew, without commits or files": {
    change: ({ root, lib }) => {
      rmSync(join(root, "lib"), { recursive: true });
      mkdirSync(join(root, "lib"));
      lib.git("init", "-q");
    },
    changes: [],
  },
  "a submodule of which another commit is staged, and that is not checked out": {
    change: ({ git, deep }) => {
      const commit = deep.git("rev-parse", "HEAD");
      git("submodule", "--quiet", "deinit", "--force", "lib");
      git("update-index", "--cacheinfo", `160000,${commit},lib`);
    },
    changes: ["modified lib"],
  },
  "a submodule at another commit, which git was told to overlook": {
    change: ({ git, lib }) => {
      lib.write("a.txt", "second\n");
      lib.commit("second");
      git("update-index", "--assume-unchanged", "lib");
    },
    changes: ["modified lib"],
  },
  "a file that became a repository with edits": {
    change: ({ root }) => {
      unlinkSync(join(root, "a.txt"));
      makeRepository({ root: join(root, "a.txt") }).write("a.txt", "edited\n");
    },
    changes: ["type-changed a.txt", "modified a.txt/a.txt"],
  },
  "a folder that became a repository": {
    change: ({ root, git }) => {
      git("rm", "-rq", "src");
      makeRepository({ root: join(root, "src") });
    },
    changes: ["added src", "deleted src/run.sh"],
  },
  "a folder that became a repository with edits": {
    change: ({ root, git }) => {
      git("rm", "-rq", "src");
      makeRepository({ root: join(root, "src") }).write("a.txt", "edited\n");
    },
    changes: ["type-changed src", "modified src/a.txt"],
  },
  "repositories in an untracked folder, one in the other": {
    change: ({ root }) => {
      makeRepository({ root: join(root, "new/outer") });
      makeRepository({ root: join(root, "new/outer/inner") }).write("é", "new\n");
    },
    changes: ["added new/outer/inner/é"],
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
    test(`${name}: both engines give one state, and it comes back from its patch`, async () => {
      const fixture = withSubmodules();
      change(fixture);
      const state = await stateOf(fixture, "git");
      expect(state.changes.map(({ path, status }) => `${status} ${path}`)).toEqual(changes);
      expect(withoutObserved(await stateOf(fixture, "built-in"))).toEqual(withoutObserved(state));
      const before = listing(fixture.root);
      for (const engine of SLOW ? (["git", "built-in"] as const) : (["git"] as const)) {
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
      ["lib/deep", join(template, "deep")],
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

  test("that lack the commit are named, too: GIT_COMMIT_MISSING", async () => {
    const fixture = withSubmodules();
    fixture.lib.write("a.txt", "second\n");
    fixture.lib.commit("second");
    const state = await stateOf(fixture, "git");
    const { root: source } = withSubmodules();
    const root = join(tempFolder(), "restored");
    const { env } = fixture;
    const { patch } = await captureGitPatch({ cwd: fixture.root, env, engine: "git" });
    expect(await failure(restoreGitState(state, { source, env, root, patch }))).toMatchObject({
      code: "GIT_COMMIT_MISSING",
      data: { path: "lib", source: join(source, "lib") },
    });
    expect(existsSync(root)).toBe(false);
  });

  test("leave nothing when restoring is aborted while the innermost is made", async () => {
    const { root: source, env } = withSubmodules();
    const state = await captureGitState({ cwd: source, env });
    const root = join(tempFolder(), "restored");
    const reached = join(tempFolder(), "reached");
    const at = `"$1" = checkout-index ] && [ "$PWD" = '${root}/lib/deep'`;
    const PATH = makeShim(`[ ${at} ] && { : > '${reached}'; exec tail -f /dev/null; }`);
    const control = new AbortController();
    const restoring = restoreGitState(state, { source, root, env: { ...env, PATH }, signal: control.signal });
    await expect.poll(() => existsSync(reached), { interval: 5, timeout: 10_000 }).toBe(true);
    const reason = new Error("enough");
    control.abort(reason);
    await expect(restoring).rejects.toBe(reason);
    expect(listing(root)).toEqual([]);
  });

  test("of a restore that was killed at any moment are never taken for whole", async () => {
    const fixture = withSubmodules();
    fixture.lib.write("a.txt", "edited\n");
    const { root: source, env } = fixture;
    const options = { cwd: source, env, engine: "git" } as const;
    const state = await captureGitState(options);
    const { patch } = await captureGitPatch(options);
    const root = join(tempFolder(), "restored");
    const moments = tempFolder();
    // What lies there whenever git is run in the new work tree, until the last checkout: what a kill would leave.
    const save = `n=$(ls '${moments}' | wc -l); cp -a '${root}' "${moments}/$n-$1"`;
    const PATH = makeShim(
      `case "$PWD" in '${root}'*) case "$1" in init|update-ref|checkout-index) ${save};; esac;; esac`,
    );
    await restoreGitState(state, { source, env: { ...env, PATH }, root, patch });
    const saved = readdirSync(moments);
    expect(saved.filter((name) => name.endsWith("-checkout-index"))).toHaveLength(3);
    for (const name of saved) {
      const left = join(moments, name);
      if (listing(left).length === 0) continue;
      const again = restoreGitState(state, { source, env, root: left, patch });
      await expect(again).rejects.toMatchObject({ code: "GIT_RESTORE_NOT_EMPTY" });
      const found = await captureGitState({ ...options, cwd: left }).catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toMatchObject({ name: "ReproError" });
      else expect(found).not.toMatchObject({ worktreeTree: state.worktreeTree, submodules: state.submodules });
    }
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
