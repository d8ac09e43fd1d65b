import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { hostFiles, pathOfText } from "../../src/files.ts";
import type { FileReader } from "../../src/files.ts";
import { openIndex } from "../../src/repository/index-file.ts";
import { expandSparse, isFolderPresent } from "../../src/scan/sparse.ts";
import type { WorktreeScan } from "../../src/scan/result.ts";
import { treeIdOf } from "../../src/tree/tree.ts";
import type { Fixture } from "../fixture.ts";
import { failure, fixtureAt, makeRepository } from "../fixture.ts";
import { SIMPLE_GITIGNORE, USUAL, copiedPeerTree, scanFixture, scannedTree, worktreeEntries } from "./engine.ts";

/** A scan in short. */
function brief({ gone, candidates, repositories }: WorktreeScan): Record<string, readonly string[]> {
  return {
    gone,
    candidates: candidates.map(({ path }) => path),
    repositories: repositories.map(({ path }) => path),
  };
}

const NOTHING = { gone: [], candidates: [], repositories: [] };

/** A repository whose files and index are from long ago, so that no file is as young as the index. */
function settled(prepare: (fixture: Fixture) => void = () => {}): Fixture {
  const fixture = makeRepository();
  fixture.write(".gitignore", SIMPLE_GITIGNORE);
  prepare(fixture);
  for (const name of fixture.git("ls-files", "--others", "--cached").split("\n")) {
    utimesSync(join(fixture.root, name), 1_000_000, 1_000_000.5);
  }
  fixture.commit();
  return fixture;
}

test("nothing is to be looked at where nothing changed", async () => {
  const fixture = settled();
  fixture.write("x.log", "ignored");
  fixture.write("build/deep/out", "ignored");
  mkdirSync(join(fixture.root, "empty/folder"), { recursive: true });
  expect(brief((await scanFixture(fixture)).scan)).toEqual(NOTHING);
});

test("a file that was touched, and not changed, is looked at and found the same", async () => {
  const fixture = settled();
  utimesSync(join(fixture.root, "a.txt"), 5, 5);
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, candidates: ["a.txt"] });
  expect(await scannedTree(fixture)).toBe(fixture.git("rev-parse", "HEAD^{tree}"));
});

test("a file with its old size and times is looked at where the index is no younger", async () => {
  const fixture = settled();
  const config = { ...USUAL, trustCtime: false };
  const before = hostFiles.stat(`${fixture.root}/a.txt`)!;
  fixture.write("a.txt", "One\ntwo\nthree\n");
  utimesSync(join(fixture.root, "a.txt"), 1_000_000, 1_000_000.5);
  const at = async (mtimeSeconds: number, mtimeNanoseconds: number) => {
    const { scan } = await scanFixture(fixture, { config, indexTime: { mtimeSeconds, mtimeNanoseconds } });
    return brief(scan)["candidates"];
  };
  expect(before.mtimeNanoseconds).toBe(500_000_000);
  const all = ["a.txt", "data.bin", "src/run.sh", ".gitignore"].toSorted();
  expect(await at(1_000_000, 499_999_999)).toEqual(all);
  expect(await at(1_000_000, 500_000_000)).toEqual(all);
  expect(await at(1_000_000, 510_000_000)).toEqual(all); // the kernel's clock does not move every nanosecond
  expect(await at(1_000_001, 0)).toEqual([]); // what git would miss too, was the clock turned back
  expect(brief((await scanFixture(fixture)).scan)["candidates"]).toEqual(["a.txt"]); // by its ctime
});

test("where times are whole seconds, the second in which the index was written is not trusted", async () => {
  const fixture = settled();
  const stat = { ...hostFiles.stat(`${fixture.root}/a.txt`)!, mtimeNanoseconds: 0 };
  const index = openIndex({ files: hostFiles, gitDir: `${pathOfText(fixture.root)}/.git`, idLength: 20 });
  const files: FileReader = {
    ...hostFiles,
    stat: (path) => (path.endsWith("/a.txt") ? stat : hostFiles.stat(path)),
  };
  const minimal = { ...USUAL, checkStat: "minimal" } as const;
  const candidates = async (mtimeSeconds: number) =>
    brief(
      (
        await scanFixture(fixture, {
          files,
          index,
          config: minimal,
          indexTime: { mtimeSeconds, mtimeNanoseconds: 999_999_999 },
        })
      ).scan,
    )["candidates"];
  expect(await candidates(1_000_001)).toContain("a.txt");
  expect(await candidates(1_000_002)).toEqual([]);
});

