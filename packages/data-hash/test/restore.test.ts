import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { LayerContext, RestoreContext } from "@repro/core";
import { describe, expect, test } from "vitest";

import { createDvcOutput, dataLayer, encodeDvcFile, hashTree } from "../src/index.ts";
import type { DataState } from "../src/index.ts";
import { cacheObject, folderOf, write } from "./folder.ts";

const attachment = async (): Promise<never> => {
  throw new Error("the data layer attaches nothing");
};
const contextOf = (root: string): LayerContext => ({ root, cwd: root, env: {}, attach: attachment });
const restoring = (source: string, root: string): RestoreContext => ({ source, root, env: {}, attachment });
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

async function captured(root: string, path: string): Promise<DataState> {
  return (await dataLayer({ data: path }).open(contextOf(root))).seal();
}

/** Restores, captures what was restored, and expects it to be what was recorded. */
async function expectRestored(recorded: DataState, source: string, root: string): Promise<void> {
  const layer = dataLayer({});
  const before = await hashTree(source);
  const restoration = await layer.restore!(recorded, restoring(source, root));
  const open = await restoration.layer.open({ ...contextOf(root), cwd: join(root, "elsewhere") });
  expect(layer.diff(recorded, await open.seal())).toEqual([]);
  expect(await hashTree(source)).toEqual(before);
}

async function expectBlocked(recorded: DataState, source: string, root: string, error: object): Promise<void> {
  const before = await hashTree(root);
  await expect(dataLayer({}).restore!(recorded, restoring(source, root))).rejects.toMatchObject(error);
  expect(await hashTree(root)).toEqual(before);
}

const FILES = { "data/a.csv": "1\n", "data/deep/b.csv": "2\n" };

describe("restore", () => {
  test("accepts data that the restored tree already has", async () => {
    const source = folderOf(FILES);
    const recorded = await captured(source, "data");
    await expectRestored(recorded, folderOf(), folderOf(FILES));
  });

  test("copies a file and a folder from the source", async () => {
    const source = folderOf(FILES);
    await expectRestored(await captured(source, "data/a.csv"), source, folderOf());
    await expectRestored(await captured(source, "data"), source, folderOf());
  });

  test("copies only what the restored tree lacks of a folder", async () => {
    const source = folderOf(FILES);
    await expectRestored(await captured(source, "data"), source, folderOf({ "data/a.csv": "1\n" }));
  });

  test("restores an empty file", async () => {
    const source = folderOf({ empty: "" });
    await expectRestored(await captured(source, "empty"), source, folderOf());
  });

  test("takes the recorded bytes out of the DVC cache when the source has others", async () => {
    const source = folderOf({ ...FILES, ".dvc/config": "" });
    const recorded = await captured(source, "data");
    const manifest = `[{"md5": "${md5("1\n")}", "relpath": "a.csv"}, {"md5": "${md5("2\n")}", "relpath": "deep/b.csv"}]`;
    const objects = join(source, ".dvc/cache/files/md5");
    cacheObject(objects, `${md5(manifest)}.dir`, manifest);
    cacheObject(objects, md5("1\n"), "1\n");
    cacheObject(objects, md5("2\n"), "2\n");
    write(source, { "data/a.csv": "9\n" });
    await expectRestored(recorded, source, folderOf());
    rmSync(join(source, "data"), { recursive: true });
    await expectRestored(recorded, source, folderOf());
  });

  test("verifies the pointer that came with the code", async () => {
    const source = folderOf({ "a.csv": "1\n" });
    const pointer = encodeDvcFile(createDvcOutput("a.csv", await hashTree(join(source, "a.csv"))));
    write(source, { "a.csv.dvc": pointer });
    await expectRestored(await captured(source, "a.csv"), source, folderOf({ "a.csv.dvc": pointer }));
  });

  test("throws DATA_MISSING when neither the source nor a cache has the bytes, and leaves nothing behind", async () => {
    const source = folderOf({ ...FILES, ".dvc/config": "" });
    const recorded = await captured(source, "data");
    write(source, { "data/a.csv": "9\n" }); // as many bytes as recorded, so that only their hash tells
    await expectBlocked(recorded, source, folderOf({ "code.js": "" }), {
      code: "DATA_MISSING",
      data: { name: "data", path: "data" },
    });
    rmSync(join(source, "data"), { recursive: true });
    await expectBlocked(recorded, source, folderOf(), { code: "DATA_MISSING" });
    write(source, { data: "a file" });
    await expectBlocked(recorded, source, folderOf(), { code: "DATA_MISSING" });
  });

  test("does not trust a cache whose object was changed", async () => {
    const source = folderOf({ "a.csv": "1\n", ".dvc/config": "" });
    const recorded = await captured(source, "a.csv");
    rmSync(join(source, "a.csv"));
    const object = cacheObject(join(source, ".dvc/cache/files/md5"), md5("1\n"), "2\n");
    await expectBlocked(recorded, source, folderOf(), { code: "DATA_MISSING" });
    chmodSync(object, 0o644);
  });

  test("throws DATA_MISMATCH for other bytes in the restored tree, and keeps them", async () => {
    const source = folderOf(FILES);
    const other = folderOf({ ...FILES, "data/a.csv": "9\n" });
    await expectBlocked(await captured(source, "data"), source, other, { code: "DATA_MISMATCH" });
    await expectBlocked(await captured(source, "data/a.csv"), source, other, {
      code: "DATA_MISMATCH",
      data: { path: "data/a.csv" },
    });
  });

  test("verifies data outside of the work tree where it is, and copies nothing", async () => {
    const outside = folderOf({ "big.csv": "1\n" });
    const path = join(outside, "big.csv");
    const source = folderOf();
    const recorded = await captured(source, path);
    await expectRestored(recorded, source, folderOf());
    write(outside, { "big.csv": "2\n" });
    await expectBlocked(recorded, source, folderOf(), { code: "DATA_MISMATCH" });
    rmSync(path);
    await expectBlocked(recorded, source, folderOf(), { code: "DATA_MISSING" });
    expect(existsSync(path)).toBe(false);
  });

  test("throws DATA_OUTSIDE_ROOT rather than write through a link of the restored tree", async () => {
    const source = folderOf(FILES);
    const [root, outside] = [folderOf(), folderOf()];
    symlinkSync(outside, join(root, "data"));
    const recorded = await captured(source, "data/a.csv");
    await expect(dataLayer({}).restore!(recorded, restoring(source, root))).rejects.toMatchObject({
      code: "DATA_OUTSIDE_ROOT",
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  test("stops when the replay is aborted", async () => {
    const source = folderOf(FILES);
    const recorded = await captured(source, "data");
    const context = { ...restoring(source, folderOf()), signal: AbortSignal.abort() };
    mkdirSync(join(context.root, "x"));
    await expect(dataLayer({}).restore!(recorded, context)).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(context.root)).toEqual(["x"]);
  });
});
