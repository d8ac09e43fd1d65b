import { chmodSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encodeCanonical, hashCanonical, withoutObserved } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitState, parseGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { fixedEnv, listing, makeRepository, peerTree, tempFolder } from "./fixture.ts";

const capture = async ({ root, env }: Fixture, more: object = {}): Promise<GitState> =>
  captureGitState({ cwd: root, env, ...more });

describe("a clean work tree", () => {
  test("has the commit's tree and no changes", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    expect(state).toMatchObject({
      schema: "repro/git-state/v1",
      fidelity: "exact",
      objectFormat: "sha1",
      commit: fixture.git("rev-parse", "HEAD"),
      tree: fixture.git("rev-parse", "HEAD^{tree}"),
      worktreeTree: fixture.git("rev-parse", "HEAD^{tree}"),
      dirty: false,
      changes: [],
      submodules: [],
      patch: null,
    });
    expect(state.observed).toMatchObject({
      engine: { name: "git", version: fixture.git("version").split(" ")[2], insteadOfGit: null },
      branch: "main",
      detached: false,
      upstream: null,
      tags: [],
      remotes: [],
      clone: { shallow: false, partial: false, sparse: false, linkedWorktree: false },
      operation: null,
      filtersNotRun: [],
    });
  });

  test("is the same state from any folder in it", async () => {
    const fixture = makeRepository();
    expect(await captureGitState({ cwd: join(fixture.root, "src"), env: fixture.env })).toEqual(await capture(fixture));
  });

  test("gives a state that is frozen, canonical, and its own parse", async () => {
    const state = await capture(makeRepository());
    expect(Object.isFrozen(state) && Object.isFrozen(state.changes) && Object.isFrozen(state.observed?.remotes)).toBe(
      true,
    );
    expect(parseGitState(JSON.parse(new TextDecoder().decode(encodeCanonical(withoutObserved(state)))))).toEqual(
      withoutObserved(state),
    );
  });

  test("has a fixed digest for a fixed repository; changes only in a major", async () => {
    const fixture = makeRepository();
    fixture.write("new.txt", "new\n");
    expect(hashCanonical(withoutObserved(await capture(fixture)))).toBe(
      "sha256:9a444a5e9d71ecbe62b8489ef58209fa1aa9639a5c3ba9620d9c45b74c26ff38",
    );
  });

  test("stays clean when only a file's time has changed, and the index is not refreshed", async () => {
    const fixture = makeRepository();
    writeFileSync(join(fixture.root, "a.txt"), "one\ntwo\nthree\n");
    const before = listing(join(fixture.root, ".git"));
    expect((await capture(fixture)).dirty).toBe(false);
    expect(listing(join(fixture.root, ".git"))).toEqual(before);
  });
});

