import {
  chmodSync,
  lutimesSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository, tempFolder } from "../fixture.ts";

/** A repository in some condition, about which git and both engines are asked. */
export interface Case {
  readonly name: string;
  /** Makes it from a clean repository of three files, or makes another. */
  readonly make: (fixture: Fixture) => Fixture | void;
  /** Environment of all three. */
  readonly env?: () => ReturnType<typeof fixedEnv>;
  /** Where we answer differently from git on purpose: what must be done to a copy for git to answer as we do, and why. */
  readonly onPurpose?: { readonly why: string; readonly prepare: (copy: Fixture) => void };
}

function config(text: string): () => ReturnType<typeof fixedEnv> {
  return () => {
    const file = join(tempFolder(), "config");
    writeFileSync(file, text);
    return fixedEnv({ GIT_CONFIG_GLOBAL: file });
  };
}

const LFS = config(
  '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n',
);

function withLfs(after: (fixture: Fixture) => void): Case["make"] {
  return (fixture) => {
    fixture.write(".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text\n");
    fixture.write("weights.dat", "weights\n".repeat(400));
    fixture.commit("with git-lfs");
    after(fixture);
  };
}

function withSubmodule(after: (fixture: Fixture, lib: Fixture) => void): Case["make"] {
  return (fixture) => {
    fixture.git("submodule", "--quiet", "add", makeRepository().root, "lib");
    fixture.commit("with a submodule");
    after(fixture, fixtureAt(join(fixture.root, "lib"), fixture.env));
  };
}

/** Has git take the files of a repository inside for files of the one around. */
function asFiles(path: string): NonNullable<Case["onPurpose"]> {
  return {
    why: "its files stand in the tree",
    prepare: ({ root, git }) => {
      rmSync(join(root, path, ".git"), { recursive: true });
      git("rm", "-q", "--cached", "--ignore-unmatch", path);
    },
  };
}

function clone(...options: readonly string[]): Case["make"] {
  return ({ root, env, git }) => {
    const to = join(tempFolder(), "clone");
    git("config", "uploadpack.allowFilter", "true");
    git("clone", "-q", ...options, `file://${root}`, to);
    return fixtureAt(to, env);
  };
}

function both(first: Case["make"], second: (fixture: Fixture) => void): Case["make"] {
  return (fixture) => {
    const made = first(fixture) ?? fixture;
    second(made);
    return made;
  };
}

const edit = ({ write }: Fixture): void => write("a.txt", "edited\n");
const nothing = (): void => {};

function onlyFile(folder: string, ending: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith(ending));
  if (name === undefined) throw new Error(`no ${ending} in ${folder}`);
  chmodSync(join(folder, name), 0o644);
  return join(folder, name);
}

function objectFile({ root, git }: Fixture, name: string): string {
  const id = git("rev-parse", name);
  return join(root, ".git/objects", id.slice(0, 2), id.slice(2));
}

const FLAG =
  (flag: string, edited: boolean): Case["make"] =>
  (fixture) => {
    fixture.git("update-index", `--${flag}`, "a.txt");
    if (edited) edit(fixture);
  };
const UNFLAG: NonNullable<Case["onPurpose"]> = {
  why: "what lies there is what runs",
  prepare: ({ git }) => {
    git("update-index", "--no-assume-unchanged", "a.txt");
    git("update-index", "--no-skip-worktree", "a.txt");
  },
};

