import { createHash } from "node:crypto";
import { appendFileSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../../src/index.ts";
import { arm } from "../arm.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, makeTrap, tempFolder } from "../fixture.ts";
import { failingGit, started, touch } from "./cases/case.ts";
import { underLfs } from "./cases/filters.ts";
import { withSubmodules } from "./cases/nested.ts";

/*
 * 1,000 captures: of each of ten kinds of repositories, 50 by each engine, two at a time. Before and after, every byte, time, mode
 * and inode of the repository and of its work tree is the same, and nothing ran that the repository names.
 */
const ROUNDS = 25;

/** Makes a repository in a folder; it is armed afterwards, which leaves an untracked `.gitattributes`. */
const KINDS: Readonly<Record<string, (folder: string) => Fixture>> = {
  settled: (folder) => started(folder),
  touched: (folder) => {
    const fixture = started(folder);
    for (const path of ["a.txt", "data.bin", "src/run.sh"]) touch(fixture, path, 1_600_000_000);
    return fixture;
  },
  "dirty and packed": (folder) => {
    const fixture = started(folder);
    fixture.git("gc", "-q");
    fixture.write("a.txt", "edited\n");
    fixture.write("staged.txt", "staged\n");
    fixture.git("add", "staged.txt");
    fixture.write("n/new.bin", new Uint8Array(5000).fill(7));
    return fixture;
  },
  "submodules, dirty": (folder) => {
    const fixture = withSubmodules(folder);
    fixture.write("lib/a.txt", "edited\n");
    fixture.write("lib/deep/new.txt", "new\n");
    return fixture;
  },
  "git-lfs": (folder) => {
    const fixture = underLfs(folder);
    fixture.write("model.dat", "other weights\n");
    fixture.git("add", "model.dat"); // a patch needs its contents in git-lfs's own store
    return fixture;
  },
  "linked work tree": (folder) => {
    const fixture = started(folder);
    fixture.git("worktree", "add", "-q", "-b", "linked", join(folder, "linked"));
    fixture.write("../linked/a.txt", "edited\n");
    return fixtureAt(join(folder, "linked"), fixture.env);
  },
  "split index": (folder) => {
    const fixture = started(folder);
    fixture.git("update-index", "--split-index");
    fixture.write("a.txt", "edited\n");
    fixture.git("add", "a.txt");
    return fixture;
  },
  "sparse index": (folder) => {
    const fixture = started(folder, { "n/x.txt": "x\n", "out/y.txt": "y\n" });
    fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "n");
    fixture.write("n/x.txt", "edited\n");
    return fixture;
  },
  "merge conflict": (folder) => {
    const fixture = started(folder);
    fixture.git("checkout", "-q", "-b", "other");
    fixture.write("a.txt", "theirs\n");
    fixture.commit();
    fixture.git("checkout", "-q", "main");
    fixture.write("a.txt", "ours\n");
    fixture.commit();
    failingGit(fixture, "merge", "-q", "other");
    return fixture;
  },
  "shared objects": (folder) => {
    const { env, root } = started(folder);
    fixtureAt(folder, env).git("clone", "-q", "--shared", root, "clone");
    const clone = fixtureAt(join(folder, "clone"), env);
    clone.write("a.txt", "edited\n");
    return clone;
  },
};

/** Files whose time git itself sets when it does no more than read an index of that kind. */
const FRESHENED: Readonly<Record<string, RegExp>> = {
  // "The shared file is in use", so that it is not taken for a stale one: git-update-index(1), "Split index".
  "split index": /\/sharedindex\.[0-9a-f]+$/,
  // Folders that are one entry are made many, and then git "writes" their trees, which are there.
  "sparse index": /\.git\/objects\/[0-9a-f]{2}\/[0-9a-f]+$/,
};

describe.each(Object.keys(KINDS))("%s", (kind) => {
  test.each(["git", "built-in"] as const)(
    `is as it was after ${2 * ROUNDS} captures by the %s engine`,
    async (engine) => {
      const folder = tempFolder();
      const fixture = KINDS[kind]?.(folder) ?? started(folder);
      const { env, sprung } = armed(fixture);
      const freshened = engine === "git" ? FRESHENED[kind] : undefined;
      const before = everything(folder, freshened);
      const options = { cwd: fixture.root, env, engine };
      for (let round = 0; round < ROUNDS; round += 1) {
        const [state, { tree }] = await Promise.all([captureGitState(options), captureGitPatch(options)]);
        expect(state.dirty).toBe(true);
        expect(tree).toBe(state.worktreeTree);
      }
      expect(everything(folder, freshened)).toEqual(before);
      expect(sprung()).toBe(false);
      failing(() => fixture.git("status")); // it was armed: git itself runs a trap
      expect(sprung()).toBe(true);
    },
  );
});

/** Sets traps in a repository and in its submodule, and one in place of git-lfs. */
function armed(fixture: Fixture): { readonly env: Fixture["env"]; readonly sprung: () => boolean } {
  const traps = tempFolder();
  const { command, sprung } = makeTrap(traps);
  arm(fixture, command);
  appendFileSync(join(fixture.root, ".gitattributes"), "*.dat filter=lfs -text\n");
  const submodule = lstatSync(join(fixture.root, "lib/.git"), { throwIfNoEntry: false });
  if (submodule !== undefined) arm(fixtureAt(join(fixture.root, "lib"), fixture.env), command);
  mkdirSync(join(traps, "bin"));
  symlinkSync(command, join(traps, "bin/git-lfs"));
  return { env: { ...fixture.env, PATH: `${traps}/bin:${fixture.env["PATH"]}` }, sprung };
}

function failing(run: () => void): void {
  try {
    run();
  } catch {
    // a trap that is run fails
  }
}

/** One line for each file, folder and link, with all that a write could change. */
function everything(folder: string, freshened: RegExp | undefined): readonly string[] {
  const names = [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })];
  return names
    .map((name) => {
      const path = join(folder, name);
      const { ino, mode, nlink, uid, gid, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
      const times = freshened?.test(name) === true ? [] : [mtimeNs, ctimeNs];
      return [name, ino, mode, nlink, uid, gid, size, ...times, contentOf(path)].join(" ");
    })
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function contentOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
}
