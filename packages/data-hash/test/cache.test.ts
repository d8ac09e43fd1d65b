import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { fetchDvcObject, findDvcCache, hashTree, nodeFs } from "../src/index.ts";
import type { DataFs, DvcCache } from "../src/index.ts";
import { cacheObject, folderOf, write } from "./folder.ts";

const md5 = (bytes: string): string => createHash("md5").update(bytes).digest("hex");
const FOO = md5("foo");
const TREE = "5ea40360f5b4ec688df672a4db9c17d1.dir";
const MANIFEST = `[{"md5": "${md5("bar")}", "relpath": "bar"}, {"md5": "${FOO}", "relpath": "foo"}]`;

function repository(): DvcCache & { readonly objects: string } {
  const root = folderOf({ ".dvc/config": "" });
  const folder = join(root, ".dvc/cache");
  const objects = join(folder, "files/md5");
  cacheObject(objects, FOO, "foo");
  cacheObject(objects, md5("bar"), "bar");
  cacheObject(objects, TREE, MANIFEST);
  return { root, folder, objects };
}

describe("findDvcCache", () => {
  test("finds the repository above a folder, and nothing where there is none", () => {
    const root = folderOf({ ".dvc/config": "", "a/b/c": "" });
    expect(findDvcCache(join(root, "a/b"))).toEqual({ root, folder: join(root, ".dvc/cache") });
    expect(findDvcCache(folderOf())).toBeNull();
  });

  test.each([
    ["a relative path, from .dvc", { config: "[cache]\n    dir = ../../shared\n" }, "../shared"],
    ["an absolute path", { config: "[cache]\ndir = /data/cache\n" }, "/data/cache"],
    ["config.local before config", { config: "[cache]\ndir = a\n", "config.local": "[cache]\ndir = b\n" }, ".dvc/b"],
    ["only the section [cache]", { config: "[core]\ndir = a\n['remote \"x\"']\n    dir = b\n" }, ".dvc/cache"],
    ["any case, quotes and comments", { config: "[Cache] # c\r\n\tDIR = 'a # b' # c\r\n" }, ".dvc/a # b"],
    ["a value before a comment", { config: "[cache]\ndir = a b # c\n" }, ".dvc/a b"],
    ["a later section", { config: "[core]\nremote = x\n[cache]\ntype = copy\ndir = c\n" }, ".dvc/c"],
  ])("reads %s", (_, files, folder) => {
    const root = folderOf(Object.fromEntries(Object.entries(files).map(([name, text]) => [`.dvc/${name}`, text])));
    expect(findDvcCache(root)?.folder).toBe(folder.startsWith("/") ? folder : join(root, folder));
  });
});

