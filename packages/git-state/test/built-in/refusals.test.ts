import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { captureGitState } from "../../src/capture.ts";
import type { GitState } from "../../src/state/state.ts";
import type { Fixture } from "../fixture.ts";
import { failure, fixtureAt, makeRepository, tempFolder } from "../fixture.ts";

const METHODS = ["log", "warn", "error", "info", "debug"] as const;
beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method);
});
afterEach(() => {
  for (const method of METHODS) expect(console[method]).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

type Damage = (fixture: Fixture) => void;

function objectFile({ root, git }: Fixture, name: string): string {
  const id = git("rev-parse", name);
  return join(root, ".git/objects", id.slice(0, 2), id.slice(2));
}

function packFile({ root, git }: Fixture, ending: string): string {
  git("gc", "--quiet");
  const folder = join(root, ".git/objects/pack");
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(ending)) ?? "");
  chmodSync(file, 0o644);
  return file;
}

function half(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length / 2));
}

function extension(name: string, value: string): Damage {
  return ({ git }) => {
    git("config", "core.repositoryFormatVersion", "1");
    git("config", `extensions.${name}`, value);
  };
}

const inGit =
  (name: string, text: string): Damage =>
  ({ root }) => {
    mkdirSync(dirname(join(root, ".git", name)), { recursive: true });
    writeFileSync(join(root, ".git", name), text);
  };

const REFUSALS: readonly (readonly [what: string, code: string, damage: Damage])[] = [
  ["an index that is none", "GIT_UNREADABLE", inGit("index", "not an index")],
  ["an empty index", "GIT_UNREADABLE", inGit("index", "")],
  ["half an index", "GIT_UNREADABLE", ({ root }) => half(join(root, ".git/index"))],
  [
    "an index that is a folder",
    "GIT_UNREADABLE",
    ({ root }) => {
      rmSync(join(root, ".git/index"));
      mkdirSync(join(root, ".git/index"));
    },
  ],
  ["half a pack", "GIT_UNREADABLE", (fixture) => half(packFile(fixture, ".pack"))],
  ["half a pack's index", "GIT_UNREADABLE", (fixture) => half(packFile(fixture, ".idx"))],
  ["an empty pack's index", "GIT_UNREADABLE", (fixture) => writeFileSync(packFile(fixture, ".idx"), "")],
  ["a pack without its pack", "GIT_UNREADABLE", (fixture) => rmSync(packFile(fixture, ".pack"))],
  ["HEAD's commit missing", "GIT_UNREADABLE", (fixture) => rmSync(objectFile(fixture, "HEAD"))],
  [
    "HEAD's tree missing, and a change",
    "GIT_UNREADABLE",
    (fixture) => {
      fixture.write("a.txt", "changed");
      rmSync(objectFile(fixture, "HEAD^{tree}"));
    },
  ],
  [
    "a tree in HEAD's tree missing, and a change",
    "GIT_UNREADABLE",
    (fixture) => {
      fixture.write("a.txt", "changed");
      rmSync(objectFile(fixture, "HEAD:src"));
    },
  ],
  [
    "half of HEAD's tree, and a change",
    "GIT_UNREADABLE",
    (fixture) => {
      fixture.write("new.txt", "new");
      const file = objectFile(fixture, "HEAD^{tree}");
      chmodSync(file, 0o644);
      half(file);
    },
  ],
  ["HEAD names a tree", "GIT_UNREADABLE", (fixture) => inGit("HEAD", fixture.git("rev-parse", "HEAD^{tree}"))(fixture)],
  ["HEAD names another commit that is not there", "GIT_UNREADABLE", inGit("HEAD", "1".repeat(40))],
  ["HEAD leads out of the repository", "GIT_UNREADABLE", inGit("HEAD", "ref: refs/../../x\n")],
  ["half an id in a branch", "GIT_UNREADABLE", inGit("refs/heads/main", "1234567890")],
  ["packed references that are none", "GIT_UNREADABLE", inGit("packed-refs", "x\n")],
  ["a tag that names nothing", "GIT_UNREADABLE", inGit("refs/tags/x", "1".repeat(40))],
  ["borrowed objects that are gone", "GIT_UNREADABLE", inGit("objects/info/alternates", "/absent/objects\n")],
  ["a configuration that is none", "GIT_UNREADABLE", inGit("config", "[core\n")],
  [
    "a setting that is neither true nor false",
    "GIT_UNREADABLE",
    ({ git }) => void git("config", "core.fileMode", "maybe"),
  ],
  [
    ".git that leads nowhere",
    "GIT_UNREADABLE",
    ({ root }) => {
      rmSync(join(root, ".git"), { recursive: true });
      writeFileSync(join(root, ".git"), "gitdir: ../absent\n");
    },
  ],
  [
    ".git that is empty",
    "GIT_NOT_A_WORKTREE",
    ({ root }) => {
      rmSync(join(root, ".git"), { recursive: true });
      mkdirSync(join(root, ".git"));
    },
  ],
  ["no commits", "GIT_NO_COMMITS", ({ git }) => void git("checkout", "--quiet", "--orphan", "new")],
  ["a bare repository", "GIT_NOT_A_WORKTREE", ({ git }) => void git("config", "core.bare", "true")],
  ["references in a reftable", "GIT_UNSUPPORTED", extension("refStorage", "reftable")],
  ["objects of SHA-256, so to speak", "GIT_UNSUPPORTED", extension("objectFormat", "sha256")],
  ["two formats of objects", "GIT_UNSUPPORTED", extension("compatObjectFormat", "sha256")],
  ["an unknown extension", "GIT_UNSUPPORTED", extension("someNew", "true")],
  [
    "a version of the format that is unknown",
    "GIT_UNSUPPORTED",
    ({ git }) => void git("config", "core.repositoryFormatVersion", "2"),
  ],
  [
    "a version of the format that is no number",
    "GIT_UNSUPPORTED",
    ({ git }) => void git("config", "core.repositoryFormatVersion", "x"),
  ],
];

