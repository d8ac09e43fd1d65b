import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { createSeed, createSeedLedger, createStream, deriveSeed, epochOrder, uniform } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { openLoader } from "@repro/seed/loader";
import type { Batch, LoaderOptions } from "@repro/seed/loader";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { registerUrl } from "../src/host.ts";
import { batchesOf, jobAt, jobsIn, planEpoch, rangeOfBatch, rangeOfJob } from "../src/loader/epoch.ts";

const DATASET = new URL("./loader/dataset.mjs", import.meta.url);
const seed = createSeed(42);

beforeAll(() => {
  if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
});

interface Sample {
  readonly index: number;
  readonly epoch: number;
  readonly drawn: number;
  readonly random: readonly number[];
  readonly early: number;
  readonly opened: number;
  readonly atTopLevel: number;
}

/** First batch of epoch 7 of 1000 samples: index, draw of the sample's stream, two redirected draws of Math.random. */
const PINNED = [
  [690, 0.8714431944211857, 0.6023004991824521, 0.0566370363118851],
  [58, 0.14778574985806747, 0.33054129206666716, 0.5265007464587831],
  [663, 0.15873001825822874, 0.6315811643106806, 0.8421552353869342],
];

type Options = Omit<LoaderOptions<Sample>, "dataset">;

/** What dataset.mjs gives for a sample, computed without a loader. */
function expectedSample(from: Seed, epoch: number, index: number): Omit<Sample, "early" | "opened" | "atTopLevel"> {
  const redirected = createStream(from, "loader", epoch, index, "math.random");
  return {
    index,
    epoch,
    drawn: uniform(createStream(from, "loader", epoch, index)),
    random: [uniform(redirected), uniform(redirected)],
  };
}

/** The batches that a loader must give, computed without one. */
function expectedBatches(
  { size, batchSize, shuffle = true, dropLast = false }: { size: number } & Options,
  epoch: number,
  from = 0,
  root = seed,
): unknown[] {
  const order = shuffle ? epochOrder(root, { epoch, size }) : Uint32Array.from({ length: size }, (_, index) => index);
  const batches: unknown[] = [];
  for (let position = from; position < size; position += batchSize) {
    const indices = order.slice(position, position + batchSize);
    if (dropLast && indices.length < batchSize) break;
    const samples = Array.from(indices, (index) => expectedSample(root, epoch, index));
    batches.push({ epoch, position, end: position + indices.length, indices, samples });
  }
  return batches;
}

async function collect<B>(batches: AsyncIterable<Batch<B>>): Promise<Batch<B>[]> {
  const collected: Batch<B>[] = [];
  for await (const batch of batches) collected.push(batch);
  return collected;
}

/** All batches of one epoch, by a loader of its own; without what is the same in all samples. */
async function load(data: object, options: Options, epoch: number, from = 0): Promise<unknown[]> {
  await using loader = await openLoader<Sample>(seed, { dataset: DATASET, data, ...options });
  return (await collect(loader.epoch(epoch, { from }))).map(withoutOpening);
}

function withoutOpening(batch: Batch<readonly Sample[]>): unknown {
  const samples = batch.samples.map(({ index, epoch, drawn, random }) => ({ index, epoch, drawn, random }));
  return { ...batch, samples };
}

