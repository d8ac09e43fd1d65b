import { createSeed, createSeedLedger, createStream, epochOrder } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import type { SeededTfjs } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { useBackend } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

function seededWith(value: number): SeededTfjs {
  return createSeededTfjs(tf, createSeed(value));
}

function numbers(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index);
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

describe("shuffle", () => {
  it("gives every element once", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(40), fc.integer({ min: 1, max: 50 }), async (value, size, bufferSize) => {
        const dataset = tf.data.array(numbers(size));
        const shuffled = await seededWith(value).shuffle(dataset, { epoch: 0, bufferSize }).toArray();
        expect(ascending(shuffled)).toEqual(numbers(size));
      }),
      { numRuns: 40 },
    ));

  it("is a function of the seed and the epoch, whatever was iterated before", async () => {
    const seeded = seededWith(1);
    const dataset = tf.data.array(numbers(20));
    const order = (epoch: number): Promise<number[]> => seeded.shuffle(dataset, { epoch, bufferSize: 20 }).toArray();
    const third = await order(3);
    await order(0);
    const again = seededWith(1).shuffle(dataset, { epoch: 3, bufferSize: 20 });
    expect(await again.toArray()).toEqual(third);
    expect(await again.toArray()).toEqual(third);
    expect(await Promise.all([again.toArray(), again.toArray()])).toEqual([third, third]);
    expect(await order(4)).not.toEqual(third);
    expect(await seededWith(2).shuffle(dataset, { epoch: 3, bufferSize: 20 }).toArray()).not.toEqual(third);
  });

  it("makes every order equally likely with a buffer for all", async () => {
    const counts = new Map<string, number>();
    const dataset = tf.data.array([0, 1, 2]);
    const seeded = seededWith(3);
    for (let epoch = 0; epoch < 1200; epoch += 1) {
      const order = (await seeded.shuffle(dataset, { epoch, bufferSize: 3 }).toArray()).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect(statistic).toBeLessThan(20.5); // chi-squared with 5 degrees of freedom: p = 0.001
  });

  it("brings no element forward by as much as the buffer, and keeps the order with a buffer of 1", async () => {
    const dataset = tf.data.array(numbers(200));
    const shuffled = await seededWith(4).shuffle(dataset, { epoch: 0, bufferSize: 8 }).toArray();
    for (const [place, value] of shuffled.entries()) expect(value - place).toBeLessThan(8);
    expect(shuffled).not.toEqual(numbers(200));
    expect(await seededWith(4).shuffle(dataset, { epoch: 0, bufferSize: 1 }).toArray()).toEqual(numbers(200));
  });

  it("keeps the dataset's size, takes batches, and trains with fitDataset", async () => {
    const xs = numbers(10).map((value) => ({ xs: tf.tensor1d([value / 10]), ys: tf.tensor1d([value]) }));
    const shuffled = seededWith(5).shuffle(tf.data.array(xs), { epoch: 0, bufferSize: 10 });
    expect(shuffled.size).toBe(10);
    expect(shuffled.batch(4).size).toBe(3);
    const train = async (): Promise<number[]> => {
      const kernelInitializer = seededWith(5).initializers.heNormal("k");
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer })] });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
      await model.fitDataset(shuffled.batch(4), { epochs: 1 });
      return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    };
    expect(await train()).toEqual(await train());
  });

  it("passes on what the dataset throws", async () => {
    const broken = tf.data.generator(function* (): Generator<number> {
      yield 1;
      throw new Error("no more");
    });
    const shuffled = seededWith(0).shuffle(broken, { epoch: 0, bufferSize: 4 });
    await expect(shuffled.toArray()).rejects.toThrow("no more");
  });

  it("changes only in a major", async () => {
    const dataset = tf.data.array(numbers(12));
    const order = (bufferSize: number): Promise<number[]> =>
      seededWith(42).shuffle(dataset, { epoch: 1, bufferSize }).toArray();
    expect([await order(12), await order(3)]).toEqual([
      [8, 5, 4, 3, 0, 7, 2, 9, 11, 1, 10, 6],
      [2, 1, 4, 5, 0, 7, 6, 3, 10, 9, 11, 8],
    ]);
  });

  it("is counted when it is left early, too", async () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    const shuffled = createSeededTfjs(tf, seed).shuffle(tf.data.array(numbers(100)), { epoch: 2, bufferSize: 10 });
    await shuffled.take(5).toArray();
    expect(seed.ledger?.streams().map(({ path, draws }) => ({ path, draws }))).toEqual([
      { path: ["datasetShuffle", 2], draws: 5 },
    ]);
  });

  it("is counted once, however often it is iterated", async () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    const shuffled = createSeededTfjs(tf, seed).shuffle(tf.data.array(numbers(9)), { epoch: 2, bufferSize: 9 });
    await shuffled.toArray();
    await shuffled.toArray();
    expect(seed.ledger?.streams().map(({ path, draws }) => ({ path, draws }))).toEqual([
      { path: ["datasetShuffle", 2], draws: 9 },
    ]);
  });

  it.each([
    { epoch: -1, bufferSize: 3 },
    { epoch: 0.5, bufferSize: 3 },
    { epoch: 0, bufferSize: 0 },
    { epoch: 0, bufferSize: Number.NaN },
    { epoch: 0, bufferSize: 2 ** 33 },
  ])("refuses %j", (options) => {
    expect(() => seededWith(0).shuffle(tf.data.array([1]), options)).toThrow(RangeError);
  });

  it("refuses what is no dataset of this tfjs", () => {
    expect(() => seededWith(0).shuffle([1, 2] as never, { epoch: 0, bufferSize: 2 })).toThrow(TypeError);
  });
});

