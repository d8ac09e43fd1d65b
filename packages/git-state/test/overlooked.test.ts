import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { fixtureAt, listing, makeRepository, peerTree } from "./fixture.ts";

const capture = async ({ root, env }: Fixture): Promise<GitState> => captureGitState({ cwd: root, env, engine: "git" });

const changesOf = ({ changes }: GitState): string[] => changes.map(({ path, status }) => `${status} ${path}`);

/** Has git look at files again. It takes one flag at a time. */
function look(git: Fixture["git"], ...paths: readonly string[]): void {
  for (const flag of ["--no-assume-unchanged", "--no-skip-worktree"]) git("update-index", flag, "--", ...paths);
}

interface Case {
  readonly change: (fixture: Fixture) => void;
  readonly expected: readonly string[];
}

/** What git is told to overlook is `a.txt` and `src/run.sh`. */
const CASES: Readonly<Record<string, Case>> = {
  "nothing changed": { change: () => {}, expected: [] },
  "an edit": { change: ({ write }) => write("a.txt", "edited\n"), expected: ["modified a.txt"] },
  "an executable bit": { change: ({ root }) => chmodSync(join(root, "a.txt"), 0o755), expected: ["modified a.txt"] },
  "a link in the file's place": {
    change: ({ root }) => {
      unlinkSync(join(root, "a.txt"));
      symlinkSync("data.bin", join(root, "a.txt"));
    },
    expected: ["type-changed a.txt"],
  },
  "an edit that is staged, and another": {
    change: ({ git, write }) => {
      look(git, "a.txt");
      write("a.txt", "staged\n");
      git("add", "a.txt");
      git("update-index", "--assume-unchanged", "a.txt");
      write("a.txt", "edited\n");
    },
    expected: ["modified a.txt"],
  },
};

describe.for(["--assume-unchanged", "--skip-worktree"])("files that git was told to overlook (%s)", (flag) => {
  for (const [name, { change, expected }] of Object.entries(CASES)) {
    test(`${name}: the changes, and the tree that git makes when it looks`, async () => {
      const fixture = makeRepository();
      fixture.git("update-index", flag, "a.txt", "src/run.sh");
      change(fixture);
      const before = listing(join(fixture.root, ".git"));
      const state = await capture(fixture);
      expect(listing(join(fixture.root, ".git"))).toEqual(before);
      expect(changesOf(state)).toEqual(expected);
      look(fixture.git, "a.txt", "src/run.sh");
      expect(state.worktreeTree).toBe(peerTree(fixture));
    });
  }

  test("in a submodule", async () => {
    const fixture = makeRepository();
    fixture.git("submodule", "--quiet", "add", makeRepository().root, "lib");
    fixture.commit();
    fixtureAt(join(fixture.root, "lib")).git("update-index", flag, "a.txt");
    fixture.write("lib/a.txt", "edited\n");
    expect(changesOf(await capture(fixture))).toEqual(["modified lib/a.txt"]);
  });
});

test("a file that is assumed unchanged and is gone was not there to run", async () => {
  const fixture = makeRepository();
  fixture.git("update-index", "--assume-unchanged", "a.txt", "src/run.sh");
  unlinkSync(join(fixture.root, "a.txt"));
  renameSync(join(fixture.root, "src"), join(fixture.root, "elsewhere"));
  symlinkSync("elsewhere", join(fixture.root, "src"));
  const state = await capture(fixture);
  expect(changesOf(state)).toEqual(["deleted a.txt", "added elsewhere/run.sh", "added src", "deleted src/run.sh"]);
  look(fixture.git, "a.txt", "src/run.sh");
  expect(state.worktreeTree).toBe(peerTree(fixture));
});

describe("a sparse checkout", () => {
  test("is as the index has it where it leaves files out, staged or not", async () => {
    const fixture = makeRepository();
    fixture.write("src/run.sh", "staged\n");
    fixture.git("add", "src/run.sh");
    fixture.git("update-index", "--skip-worktree", "a.txt", "src/run.sh");
    const staged = fixture.git("write-tree");
    unlinkSync(join(fixture.root, "a.txt"));
    rmSync(join(fixture.root, "src"), { recursive: true });
    const state = await capture(fixture);
    expect(changesOf(state)).toEqual(["modified src/run.sh"]);
    expect(state.worktreeTree).toBe(staged);
  });

  test("is as the index has it behind a link, too", async () => {
    const fixture = makeRepository();
    fixture.git("update-index", "--skip-worktree", "src/run.sh");
    renameSync(join(fixture.root, "src"), join(fixture.root, "elsewhere"));
    mkdirSync(join(fixture.root, "src"));
    symlinkSync("../elsewhere/run.sh", join(fixture.root, "src/other"));
    const { changes } = await capture(fixture);
    expect(changes.map(({ path }) => path)).toEqual(["elsewhere/run.sh", "src/other"]);
  });

  test("heeds the attributes that it leaves out", async () => {
    const fixture = makeRepository();
    fixture.write("src/.gitattributes", "*.txt text eol=lf\n");
    fixture.commit();
    fixture.git("update-index", "--skip-worktree", "src/.gitattributes");
    unlinkSync(join(fixture.root, "src/.gitattributes"));
    fixture.write("src/new.txt", "turned\r\n");
    fixture.write("new.txt", "as it is\r\n");
    const state = await capture(fixture);
    expect(changesOf(state)).toEqual(["added new.txt", "added src/new.txt"]);
    expect(state.worktreeTree).toBe(peerTree(fixture));
    expect(fixture.git("cat-file", "-p", ":src/new.txt")).toBe("turned");
  });
});
