import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeTensors, hashBytes } from "@repro/core";
import fc from "fast-check";
import { blake3 } from "hash-wasm";
import { describe, expect, test } from "vitest";

import { hashFile, hashTensors, nodeFs } from "../src/index.ts";
import type { DataFs, FileFacts } from "../src/index.ts";
import { folderOf } from "./folder.ts";

describe("hashFile", () => {
  test("returns size and SHA-256 of an empty file", async () => {
    const folder = folderOf({ empty: "" });
    expect(await hashFile(join(folder, "empty"))).toEqual({
      sizeBytes: 0,
      digests: { sha256: hashBytes(new Uint8Array()) },
    });
  });

  test("returns a frozen value", async () => {
    const hash = await hashFile(join(folderOf({ a: "a" }), "a"));
    expect(Object.isFrozen(hash) && Object.isFrozen(hash.digests)).toBe(true);
  });

  test("hashes any bytes as SHA-256 and BLAKE3 do in memory", async () => {
    const folder = folderOf();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        writeFileSync(join(folder, "data"), bytes);
        const { sizeBytes, digests } = await hashFile(join(folder, "data"), { algorithms: ["sha256", "blake3"] });
        expect(sizeBytes).toBe(bytes.length);
        expect(digests).toEqual({ sha256: hashBytes(bytes), blake3: `blake3:${await blake3(bytes)}` });
      }),
    );
  });

  test("does not depend on how much one read returns", async () => {
    const bytes = Uint8Array.from({ length: 3_000_001 }, (_, index) => index % 251);
    const path = join(folderOf({ data: bytes }), "data");
    const sips: DataFs = { ...nodeFs, read: (fd, into) => nodeFs.read(fd, into.subarray(0, 100_003)) };
    expect(await hashFile(path, { fs: sips })).toEqual(await hashFile(path));
  });

  test("follows a link", async () => {
    const folder = folderOf({ a: "a" });
    symlinkSync("a", join(folder, "link"));
    expect(await hashFile(join(folder, "link"))).toEqual(await hashFile(join(folder, "a")));
  });

  test.each([
    ["DATA_MISSING", "nothing"],
    ["DATA_MISSING", "file/below"],
    ["DATA_UNREADABLE", "folder"],
    ["DATA_UNREADABLE", "pipe"],
  ])("throws %s for %s", async (code, name) => {
    const folder = folderOf({ file: "" });
    mkdirSync(join(folder, "folder"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await expect(hashFile(join(folder, name))).rejects.toMatchObject({ name: "ReproError", code });
  });

  test("throws DATA_UNREADABLE with the system's reason when a read fails", async () => {
    const fs: DataFs = {
      ...nodeFs,
      read: () => {
        throw Object.assign(new Error("bad sector"), { code: "EIO" });
      },
    };
    const path = join(folderOf({ a: "a" }), "a");
    await expect(hashFile(path, { fs })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
      data: { path, reason: "EIO" },
    });
  });

  test.each<[string, (facts: FileFacts, look: number) => FileFacts]>([
    ["grew after it was opened", (facts, look) => ({ ...facts, sizeBytes: facts.sizeBytes - (look === 0 ? 1 : 0) })],
    ["shrank after it was opened", (facts, look) => ({ ...facts, sizeBytes: facts.sizeBytes + (look === 0 ? 1 : 0) })],
    ["was written in place", (facts, look) => ({ ...facts, modifiedNs: facts.modifiedNs + BigInt(look) })],
  ])("throws DATA_CHANGED_WHILE_READ when the file %s", async (_, seen) => {
    let looks = 0;
    const fs: DataFs = { ...nodeFs, factsOf: (fd) => seen(nodeFs.factsOf(fd), looks++) };
    const path = join(folderOf({ a: "abc" }), "a");
    await expect(hashFile(path, { fs })).rejects.toMatchObject({ code: "DATA_CHANGED_WHILE_READ", data: { path } });
  });

  test("reads no further than the file was long, and closes it when it fails", async () => {
    let length = 0;
    let closed = 0;
    const fs: DataFs = {
      ...nodeFs,
      read: (_, into) => ((length += into.length), into.length), // a file without end
      factsOf: (fd) => ({ ...nodeFs.factsOf(fd), modifiedNs: BigInt(length) }),
      close: (fd) => ((closed += 1), nodeFs.close(fd)),
    };
    const path = join(folderOf({ a: "abc" }), "a");
    await expect(hashFile(path, { fs })).rejects.toMatchObject({ code: "DATA_CHANGED_WHILE_READ" });
    expect([length, closed]).toEqual([3, 1]);
  });

  test("throws DATA_UNREADABLE for a file that has bytes but no length, as those of /proc", async () => {
    const fs: DataFs = { ...nodeFs, factsOf: (fd) => ({ ...nodeFs.factsOf(fd), sizeBytes: 0 }) };
    const path = join(folderOf({ a: "abc" }), "a");
    await expect(hashFile(path, { fs })).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
  });

  test("stops when its signal does", async () => {
    const path = join(folderOf({ a: new Uint8Array(40 * 2 ** 20) }), "a");
    const stop = new AbortController();
    const fs: DataFs = { ...nodeFs, pause: async () => stop.abort() };
    await expect(hashFile(path, { fs, signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
    await expect(hashFile(path, { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("throws RangeError for no algorithm and for an unknown one", async () => {
    await expect(hashFile("a", { algorithms: [] })).rejects.toThrow(RangeError);
    await expect(hashFile("a", { algorithms: ["md5-dos2unix" as "md5"] })).rejects.toThrow(RangeError);
  });
});

describe("hashTensors", () => {
  test("is the SHA-256 of the bytes that core defines", () => {
    const tensors = [
      { name: "b", dtype: "float32", shape: [2], data: Float32Array.of(1, Number.NaN) },
      { name: "a", dtype: "int32", shape: [], data: Int32Array.of(-1) },
    ] as const;
    expect(hashTensors(tensors)).toBe(hashBytes(Buffer.concat(encodeTensors(tensors))));
    expect(hashTensors(tensors.toReversed())).toBe(hashTensors(tensors));
  });

  test("tells a shape, a type and a name apart", () => {
    const data = Float32Array.of(0, 0);
    const digests = [
      hashTensors([{ name: "w", dtype: "float32", shape: [2], data }]),
      hashTensors([{ name: "w", dtype: "float32", shape: [1, 2], data }]),
      hashTensors([{ name: "v", dtype: "float32", shape: [2], data }]),
      hashTensors([{ name: "w", dtype: "int32", shape: [2], data: Int32Array.of(0, 0) }]),
      hashTensors([]),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test("hashes these weights to this digest, which changes only in a major", () => {
    const data = Float32Array.of(0.5, -1, 3);
    expect(hashTensors([{ name: "dense/kernel", dtype: "float32", shape: [3, 1], data }])).toBe(
      "sha256:973ba9d3a7d5fe51a4117380d5cfd0723789fe89cbfcff73b8a124ed2013006d",
    );
  });
});
