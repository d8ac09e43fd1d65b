import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { expect, it } from "vitest";

import { findTraceDivergence, openRun, readRun } from "@repro/run-context";

import { makeWorkTree } from "./fixture.ts";

async function trace(
  losses: readonly number[],
  every = 1,
  weights = (step: number) => Float32Array.of(step),
): Promise<string> {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, trace: { every }, process: tree.process });
  losses.forEach((loss, step) => run.step(() => ({ loss, weights: { "a/b": weights(step) } })));
  const { runId } = await run.close();
  return readRun(runId, { cwd: tree.root }).trace() ?? "";
}

it("has the digest that sha256sum prints", async () => {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, process: tree.process });
  for (let step = 0; step < 9000; step += 1) run.step({ step, text: "ü", flag: true, nothing: null });
  const { file, location } = await run.close();
  const printed = execFileSync("sha256sum", [join(location, "trace.jsonl")], { encoding: "utf8" });
  expect(file.record.trace).toEqual({ every: 1, steps: 9000, digest: `sha256:${printed.slice(0, 64)}` });
});

it("names the first step that parts, and what parts in it", async () => {
  const a = await trace([3, 2, 1]);
  expect(findTraceDivergence(a, a)).toBeNull();
  expect(findTraceDivergence(a, await trace([3, 2.5, 1.5]))).toEqual({ step: 1, values: ["loss"] });
  expect(findTraceDivergence(a, await trace([3, 2, 1], 1, () => Float32Array.of(9)))).toEqual({
    step: 0,
    values: ["weights/a~1b"],
  });
});

it("says where the shorter of two ends", async () => {
  const [a, b] = [await trace([3, 2, 1]), await trace([3, 2])];
  expect(findTraceDivergence(a, b)).toEqual({ step: 2, values: [] });
  expect(findTraceDivergence(b, a)).toEqual({ step: 2, values: [] });
  expect(findTraceDivergence(a, "")).toEqual({ step: 0, values: [] });
});

it("passes over steps between, without making their values", async () => {
  let made = 0;
  const text = await trace([6, 5, 4, 3, 2, 1, 0], 3, (step) => {
    made += 1;
    return Float32Array.of(step);
  });
  expect([...text.matchAll(/"step":(\d+)/g)].map(([, step]) => step)).toEqual(["0", "3", "6"]);
  expect(made).toBe(3);
});

it("keeps NaN, infinities and the sign of zero apart", async () => {
  const traces = await Promise.all([0, -0, Number.NaN, Number.POSITIVE_INFINITY].map((loss) => trace([loss])));
  expect(new Set(traces).size).toBe(4);
});

it.each<[string, unknown]>([
  ["a DataView", new DataView(new ArrayBuffer(4))],
  ["a buffer without a type", new ArrayBuffer(4)],
  ["a Map", new Map([["a", 1]])],
  ["a Date", new Date(0)],
  [
    "an instance",
    new (class Tensor {
      id = 1;
    })(),
  ],
  ["an array", [1, 2]],
  ["a function", () => 1],
  ["undefined", undefined],
  ["a bigint", 1n],
])("refuses %s, by its name, rather than trace nothing of it", async (_, value) => {
  using tree = makeWorkTree();
  await using run = await openRun({ layers: {}, process: tree.process });
  expect(() => run.step({ group: { odd: value as number } })).toThrow(/"group\/odd" must be/);
});

it("keeps names that objects have by themselves", async () => {
  using tree = makeWorkTree();
  const run = await openRun({ layers: {}, process: tree.process });
  run.step(JSON.parse('{"__proto__":1,"constructor":2}') as { a: number });
  const { runId } = await run.close();
  expect(readRun(runId, { cwd: tree.root }).trace()).toBe('{"step":0,"values":{"__proto__":1,"constructor":2}}\n');
});