describe("without git, a repository that cannot be read gives an error, never a state", () => {
  test.each(REFUSALS)("%s: %s", async (_, code, damage) => {
    const folder = tempFolder();
    const fixture = makeRepository({ root: join(folder, "work") });
    damage(fixture);
    const env = { ...fixture.env, GIT_CEILING_DIRECTORIES: folder };
    const error = await failure(captureGitState({ cwd: fixture.root, env, engine: "built-in" }));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(/^(?:captureGitState|git): /)]);
    expect(error.remedy).not.toBe("");
  });

  test("objects of SHA-256: GIT_UNSUPPORTED", async () => {
    const { root, env } = makeRepository({ objectFormat: "sha256" });
    const error = await failure(captureGitState({ cwd: root, env, engine: "built-in" }));
    expect([error.code, error.data]).toEqual(["GIT_UNSUPPORTED", { format: "extensions.objectformat sha256" }]);
  });

  test("HEAD's tree missing, and no change: a state, since the files are proved to be that tree", async () => {
    const fixture = makeRepository();
    const tree = fixture.git("rev-parse", "HEAD^{tree}");
    rmSync(objectFile(fixture, "HEAD^{tree}"));
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env, engine: "built-in" });
    expect(state).toMatchObject({ tree, worktreeTree: tree, dirty: false });
  });

  test("a bare clone, and the inside of .git: GIT_NOT_A_WORKTREE", async () => {
    const { root, env, git } = makeRepository();
    git("clone", "--quiet", "--bare", root, `${root}.git`);
    for (const cwd of [`${root}.git`, join(root, ".git"), join(root, ".git/refs")]) {
      expect((await failure(captureGitState({ cwd, env, engine: "built-in" }))).code).toBe("GIT_NOT_A_WORKTREE");
    }
  });

  test("a submodule that is damaged: the error of it", async () => {
    const [inner, outer] = [makeRepository(), makeRepository()];
    outer.git("submodule", "add", "--quiet", inner.root, "lib");
    outer.commit();
    outer.write("lib/a.txt", "changed");
    const id = fixtureAt(join(outer.root, "lib")).git("rev-parse", "HEAD^{tree}");
    rmSync(join(outer.root, ".git/modules/lib/objects", id.slice(0, 2), id.slice(2)));
    const error = await failure(captureGitState({ cwd: outer.root, env: outer.env, engine: "built-in" }));
    expect(error.code).toBe("GIT_UNREADABLE");
  });

  test("the same extensions in version 0 mean nothing, as to git, but for those that it reads there", async () => {
    const { root, env, git } = makeRepository();
    git("config", "extensions.someNew", "true");
    git("config", "extensions.partialClone", "origin");
    expect((await captureGitState({ cwd: root, env, engine: "built-in" })).dirty).toBe(false);
    expect((await captureGitState({ cwd: root, env, engine: "git" })).dirty).toBe(false);
  });
});

/** Gives up root's right to read everything, where the tests run as root. */
async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
}

describe("what cannot be read for want of permission gives GIT_UNREADABLE", () => {
  test.each([
    "src",
    ".git/objects",
    ".git/HEAD",
    ".git/config",
    ".git/index",
    ".git/refs",
    ".git/refs/heads",
    ".git",
    "a.txt",
    ".",
  ])("%s", async (name) => {
    const fixture = makeRepository();
    fixture.write("a.txt", "changed");
    for (const folder of [fixture.root, dirname(fixture.root)]) chmodSync(folder, 0o755);
    const capture = async (): Promise<GitState> =>
      captureGitState({ cwd: fixture.root, env: fixture.env, engine: "built-in" });
    await capture(); // so that all is loaded
    expect((await asNobody(capture)).dirty).toBe(true);
    const mode = statSync(join(fixture.root, name)).mode;
    chmodSync(join(fixture.root, name), 0);
    try {
      expect((await asNobody(async () => failure(capture()))).code).toBe("GIT_UNREADABLE");
    } finally {
      chmodSync(join(fixture.root, name), mode);
    }
  });
});

test("a link in place of the file of a branch", async () => {
  const { root, env } = makeRepository();
  rmSync(join(root, ".git/refs/heads/main"));
  symlinkSync("main", join(root, ".git/refs/heads/main"));
  const error = await failure(captureGitState({ cwd: root, env, engine: "built-in" }));
  expect(error.code).toBe("GIT_UNREADABLE");
});
