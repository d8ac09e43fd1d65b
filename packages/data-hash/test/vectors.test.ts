import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { createDvcOutput, dvcIdOf, hashFile, hashTree, verifyData } from "../src/index.ts";
import { folderOf, write } from "./folder.ts";

function vectors(name: string): unknown {
  const text = readFileSync(new URL(`vectors/${name}`, import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly cases: unknown }).cases;
}

type Tree = readonly [Record<string, string>, string];

interface Golden {
  readonly files: Record<string, string>;
  readonly dirs: readonly Tree[];
  readonly dirsEdgeFromPythonJson: readonly Tree[];
}

interface Dos2Unix {
  readonly title: string;
  readonly parts: readonly { readonly hex: string; readonly times: number }[];
  readonly md5: string;
}

const golden = vectors("dvc-golden.json") as Golden;

describe("DVC's own hashes", () => {
  test.each(Object.entries(golden.files))("file %j has the MD5 %s", async (content, md5) => {
    const folder = folderOf({ data: content });
    const { digests } = await hashFile(join(folder, "data"), { algorithms: ["md5"] });
    expect(digests).toEqual({ md5: `md5:${md5}` });
  });

  test.each([...golden.dirs, ...golden.dirsEdgeFromPythonJson])("folder %j has the id %s", async (files, id) => {
    const hash = await hashTree(folderOf(files));
    const bytes = Object.values(files).map((text) => Buffer.byteLength(text));
    expect(createDvcOutput("data", hash)).toEqual({
      path: "data",
      md5: id,
      hash: "md5",
      sizeBytes: bytes.reduce((sum, length) => sum + length, 0),
      files: bytes.length,
      isExecutable: false,
    });
    expect(dvcIdOf(hash.kind, hash.digests.md5)).toBe(id);
  });
});

describe("the text-normalised MD5 of DVC 2", () => {
  test.each(vectors("dos2unix.json") as readonly Dos2Unix[])("$title", async ({ parts, md5 }) => {
    const bytes = Buffer.concat(parts.map(({ hex, times }) => Buffer.from(hex.repeat(times), "hex")));
    const folder = folderOf({ data: bytes });
    write(folder, { "data.dvc": `outs:\n- md5: ${md5}\n  size: ${bytes.length}\n  path: data\n` });
    expect(await verifyData(join(folder, "data.dvc"))).toMatchObject({ holds: true, outs: [{ actual: md5 }] });
  });
});
