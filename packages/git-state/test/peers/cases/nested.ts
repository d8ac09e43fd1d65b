import { renameSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import { fixtureAt, makeRepository } from "../../fixture.ts";
import type { Case, Group, Truth } from "./case.ts";
import { failingGit, remove, settle, shell, started, touch } from "./case.ts";

/** A repository with a submodule `lib`, which has one of its own, `lib/deep`. */
export function withSubmodules(folder: string): Fixture {
  const deep = makeRepository({ root: join(folder, "deep") });
  const lib = makeRepository({ root: join(folder, "lib") });
  lib.git("submodule", "--quiet", "add", deep.root, "deep");
  lib.commit("deep");
  const fixture = started(folder);
  fixture.git("submodule", "--quiet", "add", lib.root, "lib");
  fixture.git("submodule", "--quiet", "update", "--init", "--recursive");
  fixture.commit("lib");
  settle(fixtureAt(join(fixture.root, "lib/deep"), fixture.env));
  settle(fixtureAt(join(fixture.root, "lib"), fixture.env));
  return settle(fixture);
}

/** The files of these repositories stand in the tree, in place of their commits; git makes it once they are no repositories. */
function expanded(changes: readonly string[], ...paths: readonly string[]): Truth {
  return {
    note: "its files stand in place of its commit",
    changes,
    prepare: (fixture) => {
      for (const path of paths) {
        renameSync(join(fixture.root, path, ".git"), join(fixture.root, ".git", `was-${path.replaceAll("/", "-")}`));
        const parent = paths.filter((other) => path.startsWith(`${other}/`)).at(-1);
        if (parent === undefined) fixture.git("rm", "-r", "-q", "--cached", "--ignore-unmatch", path);
      }
    },
  };
}

function submodule(name: string, change: (fixture: Fixture, lib: Fixture) => void, truth?: Truth): Case {
  return {
    name: `submodule ${name}`,
    build: (folder) => {
      const fixture = withSubmodules(folder);
      change(fixture, fixtureAt(join(fixture.root, "lib"), fixture.env));
      return fixture;
    },
    ...(truth === undefined ? {} : { truth }),
  };
}

/** A repository inside of the work tree that git has not been told of. */
function unknownRepository(name: string, build: (inner: Fixture) => void, truth?: Truth): Case {
  return {
    name: `repository inside, unknown to git, ${name}`,
    build: (folder) => {
      const fixture = started(folder);
      const root = join(fixture.root, "inner");
      fixture.write("inner/x.txt", "x\n");
      const inner = fixtureAt(root, fixture.env);
      inner.git("init", "--quiet", "--template=");
      build(inner);
      return fixture;
    },
    ...(truth === undefined ? {} : { truth }),
  };
}

export const NESTED: Group = {
  title: "Submodules and repositories inside",
  cases: [
    submodule("clean", () => {}),
    submodule("touched", (_, lib) => touch(lib, "a.txt", 1_600_000_000)),
    submodule(
      "with an edited file",
      (_, { write }) => write("a.txt", "edited\n"),
      expanded(["modified lib/a.txt"], "lib"),
    ),
    submodule(
      "with an untracked file",
      (_, { write }) => write("new.txt", "new\n"),
      expanded(["added lib/new.txt"], "lib"),
    ),
    submodule(
      "with a staged file",
      (_, { write, git }) => {
        write("a.txt", "staged\n");
        git("add", "a.txt");
      },
      expanded(["modified lib/a.txt"], "lib"),
    ),
    submodule("at a new commit", (_, lib) => {
      lib.write("a.txt", "edited\n");
      lib.commit("new");
    }),
    submodule("at a new commit, staged", (outer, lib) => {
      lib.write("a.txt", "edited\n");
      lib.commit("new");
      outer.git("add", "lib");
    }),
    submodule(
      "at a new commit, and edited",
      (_, lib) => {
        lib.write("a.txt", "edited\n");
        lib.commit("new");
        lib.write("b.txt", "again\n");
      },
      expanded(["modified lib", "added lib/b.txt"], "lib"),
    ),
    submodule(
      "in a submodule, edited",
      (_, { write }) => write("deep/a.txt", "edited\n"),
      expanded(["modified lib/deep/a.txt"], "lib", "lib/deep"),
    ),
    submodule(
      "in a submodule, at a new commit",
      (_, lib) => {
        const deep = fixtureAt(join(lib.root, "deep"), lib.env);
        deep.write("a.txt", "edited\n");
        deep.commit("new");
      },
      expanded(["modified lib/deep"], "lib"),
    ),
    submodule("not initialised", (outer) => {
      outer.git("submodule", "--quiet", "deinit", "--force", "lib");
    }),
    submodule("not initialised, with a file in its folder", (outer, lib) => {
      outer.git("submodule", "--quiet", "deinit", "--force", "lib");
      lib.write("x.txt", "x\n");
    }),
    submodule("added and not committed", (outer) => {
      outer.git("submodule", "--quiet", "add", "../deep", "other");
    }),
    submodule("without .gitmodules", (outer) => {
      outer.git("rm", "-q", "--cached", ".gitmodules");
      remove(outer, ".gitmodules");
    }),
    submodule("in conflict", (outer, lib) => {
      const base = lib.git("rev-parse", "HEAD");
      outer.git("branch", "other");
      for (const branch of ["other", "main"]) {
        outer.git("checkout", "-q", branch);
        lib.git("checkout", "-q", "-B", branch, base);
        lib.write("a.txt", `${branch}\n`);
        lib.commit(branch);
        outer.commit(branch);
      }
      failingGit(outer, "merge", "-q", "other");
    }),
    submodule("deleted", (outer) => remove(outer, "lib")),
    submodule("replaced by a file", (outer) => {
      remove(outer, "lib");
      outer.write("lib", "a file\n");
    }),
    submodule(
      "with ignore=all in .gitmodules, edited",
      (outer, lib) => {
        outer.git("config", "--file", ".gitmodules", "submodule.lib.ignore", "all");
        outer.commit("ignore");
        lib.write("a.txt", "edited\n");
      },
      expanded(["modified lib/a.txt"], "lib"),
    ),
    submodule("whose repository is gone", (outer) => shell(outer, "rm -rf .git/modules/lib")),
    unknownRepository("with a commit", (inner) => inner.commit()),
    unknownRepository(
      "with a commit, edited",
      (inner) => {
        inner.commit();
        inner.write("x.txt", "edited\n");
      },
      expanded(["modified inner/x.txt"], "inner"),
    ),
    unknownRepository("without commits", () => {}, expanded(["added inner/x.txt"], "inner")),
    unknownRepository("without commits or files", (inner) => remove(inner, "x.txt"), {
      note: "nothing to record",
      prepare: (fixture) => remove(fixture, "inner"),
    }),
    {
      name: "repository inside, unknown to git, ignored",
      build: (folder) => {
        const fixture = started(folder, { ".gitignore": "inner/\n" });
        fixture.write("inner/x.txt", "x\n");
        fixtureAt(join(fixture.root, "inner"), fixture.env).git("init", "--quiet");
        return fixture;
      },
    },
    {
      name: "folder with a .git file that leads nowhere",
      build: (folder) => {
        const fixture = started(folder);
        fixture.write("odd/.git", "gitdir: /nowhere\n");
        fixture.write("odd/x.txt", "x\n");
        return fixture;
      },
    },
    {
      name: "folder with an empty .git folder",
      build: (folder) => {
        const fixture = started(folder);
        fixture.write("odd/x.txt", "x\n");
        shell(fixture, "mkdir odd/.git");
        return fixture;
      },
    },
  ],
};