describe("the batches of a loader", () => {
  it.each([0, 1, 2, 4, 8])("are those of epochOrder and of the samples' streams, with %i workers", async (workers) => {
    const data = { size: 103, delay: 3000 };
    const options = { batchSize: 10, workers };
    expect(await load(data, options, 3)).toEqual(expectedBatches({ size: 103, batchSize: 10 }, 3));
  });

  it("are those for any size, batch, prefetch and position, whatever a sample takes", async () => {
    const options = fc.record({
      size: fc.integer({ min: 0, max: 150 }),
      batchSize: fc.integer({ min: 1, max: 90 }),
      workers: fc.integer({ min: 0, max: 4 }),
      prefetch: fc.integer({ min: 1, max: 5 }),
      shuffle: fc.boolean(),
      dropLast: fc.boolean(),
      delay: fc.integer({ min: 0, max: 4000 }),
      epoch: fc.integer({ min: 0, max: 5 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const property = fc.asyncProperty(options, async ({ size, delay, epoch, share, ...rest }) => {
      const from = Math.floor(share * size);
      expect(await load({ size, delay }, rest, epoch, from)).toEqual(expectedBatches({ size, ...rest }, epoch, from));
    });
    await fc.assert(property, { numRuns: process.env["SLOW"] === "1" ? 200 : 12 });
  }, 600_000);

  it("would change with the number of workers if each worker had a seed of its own", async () => {
    const naive = async (workers: number): Promise<unknown[]> => {
      const threads = Array.from({ length: workers }, (_, worker) => {
        const workerData = { seed: 42, worker };
        return new Worker(new URL("./loader/naive.mjs", import.meta.url), { workerData, execArgv: [] });
      });
      const samples: unknown[] = [];
      for (const [turn, position] of [0, 8, 16, 24].entries()) {
        const thread = threads[turn % workers]!;
        const answer = new Promise<unknown[]>((resolve) => void thread.once("message", resolve));
        thread.postMessage(
          Array.from({ length: 8 }, (_, at) => position + at),
          [],
        );
        samples.push(...(await answer));
      }
      await Promise.all(threads.map((thread) => thread.terminate()));
      return samples;
    };
    expect(await naive(1)).toEqual(await naive(1));
    expect(await naive(2)).not.toEqual(await naive(1));
  });

  it("hold what the workers drew while they opened the dataset, the same in each", async () => {
    await using loader = await openLoader<Sample>(seed, {
      dataset: DATASET,
      data: { size: 64, delay: 2000 },
      batchSize: 4,
      workers: 4,
    });
    const samples = (await collect(loader.epoch(0))).flatMap((batch) => batch.samples);
    const opening = createStream(seed, "loader", "open", "math.random");
    const expected = [uniform(opening), uniform(opening)];
    expect(new Set(samples.map(({ atTopLevel }) => atTopLevel))).toEqual(new Set([expected[0]]));
    expect(new Set(samples.map(({ opened }) => opened))).toEqual(new Set([expected[1]]));
    // A reference that a library took before is redirected for each sample as well.
    for (const { index, early } of samples) {
      const redirected = createStream(seed, "loader", 0, index, "math.random");
      expect([uniform(redirected), uniform(redirected), early].slice(2)).toEqual([uniform(redirected)]);
    }
  });

  it("give a sample other draws in another epoch, and the same ones again in the same", async () => {
    await using loader = await openLoader<Sample>(seed, {
      dataset: DATASET,
      data: { size: 20 },
      batchSize: 20,
      workers: 2,
    });
    const drawn = async (epoch: number): Promise<Map<number, number>> =>
      new Map((await collect(loader.epoch(epoch)))[0]!.samples.map((sample) => [sample.index, sample.drawn]));
    const [zero, one, again] = [await drawn(0), await drawn(1), await drawn(0)];
    expect(again).toEqual(zero);
    for (const [index, value] of zero) expect(one.get(index)).not.toBe(value);
  });

  it("come from the place of the seed: train and test of one seed differ", async () => {
    const first = async (from: Seed): Promise<unknown> => {
      await using loader = await openLoader<Sample>(from, { dataset: DATASET, data: { size: 9 }, batchSize: 9 });
      return (await collect(loader.epoch(0))).map(withoutOpening);
    };
    const train = deriveSeed(seed, "train");
    expect(await first(train)).toEqual(expectedBatches({ size: 9, batchSize: 9 }, 0, 0, train));
    expect(await first(deriveSeed(seed, "test"))).not.toEqual(await first(train));
  });

  it.each([
    ["waited for", "async", "await new Promise((resolve) => setImmediate(resolve));"],
    ["loaded at once", "", ""],
  ])("hold samples whose draws are their own, whatever others leave running: %s", async (_, async, wait) => {
    // What a sample leaves running draws while the next one is loaded.
    const text = `export const size = 40;
      export const load = ${async} (index) => {
        queueMicrotask(() => Math.random());
        setImmediate(() => setImmediate(() => Math.random()));
        ${wait}
        return [index, Math.random()];
      };`;
    const dataset = new URL(`data:text/javascript,${encodeURIComponent(text)}`);
    for (const workers of [0, 2]) {
      await using loader = await openLoader<[number, number]>(seed, { dataset, batchSize: 8, workers });
      for (const [index, drawn] of (await collect(loader.epoch(0))).flatMap(({ samples }) => samples)) {
        const redirected = createStream(seed, "loader", 0, index, "math.random");
        if (async !== "") uniform(redirected); // its own microtask comes first
        expect(drawn).toBe(uniform(redirected));
      }
    }
  });

  it("change only in a major", async () => {
    const [batch] = (await load({ size: 1000 }, { batchSize: 3 }, 7)) as [{ samples: Sample[] }];
    expect(batch.samples.map(({ index, drawn, random }) => [index, drawn, ...random])).toEqual(PINNED);
  });
});

describe("an epoch that is resumed", () => {
  it.each([0, 2])("goes on behind any batch, with %i workers", async (workers) => {
    const whole = (await load({ size: 50 }, { batchSize: 8, workers }, 2)) as Batch[];
    for (const [at, { end }] of whole.entries()) {
      if (at % 3 === 0)
        expect(await load({ size: 50 }, { batchSize: 8, workers }, 2, end)).toEqual(whole.slice(at + 1));
    }
  });

  it("goes on with the same samples in batches of another size", async () => {
    const samples = (batches: unknown[]): unknown[] => (batches as Batch[]).flatMap((batch) => batch.samples);
    const eights = samples(await load({ size: 50 }, { batchSize: 8 }, 2));
    expect(samples(await load({ size: 50 }, { batchSize: 5, workers: 2 }, 2, 16))).toEqual(eights.slice(16));
  });

  it("is empty at the end", async () => {
    expect(await load({ size: 50 }, { batchSize: 8, workers: 1 }, 2, 50)).toEqual([]);
    expect(await load({ size: 0 }, { batchSize: 8, workers: 2 }, 2)).toEqual([]);
    expect(await load({ size: 7 }, { batchSize: 8, dropLast: true }, 2)).toEqual([]);
  });
});

describe("a plan", () => {
  const plans = fc
    .record({
      size: fc.integer({ min: 0, max: 3000 }),
      batchSize: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(0xffff_ffff)),
      dropLast: fc.boolean(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ size, batchSize, dropLast, share }) =>
      planEpoch({ size, batchSize, dropLast }, 0, Math.floor(share * size)),
    );

  it("cuts batches into jobs, in order and without gaps, of at most 32 samples", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        let position = plan.from;
        let job = 0;
        for (let batch = 0; batch < batchesOf(plan); batch += 1) {
          const range = rangeOfBatch(plan, batch);
          expect([range.position, jobsIn(plan, batch)]).toEqual([position, job]);
          for (; job < jobsIn(plan, batch + 1); job += 1) {
            const { position: first, end } = rangeOfJob(plan, job);
            expect(first).toBe(position);
            expect(end - first).toBeGreaterThan(0);
            expect(end - first).toBeLessThanOrEqual(32);
            expect([jobAt(plan, first), jobAt(plan, end - 1)]).toEqual([job, job]);
            position = end;
          }
          expect(range.end).toBe(position);
        }
        expect(position).toBe(plan.end);
      }),
    );
  });
});

