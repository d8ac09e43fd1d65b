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

import { measure, report } from "./measure.ts";
import type { Row, Work } from "./measure.ts";
import { ROOT } from "./workspace.ts";

/*
 * What a record costs, on the credit example. Times are medians of one process on one machine; only ratios travel.
 */

const FILES = 1000;

/** An ordinary training, without a word to us: what a user had before. */
const PLAIN = `
import * as tf from "@tensorflow/tfjs";
const model = tf.sequential({ layers: [tf.layers.dense({ units: 32, inputShape: [20], activation: "relu" }), tf.layers.dense({ units: 1 })] });
model.compile({ optimizer: "adam", loss: "meanSquaredError" });
await model.fit(tf.randomNormal([512, 20]), tf.randomNormal([512, 1]), { epochs: 10, verbose: 0 });
`;

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

async function measureRecords(project: string): Promise<readonly Row[]> {
  process.chdir(project);
  const data = dataLayer({ applicants: "data/german-credit.csv" });
  const rest = { git: gitLayer(), env: envLayer(), seed: seedLayer(42), compute: computeLayer({ backend: "wasm" }) };
  const record = (what: string, layers: RunLayers): Work => ({
    what: `openRun + close, ${what}`,
    run: () => openAndClose(layers),
    against: "git status",
  });
  return measure([
    {
      what: "git status",
      run: () => execFileSync("git", ["--no-optional-locks", "status", "--porcelain"], { stdio: "ignore" }),
    },
    record("no layer", {}),
    ...Object.entries({ ...rest, data }).map(([name, layer]) => record(name, { [name]: layer })),
    record("5 layers, the example", { ...rest, data }),
    record(`5 layers, ${FILES} files more`, {
      ...rest,
      data: dataLayer({ applicants: "data/german-credit.csv", many: "many" }),
    }),
  ]);
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
  const works = [
    { what: "a tfjs training, bare", run: () => runToEnd("node", ["plain.mjs"], env) },
    { what: "a tfjs training, repro run", run: () => runToEnd(repro, wrapped, env), against: "a tfjs training, bare" },
  ];
  return measure(works, 5);
}

function runToEnd(program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(program, args, { env, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
}

const folder = mkdtempSync(join(tmpdir(), "repro-bench-"));
try {
  const project = await prepareExample();
  report("record", [...(await measureRecords(project)), ...(await measureCommands(project))]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
