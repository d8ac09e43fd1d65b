import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dataLayer } from "@repro/data-hash";
import { computeLayer } from "@repro/deterministic-gpu";
import { envLayer } from "@repro/env-lock";
import { gitLayer } from "@repro/git-state";
import { directoryRecord, openRun } from "@repro/run-context";
import type { RunLayers } from "@repro/run-context";
import { seedLayer } from "@repro/seed";

import { ROOT } from "./workspace.ts";

/*
 * What a record costs, on the credit example. Times are medians of one process on one machine; only ratios travel.
 */

const REPEATS = 15;
const FILES = 1000;

/** An ordinary training, without a word to us: what a user had before. */
const PLAIN = `
import * as tf from "@tensorflow/tfjs";
const model = tf.sequential({ layers: [tf.layers.dense({ units: 32, inputShape: [20], activation: "relu" }), tf.layers.dense({ units: 1 })] });
model.compile({ optimizer: "adam", loss: "meanSquaredError" });
await model.fit(tf.randomNormal([512, 20]), tf.randomNormal([512, 1]), { epochs: 10, verbose: 0 });
`;

interface Row {
  readonly what: string;
  readonly medianMs: number;
  /** Median over that of the row it is compared with. */
  readonly ratio: number | null;
  readonly against: string;
}

async function prepareExample(): Promise<string> {
  // The example is plain JavaScript for its readers; this is the one function of it that the bench needs.
  const { prepare } = (await import(join(ROOT, "examples/credit-scoring/prepare.mjs"))) as {
    prepare: (folder: string, say: (what: string) => void) => string;
  };
  const project = prepare(folder, (what) => console.error(what));
  mkdirSync(join(project, "many"));
  for (let index = 0; index < FILES; index += 1)
    writeFileSync(join(project, "many", `${index}.txt`), `row ${index}\n`.repeat(500));
  appendFileSync(join(project, ".git/info/exclude"), "/many/\n");
  return project;
}

async function measure(project: string): Promise<readonly Row[]> {
  process.chdir(project);
  const data = dataLayer({ applicants: "data/german-credit.csv" });
  const rest = { git: gitLayer(), env: envLayer(), seed: seedLayer(42), compute: computeLayer({ backend: "wasm" }) };
  const status = await median(
    () => void execFileSync("git", ["--no-optional-locks", "status", "--porcelain"], { stdio: "ignore" }),
  );
  const rows: Row[] = [{ what: "git status", medianMs: status, ratio: null, against: "" }];
  const add = async (what: string, layers: RunLayers): Promise<void> => {
    const medianMs = await median(() => openAndClose(layers));
    rows.push({ what, medianMs, ratio: medianMs / status, against: "git status" });
  };
  await add("openRun + close, no layer", {});
  for (const [name, layer] of Object.entries({ ...rest, data }))
    await add(`openRun + close, ${name}`, { [name]: layer });
  await add("openRun + close, 5 layers, the example", { ...rest, data });
  await add(`openRun + close, 5 layers, ${FILES} files more`, {
    ...rest,
    data: dataLayer({ applicants: "data/german-credit.csv", many: "many" }),
  });
  return [...rows, ...(await measureCommands(project))];
}

async function openAndClose(layers: RunLayers): Promise<void> {
  const run = await openRun({ layers, record: directoryRecord(join(folder, "runs")) });
  await run.close();
}

/** The whole training, with and without a record around it, taken in turns. */
async function measureCommands(project: string): Promise<readonly Row[]> {
  const env = { ...process.env, REPRO_SEED: "42" };
  const repro = join(project, "node_modules/.bin/repro");
  const wrapped = [
    "run",
    "--json",
    "--seed",
    "42",
    "--data",
    "applicants=data/german-credit.csv",
    "--",
    "node",
    "plain.mjs",
  ];
  writeFileSync(join(project, "plain.mjs"), PLAIN);
  execFileSync("git", ["add", "plain.mjs"]);
  execFileSync("git", ["-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "--quiet", "--message", "plain"]);
  const [bare, recorded] = await medians(5, [
    () => runToEnd("node", ["plain.mjs"], env),
    () => runToEnd(repro, wrapped, env),
  ]);
  return [
    { what: "a tfjs training, bare", medianMs: bare ?? 0, ratio: null, against: "" },
    {
      what: "a tfjs training, repro run",
      medianMs: recorded ?? 0,
      ratio: (recorded ?? 0) / (bare ?? 1),
      against: "bare",
    },
  ];
}

function runToEnd(program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(program, args, { env, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}

async function median(work: () => void | Promise<void>): Promise<number> {
  const [only] = await medians(REPEATS, [work]);
  return only ?? 0;
}

/** Takes the works in turns, so that a busy minute of the machine hits all alike; the first round only warms up. */
async function medians(repeats: number, works: readonly (() => void | Promise<void>)[]): Promise<readonly number[]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round <= repeats; round += 1) {
    for (const [index, work] of works.entries()) {
      const start = performance.now();
      await work();
      if (round > 0) times[index]?.push(performance.now() - start);
    }
  }
  return times.map((each) => each.toSorted((a, b) => a - b)[each.length >> 1] ?? 0);
}

const folder = mkdtempSync(join(tmpdir(), "repro-bench-"));
try {
  const rows = await measure(await prepareExample());
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, medianMs, ratio, against } of rows) {
    const compared = ratio === null ? "" : `${ratio.toFixed(2).padStart(8)} × ${against}`;
    console.log(`${what.padEnd(width)}${medianMs.toFixed(1).padStart(10)} ms${compared}`);
  }
  mkdirSync(join(ROOT, "temp"), { recursive: true });
  writeFileSync(join(ROOT, "temp/bench.json"), `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
