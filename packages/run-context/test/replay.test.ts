import { readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { ReproError } from "@repro/core";
import { readRun, recordCommand, replayRun } from "@repro/run-context";
import type { ReplayRunOptions, StoredRun } from "@repro/run-context";

import { copyLayer, makeWorkTree, valueLayer } from "./fixture.ts";
import type { WorkTree } from "./fixture.ts";

const DETERMINISTIC =
  'import { writeFileSync } from "node:fs"; writeFileSync("model.bin", "weights " + process.argv[2]);';
const RANDOM = 'import { writeFileSync } from "node:fs"; writeFileSync("model.bin", String(process.hrtime.bigint()));';

async function recorded(tree: WorkTree, script: string, value = 1): Promise<StoredRun> {
  tree.write("train.mjs", script);
  const { runId } = await recordCommand([process.execPath, "train.mjs", "x"], {
    layers: { code: copyLayer(), value: valueLayer(value) },
    process: tree.process,
    stdout: "stderr",
  });
  return readRun(runId, { cwd: tree.root });
}

function replay(tree: WorkTree, run: StoredRun, options: Partial<ReplayRunOptions> = {}) {
  return replayRun(run, { layers: { code: copyLayer(), value: valueLayer(0) }, process: tree.process, ...options });
}

it("says bit-identical when every result has the same bits, and leaves the work tree as it was", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  const before = listing(tree.root);
  const phases: string[] = [];
  const answer = await replay(tree, run, { onProgress: ({ phase }) => phases.push(phase) });
  expect(answer).toMatchObject({
    verdict: "bit-identical",
    compared: { outputs: 1, steps: 0, metrics: 0 },
    differences: [],
    blockedBy: null,
  });
  expect(answer.actual).toBe(answer.recorded);
  expect(phases).toEqual(["restore", "restore", "run", "compare"]);
  expect(listing(tree.root)).toEqual(before);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("repro-replay-"))).toEqual([]);
});

function listing(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => `${name} ${statSync(join(root, name)).mtimeMs}`)
    .toSorted();
}

it("says diverged, and at which output", async () => {
  using tree = makeWorkTree();
  const answer = await replay(tree, await recorded(tree, RANDOM));
  expect(answer.verdict).toBe("diverged");
  expect(answer.differences.map(({ path, severity }) => [path, severity])).toEqual([["/outputs/model.bin", "error"]]);
});

it("says diverged when the replayed command fails", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  tree.write("train.mjs", "process.exit(3)");
  const answer = await replay(tree, run);
  expect(answer.verdict).toBe("diverged");
  expect(answer.differences.map(({ path }) => path)).toContain("/status");
});

it("says blocked, and by what, when a layer cannot bring its state back", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  const missing = new ReproError("the data is gone", {
    code: "DATA_MISSING",
    remedy: "dvc pull",
    data: { path: "a.csv" },
  });
  const value = { ...valueLayer(0), restore: () => Promise.reject(missing) };
  expect(await replay(tree, run, { layers: { code: copyLayer(), value } })).toMatchObject({
    verdict: "blocked",
    actual: null,
    blockedBy: { code: "DATA_MISSING", remedy: "dvc pull", data: { path: "a.csv" } },
  });
});

it("says blocked when the record names nothing that brings the code back", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  expect(await replay(tree, run, { layers: {} })).toMatchObject({
    verdict: "blocked",
    blockedBy: { code: "RUN_NOT_RESTORABLE" },
  });
});

it("says blocked, not identical, when there is nothing to compare", async () => {
  using tree = makeWorkTree();
  expect(await replay(tree, await recorded(tree, ""))).toMatchObject({
    verdict: "blocked",
    blockedBy: { code: "RUN_NOTHING_TO_COMPARE" },
  });
});

it("does not hide a defect behind a verdict", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  const value = { ...valueLayer(0), restore: () => Promise.reject(new TypeError("a bug")) };
  await expect(replay(tree, run, { layers: { code: copyLayer(), value } })).rejects.toThrow(TypeError);
});

it("undoes what layers made elsewhere, also when the replay is blocked", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  const made = join(tree.root, ".git/made");
  const code = {
    ...copyLayer(),
    restore: async () => {
      writeFileSync(made, "");
      return { layer: copyLayer(), dispose: async () => writeFileSync(made, "undone") };
    },
  };
  await replay(tree, run, { layers: { code } });
  expect(statSync(made).size).toBe("undone".length);
});
