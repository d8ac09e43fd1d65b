import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository, makeShim } from "../../fixture.ts";
import type { Case, Group } from "./case.ts";
import { cloneOf, failingGit, remove, settle, started } from "./case.ts";

const editA = ({ write }: Fixture): void => write("a.txt", "edited\n");

/** Two branches that change the same line. */
function diverged(folder: string): Fixture {
  const fixture = started(folder);
  fixture.git("checkout", "-q", "-b", "other");
  fixture.write("a.txt", "theirs\n");
  fixture.commit("theirs");
  fixture.git("checkout", "-q", "main");
  editA(fixture);
  fixture.commit("ours");
  return fixture;
}

function conflict(name: string, ...args: readonly string[]): Case {
  return {
    name,
    build: (folder) => {
      const fixture = diverged(folder);
      failingGit(fixture, ...args);
      return fixture;
    },
  };
}

function linkedWorktree(folder: string): Fixture {
  const fixture = started(folder, { ".gitignore": "*.log\n" });
  fixture.git("worktree", "add", "-q", "-b", "linked", join(folder, "linked"));
  return settle(fixtureAt(join(folder, "linked"), fixture.env));
}

/** What a build gives, once it has been edited. */
const edited = (build: (folder: string) => Fixture) => (folder: string) => {
  const fixture = build(folder);
  editA(fixture);
  return fixture;
};

function sha256(folder: string): Fixture {
  return settle(makeRepository({ root: join(folder, "work"), objectFormat: "sha256" }));
}

function packed(folder: string): Fixture {
  const fixture = started(folder, { "more.txt": "more\n" });
  fixture.git("tag", "-a", "-m", "v1", "v1");
  fixture.git("gc", "-q", "--aggressive", "--prune=now");
  return fixture;
}

export const KINDS: Group = {
  title: "Kinds of repositories",
  cases: [
    { name: "packed references and objects (gc)", build: edited(packed) },
    {
      name: "objects packed with long delta chains",
      build: (folder) => {
        const fixture = started(folder);
        for (let round = 0; round < 12; round += 1) {
          fixture.write(
            "log.txt",
            Array.from({ length: 200 }, (_, line) => `line ${line} ${line === round ? round : ""}\n`).join(""),
          );
          fixture.commit(`round ${round}`);
        }
        fixture.git("repack", "-q", "-a", "-d", "-f", "--depth=50");
        fixture.write("log.txt", "short\n");
        return fixture;
      },
    },
    {
      name: "multi-pack-index",
      build: (folder) => {
        const fixture = packed(folder);
        fixture.write("b.txt", "b\n");
        fixture.commit("b");
        fixture.git("repack", "-q");
        fixture.git("multi-pack-index", "write");
        editA(fixture);
        return fixture;
      },
    },
    {
      name: "detached HEAD",
      build: edited((folder) => {
        const fixture = started(folder);
        fixture.git("checkout", "-q", "--detach");
        return fixture;
      }),
    },
    {
      name: "HEAD as a symbolic link",
      build: edited((folder) => {
        const fixture = started(folder);
        fixture.git("config", "core.preferSymlinkRefs", "true");
        fixture.git("checkout", "-q", "-b", "linked");
        return fixture;
      }),
    },
    { name: "no commits, only untracked files", build: (folder) => emptyRepository(folder) },
    {
      name: "no commits, files staged",
      build: (folder) => {
        const fixture = emptyRepository(folder);
        fixture.git("add", "--all");
        return fixture;
      },
    },
    {
      name: "unborn branch of a repository with commits",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("checkout", "-q", "--orphan", "new");
        return fixture;
      },
    },
    {
      name: "bare",
      build: (folder) => {
        const fixture = started(folder);
        return cloneOf(fixture, folder, "--bare");
      },
    },
    { name: "linked work tree, clean", build: linkedWorktree },
    { name: "linked work tree, edited", build: edited(linkedWorktree) },
    {
      name: "linked work tree, ignored and untracked files",
      build: (folder) => {
        const fixture = linkedWorktree(folder);
        fixture.write("a.log", "x\n");
        fixture.write("new.txt", "x\n");
        return fixture;
      },
    },
    {
      name: "main work tree of a linked one",
      build: (folder) => {
        const { env } = linkedWorktree(folder);
        const fixture = fixtureAt(join(folder, "work"), env);
        editA(fixture);
        return fixture;
      },
    },
    {
      name: "linked work tree inside of the work tree",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("worktree", "add", "-q", "-b", "linked", "wt");
        return fixture;
      },
    },
    {
      name: ".git as a file (--separate-git-dir)",
      build: edited((folder) => {
        const fixture = started(folder);
        fixture.git("init", "-q", `--separate-git-dir=${join(folder, "elsewhere.git")}`);
        return fixture;
      }),
    },
    {
      name: "core.worktree elsewhere, asked from where .git is",
      build: (folder) => {
        const fixture = started(folder);
        mkdirSync(join(folder, "files"));
        fixture.git("config", "core.worktree", "../../files");
        for (const path of ["a.txt", "data.bin", "src"])
          fixture.git("--work-tree", join(folder, "files"), "checkout", "-q", "HEAD", "--", path);
        writeFileSync(join(folder, "files/a.txt"), "edited\n");
        return fixture;
      },
    },
    {
      name: "from a folder below the top",
      build: (folder) => {
        const fixture = started(folder);
        editA(fixture);
        return fixtureAt(join(fixture.root, "src"), fixture.env);
      },
    },
    {
      name: "shallow clone",
      build: edited((folder) => {
        const fixture = started(folder);
        fixture.commit("second");
        return cloneOf(fixture, folder, "--depth=1");
      }),
    },
    { name: "partial clone, clean", build: partialClone },
    { name: "partial clone, edited", build: edited(partialClone) },
    { name: "partial clone, trees missing", build: (folder) => treeless(folder) },
    {
      name: "objects of another repository (clone --shared)",
      build: edited((folder) => {
        const fixture = started(folder);
        return cloneOf(fixture, folder, "--shared");
      }),
    },
    {
      name: "alternates of alternates",
      build: edited((folder) => {
        const first = cloneOf(started(folder), folder, "--shared");
        const second = join(folder, "second");
        fixtureAt(folder, first.env).git("clone", "-q", "--shared", first.root, second);
        return fixtureAt(second, first.env);
      }),
    },
    conflict("merge conflict", "merge", "-q", "other"),
    conflict("rebase stopped at a conflict", "rebase", "-q", "other"),
    conflict("cherry-pick stopped at a conflict", "cherry-pick", "other"),
    { name: "conflict between deleted and modified", build: deletedByUs },
    {
      name: "bisect under way",
      build: (folder) => {
        const fixture = started(folder);
        fixture.commit("second");
        fixture.git("bisect", "start", "HEAD", "HEAD~1");
        return fixture;
      },
    },
    {
      name: "stash",
      build: (folder) => {
        const fixture = started(folder);
        editA(fixture);
        fixture.git("stash", "-q");
        return fixture;
      },
    },
    { name: "SHA-256, clean", build: sha256 },
    { name: "SHA-256, edited", build: edited(sha256) },
    { name: "reftable", build: (folder) => extension(folder, "refStorage", "reftable") },
    { name: "an extension that nobody knows", build: (folder) => extension(folder, "fromTheFuture", "true") },
    {
      name: "repository format 2",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", "core.repositoryFormatVersion", "2");
        return fixture;
      },
    },
    {
      name: "owned by another user",
      build: (folder) => {
        const { root, env } = started(folder);
        const fixture = fixtureAt(root, { ...env, PATH: makeShim("export GIT_TEST_ASSUME_DIFFERENT_OWNER=1") });
        editA(fixture);
        return fixture;
      },
      truth: {
        note: "as git has it once it is told that the folder is safe",
        env: { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" },
      },
    },
    {
      name: "HEAD's commit replaced (git replace)",
      build: (folder) => {
        const fixture = started(folder);
        const first = fixture.git("rev-parse", "HEAD");
        editA(fixture);
        const second = fixture.commit("second");
        fixture.git("replace", second, first);
        return settle(fixture);
      },
      truth: { note: "a commit id means that commit, not what replaces it here", env: { GIT_NO_REPLACE_OBJECTS: "1" } },
    },
    {
      name: "grafts",
      build: (folder) => {
        const fixture = started(folder);
        const second = fixture.commit("second");
        fixture.write(".git/info/grafts", `${second}\n`);
        editA(fixture);
        return fixture;
      },
    },
    { name: "submodule's work tree, from inside", build: insideSubmodule },
    {
      name: "branch with a slash, reference packed and loose",
      build: edited((folder) => {
        const fixture = packed(folder);
        fixture.git("checkout", "-q", "-b", "topic/one");
        fixture.git("pack-refs", "--all");
        fixture.commit("loose again");
        return fixture;
      }),
    },
    { name: "configuration in included files", build: includedConfig },
    {
      name: "alias in place of a command of git",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", "alias.status", "!false");
        editA(fixture);
        return fixture;
      },
    },
  ],
};

