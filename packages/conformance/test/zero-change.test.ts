import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { parseJson } from "@repro/core";
import type { JsonObject } from "@repro/core";

/** An ordinary training: random initialisers, dropout and shuffling, and no seed anywhere. */
const TRAIN = `
import * as tf from "@tensorflow/tfjs";
import { writeFileSync } from "node:fs";

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 16, activation: "relu", inputShape: [8] }),
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.dense({ units: 1, kernelInitializer: "randomNormal" }),
  ],
});
model.compile({ optimizer: "adam", loss: "meanSquaredError" });
const x = tf.tensor2d(Array.from({ length: 64 }, (_, i) => Array.from({ length: 8 }, (_, j) => ((i * 7 + j * 3) % 11) / 11)));
await model.fit(x, x.sum(1, true), { epochs: 3, batchSize: 16, verbose: 0 });
const weights = model.getWeights().flatMap((tensor) => [...tensor.dataSync()]);
writeFileSync("weights.bin", new Uint8Array(Float32Array.from(weights).buffer));
`;

const CLI = join(import.meta.dirname, "../../cli/dist/main.js");

let project = "";

function git(...args: readonly string[]): void {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
  execFileSync("git", [...identity, ...args], { cwd: project, stdio: "ignore" });
}

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "repro-zero-change-")));
  mkdirSync(join(project, "node_modules"));
  symlinkSync(
    realpathSync(join(import.meta.dirname, "../node_modules/@tensorflow")),
    join(project, "node_modules/@tensorflow"),
  );
  writeFileSync(join(project, "train.mjs"), TRAIN);
  writeFileSync(join(project, ".gitignore"), "node_modules/\n");
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Train");
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function repro(...args: readonly string[]): {
  status: number | null;
  json: JsonObject;
  runId: string;
  weights: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: project, encoding: "utf8" });
  if (!stdout.startsWith("{")) throw new Error(`repro ${args.join(" ")}: ${stdout}${stderr}`);
  const weights = readFileSync(join(project, "weights.bin"), "hex");
  const json = parseJson(stdout, { what: "standard output" }) as JsonObject;
  return { status, json, runId: typeof json["runId"] === "string" ? json["runId"] : "", weights };
}

it("an ordinary tfjs script is recorded and replayed bit for bit, without a change to it", () => {
  const guarded = ["run", "--json", "--seed", "7", "--guard", "redirect", "--", "node", "train.mjs"];
  const [a, b] = [repro(...guarded), repro(...guarded)];
  expect([a.status, b.status]).toEqual([0, 0]);
  expect(b.weights).toBe(a.weights);
  expect(b.json["digest"]).toBe(a.json["digest"]);
  expect(repro("replay", "--json", a.runId)).toMatchObject({
    status: 0,
    json: { verdict: "bit-identical" },
  });

  const free = repro("run", "--json", "--seed", "7", "--", "node", "train.mjs");
  expect(free.weights).not.toBe(a.weights);
  expect(repro("replay", "--json", free.runId)).toMatchObject({
    status: 1,
    json: { verdict: "diverged" },
  });
});