test.each([
  ["size", { sizeBytes: 99 }, ["everything", "trustCtime=false", "checkStat=minimal"]],
  ["mtime", { mtimeSeconds: 999_999 }, ["everything", "trustCtime=false", "checkStat=minimal"]],
  ["nanoseconds of the mtime", { mtimeNanoseconds: 500_000_001 }, ["everything", "trustCtime=false"]],
  ["inode", { inode: 1 }, ["everything", "trustCtime=false"]],
  ["user", { user: 77 }, ["everything", "trustCtime=false"]],
  ["group", { group: 77 }, ["everything", "trustCtime=false"]],
  ["ctime", { ctimeSeconds: 1 }, ["everything"]],
  ["nanoseconds of the ctime", { ctimeNanoseconds: 1_000_000_001 }, ["everything"]],
  ["executable bit", { permissions: 0o755 }, ["everything", "trustCtime=false", "checkStat=minimal"]],
])("a file whose %s differs is looked at, where that counts", async (_, change, expected) => {
  const fixture = settled();
  const { index } = await scanFixture(fixture);
  const files: FileReader = {
    ...hostFiles,
    stat: (path) => {
      const stat = hostFiles.stat(path);
      return stat !== null && path.endsWith("/a.txt") ? { ...stat, ...change } : stat;
    },
  };
  const configs = {
    everything: USUAL,
    "trustCtime=false": { ...USUAL, trustCtime: false },
    "checkStat=minimal": { ...USUAL, checkStat: "minimal" },
  } as const;
  for (const [name, config] of Object.entries(configs)) {
    const { candidates } = (await scanFixture(fixture, { files, index, config })).scan;
    expect(candidates.map(({ path }) => path)).toEqual(expected.includes(name) ? ["a.txt"] : []);
  }
});

test("an empty file that was announced only is looked at", async () => {
  const fixture = settled();
  fixture.write("empty", "");
  fixture.git("add", "--intent-to-add", "empty");
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, candidates: ["empty"] });
  rmSync(join(fixture.root, "empty"));
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, gone: ["empty"] });
});

test("an empty file needs no look, unless the index names other contents", async () => {
  const fixture = settled(({ write }) => write("empty", ""));
  utimesSync(join(fixture.root, "empty"), 5, 5);
  expect(brief((await scanFixture(fixture)).scan)).toEqual(NOTHING);
  fixture.write("a.txt", "");
  expect(brief((await scanFixture(fixture)).scan)["candidates"]).toEqual(["a.txt"]);
});

test("a file that git was told to assume unchanged is looked at like all others", async () => {
  const fixture = settled();
  fixture.git("update-index", "--assume-unchanged", "a.txt", "data.bin");
  fixture.write("a.txt", "changed\n");
  rmSync(join(fixture.root, "data.bin"));
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, gone: ["data.bin"], candidates: ["a.txt"] });
  const trusting = ["update-index", "--no-assume-unchanged", "a.txt", "data.bin"];
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture, trusting));
});

test("a file that need not be there counts as there when it is absent, and as it is when it is not", async () => {
  const fixture = settled();
  fixture.git("update-index", "--skip-worktree", "a.txt", "src/run.sh", "data.bin");
  fixture.write("a.txt", "changed\n");
  rmSync(join(fixture.root, "src"), { recursive: true });
  rmSync(join(fixture.root, "data.bin"));
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, candidates: ["a.txt"] });
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture, ["update-index", "--no-skip-worktree", "a.txt"]));
  fixture.write("src", "a file took the folder's place");
  expect(brief((await scanFixture(fixture)).scan)["gone"]).toEqual(["src/run.sh"]);
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture, ["update-index", "--no-skip-worktree", "a.txt"]));
});

test("a path in conflict is as it lies there, with the mode that ours has", async () => {
  const fixture = settled();
  fixture.git("checkout", "--quiet", "-b", "other");
  fixture.write("a.txt", "theirs\n");
  fixture.git("rm", "-q", "data.bin");
  fixture.commit();
  fixture.git("checkout", "--quiet", "main");
  fixture.write("a.txt", "ours\n", 0o755);
  fixture.write("data.bin", "ours\n");
  fixture.commit();
  expect(() => fixture.git("merge", "other")).toThrow();
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
  fixture.git("config", "core.fileMode", "false");
  chmodSync(join(fixture.root, "a.txt"), 0o644);
  const config = { ...USUAL, fileMode: false };
  expect(await scannedTree(fixture, { config })).toBe(copiedPeerTree(fixture));
  rmSync(join(fixture.root, "data.bin"), { force: true });
  expect(brief((await scanFixture(fixture)).scan)["gone"]).toEqual(["data.bin"]);
});

test("without core.fileMode the executable bit is the index's", async () => {
  const fixture = settled();
  fixture.git("config", "core.fileMode", "false");
  chmodSync(join(fixture.root, "a.txt"), 0o755);
  chmodSync(join(fixture.root, "src/run.sh"), 0o644);
  fixture.write("new", "", 0o755);
  const config = { ...USUAL, fileMode: false };
  expect(await scannedTree(fixture, { config })).toBe(copiedPeerTree(fixture));
  expect(await scannedTree(fixture)).not.toBe(copiedPeerTree(fixture));
});