describe("tfjs's own shuffle, which this replaces", () => {
  it("gives another order with every iteration, even when told not to", async () => {
    const shuffled = tf.data.array(numbers(20)).shuffle(20, "7", false);
    expect(await shuffled.toArray()).not.toEqual(await shuffled.toArray());
  });
});

describe("trainTestSplit", () => {
  it("gives each sample to one part, with its target, in the order of the data", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0.3, max: 0.7, noNaN: true }),
        (value, size, testFraction) => {
          const x = numbers(size);
          const { train, test } = seededWith(value).trainTestSplit(x, x.map(String), { testFraction });
          expect(test.x).toHaveLength(Math.floor(size * testFraction + 0.5));
          expect(ascending([...train.x, ...test.x])).toEqual(x);
          for (const part of [train, test]) {
            expect(part.x).toEqual(ascending(part.x));
            expect(part.y).toEqual(part.x.map(String));
          }
        },
      ),
    );
  });

  it("splits tensors as it splits arrays, and keeps their type", () => {
    const x = tf.tensor2d(numbers(24), [8, 3]);
    const y = tf.tensor1d(numbers(8), "int32");
    const { train, test } = seededWith(1).trainTestSplit(x, y, { testFraction: 0.25 });
    const expected = seededWith(1).trainTestSplit(x.arraySync(), numbers(8), { testFraction: 0.25 });
    expect([test.x.arraySync(), test.y.arraySync()]).toEqual([expected.test.x, expected.test.y]);
    expect([train.x.arraySync(), train.y.arraySync()]).toEqual([expected.train.x, expected.train.y]);
    expect([test.y.dtype, test.x.shape, train.x.shape]).toEqual(["int32", [2, 3], [6, 3]]);
  });

  it("gives the same again, and something else with another seed", () => {
    const split = (value: number): number[] => [
      ...seededWith(value).trainTestSplit(numbers(50), numbers(50), { testFraction: 0.3 }).test.x,
    ];
    const seeded = seededWith(1);
    const twice = [1, 2].map(() => seeded.trainTestSplit(numbers(50), numbers(50), { testFraction: 0.3 }).test.x);
    expect(twice).toEqual([split(1), split(1)]);
    expect(split(2)).not.toEqual(split(1));
  });

  it("changes only in a major", () => {
    const { test } = seededWith(42).trainTestSplit(numbers(20), numbers(20), { testFraction: 0.25 });
    expect(test.x).toEqual([2, 5, 10, 11, 15]);
  });

  it("refuses other lengths, empty parts, and what cannot be split", () => {
    const seeded = seededWith(0);
    for (const testFraction of [0, 1, -1, Number.NaN, 0.001]) {
      expect(() => seeded.trainTestSplit(numbers(10), numbers(10), { testFraction })).toThrow(RangeError);
    }
    expect(() => seeded.trainTestSplit([], [], { testFraction: 0.5 })).toThrow(RangeError);
    expect(() => seeded.trainTestSplit([1, 2], [1], { testFraction: 0.5 })).toThrow(RangeError);
    expect(() => seeded.trainTestSplit(tf.scalar(1), [1], { testFraction: 0.5 })).toThrow(TypeError);
    expect(() => seeded.trainTestSplit({} as never, [1], { testFraction: 0.5 })).toThrow(TypeError);
  });

  it("does not meet a stream that was opened under its path", () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    createStream(seed, "trainTestSplit").next();
    const split = (): unknown => createSeededTfjs(tf, seed).trainTestSplit([1, 2], [1, 2], { testFraction: 0.5 });
    expect(split).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
    expect([...epochOrder(seed, { epoch: 0, size: 3 })]).toHaveLength(3);
  });
});