describe("what differs", () => {
  const cases: Record<string, { change: (fixture: Fixture) => void; expected: string[] }> = {
    "an edited file": { change: ({ write }) => write("a.txt", "edited\n"), expected: ["modified a.txt"] },
    "a staged file": {
      change: ({ write, git }) => {
        write("a.txt", "staged\n");
        git("add", "a.txt");
      },
      expected: ["modified a.txt"],
    },
    "a file staged and then edited": {
      change: ({ write, git }) => {
        write("a.txt", "staged\n");
        git("add", "a.txt");
        write("a.txt", "edited\n");
      },
      expected: ["modified a.txt"],
    },
    "an untracked file": { change: ({ write }) => write("new/deep.txt", "new\n"), expected: ["added new/deep.txt"] },
    "a file that is to be added": {
      change: ({ write, git }) => {
        write("later.txt", "later\n");
        git("add", "--intent-to-add", "later.txt");
      },
      expected: ["added later.txt"],
    },
    "a deleted file": { change: ({ root }) => unlinkSync(join(root, "a.txt")), expected: ["deleted a.txt"] },
    "a file whose deletion is staged": {
      change: ({ git }) => void git("rm", "-q", "a.txt"),
      expected: ["deleted a.txt"],
    },
    "a file that is renamed": {
      change: ({ git }) => void git("mv", "a.txt", "b.txt"),
      expected: ["deleted a.txt", "added b.txt"],
    },
    "an executable bit": {
      change: ({ root }) => chmodSync(join(root, "a.txt"), 0o755),
      expected: ["modified a.txt"],
    },
    "a staged executable bit": {
      change: ({ git }) => void git("update-index", "--chmod=+x", "data.bin"),
      expected: [], // the file on disk is what runs, and it is not executable
    },
    "a file that became a link": {
      change: ({ root }) => {
        unlinkSync(join(root, "a.txt"));
        symlinkSync("data.bin", join(root, "a.txt"));
      },
      expected: ["type-changed a.txt"],
    },
    "an untracked link that leads nowhere": {
      change: ({ root }) => symlinkSync("nowhere", join(root, "dangling")),
      expected: ["added dangling"],
    },
    "a file that became a folder": {
      change: ({ root, write }) => {
        unlinkSync(join(root, "a.txt"));
        write("a.txt/inside", "inside\n");
      },
      expected: ["deleted a.txt", "added a.txt/inside"],
    },
    "a folder that became a file": {
      change: ({ root, write }) => {
        rmSync(join(root, "src"), { recursive: true });
        write("src", "flat\n");
      },
      expected: ["added src", "deleted src/run.sh"],
    },
    "an empty file": { change: ({ write }) => write("empty", ""), expected: ["added empty"] },
    "names with line feeds, quotes, tabs, blanks and other scripts": {
      change: ({ write }) =>
        ['"q"', " blank ", "-n", "tab\t", "two\nlines", "\\b", "é", "文", "\u{1F600}"].forEach((name) =>
          write(name, name),
        ),
      expected: ['"q"', " blank ", "-n", "\\b", "tab\t", "two\nlines", "é", "文", "\u{1F600}"]
        .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map((name) => `added ${name}`),
    },
    "a file that is ignored, but added by force": {
      change: ({ write, git }) => {
        write(".gitignore", "*.log\n");
        write("kept.log", "log\n");
        write("lost.log", "log\n");
        git("add", "--force", "kept.log");
      },
      expected: ["added .gitignore", "added kept.log"],
    },
    "a file taken out of the index but left on disk": {
      change: ({ git }) => void git("rm", "-q", "--cached", "a.txt"),
      expected: [],
    },
  };
  for (const [name, { change, expected }] of Object.entries(cases)) {
    test(`${name}: the changes, and the tree that git add --all makes`, async () => {
      const fixture = makeRepository();
      change(fixture);
      const state = await capture(fixture);
      expect(state.changes.map(({ path, status }) => `${status} ${path}`)).toEqual(expected);
      expect(state.dirty).toBe(expected.length > 0);
      expect(state.worktreeTree).toBe(peerTree(fixture));
    });
  }

  test("a file staged and then put back is no difference", async () => {
    const fixture = makeRepository();
    fixture.write("a.txt", "staged\n");
    fixture.git("add", "a.txt");
    fixture.write("a.txt", "one\ntwo\nthree\n");
    expect(await capture(fixture)).toMatchObject({ dirty: false, changes: [] });
  });

  test("a name that is not UTF-8 is written with U+FFFD, and its tree is exact", async () => {
    const fixture = makeRepository();
    writeFileSync(Buffer.concat([Buffer.from(`${fixture.root}/`), Buffer.from([0x66, 0xff, 0xfe])]), "bytes\n");
    const state = await capture(fixture);
    expect(state.changes).toEqual([{ path: "f\uFFFD\uFFFD", status: "added" }]);
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("a merge with conflicts is the files as they lie there, and is named", async () => {
    const fixture = makeRepository();
    fixture.git("checkout", "-q", "-b", "other");
    fixture.write("a.txt", "theirs\n");
    fixture.commit();
    fixture.git("checkout", "-q", "main");
    fixture.write("a.txt", "ours\n");
    fixture.commit();
    expect(() => fixture.git("merge", "other")).toThrow();
    const state = await capture(fixture);
    expect(state.changes).toEqual([{ path: "a.txt", status: "modified" }]);
    expect(state.observed?.operation).toBe("merge");
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });

  test("contents with carriage returns become what git makes of them", async () => {
    const fixture = makeRepository();
    fixture.write("crlf.txt", "committed\r\nas it is\r\n");
    fixture.commit();
    fixture.git("config", "core.autocrlf", "input");
    fixture.write("crlf.txt", "still\r\nas it is\r\n"); // the index has CRLF, so git keeps it
    fixture.write("new.txt", "turned\r\n");
    expect((await capture(fixture)).worktreeTree).toBe(peerTree(fixture));
  });

  test("core.safecrlf does not stop a capture", async () => {
    const fixture = makeRepository();
    fixture.git("config", "core.autocrlf", "input");
    fixture.git("config", "core.safecrlf", "true");
    fixture.write("new.txt", "turned\r\n");
    expect((await capture(fixture)).dirty).toBe(true);
  });

  test("files that the user's own configuration ignores are no changes", async () => {
    const home = tempFolder();
    writeFileSync(join(home, "ignored"), "*.swp\n");
    writeFileSync(join(home, "config"), `[core]\n\texcludesFile = ${join(home, "ignored")}\n`);
    const fixture = makeRepository({ env: fixedEnv({ GIT_CONFIG_GLOBAL: join(home, "config") }) });
    fixture.write("a.swp", "swap");
    expect((await capture(fixture)).dirty).toBe(false);
  });

  test("the same whatever the caller's language", async () => {
    const fixture = makeRepository();
    fixture.write("İstanbul.txt", "i\n");
    const env = { ...fixture.env, LANG: "tr_TR.UTF-8", LANGUAGE: "tr", LC_ALL: "tr_TR.UTF-8", TZ: "Asia/Kathmandu" };
    expect(await captureGitState({ cwd: fixture.root, env })).toEqual(await capture(fixture));
  });
});

describe("what is excluded", () => {
  test(".repro is never a change", async () => {
    const fixture = makeRepository();
    fixture.write(".repro/run/record.json", "{}");
    expect((await capture(fixture)).dirty).toBe(false);
  });

  test("untracked files under an excluded path are products", async () => {
    const fixture = makeRepository();
    fixture.write("runs/1/model.bin", "model");
    fixture.write("runs2/model.bin", "model");
    const state = await capture(fixture, { exclude: ["runs/"] });
    expect(state.changes).toEqual([{ path: "runs2/model.bin", status: "added" }]);
  });

  test("tracked files under an excluded path are code", async () => {
    const fixture = makeRepository();
    fixture.write("src/run.sh", "edited\n");
    expect((await capture(fixture, { exclude: ["src"] })).dirty).toBe(true);
  });

  test.for(["", "/", "/abs", "../up", "a//b", "a/./b"])(
    "%j is not a path in the work tree: RangeError",
    async (path) => {
      await expect(capture(makeRepository(), { exclude: [path] })).rejects.toThrow(RangeError);
    },
  );
});

test("variables of an outer git do not lead to another repository", async () => {
  const fixture = makeRepository();
  const other = makeRepository();
  other.write("b.txt", "other\n");
  other.commit("other");
  const env = {
    ...fixture.env,
    GIT_DIR: join(other.root, ".git"),
    GIT_INDEX_FILE: "/nonexistent",
    GIT_WORK_TREE: other.root,
  };
  expect((await captureGitState({ cwd: fixture.root, env })).commit).toBe(fixture.git("rev-parse", "HEAD"));
});