test("without core.symlinks a plain file stands for a link that the index has", async () => {
  const fixture = settled(({ root }) => symlinkSync("a.txt", join(root, "link")));
  fixture.git("config", "core.symlinks", "false");
  rmSync(join(fixture.root, "link"));
  fixture.write("link", "data.bin");
  const config = { ...USUAL, symlinks: false };
  expect(await scannedTree(fixture, { config })).toBe(copiedPeerTree(fixture));
  expect(await scannedTree(fixture)).not.toBe(copiedPeerTree(fixture));
});

test("what lies behind a link is not in the work tree", async () => {
  const fixture = settled();
  renameSync(join(fixture.root, "src"), join(fixture.root, "elsewhere"));
  symlinkSync("elsewhere", join(fixture.root, "src"));
  const { scan } = await scanFixture(fixture);
  expect(brief(scan)).toEqual({ gone: ["src/run.sh"], candidates: ["elsewhere/run.sh", "src"], repositories: [] });
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
});

test("files and folders take each other's place", async () => {
  const fixture = settled();
  rmSync(join(fixture.root, "src"), { recursive: true });
  fixture.write("src", "a file\n");
  rmSync(join(fixture.root, "a.txt"));
  fixture.write("a.txt/x", "in a folder\n");
  rmSync(join(fixture.root, "data.bin"));
  mkdirSync(join(fixture.root, "data.bin"));
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
});

test("what is no file, link or folder is nothing to git, and a tracked file is gone where it stands", async () => {
  const fixture = settled();
  rmSync(join(fixture.root, "a.txt"));
  execFileSync("mkfifo", [join(fixture.root, "a.txt"), join(fixture.root, "pipe")]);
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, gone: ["a.txt"] });
});

test("what is tracked in an ignored folder is tracked, and nothing else in it is seen", async () => {
  const fixture = settled(({ write, git }) => {
    write("build/deep/kept", "one\n");
    git("add", "--force", "build/deep/kept");
  });
  fixture.write("build/deep/kept", "two\n");
  fixture.write("build/other", "untracked\n");
  fixture.write("build/inner/.git/HEAD", "");
  expect(brief((await scanFixture(fixture)).scan)).toEqual({ ...NOTHING, candidates: ["build/deep/kept"] });
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
});

test("products are left out where they are not tracked", async () => {
  const fixture = settled();
  fixture.write("out/model", "");
  fixture.write("src/run.sh", "changed\n");
  fixture.write("src/new", "");
  const isProduct = (path: string) => path.startsWith("out") || path.startsWith("src/");
  expect(brief((await scanFixture(fixture, { isProduct })).scan)).toEqual({ ...NOTHING, candidates: ["src/run.sh"] });
});

test("repositories in the work tree are told apart from folders", async () => {
  const fixture = settled();
  const inner = (path: string): string => {
    mkdirSync(join(fixture.root, path), { recursive: true });
    const { git, write, commit } = fixtureAt(join(fixture.root, path));
    git("init", "--quiet", "--template=");
    write("x", path);
    return commit();
  };
  const commits = new Map(
    ["sub", "deep/nested", "data.bin"].map((path) => {
      rmSync(join(fixture.root, path), { force: true });
      return [path, inner(path)];
    }),
  );
  fixture.git("-c", "advice.addEmbeddedRepo=false", "add", "sub");
  fixture.write("deep/file", "");
  fixture.write("broken/.git", "leads nowhere");
  fixture.write("broken/file", "");
  const scanned = await scanFixture(fixture);
  expect(
    scanned.scan.repositories.map(({ path, entry, isRepository }) => [path, entry?.mode ?? null, isRepository]),
  ).toEqual([
    ["data.bin", 0o100644, true],
    ["deep/nested", null, true],
    ["sub", 0o160000, true],
  ]);
  const commitOf = (path: string) => commits.get(path) ?? "";
  expect(treeIdOf(worktreeEntries(fixture, scanned, commitOf), "sha1")).toBe(copiedPeerTree(fixture));
});