describe("fetchDvcObject", () => {
  test("brings a file, writable", async () => {
    const target = join(folderOf(), "deep/foo");
    await fetchDvcObject(repository(), FOO, target);
    expect(readFileSync(target, "utf8")).toBe("foo");
    expect(statSync(target).mode & 0o200).toBe(0o200);
  });

  test("brings a folder, and keeps what is already there", async () => {
    const cache = repository();
    const target = join(folderOf(), "data");
    await fetchDvcObject(cache, TREE, target);
    expect((await hashTree(target)).digests.md5).toBe("md5:5ea40360f5b4ec688df672a4db9c17d1");
    await fetchDvcObject(cache, TREE, target);
    expect(readdirSync(target)).toEqual(["bar", "foo"]);
  });

  test("finds objects where DVC 2 kept them", async () => {
    const root = folderOf({ ".dvc/config": "" });
    cacheObject(join(root, ".dvc/cache"), FOO, "foo");
    const target = join(folderOf(), "foo");
    await fetchDvcObject({ root, folder: join(root, ".dvc/cache") }, FOO, target);
    expect(readFileSync(target, "utf8")).toBe("foo");
  });

  test("throws DATA_CACHE_MISSING before it writes anything", async () => {
    const cache = repository();
    const manifest = `[{"md5": "${FOO}", "relpath": "a"}, {"md5": "${md5("gone")}", "relpath": "b"}]`;
    const id = `${md5(manifest)}.dir`;
    cacheObject(cache.objects, id, manifest);
    const folder = folderOf();
    await expect(fetchDvcObject(cache, id, join(folder, "data"))).rejects.toMatchObject({
      code: "DATA_CACHE_MISSING",
      data: { id: md5("gone") },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("throws DATA_CACHE_CORRUPT for an object that was changed, and removes its copies", async () => {
    const root = folderOf();
    const objects = join(root, "files/md5");
    cacheObject(objects, FOO, "foo");
    cacheObject(objects, md5("bar"), "BAR");
    cacheObject(objects, TREE, MANIFEST);
    const target = join(folderOf(), "data");
    await expect(fetchDvcObject({ root, folder: root }, TREE, target)).rejects.toMatchObject({
      code: "DATA_CACHE_CORRUPT",
    });
    expect(readdirSync(target)).toEqual([]);
  });

  test("throws DATA_CACHE_CORRUPT for a manifest that was changed", async () => {
    const root = folderOf();
    cacheObject(join(root, "files/md5"), TREE, `${MANIFEST} `);
    const target = join(folderOf(), "data");
    await expect(fetchDvcObject({ root, folder: root }, TREE, target)).rejects.toMatchObject({
      code: "DATA_CACHE_CORRUPT",
    });
  });

  test.each(["../x", "/etc/x", "a/../../x", "", ".", "a//b", "a\\..\\x", "a\0"])(
    "throws DATA_CACHE_CORRUPT for a manifest with the path %j",
    async (relpath) => {
      const cache = repository();
      const manifest = JSON.stringify([{ md5: FOO, relpath }]);
      const id = `${md5(manifest)}.dir`;
      cacheObject(cache.objects, id, manifest);
      await expect(fetchDvcObject(cache, id, join(folderOf(), "data"))).rejects.toMatchObject({
        code: "DATA_CACHE_CORRUPT",
      });
    },
  );

  test("throws DATA_CACHE_CORRUPT for a manifest that is no JSON", async () => {
    const cache = repository();
    const id = `${md5("[")}.dir`;
    cacheObject(cache.objects, id, "[");
    await expect(fetchDvcObject(cache, id, join(folderOf(), "data"))).rejects.toMatchObject({
      code: "DATA_CACHE_CORRUPT",
    });
  });

  test("throws DATA_MISMATCH for another file in its place, and leaves it", async () => {
    const folder = folderOf({ "data/foo": "mine" });
    await expect(fetchDvcObject(repository(), TREE, join(folder, "data"))).rejects.toMatchObject({
      code: "DATA_MISMATCH",
    });
    expect(readdirSync(join(folder, "data"))).toEqual(["foo"]);
    expect(readFileSync(join(folder, "data/foo"), "utf8")).toBe("mine");
  });

  test("throws DATA_OUTSIDE_ROOT rather than write through a link", async () => {
    const [folder, outside] = [folderOf(), folderOf()];
    symlinkSync(outside, join(folder, "data"));
    await expect(fetchDvcObject(repository(), TREE, join(folder, "data"))).rejects.toMatchObject({
      code: "DATA_OUTSIDE_ROOT",
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  test("throws DATA_UNWRITABLE when the disk is full, and removes its copies", async () => {
    let copies = 0;
    const fs: DataFs = {
      ...nodeFs,
      copy: (from, to) => {
        copies += 1;
        if (copies === 2) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        nodeFs.copy(from, to);
      },
    };
    const target = join(folderOf(), "data");
    await expect(fetchDvcObject(repository(), TREE, target, { fs })).rejects.toMatchObject({
      code: "DATA_UNWRITABLE",
      data: { reason: "ENOSPC" },
    });
    expect(readdirSync(target)).toEqual([]);
  });

  test("throws RangeError for an id that is none", async () => {
    await expect(fetchDvcObject(repository(), "../../x", "data")).rejects.toThrow(RangeError);
  });

  test("stops when its signal does", async () => {
    const folder = folderOf();
    const signal = AbortSignal.abort();
    await expect(fetchDvcObject(repository(), FOO, join(folder, "a"), { signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    mkdirSync(join(folder, "b"));
    expect(readdirSync(folder)).toEqual(["b"]);
  });
});

test("a cache is never written", async () => {
  const cache = repository();
  const before = await hashTree(cache.folder);
  await fetchDvcObject(cache, TREE, join(folderOf(), "data"));
  write(cache.root, { "a.txt": "" });
  expect(await hashTree(cache.folder)).toEqual(before);
});
