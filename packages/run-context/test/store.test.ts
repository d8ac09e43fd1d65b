import * as fs from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { isReproError } from "@repro/core";
import { directoryRecord, listRuns, openRun, readRun } from "@repro/run-context";
import type { RunFileSystem } from "@repro/run-context";

import { makeWorkTree, thrownBy, valueLayer } from "./fixture.ts";

/** Calls that write: where a disk can be full and a machine can stop. */
const WRITES = new Set(["copyFileSync", "fsyncSync", "mkdirSync", "openSync", "renameSync", "writeSync"]);

interface Fault {
  /** Which writing call fails, counted from 0. */
  readonly at: number;
  /** `full`: that call fails. `torn`: it also writes half first. `dead`: no call after it does anything. */
  readonly kind: "full" | "torn" | "dead";
}

/** The machine's file system until a fault. */
function faulty({ at, kind }: Fault): { fs: RunFileSystem; reached(): boolean } {
  let count = 0;
  const failure = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  const proxy = new Proxy(fs, {
    get: (target, name: Extract<keyof typeof fs, string>) => {
      const real = target[name] as (...args: unknown[]) => unknown;
      if (kind === "dead" && count > at && name !== "existsSync") return () => fail(failure);
      if (!WRITES.has(name)) return real;
      return (...args: unknown[]) => {
        const index = count;
        count += 1;
        if (index !== at) return real(...args);
        if (kind === "torn" && name === "writeSync") tear(...(args as Parameters<typeof tear>));
        return fail(failure);
      };
    },
  });
  return { fs: proxy, reached: () => count > at };
}

/** Writes the first bytes only. */
function tear(file: number, bytes: Uint8Array): void {
  fs.writeSync(file, bytes.subarray(0, 3));
}

function fail(error: Error): never {
  throw error;
}

async function record(root: string, cwd: { cwd: string }, system: RunFileSystem): Promise<void> {
  const run = await openRun({
    layers: { code: valueLayer(1) },
    record: directoryRecord(join(root, ".repro/runs"), { fs: system }),
    process: cwd,
  });
  run.step({ loss: 0.5 });
  await run.output("model/weights.bin", new Uint8Array(100_000));
  await run.close();
}

describe.each(["full", "torn", "dead"] as const)("a disk that is %s", (kind) => {
  it("at any writing call leaves a typed error and no half record, whatever the call", async () => {
    let at = 0;
    for (; ; at += 1) {
      using tree = makeWorkTree();
      const system = faulty({ at, kind });
      let thrown: unknown;
      try {
        await record(tree.root, tree.process, system.fs);
      } catch (error) {
        thrown = error;
      }
      for (const id of listRuns({ cwd: tree.root })) {
        expect(readRun(id, { cwd: tree.root }).file.record.status).toBe("completed");
        expect(fs.statSync(join(tree.root, ".repro/runs", id, "outputs/model/weights.bin")).size).toBe(100_000);
      }
      if (!system.reached()) {
        expect(thrown).toBeUndefined();
        expect(listRuns({ cwd: tree.root })).toHaveLength(1);
        break;
      }
      if (kind !== "dead") {
        if (!isReproError(thrown)) throw thrown;
        expect(thrown).toMatchObject({ code: "RUN_RECORD_UNWRITABLE", data: { errno: "ENOSPC" } });
        expect(thrown.remedy).toContain("free disk space");
      }
    }
    expect(at).toBeGreaterThan(15);
  });
});

it("a folder that cannot be made is named", async () => {
  using tree = makeWorkTree({ file: "" });
  const error = await thrownBy(() =>
    openRun({ layers: {}, record: directoryRecord(join(tree.root, "file/runs")), process: tree.process }),
  );
  expect(error).toMatchObject({ code: "RUN_RECORD_UNWRITABLE" });
  expect(error.data["path"]).toContain("file/runs");
});

it("a folder that was never finished is not a run", async () => {
  using tree = makeWorkTree();
  await openRun({ layers: {}, process: tree.process });
  const [name = ""] = fs.readdirSync(join(tree.root, ".repro/runs")).filter((entry) => entry.endsWith(".partial"));
  expect(name).not.toBe("");
  expect(listRuns({ cwd: tree.root })).toEqual([]);
  expect((await thrownBy(() => readRun(name, { cwd: tree.root }))).code).toBe("RUN_NOT_FOUND");
});
