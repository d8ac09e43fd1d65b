import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { fixtureAt, listing, makeRepository, tempFolder } from "./fixture.ts";

/** A file of the repository that may be changed: git writes objects read-only. */
function writable({ root }: Fixture, path: string): string {
  const full = join(root, ".git", path);
  chmodSync(full, 0o644);
  return full;
}

function objectOf(fixture: Fixture, rev: string): string {
  const id = fixture.git("rev-parse", rev);
  return writable(fixture, `objects/${id.slice(0, 2)}/${id.slice(2)}`);
}

/** The only file of the one pack, by how its name ends. */
function packOf(fixture: Fixture, ending: string): string {
  fixture.git("repack", "-adq");
  fixture.git("prune-packed", "-q");
  const names = readdirSync(join(fixture.root, ".git/objects/pack")).filter((name) => name.endsWith(ending));
  return writable(fixture, `objects/pack/${names[0] ?? ""}`);
}

function halve(file: string): void {
  truncateSync(file, Math.floor(statSync(file).size / 2));
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
}

const edit = ({ write }: Fixture): void => write("a.txt", "edited\n");

function submoduleIn(fixture: Fixture): Fixture {
  fixture.git("submodule", "--quiet", "add", makeRepository().root, "lib");
  fixture.commit();
  return fixtureAt(join(fixture.root, "lib"));
}

function extension({ git }: Fixture, name: string, value: string): void {
  git("config", "core.repositoryFormatVersion", "1");
  git("config", `extensions.${name}`, value);
}

/** `"clean"` and `"edited"` are the exact answers; anything else is the code of the error. */
type Outcome = "clean" | "edited" | "GIT_UNREADABLE" | "GIT_UNSUPPORTED" | "GIT_NO_COMMITS" | "GIT_NOT_A_WORKTREE";

interface Case {
  readonly damage: (fixture: Fixture) => void;
  readonly expected: Outcome;
  /** Why the repository's files are not compared afterwards. */
  readonly unlisted?: "git sets the time of a shared index when it reads it" | "a name is not UTF-8";
}