export const CASES: readonly Case[] = [
  { name: "clean", make: nothing },
  { name: "touched, not changed", make: ({ root }) => utimesSync(join(root, "a.txt"), 1, 1) },
  { name: "edited", make: edit },
  { name: "staged", make: (fixture) => (edit(fixture), void fixture.git("add", "a.txt")) },
  {
    name: "staged, then edited",
    make: (fixture) => (edit(fixture), fixture.git("add", "a.txt"), fixture.write("a.txt", "again\n")),
  },
  {
    name: "staged, then put back",
    make: (fixture) => (edit(fixture), fixture.git("add", "a.txt"), fixture.write("a.txt", "one\ntwo\nthree\n")),
  },
  {
    name: "same size, same second",
    make: (fixture) => {
      fixture.git("update-index", "--refresh");
      fixture.write("a.txt", "one\ntwo\nthrEE\n");
    },
  },
  { name: "untracked", make: ({ write }) => write("new/deep.txt", "new\n") },
  {
    name: "announced (`add --intent-to-add`)",
    make: ({ write, git }) => (write("n", "n\n"), void git("add", "-N", "n")),
  },
  { name: "deleted", make: ({ root }) => unlinkSync(join(root, "a.txt")) },
  { name: "deletion staged", make: ({ git }) => void git("rm", "-q", "a.txt") },
  { name: "taken out of the index, left on disk", make: ({ git }) => void git("rm", "-q", "--cached", "a.txt") },
  { name: "renamed", make: ({ git }) => void git("mv", "a.txt", "b.txt") },
  { name: "executable bit", make: ({ root }) => chmodSync(join(root, "a.txt"), 0o755) },
  { name: "executable bit staged", make: ({ git }) => void git("update-index", "--chmod=+x", "data.bin") },
  {
    name: "executable bit, `core.fileMode=false`",
    make: ({ root, git }) => (git("config", "core.fileMode", "false"), chmodSync(join(root, "a.txt"), 0o755)),
  },
  {
    name: "link to elsewhere",
    make: (fixture) => {
      symlinkSync("a.txt", join(fixture.root, "link"));
      fixture.commit();
      unlinkSync(join(fixture.root, "link"));
      symlinkSync("b.txt", join(fixture.root, "link"));
    },
  },
  {
    name: "link replaced by a file with the same bytes",
    make: (fixture) => {
      symlinkSync("a.txt", join(fixture.root, "link"));
      fixture.commit();
      unlinkSync(join(fixture.root, "link"));
      fixture.write("link", "a.txt");
    },
  },
  {
    name: "file for a link, `core.symlinks=false`",
    make: (fixture) => {
      symlinkSync("a.txt", join(fixture.root, "link"));
      fixture.commit();
      unlinkSync(join(fixture.root, "link"));
      fixture.git("config", "core.symlinks", "false");
      fixture.write("link", "a.txt");
    },
  },
  {
    name: "file became a link",
    make: ({ root }) => (unlinkSync(join(root, "a.txt")), symlinkSync("data.bin", join(root, "a.txt"))),
  },
  {
    name: "link touched",
    make: (fixture) => {
      symlinkSync("a.txt", join(fixture.root, "link"));
      fixture.commit();
      lutimesSync(join(fixture.root, "link"), 1, 1);
    },
  },
  {
    name: "file became a folder",
    make: ({ root, write }) => (unlinkSync(join(root, "a.txt")), write("a.txt/x", "x\n")),
  },
  {
    name: "folder became a file",
    make: ({ root, write }) => (rmSync(join(root, "src"), { recursive: true }), write("src", "")),
  },
  {
    name: "folder became a link to one with the same files",
    make: ({ root }) => (renameSync(join(root, "src"), join(root, "moved")), symlinkSync("moved", join(root, "src"))),
  },
  {
    name: "ignored by `.gitignore`, nested and negated",
    make: ({ write }) => {
      write(".gitignore", "*.log\n!keep.log\n/build/\n**/cache\n");
      write("src/.gitignore", "!*.log\ntemp?\n");
      for (const path of ["a.log", "keep.log", "src/b.log", "src/temp1", "build/x", "src/build/x", "x/cache/y"])
        write(path, "");
    },
  },
  {
    name: "ignored by `info/exclude`",
    make: ({ write }) => (write(".git/info/exclude", "*.swp\n"), write("a.swp", "")),
  },
  {
    name: "ignored by the user's `core.excludesFile`",
    env: () => {
      const folder = tempFolder();
      writeFileSync(join(folder, "ignore"), "*.swp\n");
      writeFileSync(join(folder, "config"), `[core]\n\texcludesFile = ${join(folder, "ignore")}\n`);
      return fixedEnv({ GIT_CONFIG_GLOBAL: join(folder, "config") });
    },
    make: ({ write }) => write("a.swp", ""),
  },
  {
    name: "tracked, though ignored",
    make: ({ write }) => (write(".gitignore", "a.txt\nsrc\n"), write("a.txt", "edited\n")),
  },
  {
    name: "`core.autocrlf=input` of the user, file with CR LF",
    env: config("[core]\n\tautocrlf = input\n"),
    make: ({ write }) => write("a.txt", "one\r\ntwo\r\nthree\r\n"),
  },
  {
    name: "`core.autocrlf=true`",
    make: ({ write, git }) => (git("config", "core.autocrlf", "true"), write("n.txt", "x\r\n")),
  },
  {
    name: "`text=auto`, CR LF already committed",
    make: (fixture) => {
      fixture.write("crlf.txt", "x\r\ny\r\n");
      fixture.commit();
      fixture.write(".gitattributes", "* text=auto\n");
      fixture.write("crlf.txt", "x\r\nz\r\n");
      fixture.write("new.txt", "x\r\n");
    },
  },
  {
    name: "`eol=crlf`, `-text`, `binary`, a macro, `ident`",
    make: ({ write }) => {
      write(".gitattributes", "[attr]raw -text\n*.crlf eol=crlf\n*.raw raw\n*.bin2 binary\n*.id ident text\n");
      for (const name of ["a.crlf", "a.raw", "a.bin2"]) write(name, "x\r\ny\r\n");
      write("a.id", "$Id: something $\r\n");
    },
  },
  {
    name: "`working-tree-encoding`",
    make: ({ write }) => {
      write(".gitattributes", "*.u16 text working-tree-encoding=UTF-16LE-BOM\n");
      write("a.u16", Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x0a, 0));
    },
  },
  {
    name: "filter of the user's own configuration",
    env: config('[filter "low"]\n\tclean = tr A-Z a-z\n'),
    make: ({ write }) => (write(".gitattributes", "*.low filter=low\n"), write("a.low", "LOUD\n")),
  },
  {
    name: "filter of the repository's configuration",
    make: ({ write, git }) => {
      git("config", "filter.low.clean", "tr A-Z a-z");
      write(".gitattributes", "*.low filter=low\n");
      write("a.low", "LOUD\n");
    },
  },
  { name: "git-lfs, clean", env: LFS, make: withLfs(nothing) },
  { name: "git-lfs, touched", env: LFS, make: withLfs(({ root }) => utimesSync(join(root, "weights.dat"), 1, 1)) },
  { name: "git-lfs, edited", env: LFS, make: withLfs(({ write }) => write("weights.dat", "other\n".repeat(400))) },
  { name: "git-lfs, untracked", env: LFS, make: withLfs(({ write }) => write("more.dat", "more\n")) },
  {
    name: "git-lfs, only the pointer checked out",
    env: LFS,
    make: withLfs((fixture) => fixture.write("weights.dat", `${fixture.git("cat-file", "-p", "HEAD:weights.dat")}\n`)),
  },
  {
    name: "git-lfs, not set up",
    make: ({ write }) => (write(".gitattributes", "*.dat filter=lfs\n"), write("w.dat", "w\n")),
  },
  { name: "submodule, clean", make: withSubmodule(nothing) },
  { name: "submodule, edited", make: withSubmodule((_, lib) => edit(lib)), onPurpose: asFiles("lib") },
  { name: "submodule, untracked file", make: withSubmodule((_, lib) => lib.write("n", "")), onPurpose: asFiles("lib") },
  { name: "submodule, another commit", make: withSubmodule((_, lib) => void lib.commit("second")) },
  {
    name: "submodule, not checked out",
    make: withSubmodule(({ git }) => void git("submodule", "-q", "deinit", "-f", "lib")),
  },
  { name: "repository inside, unknown to git", make: ({ root }) => void makeRepository({ root: join(root, "inner") }) },
  {
    name: "repository inside, unknown to git, edited",
    make: ({ root }) => edit(makeRepository({ root: join(root, "inner") })),
    onPurpose: asFiles("inner"),
  },
  {
    name: "repository inside without commits",
    make: ({ root, git, write }) => (git("init", "-q", join(root, "inner")), write("inner/x", "x\n")),
    onPurpose: asFiles("inner"),
  },
  {
    name: "linked worktree, edited",
    make: ({ root, env, git }) => {
      git("worktree", "add", "-q", join(root, "../linked"));
      const linked = fixtureAt(join(root, "../linked"), env);
      edit(linked);
      return linked;
    },
  },
  {
    name: "index version 3",
    make: (fixture) => (fixture.write("n", ""), fixture.git("add", "-N", "n"), edit(fixture)),
  },
  { name: "index version 4", make: (fixture) => (fixture.git("update-index", "--index-version=4"), edit(fixture)) },
  { name: "split index", make: (fixture) => (fixture.git("update-index", "--split-index"), edit(fixture)) },
  {
    name: "index without a checksum",
    make: (fixture) => {
      const file = join(fixture.root, ".git/index");
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0, bytes.length - 20));
      edit(fixture);
    },
  },
  { name: "sparse checkout", make: (fixture) => (fixture.git("sparse-checkout", "set", "src"), void 0) },
  {
    name: "sparse index",
    make: (fixture) => {
      fixture.write("docs/deep/x.md", "x\n");
      fixture.commit();
      fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "src");
      fixture.write("src/run.sh", "edited\n", 0o755);
    },
  },
  { name: "`skip-worktree`, untouched", make: FLAG("skip-worktree", false) },
  { name: "`skip-worktree`, edited", make: FLAG("skip-worktree", true), onPurpose: UNFLAG },
  { name: "`assume-unchanged`, untouched", make: FLAG("assume-unchanged", false) },
  { name: "`assume-unchanged`, edited", make: FLAG("assume-unchanged", true), onPurpose: UNFLAG },
  { name: "shallow clone", make: clone("--depth=1") },
  { name: "partial clone", make: clone("--filter=blob:none") },
  {
    name: "borrowed objects (`clone --shared`)",
    make: both(({ root, env, git }) => {
      const to = join(tempFolder(), "clone");
      git("clone", "-q", "--shared", root, to);
      return fixtureAt(to, env);
    }, edit),
  },
  { name: "packed references and objects", make: (fixture) => (fixture.git("gc", "-q"), edit(fixture)) },
  { name: "detached HEAD", make: (fixture) => (fixture.git("checkout", "-q", "--detach"), edit(fixture)) },
  {
    name: "replaced commit (`git replace`)",
    make: ({ git, write, commit }) => {
      write("a.txt", "second\n");
      commit("second");
      git("replace", "HEAD", "HEAD~");
    },
  },
  {
    name: "merge with conflicts",
    make: (fixture) => {
      fixture.git("checkout", "-q", "-b", "other");
      fixture.write("a.txt", "theirs\n");
      fixture.commit();
      fixture.git("checkout", "-q", "main");
      fixture.write("a.txt", "ours\n");
      fixture.commit();
      try {
        fixture.git("merge", "other");
      } catch {
        // it stops at the conflict
      }
    },
  },
  {
    name: "names of all kinds",
    make: ({ write }) => ['"q"', " b ", "-n", "t\t", "l\nl", "é", "文"].forEach((name) => write(name, name)),
  },
  {
    name: "name that is not UTF-8",
    make: ({ root }) => writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]), "x"),
  },
  {
    name: "products under `.repro`",
    make: ({ write }) => write(".repro/runs/1/record.json", "{}"),
    onPurpose: {
      why: "products are no code",
      prepare: ({ root }) => rmSync(join(root, ".repro"), { recursive: true }),
    },
  },
  {
    name: "SHA-256 repository",
    make: () => both(() => makeRepository({ objectFormat: "sha256" }), edit)(makeRepository()),
  },
  {
    name: "unborn branch",
    make: ({ env }) => {
      const root = tempFolder();
      const fixture = fixtureAt(root, env);
      fixture.git("init", "-q");
      fixture.write("x", "x\n");
      return fixture;
    },
  },
  {
    name: "bare repository",
    make: ({ root, env, git }) => (
      git("clone", "-q", "--bare", root, join(root, "../bare")),
      fixtureAt(join(root, "../bare"), env)
    ),
  },
  {
    name: "reftable (an extension that git 2.39 does not know)",
    make: ({ git }) => (
      git("config", "core.repositoryFormatVersion", "1"),
      void git("config", "extensions.refStorage", "reftable")
    ),
  },
  { name: "corrupt index", make: ({ write }) => write(".git/index", "not an index") },
  { name: "empty HEAD", make: ({ write }) => write(".git/HEAD", "") },
  {
    name: "truncated pack",
    make: (fixture) => {
      fixture.git("gc", "-q");
      const pack = onlyFile(join(fixture.root, ".git/objects/pack"), ".pack");
      writeFileSync(pack, readFileSync(pack).subarray(0, 40));
      edit(fixture);
    },
  },
  { name: "HEAD's commit is missing", make: (fixture) => rmSync(objectFile(fixture, "HEAD"), { force: true }) },
  {
    name: "HEAD's tree is missing, index dirty",
    make: (fixture) => (
      rmSync(objectFile(fixture, "HEAD^{tree}"), { force: true }),
      edit(fixture),
      void fixture.write("n", "n\n")
    ),
  },
  {
    name: "`.git` file that leads nowhere",
    make: ({ root, write }) => (
      renameSync(join(root, ".git"), join(root, "../gone")),
      write(".git", "gitdir: nowhere\n")
    ),
  },
  {
    name: "borrowed objects are gone",
    make: ({ write }) => write(".git/objects/info/alternates", "/nonexistent/objects\n"),
  },
];