describe("a dataset of the calling thread", () => {
  const dataset = { size: 10, load: (index: number) => ({ index }) };

  it("gives its samples themselves", async () => {
    const kept = { index: 1 };
    await using loader = await openLoader(seed, { dataset: { size: 1, load: () => kept }, batchSize: 1 });
    const [batch] = await collect(loader.epoch(0));
    expect(batch?.samples[0]).toBe(kept);
    expect(Object.isFrozen(batch)).toBe(true);
  });

  it("is loaded batch by batch, as they are asked for", async () => {
    const loaded: number[] = [];
    const load = (index: number): number => loaded.push(index);
    await using loader = await openLoader(seed, { dataset: { size: 10, load }, batchSize: 4, shuffle: false });
    expect([loader.size, loader.batches]).toEqual([10, 3]);
    const batches = loader.epoch(0);
    expect(loaded).toEqual([]);
    await batches.next();
    expect(loaded).toEqual([0, 1, 2, 3]);
  });

  it("is collated by the calling thread, with a stream for what mixes the samples of a batch", async () => {
    await using loader = await openLoader(seed, {
      dataset,
      batchSize: 4,
      collate: async (samples, { epoch, indices, rng }) => ({ epoch, sum: samples.length, indices, mix: uniform(rng) }),
    });
    const collated = (await collect(loader.epoch(5))).map(({ samples }) => samples);
    const order = epochOrder(seed, { epoch: 5, size: 10 });
    expect(collated).toEqual(
      [0, 4, 8].map((position) => ({
        epoch: 5,
        sum: Math.min(4, 10 - position),
        indices: order.slice(position, position + 4),
        mix: uniform(createStream(seed, "loader", 5, "batch", position)),
      })),
    );
  });

  it("counts the order of each epoch in the ledger of the seed, and nothing for each sample", async () => {
    const ledger = createSeedLedger();
    const counted = createSeed(42, { ledger });
    await using loader = await openLoader(counted, { dataset, batchSize: 4 });
    await collect(loader.epoch(1));
    await collect(loader.epoch(1));
    expect(ledger.streams().map(({ path }) => path)).toEqual([["epochOrder", 1]]);
  });
});