const CASES: Readonly<Record<string, Case>> = {
  "an index that is none": {
    damage: (fixture) => writeFileSync(writable(fixture, "index"), "not an index"),
    expected: "GIT_UNREADABLE",
  },
  "an empty index": { damage: (fixture) => writeFileSync(writable(fixture, "index"), ""), expected: "GIT_UNREADABLE" },
  "an index that is cut off": { damage: (fixture) => halve(writable(fixture, "index")), expected: "GIT_UNREADABLE" },
  "an index with another size of a file, which git itself does not notice": {
    damage: (fixture) => flip(writable(fixture, "index"), 51),
    expected: "GIT_UNREADABLE",
  },
  "an index with another id of a file, which git itself does not notice": {
    damage: (fixture) => flip(writable(fixture, "index"), 60),
    expected: "GIT_UNREADABLE",
  },
  "an index of a later layout": {
    damage: (fixture) => flip(writable(fixture, "index"), 7),
    expected: "GIT_UNSUPPORTED",
  },
  "an index that is a folder": {
    damage: ({ root }) => {
      rmSync(join(root, ".git/index"));
      mkdirSync(join(root, ".git/index"));
    },
    expected: "GIT_UNREADABLE",
  },
  "no index": { damage: ({ root }) => rmSync(join(root, ".git/index")), expected: "clean" },
  "no index, and an edit": {
    damage: (fixture) => {
      rmSync(join(fixture.root, ".git/index"));
      edit(fixture);
    },
    expected: "edited",
  },
  "a split index without its other half": {
    damage: (fixture) => {
      fixture.git("update-index", "--split-index");
      const names = readdirSync(join(fixture.root, ".git")).filter((name) => name.startsWith("sharedindex."));
      for (const name of names) rmSync(writable(fixture, name));
    },
    expected: "GIT_UNREADABLE",
  },
  "a split index whose other half is damaged": {
    damage: (fixture) => {
      fixture.git("update-index", "--split-index");
      const names = readdirSync(join(fixture.root, ".git")).filter((name) => name.startsWith("sharedindex."));
      for (const name of names) flip(writable(fixture, name), 60);
    },
    expected: "GIT_UNREADABLE",
    unlisted: "git sets the time of a shared index when it reads it",
  },
  "a pack that is cut off": { damage: (fixture) => halve(packOf(fixture, ".pack")), expected: "GIT_UNREADABLE" },
  "a pack that is gone": { damage: (fixture) => rmSync(packOf(fixture, ".pack")), expected: "GIT_UNREADABLE" },
  "a pack's index that is cut off": { damage: (fixture) => halve(packOf(fixture, ".idx")), expected: "GIT_UNREADABLE" },
  "the commit is gone": { damage: (fixture) => rmSync(objectOf(fixture, "HEAD")), expected: "GIT_UNREADABLE" },
  "the commit is garbage": {
    damage: (fixture) => writeFileSync(objectOf(fixture, "HEAD"), "garbage"),
    expected: "GIT_UNREADABLE",
  },
  "the commit is an empty file": {
    damage: (fixture) => writeFileSync(objectOf(fixture, "HEAD"), ""),
    expected: "GIT_UNREADABLE",
  },
  "the commit's tree is gone": {
    damage: (fixture) => rmSync(objectOf(fixture, "HEAD^{tree}")),
    expected: "GIT_UNREADABLE",
  },
  "a folder's tree is gone: the index still has its id": {
    damage: (fixture) => rmSync(objectOf(fixture, "HEAD:src")),
    expected: "clean",
  },
  "a folder's tree is gone, and there is an edit elsewhere": {
    damage: (fixture) => {
      rmSync(objectOf(fixture, "HEAD:src"));
      edit(fixture);
    },
    expected: "edited",
  },
  "a folder's tree is gone, and there is an edit in it": {
    damage: (fixture) => {
      rmSync(objectOf(fixture, "HEAD:src"));
      fixture.write("src/run.sh", "edited\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a folder's tree is garbage, and there is an edit in it": {
    damage: (fixture) => {
      writeFileSync(objectOf(fixture, "HEAD:src"), "garbage");
      fixture.write("src/run.sh", "edited\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a file's contents are gone: they lie there": {
    damage: (fixture) => rmSync(objectOf(fixture, "HEAD:a.txt")),
    expected: "clean",
  },
  "an edited file's contents are gone": {
    damage: (fixture) => {
      rmSync(objectOf(fixture, "HEAD:a.txt"));
      edit(fixture);
    },
    expected: "GIT_UNREADABLE",
  },
  "borrowed objects are gone": {
    damage: ({ root }) => {
      const away = join(tempFolder(), "objects");
      renameSync(join(root, ".git/objects"), away);
      mkdirSync(join(root, ".git/objects/info"), { recursive: true });
      writeFileSync(join(root, ".git/objects/info/alternates"), `${away}\n`);
      rmSync(away, { recursive: true });
    },
    expected: "GIT_UNREADABLE",
  },
  "no commit yet": { damage: ({ git }) => void git("checkout", "-q", "--orphan", "new"), expected: "GIT_NO_COMMITS" },
  "a HEAD that is none": {
    damage: (fixture) => writeFileSync(writable(fixture, "HEAD"), "garbage\n"),
    expected: "GIT_NOT_A_WORKTREE",
  },
  "a branch that is garbage, which git takes for one without commits": {
    damage: (fixture) => writeFileSync(writable(fixture, "refs/heads/main"), "garbage\n"),
    expected: "GIT_UNREADABLE",
  },
  "a branch that is an empty file": {
    damage: (fixture) => writeFileSync(writable(fixture, "refs/heads/main"), ""),
    expected: "GIT_UNREADABLE",
  },
  "a branch that names a file": {
    damage: (fixture) =>
      writeFileSync(writable(fixture, "refs/heads/main"), `${fixture.git("rev-parse", "HEAD:a.txt")}\n`),
    expected: "GIT_UNREADABLE",
  },
  "a branch that names nothing": {
    damage: (fixture) => writeFileSync(writable(fixture, "refs/heads/main"), `${"1".repeat(40)}\n`),
    expected: "GIT_UNREADABLE",
  },
  "packed references that are garbage": {
    damage: (fixture) => {
      fixture.git("pack-refs", "--all");
      writeFileSync(writable(fixture, "packed-refs"), "garbage\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a configuration that is none": {
    damage: ({ root }) => appendFileSync(join(root, ".git/config"), "[broken\n"),
    expected: "GIT_UNREADABLE",
  },
  "an unknown extension": { damage: (fixture) => extension(fixture, "mystery", "true"), expected: "GIT_UNSUPPORTED" },
  "an unknown object format": {
    damage: (fixture) => extension(fixture, "objectFormat", "sha512"),
    expected: "GIT_UNSUPPORTED",
  },
  "an unknown version of the repository": {
    damage: ({ git }) => void git("config", "core.repositoryFormatVersion", "99"),
    expected: "GIT_UNSUPPORTED",
  },
  "a .git file that leads nowhere": {
    damage: ({ root }) => {
      rmSync(join(root, ".git"), { recursive: true });
      writeFileSync(join(root, ".git"), "gitdir: /nonexistent/repository\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a .git file that is none": {
    damage: ({ root }) => {
      rmSync(join(root, ".git"), { recursive: true });
      writeFileSync(join(root, ".git"), "garbage\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a .gitmodules that is none, and a submodule": {
    damage: (fixture) => {
      submoduleIn(fixture);
      fixture.write(".gitmodules", "[broken\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a submodule whose .git leads nowhere, which git takes for unchanged": {
    damage: (fixture) => {
      submoduleIn(fixture);
      writeFileSync(join(fixture.root, "lib/.git"), "gitdir: /nonexistent/repository\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a submodule without a HEAD": {
    damage: (fixture) => {
      submoduleIn(fixture);
      rmSync(join(fixture.root, ".git/modules/lib/HEAD"));
    },
    expected: "GIT_UNREADABLE",
  },
  "a submodule whose branch is garbage": {
    damage: (fixture) => {
      submoduleIn(fixture);
      writeFileSync(join(fixture.root, ".git/modules/lib/refs/heads/main"), "garbage\n");
    },
    expected: "GIT_UNREADABLE",
  },
  "a submodule with a damaged index": {
    damage: (fixture) => {
      submoduleIn(fixture);
      flip(join(fixture.root, ".git/modules/lib/index"), 60);
    },
    expected: "GIT_UNREADABLE",
  },
  "a submodule without its commit": {
    damage: (fixture) => {
      const id = submoduleIn(fixture).git("rev-parse", "HEAD");
      rmSync(writable(fixture, `modules/lib/objects/${id.slice(0, 2)}/${id.slice(2)}`));
    },
    expected: "GIT_UNREADABLE",
  },
  "a bare repository in the work tree": {
    damage: ({ root }) => void makeRepository({ root: join(root, "inner") }).git("config", "core.bare", "true"),
    expected: "GIT_UNREADABLE",
  },
  "a repository in the work tree whose files are elsewhere": {
    damage: ({ root }) => void makeRepository({ root: join(root, "inner") }).git("config", "core.worktree", "/"),
    expected: "GIT_UNSUPPORTED",
  },
  "a repository in the work tree with other ids": {
    damage: ({ root }) => void makeRepository({ root: join(root, "inner"), objectFormat: "sha256" }),
    expected: "GIT_UNSUPPORTED",
  },
  "a repository in the work tree with a name that is not UTF-8": {
    damage: ({ root }) => {
      const inner = makeRepository({ root: join(tempFolder(), "inner") });
      inner.write("a.txt", "edited\n");
      const name = Buffer.concat([Buffer.from(`${root}/x`), Buffer.of(0xff)]);
      cpSync(inner.root, join(root, "x"), { recursive: true });
      renameSync(join(root, "x"), name);
    },
    expected: "GIT_UNSUPPORTED",
    unlisted: "a name is not UTF-8",
  },
};

async function outcomeOf(run: Promise<"clean" | "edited">): Promise<string> {
  try {
    return await run;
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
}

describe("damage is answered exactly or by a typed error, and writes nothing", () => {
  for (const [name, { damage, expected, unlisted }] of Object.entries(CASES)) {
    test(`${name}: ${expected}`, async () => {
      const fixture = makeRepository();
      damage(fixture);
      const files = (): string[] => (unlisted === undefined ? listing(fixture.root) : []);
      const before = files();
      const options = { cwd: fixture.root, env: fixture.env, engine: "git" } as const;
      const state = captureGitState(options).then(({ changes, dirty, tree, worktreeTree }) => {
        if (!dirty) return "clean" as const;
        expect(changes).toEqual([{ path: "a.txt", status: "modified" }]);
        expect(worktreeTree).not.toBe(tree);
        return "edited" as const;
      });
      expect(await outcomeOf(state)).toBe(expected);
      const made = captureGitPatch(options).then(({ patch: { byteLength } }) =>
        byteLength === 0 ? "clean" : "edited",
      );
      expect(await outcomeOf(made)).toBe(expected);
      expect(files()).toEqual(before);
    });
  }
});