function emptyRepository(folder: string): Fixture {
  const root = join(folder, "work");
  mkdirSync(root);
  const fixture = fixtureAt(root, fixedEnv());
  fixture.git("init", "--quiet", "--initial-branch=main");
  fixture.write("a.txt", "one\n");
  return fixture;
}

function partialClone(folder: string): Fixture {
  const fixture = started(folder);
  fixture.git("config", "uploadpack.allowFilter", "true");
  return settle(cloneOf(fixture, folder, "--filter=blob:none"));
}

function treeless(folder: string): Fixture {
  const fixture = started(folder);
  fixture.git("config", "uploadpack.allowFilter", "true");
  const clone = cloneOf(fixture, folder, "--filter=tree:0", "--no-checkout");
  clone.git("config", "remote.origin.url", "file:///nowhere");
  clone.write("a.txt", "edited\n");
  return clone;
}

function deletedByUs(folder: string): Fixture {
  const fixture = started(folder);
  fixture.git("checkout", "-q", "-b", "other");
  editA(fixture);
  fixture.commit("theirs");
  fixture.git("checkout", "-q", "main");
  remove(fixture, "a.txt");
  fixture.commit("ours");
  failingGit(fixture, "merge", "-q", "other");
  return fixture;
}

function extension(folder: string, name: string, value: string): Fixture {
  const fixture = started(folder);
  fixture.git("config", "core.repositoryFormatVersion", "1");
  fixture.git("config", `extensions.${name}`, value);
  return fixture;
}

function insideSubmodule(folder: string): Fixture {
  const lib = makeRepository({ root: join(folder, "lib") });
  const fixture = started(folder);
  fixture.git("submodule", "--quiet", "add", lib.root, "lib");
  fixture.commit("lib");
  const inside = fixtureAt(join(fixture.root, "lib"), fixture.env);
  editA(inside);
  return inside;
}

function includedConfig(folder: string): Fixture {
  const fixture = started(folder);
  fixture.write(".git/more", "[core]\n\texcludesFile = .rules\n");
  fixture.git("config", "includeIf.gitdir:**/.git.path", "more");
  fixture.write(".rules", "*.log\n");
  fixture.write("a.log", "x\n");
  return fixture;
}
