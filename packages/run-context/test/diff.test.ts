import { expect, it } from "vitest";

import { diffRuns, openRun, readRun } from "@repro/run-context";
import type { StoredRun } from "@repro/run-context";

import { makeWorkTree, valueLayer } from "./fixture.ts";

interface Change {
  readonly value?: number;
  readonly rate?: number;
  readonly losses?: readonly number[];
  readonly auc?: number;
  readonly model?: string;
}

async function stored(change: Change = {}): Promise<StoredRun> {
  using tree = makeWorkTree();
  const run = await openRun({
    layers: { value: valueLayer(change.value ?? 1) },
    params: { rate: change.rate ?? 1 },
    process: tree.process,
  });
  for (const loss of change.losses ?? [3, 2]) run.step({ loss });
  run.metric("auc", change.auc ?? 0.5);
  await run.output("model", new TextEncoder().encode(change.model ?? "m"));
  const { runId } = await run.close();
  const read = readRun(runId, { cwd: tree.root });
  const trace = read.trace(); // read while the folder is there
  return { ...read, trace: () => trace };
}

const layers = { any: valueLayer(0) };

it("is empty for runs that are the same", async () => {
  expect(diffRuns(await stored(), await stored(), { layers })).toMatchObject({
    verdict: "bit-identical",
    differences: [],
    divergence: null,
  });
});

it.each<[Change, string[]]>([
  [{ rate: 2 }, ["/params/rate"]],
  [{ value: 2 }, ["/layers/value/value"]],
  [{ auc: 0.6 }, ["/metrics/auc"]],
  [{ model: "n" }, ["/outputs/model"]],
  [{ losses: [3, 1] }, ["/trace/digest"]],
  [{ value: 2, losses: [1, 1], model: "n" }, ["/layers/value/value", "/trace/digest", "/outputs/model"]],
])("names what differs for %j, causes before effects", async (change, paths) => {
  const answer = diffRuns(await stored(), await stored(change), { layers });
  expect(answer.verdict).toBe("diverged");
  expect(answer.differences.map(({ path }) => path)).toEqual(paths);
});

it("names the step and the value at which the traces part", async () => {
  const answer = diffRuns(await stored(), await stored({ losses: [3, 1] }), { layers });
  expect(answer.divergence).toEqual({ step: 1, values: ["loss"] });
  expect(answer.differences[0]?.remedy).toBe("look at step 1: loss");
});

it("takes a state that no given layer knows for a warning: the results decide", async () => {
  const answer = diffRuns(await stored(), await stored({ value: 2 }), { layers: {} });
  expect(answer.verdict).toBe("bit-identical");
  expect(answer.differences).toMatchObject([{ path: "/layers/value/value", severity: "warning" }]);
});
