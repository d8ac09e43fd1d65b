import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { seedPartSchema } from "@repro/seed";
import type { SeedPart } from "@repro/seed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { registerUrl } from "../src/host.ts";

const INDEX = new URL("index.js", registerUrl()).href;
const LOADER = new URL("loader.js", registerUrl()).href;
const DATASET = new URL("./loader/dataset.mjs", import.meta.url).href;
let folder = "";
let programs = 0;

beforeAll(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), "repro-loader-")))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that has `open(workers, data)` for opening a loader over dataset.mjs. */
function run(program: string, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Outcome {
  const path = join(folder, `program-${(programs += 1)}.mjs`);
  const text = `import { createSeed } from ${JSON.stringify(INDEX)};
import { openLoader } from ${JSON.stringify(LOADER)};
const open = (workers, data = { size: 20 }) =>
  openLoader(createSeed(42), { dataset: new URL(${JSON.stringify(DATASET)}), data, batchSize: 4, workers });
${program}
`;
  writeFileSync(path, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, path], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
    timeout: 50_000, // a process that hangs has no status
  });
  return { status, stdout, stderr };
}

describe("a process", () => {
  it("ends by itself when nobody waits for a batch, without a loader being closed", () => {
    const program = `const loader = await open(2);
      for await (const batch of loader.epoch(0)) if (batch.position === 8) break;
      const left = (await open(2, { size: 4000, delay: 1000 })).epoch(0);
      await left.next();
      console.log("done");`;
    expect(run(program)).toEqual({ status: 0, stdout: "done\n", stderr: "" });
  });

  it("stays alive while it waits for a batch, though nothing else keeps it", () => {
    const program = `const loader = await open(1, { size: 40, delay: 1_000_000 });
      let samples = 0;
      for await (const batch of loader.epoch(0)) samples += batch.samples.length;
      console.log(samples);`;
    expect(run(program)).toEqual({ status: 0, stdout: "40\n", stderr: "" });
  });

  it("has no worker left, and its own Math.random, once a loader is closed: at the end, early, or aborted", () => {
    const program = `import assert from "node:assert";
      const native = Math.random;
      const ports = () => process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort" || kind === "Timeout").length;
      for (const workers of [0, 2]) {
        const loader = await open(workers);
        for await (const batch of loader.epoch(0)) if (batch.position === 8) break;
        await loader[Symbol.asyncDispose]();
        const waiting = await open(workers, { size: 4000, delay: 100_000 });
        assert.equal(ports(), 0);
        const next = waiting.epoch(0).next().catch((error) => error.code);
        for (let turn = 0; turn < 9; turn += 1) await null;
        assert.equal(ports(), workers);
        await waiting[Symbol.asyncDispose]();
        assert.ok(workers === 0 || (await next) === "SEED_LOADER_CLOSED"); // the calling thread has loaded it at once
        assert.equal(ports(), 0);
        assert.equal(Math.random, native);
      }
      console.log("done");`;
    expect(run(program)).toEqual({ status: 0, stdout: "done\n", stderr: "" });
  });

  it.each([
    [["--input-type=module", "--eval"]],
    [["--input-type", "module", "-e"]],
    [["--max-old-space-size=256", "--no-warnings", "--input-type=module", "-e"]],
  ])("that is a text of the command line has workers too: %j", (args) => {
    const text = `import { createSeed } from ${JSON.stringify(INDEX)};
      import { openLoader } from ${JSON.stringify(LOADER)};
      const dataset = new URL("data:text/javascript,export const size = 2; export const load = () => process.execArgv;");
      const loader = await openLoader(createSeed(42), { dataset, batchSize: 2, workers: 1 });
      for await (const { samples } of loader.epoch(0)) console.log(JSON.stringify(samples[0]));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, text], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
      timeout: 50_000,
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual(args.filter((argument) => argument === "--no-warnings"));
  });

  it("survives a worker that runs out of memory", () => {
    const program = `const loader = await open(2, { size: 20, fault: { kind: "memory", index: 3 } });
      try { for await (const batch of loader.epoch(0)); }
      catch (error) { console.log(error.code, error.data.index, error.cause.code); }
      await loader[Symbol.asyncDispose]();`;
    const { status, stdout } = run(program, {}, ["--max-old-space-size=64"]);
    expect([status, stdout]).toEqual([0, "SEED_LOADER_WORKER_LOST 3 ERR_WORKER_OUT_OF_MEMORY\n"]);
  });

  it("gets from its worker what it would get under the process guard", () => {
    const program = `const batches = [];
      for (const workers of [0, 2]) {
        const loader = await open(workers, { size: 10, delay: 1000 });
        for await (const { samples } of loader.epoch(1)) batches.push(samples);
        await loader[Symbol.asyncDispose]();
      }
      console.log(JSON.stringify(batches));`;
    const plain = run(program);
    const numbers = JSON.parse(plain.stdout) as unknown[];
    expect(numbers.slice(3)).toEqual(numbers.slice(0, 3));
    for (const [guard, calls] of Object.entries({ redirect: 0, throw: 0, record: 0 })) {
      const runFolder = join(folder, guard);
      const env = {
        NODE_OPTIONS: `--import="${registerUrl()}"`,
        REPRO_GUARD: guard,
        REPRO_SEED: "7",
        REPRO_RUN_DIR: runFolder,
      };
      expect(run(program, env)).toEqual(plain);
      expect(partsOf(runFolder).flatMap(({ unseeded }) => unseeded)).toHaveLength(calls);
    }
  });

  it("gets the part of a worker whose dataset draws outside of samples", () => {
    const runFolder = join(folder, "parts");
    // What was begun while the dataset was opened, and goes on later, belongs to no sample.
    const text = `export function openDataset() {
      let go;
      const done = new Promise((resolve) => (go = resolve)).then(() => Math.random());
      return { size: 4, load: async () => { go(); await done; return 1; } };
    }`;
    const program = `const loader = await openLoader(createSeed(42), {
        dataset: new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(text)}`)}), batchSize: 1, workers: 1 });
      for await (const batch of loader.epoch(0));
      await loader[Symbol.asyncDispose]();`;
    const env = { NODE_OPTIONS: `--import="${registerUrl()}"`, REPRO_RUN_DIR: runFolder };
    expect(run(program, env)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(partsOf(runFolder).map(({ unseeded }) => unseeded[0]?.calls)).toEqual([1]);
  });
});

function partsOf(runFolder: string): readonly SeedPart[] {
  const parts = join(runFolder, "parts");
  const names = existsSync(parts) ? readdirSync(parts) : [];
  return names.map((name) => seedPartSchema.parse(JSON.parse(readFileSync(join(parts, name), "utf8"))));
}
