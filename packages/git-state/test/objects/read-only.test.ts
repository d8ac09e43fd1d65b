import { join } from "node:path";

import { afterEach, describe, expect, test, vi } from "vitest";

import { captureGitState } from "../../src/capture.ts";
import { hostFiles, pathOfText } from "../../src/files.ts";
import { createReadOnlyFs } from "../../src/objects/read-only-fs.ts";
import { fixedEnv, listing, makeRepository, tempFolder } from "../fixture.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const WRITES = ["writeFile", "unlink", "mkdir", "rmdir", "symlink", "chmod"] as const;

describe("the file system that isomorphic-git is given", () => {
  test("has no other calls than those that read, and each that writes fails", async () => {
    const { promises } = createReadOnlyFs(hostFiles, { "/store": pathOfText(tempFolder()) });
    const reads = ["readFile", "readdir", "stat", "lstat"];
    expect(Object.keys(promises).toSorted()).toEqual([...reads, "readlink", ...WRITES].toSorted());
    const calls = new Map<string, unknown>(Object.entries(promises));
    for (const name of WRITES) {
      const call = calls.get(name);
      if (typeof call !== "function") throw new Error(name);
      await expect(call("/store/new", "x")).rejects.toMatchObject({ code: "EROFS" });
    }
  });

  test("shows nothing outside of its folders", async () => {
    const folder = tempFolder();
    const asked: string[] = [];
    const files = { ...hostFiles, read: (path: string) => (asked.push(path), hostFiles.read(path)) };
    const { promises } = createReadOnlyFs(files, { "/store": pathOfText(folder) });
    for (const path of ["/etc/passwd", "/", "/storex", "etc/passwd", "/store/absent"]) {
      await expect(promises.readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
    }
    expect(asked).toEqual([`${folder}/absent`]);
  });
});

test("a capture without the git program leaves every file of a repository as it was, to the nanosecond", async () => {
  const fixture = makeRepository();
  fixture.write("b.txt", "b");
  fixture.commit();
  fixture.git("gc", "--quiet");
  fixture.git("tag", "-a", "-m", "x", "one");
  fixture.write("a.txt", "changed");
  fixture.write("new.txt", "new");
  const home = tempFolder();
  const before = [listing(fixture.root), listing(home)];
  const state = await captureGitState({
    cwd: join(fixture.root, "src"),
    env: fixedEnv({ HOME: home }),
    engine: "built-in",
  });
  expect(state.dirty).toBe(true);
  expect([listing(fixture.root), listing(home)]).toEqual(before);
});
