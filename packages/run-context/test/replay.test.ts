import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it, vi } from "vitest";

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
  using temporary = makeWorkTree(); // a place for temporary folders that nobody else uses
  vi.stubEnv("TMPDIR", temporary.root);
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
  expect(readdirSync(temporary.root)).toEqual([".git"]);
  vi.unstubAllEnvs();
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

it("says blocked when the replayed command cannot do what the recorded one could", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  tree.write("train.mjs", "process.exit(3)");
  expect(await replay(tree, run)).toMatchObject({
    verdict: "blocked",
    blockedBy: { code: "RUN_REPLAY_FAILED", data: { code: "RUN_COMMAND_FAILED", exitCode: 3 } },
  });
});

it("says blocked when the command would run what is in the user's work tree", async () => {
  using tree = makeWorkTree({ "train.mjs": DETERMINISTIC });
  const { runId } = await recordCommand(["sh", "-c", `node ${tree.root}/train.mjs x`], {
    layers: { code: copyLayer() },
    process: tree.process,
    stdout: "stderr",
  });
  const run = readRun(runId, { cwd: tree.root });
  expect(await replay(tree, run)).toMatchObject({ verdict: "blocked", blockedBy: { code: "RUN_PATH_ABSOLUTE" } });
});

it("says blocked when what is kept beside the record was changed", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  writeFileSync(join(run.folder, "outputs/model.bin"), "evil");
  expect(await replay(tree, run)).toMatchObject({ verdict: "blocked", blockedBy: { code: "RUN_OUTPUT_MISMATCH" } });
});

it("restores the same state of two layers once", async () => {
  using tree = makeWorkTree({ "train.mjs": DETERMINISTIC });
  const { runId } = await recordCommand([process.execPath, "train.mjs", "x"], {
    layers: { code: copyLayer(), again: copyLayer() },
    process: tree.process,
    stdout: "stderr",
  });
  let restored = 0;
  const counted = copyLayer();
  const code = {
    ...counted,
    restore: async (...args: Parameters<NonNullable<typeof counted.restore>>) => {
      restored += 1;
      return (counted.restore ?? (() => Promise.reject(new Error("none"))))(...args);
    },
  };
  const answer = await replay(tree, readRun(runId, { cwd: tree.root }), { layers: { code } });
  expect([answer.verdict, restored]).toEqual(["bit-identical", 1]);
});

it("stops when it is aborted, and says so", async () => {
  using tree = makeWorkTree();
  const run = await recorded(tree, DETERMINISTIC);
  const controller = new AbortController();
  const stopped = new ReproError("stopped", { code: "TEST_STOPPED" });
  const onProgress = ({ phase }: { phase: string }): void => {
    if (phase === "run") controller.abort(stopped);
  };
  expect(await replay(tree, run, { signal: controller.signal, onProgress })).toMatchObject({
    verdict: "blocked",
    blockedBy: { code: "TEST_STOPPED" },
  });
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