describe("iterations at the same time", () => {
  it.each([0, 1, 3])("share %i workers: two epochs in step, and two at once", async (workers) => {
    const options = { dataset: DATASET, data: { size: 60, delay: 2000 }, batchSize: 7, workers, prefetch: 1 };
    await using loader = await openLoader<Sample>(seed, options);
    const [zero, one] = [0, 1].map((epoch) => expectedBatches({ size: 60, batchSize: 7 }, epoch));
    const [left, right] = [loader.epoch(0), loader.epoch(1)];
    for (let at = 0; at < zero!.length; at += 1) {
      const pair = [await left.next(), await right.next()];
      expect(pair.map(({ value }) => withoutOpening(value as Batch<Sample[]>))).toEqual([zero![at], one![at]]);
    }
    const both = await Promise.all([collect(loader.epoch(0)), collect(loader.epoch(0))]);
    for (const batches of both) expect(batches.map(withoutOpening)).toEqual(zero);
  });

  it("may be of two loaders", async () => {
    const data = { size: 40, delay: 1000 };
    const [one, two] = await Promise.all([
      load(data, { batchSize: 4, workers: 2 }, 0),
      load(data, { batchSize: 4, workers: 2 }, 0),
    ]);
    expect(one).toEqual(two);
  });
});

describe("a slow user", () => {
  it.each([
    { workers: 1, prefetch: 1, batchSize: 5 },
    { workers: 2, prefetch: 3, batchSize: 4 },
    { workers: 2, prefetch: 1, batchSize: 70 },
  ])("never has more than prefetch * workers batches loaded ahead: $workers, $prefetch", async (options) => {
    const loads = new SharedArrayBuffer(4);
    const counter = new Int32Array(loads);
    const { batchSize, workers, prefetch } = options;
    const size = batchSize * 20;
    await using loader = await openLoader<Sample>(seed, { dataset: DATASET, data: { size, loads }, ...options });
    let taken = 0;
    for await (const batch of loader.epoch(0)) {
      taken += batch.samples.length;
      const bound = Math.min(size, taken + prefetch * workers * batchSize);
      // The workers get there, and then stop: more would come within these turns, as a sample takes some µs.
      while (Atomics.load(counter, 0) < bound) await new Promise((resolve) => setImmediate(resolve));
      for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(Atomics.load(counter, 0)).toBe(bound);
    }
    expect(taken).toBe(size);
  });

  it("who leaves the loop stops what is being loaded", async () => {
    const loads = new SharedArrayBuffer(4);
    const data = { size: 40_000, delay: 1000, loads };
    const options = { dataset: DATASET, data, batchSize: 4000, workers: 2, prefetch: 5 };
    await using loader = await openLoader<Sample>(seed, options);
    for await (const _ of loader.epoch(0)) break;
    const { value } = await loader.epoch(1).next(); // the workers are free for it
    expect([value?.epoch, value?.indices]).toEqual([1, epochOrder(seed, { epoch: 1, size: 40_000 }).slice(0, 4000)]);
    // All of both epochs were allowed, and would have been loaded in turns.
    expect(Atomics.load(new Int32Array(loads), 0)).toBeLessThan(20_000);
  });
});
