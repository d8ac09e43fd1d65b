import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import { fixtureAt } from "../../fixture.ts";
import type { Case, Group } from "./case.ts";
import { chmod, remove, settle, started } from "./case.ts";

/** The index after a command, unless the work tree changes as well. */
function after(name: string, args: readonly string[], change?: (fixture: Fixture) => void): Case {
  return {
    name,
    build: (folder) => {
      const fixture = started(folder, { "n/deep/x.txt": "x\n" });
      fixture.git(...args);
      change?.(fixture);
      return fixture;
    },
  };
}

/** A file that git is told to overlook, by a flag. */
function flagged(flag: string, state: string, change: (fixture: Fixture) => void, isDeliberate: boolean): Case {
  return {
    ...after(`${flag}, ${state}`, ["update-index", `--${flag}`, "a.txt"], change),
    ...(isDeliberate
      ? {
          truth: {
            note: "counts as it lies there, though git overlooks it",
            prepare: ({ git }) => git("update-index", `--no-${flag}`, "a.txt"),
          },
        }
      : {}),
  };
}

const editA = ({ write }: Fixture): void => write("a.txt", "edited\n");

/** A checkout of one folder only. */
function sparse(name: string, options: readonly string[], change: (fixture: Fixture) => void): Case {
  return {
    name,
    build: (folder) => {
      const fixture = started(folder, { "n/x.txt": "x\n", "out/y.txt": "y\n", "out/deep/z.txt": "z\n" });
      fixture.git("sparse-checkout", "set", "--cone", ...options, "n");
      change(fixture);
      return fixture;
    },
  };
}

/** Puts zeros in place of the index's checksum, as `index.skipHash` (git 2.40) does. */
function zeroChecksum({ root }: Fixture): void {
  const path = join(root, ".git/index");
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, bytes.length - 20));
}

export const INDEX: Group = {
  title: "The index",
  cases: [
    ...["2", "3", "4"].map((version): Case =>
      after(`version ${version}`, ["update-index", "--index-version", version], (fixture) => {
        if (version === "3") {
          fixture.write("later", "later\n");
          fixture.git("add", "--intent-to-add", "later"); // its flag needs version 3
        }
        fixture.write("n/deep/x.txt", "edited\n");
      }),
    ),
    after("version 4, clean", ["update-index", "--index-version", "4"]),
    after("split index, clean", ["update-index", "--split-index"]),
    after("split index, edited after it was split", ["update-index", "--split-index"], ({ write, git }) => {
      write("n/deep/x.txt", "edited\n");
      write("new.txt", "new\n");
      git("add", "--all");
      git("rm", "-q", "--cached", "data.bin");
      write("a.txt", "edited\n");
    }),
    after("untracked cache", ["update-index", "--force-untracked-cache"], ({ write, git }) => {
      git("status");
      write("new.txt", "new\n");
    }),
    {
      name: "checksum left out (index.skipHash)",
      build: (folder) => {
        const fixture = started(folder);
        editA(fixture);
        zeroChecksum(fixture);
        return fixture;
      },
    },
    {
      name: "no index file",
      build: (folder) => {
        const fixture = started(folder);
        remove(fixture, ".git/index");
        return fixture;
      },
    },
    {
      name: "index.lock left behind",
      build: (folder) => {
        const fixture = started(folder);
        editA(fixture);
        fixture.write(".git/index.lock", "");
        return fixture;
      },
      truth: { note: "what git adds once the lock is gone", prepare: (fixture) => remove(fixture, ".git/index.lock") },
    },
    flagged("assume-unchanged", "untouched", () => {}, false),
    flagged("assume-unchanged", "edited", editA, true),
    flagged("assume-unchanged", "deleted", (fixture) => remove(fixture, "a.txt"), true),
    flagged("assume-unchanged", "executable bit", (fixture) => chmod(fixture, "a.txt", 0o755), true),
    flagged("skip-worktree", "untouched", () => {}, false),
    flagged("skip-worktree", "edited", editA, true),
    flagged("skip-worktree", "not there", (fixture) => remove(fixture, "a.txt"), false),
    sparse("sparse checkout, clean", [], () => {}),
    sparse("sparse checkout, edited inside", [], ({ write }) => write("n/x.txt", "edited\n")),
    {
      ...sparse("sparse checkout, edited outside", [], ({ write }) => write("out/y.txt", "edited\n")),
      truth: {
        note: "counts as it lies there, though git overlooks it",
        prepare: ({ git }) => git("add", "--sparse", "out/y.txt"),
      },
    },
    {
      ...sparse("sparse checkout, untracked outside", [], ({ write }) => write("out/new.txt", "new\n")),
      truth: { note: "git adds it only with --sparse", prepare: ({ git }) => git("add", "--all", "--sparse") },
    },
    sparse("sparse index, clean", ["--sparse-index"], () => {}),
    sparse("sparse index, edited inside", ["--sparse-index"], ({ write }) => write("n/x.txt", "edited\n")),
    {
      ...sparse("sparse index, edited outside", ["--sparse-index"], ({ write }) => write("out/y.txt", "edited\n")),
      truth: {
        note: "counts as it lies there, though git overlooks it",
        prepare: ({ git }) => git("add", "--sparse", "out/y.txt"),
      },
    },
    {
      name: "folder at a depth of 100",
      build: (folder) => {
        const fixture = started(folder);
        fixture.write(`${"d/".repeat(100)}x`, "x\n");
        return fixture;
      },
    },
    {
      name: "resolve-undo and cache-tree after a merge",
      build: (folder) => {
        const fixture = settle(started(folder));
        execFileSync("git", ["checkout", "-q", "-b", "other"], { cwd: fixture.root, env: fixture.env });
        fixture.write("a.txt", "theirs\n");
        fixture.commit("theirs");
        fixture.git("checkout", "-q", "main");
        fixture.write("a.txt", "ours\n");
        fixture.commit("ours");
        try {
          fixture.git("merge", "-q", "other");
        } catch {
          fixture.write("a.txt", "both\n");
          fixture.git("add", "a.txt");
        }
        return fixtureAt(fixture.root, fixture.env);
      },
    },
  ],
};