test("a submodule that was not fetched is an empty folder, and one that is gone is gone", async () => {
  const fixture = settled();
  fixture.git("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},sub`);
  expect(brief((await scanFixture(fixture)).scan)["gone"]).toEqual(["sub"]);
  mkdirSync(join(fixture.root, "sub"));
  const { scan } = await scanFixture(fixture);
  expect(scan.repositories).toMatchObject([{ path: "sub", isRepository: false, entry: { id: "1".repeat(40) } }]);
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
  rmSync(join(fixture.root, "sub"), { recursive: true });
  fixture.write("sub", "a file\n");
  expect(await scannedTree(fixture)).toBe(copiedPeerTree(fixture));
});

test("a name that the file system knows in other letters is the tracked one", async () => {
  const fixture = settled();
  const index = openIndex({ files: hostFiles, gitDir: `${pathOfText(fixture.root)}/.git`, idLength: 20 });
  // As on a file system that keeps the case of names and does not mind it.
  renameSync(join(fixture.root, "a.txt"), join(fixture.root, "A.TXT"));
  renameSync(join(fixture.root, "src"), join(fixture.root, "Src"));
  const real = (path: string) => path.replace("/a.txt", "/A.TXT").replace("/src", "/Src");
  const files: FileReader = {
    stat: (path) => hostFiles.stat(real(path)),
    list: (path) => hostFiles.list(real(path)),
    read: (path) => hostFiles.read(real(path)),
    readParts: (path, take) => hostFiles.readParts(real(path), take),
    readLink: (path) => hostFiles.readLink(real(path)),
    realPath: (path) => hostFiles.realPath(real(path)),
  };
  const config = { ...USUAL, ignoreCase: true, trustCtime: false };
  expect(brief((await scanFixture(fixture, { index, files, config })).scan)).toEqual(NOTHING);
  // On one that does, they are two.
  expect(brief((await scanFixture(fixture, { index, config })).scan)).toEqual({
    gone: ["a.txt", "src/run.sh"],
    candidates: ["A.TXT", "Src/run.sh"],
    repositories: [],
  });
});

test("folders of a sparse index count as there, until they are", async () => {
  const fixture = settled(({ write }) => {
    write("out/deep/x", "x");
    write("out/y", "y");
    write("src/in", "z");
  });
  fixture.git("sparse-checkout", "set", "--cone", "--sparse-index", "src");
  const tree = fixture.git("rev-parse", "HEAD^{tree}");
  expect(brief((await scanFixture(fixture)).scan)).toEqual(NOTHING);
  expect(await scannedTree(fixture)).toBe(tree);

  fixture.write("out/deep/x", "changed");
  expect((await failure(scanFixture(fixture))).code).toBe("GIT_UNREADABLE"); // expanded it must be
  const sparse = openIndex({ files: hostFiles, gitDir: `${pathOfText(fixture.root)}/.git`, idLength: 20 });
  const index = await expandSparse(sparse, {
    readTree: async (id) =>
      fixture
        .git("ls-tree", "-z", id)
        .split("\0")
        .filter(Boolean)
        .map((line) => {
          const [mode = "", , rest = ""] = line.split(" ");
          const [object = "", name = ""] = rest.split("\t");
          return { mode: Number.parseInt(mode, 8), id: object, name };
        }),
    isWanted: (path) => isFolderPresent(hostFiles, pathOfText(fixture.root), path),
  });
  expect(index.paths).toEqual(fixture.git("ls-files").split("\n"));
  expect(brief((await scanFixture(fixture, { index })).scan)).toEqual({ ...NOTHING, candidates: ["out/deep/x"] });
  const dense = [["sparse-checkout", "disable"]] as const;
  expect(await scannedTree(fixture, { index })).toBe(copiedPeerTree(fixture, ...dense));
});

test("a folder or file that may not be read is an error that names it", async () => {
  const fixture = settled(({ write }) => write("src/deep/x", "x"));
  const refuse = (member: "list" | "read" | "readLink" | "stat", end: string): FileReader => ({
    ...hostFiles,
    [member]: (path: string) => {
      if (path.endsWith(end)) throw Object.assign(new Error("denied"), { code: "EACCES" });
      return hostFiles[member](path);
    },
  });
  fixture.write("new/file", "");
  const index = (await scanFixture(fixture)).index;
  for (const [member, path] of [
    ["list", "src/deep"],
    ["list", "new"],
    ["stat", "a.txt"],
    ["stat", "new/file"],
  ] as const) {
    const error = await failure(scanFixture(fixture, { index, files: refuse(member, `/${path}`) }));
    expect([error.code, error.data]).toEqual(["GIT_UNREADABLE", { path }]);
    expect(error.message).toContain("EACCES");
  }
});

test("a scan that is not wanted any more is given up on the way", async () => {
  const fixture = settled();
  const many = Array.from({ length: 10_000 }, (_, at) => ({ name: `${at}`, kind: "file" as const }));
  const stat = hostFiles.stat(`${fixture.root}/a.txt`);
  const controller = new AbortController();
  let stats = 0;
  const files: FileReader = { ...hostFiles, list: () => many, stat: () => ((stats += 1), stat) };
  setImmediate(() => controller.abort(new Error("enough")));
  await expect(scanFixture(fixture, { files, signal: controller.signal })).rejects.toThrow("enough");
  expect(stats).toBeLessThan(10_000);
  await expect(scanFixture(fixture, { signal: AbortSignal.abort(new Error("late")) })).rejects.toThrow("late");
});
