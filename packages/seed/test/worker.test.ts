import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SHARE_ENV } from "node:worker_threads";
import type { Worker } from "node:worker_threads";

import { isReproError } from "@repro/core";
import { createSeed, createSeedLedger, createStream, deriveSeed, seedPartSchema, uniform } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createSeededWorker, workerSeed } from "../src/guard/worker.ts";
import type { SeededWorkerOptions } from "../src/guard/worker.ts";
import { registerUrl } from "../src/host.ts";

const entry = new URL("index.js", registerUrl()).href;
const workerModule = new URL("guard/worker.js", registerUrl()).href;
let folder = "";

beforeAll(() => {
  if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
  folder = realpathSync(mkdtempSync(join(tmpdir(), "repro-worker-")));
  writeFileSync(
    join(folder, "job.mjs"),
    `import { parentPort, workerData } from "node:worker_threads";
import { createStream, uniform } from ${JSON.stringify(entry)};
import { workerSeed } from ${JSON.stringify(workerModule)};
const seed = workerSeed();
parentPort.postMessage({ random: Math.random(), path: seed.path, key: seed.key, counted: seed.ledger !== undefined,
  drawn: uniform(createStream(seed, "augment")), data: workerData, left: process.env.REPRO_SEED_PATH ?? null });\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly random: number;
  readonly path: readonly unknown[];
  readonly key: string;
  readonly counted: boolean;
  readonly drawn: number;
  readonly data: unknown;
  readonly left: unknown;
}

const RANDOM = `require("node:worker_threads").parentPort.postMessage(Math.random());`;

/** The built package cannot be loaded under the flags that tests run with: they resolve our packages to their sources. */
const PLAIN: SeededWorkerOptions = { execArgv: [] };

async function answerOf<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    let answer: T;
    worker.on("message", (message: T) => (answer = message));
    worker.on("error", reject);
    worker.on("exit", () => resolve(answer));
  });
}

async function run(seed: Seed, options: SeededWorkerOptions = {}): Promise<Answer> {
  return answerOf(createSeededWorker(join(folder, "job.mjs"), seed, { ...PLAIN, ...options }));
}

async function draw(seed: Seed, options: SeededWorkerOptions = {}): Promise<number> {
  return answerOf(createSeededWorker(RANDOM, seed, { ...PLAIN, ...options, eval: true }));
}

const expected = (seed: Seed): number => uniform(createStream({ ...seed, ledger: undefined }, "math.random"));

describe("createSeededWorker", () => {
  it("gives the thread its seed by path, and user data too", async () => {
    const seed = deriveSeed(createSeed("fold/ü"), "worker", 3);
    expect(await run(seed, { workerData: { batch: 7 } })).toEqual({
      random: expected(seed),
      path: ["worker", 3],
      key: seed.key,
      counted: true,
      drawn: uniform(createStream(seed, "augment")),
      data: { batch: 7 },
      left: null,
    });
  });

  it.each([0, 2n ** 70n, "42", Uint8Array.of(0, 255)])("takes the seed %s", async (value) => {
    const seed = deriveSeed(createSeed(value), 'a "quoted" label', 0);
    expect((await run(seed)).key).toBe(seed.key);
    expect((await run(createSeed(value))).path).toEqual([]);
  });

  it("guards before the first line, also of text, data URLs and file URLs", async () => {
    const seed = createSeed(0);
    const data = new URL(
      `data:text/javascript,import{parentPort}from"node:worker_threads";parentPort.postMessage(Math.random())`,
    );
    expect(await draw(seed)).toBe(expected(seed));
    expect(await answerOf(createSeededWorker(data, seed, PLAIN))).toBe(expected(seed));
    expect(
      await answerOf<Answer>(createSeededWorker(pathToFileURL(join(folder, "job.mjs")), seed, PLAIN)),
    ).toMatchObject({
      random: expected(seed),
    });
  });

  it("draws the same whatever the order in which threads start, and never what another draws", async () => {
    const root = createSeed(42);
    const seeds = [0, 1, 2].map((index) => deriveSeed(root, "worker", index));
    const forwards = await Promise.all(seeds.map(async (seed) => run(seed)));
    const backwards = await Promise.all(seeds.toReversed().map(async (seed) => run(seed)));
    expect(backwards.toReversed()).toEqual(forwards);
    expect(new Set(forwards.flatMap(({ random, drawn }) => [random, drawn])).size).toBe(6);
  });

  it("refuses to start a second thread of one seed", async () => {
    const seed = deriveSeed(createSeed(1), "worker", 0);
    const first = draw(seed);
    expect(() => createSeededWorker(RANDOM, seed, { eval: true })).toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED", data: { path: ["worker", 0] } }),
    );
    const value = await first;
    expect(await draw(seed)).toBe(value); // a thread that ended may be run again
  });

  it("counts the thread's path in the seed's ledger, which decides of reuse", async () => {
    const strict = createSeed(1, { ledger: createSeedLedger() });
    await draw(strict);
    expect(() => createSeededWorker(RANDOM, strict, { eval: true })).toThrow("has been opened before");
    const lenient = createSeed(1, { ledger: createSeedLedger({ reuse: "allow" }) });
    const [a, b] = await Promise.all([draw(lenient), draw(lenient)]);
    expect(a).toBe(b);
  });

  it("takes guards, and reports a refusal as the thread's error", async () => {
    const seed = createSeed(3);
    const error: unknown = await draw(seed, { guard: "throw" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "SEED_UNSEEDED_RANDOM", data: { api: "Math.random" } });
    const time = `require("node:worker_threads").parentPort.postMessage([Date.now(), Math.random() === Math.random()]);`;
    const guard = { random: "redirect", clock: "freeze", frozenAt: 5 } as const;
    expect(await answerOf(createSeededWorker(time, createSeed(4), { ...PLAIN, eval: true, guard }))).toEqual([
      5,
      false,
    ]);
  });

  it("keeps node's own options", async () => {
    const code = `require("node:worker_threads").parentPort.postMessage([process.env.X, process.argv[2], process.execArgv]);`;
    const options = { eval: true, env: { X: "1" }, argv: ["a"], execArgv: ["--no-warnings"] };
    const answer = await answerOf<[string, string, string[]]>(createSeededWorker(code, createSeed(0), options));
    expect(answer).toEqual(["1", "a", ["--require", expect.stringContaining("register.js"), "--no-warnings"]]);
  });

  it.each<[SeededWorkerOptions, ErrorConstructor, string]>([
    [{ env: SHARE_ENV }, TypeError, "SHARE_ENV"],
    [{ guard: "off" }, RangeError, 'got "off"'],
    [{ guard: { clock: "off" as never } }, TypeError, '"clock"'],
  ])("refuses %j before it starts", (options, type, says) => {
    const ledger = createSeedLedger();
    const seed = createSeed(0, { ledger });
    const start = (): Worker => createSeededWorker(RANDOM, seed, { eval: true, ...options });
    expect(start).toThrow(type);
    expect(start).toThrow(says);
  });

  it("passes on what new Worker throws, and forgets the seed then", async () => {
    const seed = createSeed(5);
    expect(() => createSeededWorker("./relative-without-dot", seed, { execArgv: ["--nonsense"] })).toThrow();
    expect(await draw(seed)).toBe(expected(seed));
  });
});

describe("workerSeed", () => {
  it("is for threads that were given a seed", () => {
    try {
      workerSeed();
    } catch (error) {
      return expect(isReproError(error, "SEED_WORKER_UNSEEDED")).toBe(true);
    }
    throw new Error("it gave one");
  });
});

describe("with @repro/seed/register in the parent", () => {
  const main = (label: string): string => {
    const cwd = join(folder, label);
    mkdirSync(cwd, { recursive: true });
    writeFileSync(
      join(cwd, "main.mjs"),
      `import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createSeed, deriveSeed } from ${JSON.stringify(entry)};
import { createSeededWorker } from ${JSON.stringify(workerModule)};
const root = createSeed(42);
const answers = [];
for (const index of [1, 0]) {
  const worker = createSeededWorker(${JSON.stringify(RANDOM)}, deriveSeed(root, "worker", index), { eval: true });
  worker.on("message", (message) => answers.push(message));
  await once(worker, "exit");
}
const file = createSeededWorker(new URL("../job.mjs", import.meta.url), deriveSeed(root, "worker", 2));
file.on("message", ({ random }) => answers.push(random));
await once(file, "exit");
answers.push(Math.random());
console.log(JSON.stringify(answers));\n`,
    );
    return cwd;
  };
  const values = [1, 0, 2].map((index) => expected(deriveSeed(createSeed(42), "worker", index)));

  it.each([
    ["options", [], `--import="${registerUrl()}"`],
    ["flag", ["--import", registerUrl(), "--max-old-space-size=200"], ""],
    ["neither", ["--stack-trace-limit=5"], ""],
  ])("guards once: %s", (label, flags, nodeOptions) => {
    const cwd = main(label);
    const runFolder = join(cwd, "run");
    const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, "main.mjs"], {
      cwd,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        NODE_OPTIONS: nodeOptions,
        REPRO_RUN_DIR: runFolder,
        REPRO_SEED: "42",
        REPRO_GUARD: "redirect",
      },
    });
    expect([status, stderr]).toEqual([0, ""]);
    const answers = JSON.parse(stdout) as readonly number[];
    expect(answers.slice(0, 3)).toEqual(values);
    if (label !== "neither")
      expect(answers[3]).toBe(uniform(createStream(createSeed(42), "math.random", "main.mjs", 0)));
    const parts = readdirSync(join(runFolder, "parts")).map((name) =>
      seedPartSchema.parse(JSON.parse(readFileSync(join(runFolder, "parts", name), "utf8"))),
    );
    const drawn = parts.flatMap(({ streams }) => streams.map(({ path, draws }) => `${path.join(" ")}: ${draws}`));
    const own = label === "neither" ? [] : ["math.random main.mjs 0: 2"];
    const workers = [0, 1, 2].map((index) => `worker ${index} math.random: 2`);
    expect(drawn.toSorted()).toEqual([...own, ...workers, "worker 2 augment: 2"].toSorted());
  });

  it.each([
    ["", "is no path"],
    ["{}", "must be an array"],
    ["[null]", "must be an array"],
    ["[-1]", "unsigned safe integers"],
    ['["\\ud800"]', "is no path"],
  ])("refuses the path %s before the program starts", (text, says) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", registerUrl(), "-p", "1"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], REPRO_SEED: "1", REPRO_SEED_PATH: text },
    });
    expect([status === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain("SEED_INVALID");
    expect(stderr).toContain(says);
  });

  it("gives a process its own stream by REPRO_SEED_PATH, and not the ones that it starts", () => {
    const program = `const { execFileSync } = require("node:child_process");
      const child = execFileSync(process.execPath, ["-p", "process.env.REPRO_SEED_PATH ?? 0"], { encoding: "utf8" });
      console.log(JSON.stringify([Math.random(), child.trim()]));`;
    const { stdout } = spawnSync(process.execPath, ["--import", registerUrl(), "-e", program], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], REPRO_SEED: "1", REPRO_SEED_PATH: '["job",7]', REPRO_GUARD: "redirect" },
    });
    expect(JSON.parse(stdout)).toEqual([expected(deriveSeed(createSeed(1), "job", 7)), "0"]);
  });
});
