import { createCounterStream, createSeed, createSeedLedger, normal } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import type { SeededLayers } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { beforeAll, describe, expect, it } from "vitest";

import { BACKENDS, take, trainOnes, useBackend } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

const KINDS: readonly (keyof SeededLayers)[] = [
  "dropout",
  "spatialDropout1d",
  "gaussianNoise",
  "gaussianDropout",
  "alphaDropout",
];

function layersOf(value: number): SeededLayers {
  return createSeededTfjs(tf, createSeed(value)).layers;
}

/** A layer of a kind; rate and deviation are alike. */
function layerOf(layers: SeededLayers, kind: keyof SeededLayers, name: unknown, amount: unknown): tf.layers.Layer {
  return layers[kind]({ rate: amount, stddev: amount, name } as never);
}

function make(kind: keyof SeededLayers, name = "noise_1", seed = 0): tf.layers.Layer {
  return layerOf(layersOf(seed), kind, name, 0.25);
}

describe.each(KINDS)("%s", (kind) => {
  it("has new noise in every step, and other noise in another layer and with another seed", () => {
    const layer = make(kind);
    const steps = [1, 2, 3].map(() => trainOnes(layer, 2, 8, 30).join());
    const others = [make(kind, "noise_2"), make(kind, "noise_1", 1)].map((other) => trainOnes(other, 2, 8, 30).join());
    expect(new Set([...steps, ...others]).size).toBe(5);
  });

  it("has the same noise for the same seed, name and step on every backend", async () => {
    const noises: number[][] = [];
    for (const backend of BACKENDS) {
      await useBackend(backend);
      const layer = make(kind);
      noises.push([...trainOnes(layer, 2, 8, 3), ...trainOnes(layer, 2, 8, 3)]);
    }
    await useBackend("cpu");
    expect(noises[1]).toEqual(noises[0]);
  });

  it("has the same noise for the first samples, however many there are", () => {
    const long = trainOnes(make(kind), 5, 4, 30); // drawn in blocks
    expect(trainOnes(make(kind), 2, 4, 30)).toEqual(long.slice(0, 240));
    expect(trainOnes(make(kind), 1, 1, 30)).toEqual(long.slice(0, 30)); // drawn one by one
  });

  it("does nothing at inference, and does not count it as a step", () => {
    const layer = make(kind);
    const first = trainOnes(make(kind), 2, 4, 3);
    expect(take(layer.apply(tf.ones([2, 4, 3])) as tf.Tensor)).toEqual(Array.from({ length: 24 }, () => 1));
    expect(take(layer.apply(tf.ones([2, 4, 3]), { training: false }) as tf.Tensor)).toHaveLength(24);
    expect(trainOnes(layer, 2, 4, 3)).toEqual(first);
    expect(layer.getWeights().map((weight) => weight.dataSync()[0])).toEqual([1]);
    expect(layer.trainableWeights).toHaveLength(0);
  });

  it("goes on from the step that its weight says", () => {
    const layer = make(kind);
    const noises = [1, 2, 3].map(() => trainOnes(layer, 1, 4, 3));
    layer.setWeights([tf.scalar(1, "int32")]);
    expect(trainOnes(layer, 1, 4, 3)).toEqual(noises[1]);
    expect(trainOnes(layer, 1, 4, 3)).toEqual(noises[2]);
  });

  it.each([-1, 2 ** 31 - 1])("refuses the step %d that was loaded", (step) => {
    const layer = make(kind);
    trainOnes(layer, 1, 2, 2);
    layer.setWeights([tf.scalar(step, "int32")]);
    expect(() => trainOnes(layer, 1, 2, 2)).toThrow(expect.objectContaining({ code: "SEED_MODEL_INVALID" }));
  });

  it("has room for its last step", () => {
    const layer = make(kind);
    trainOnes(layer, 1, 2, 2);
    layer.setWeights([tf.scalar(2 ** 31 - 2, "int32")]);
    expect(trainOnes(layer, 1, 2, 2)).toHaveLength(4);
  });

  it("multiplies gradients by the mask of the forward pass", () => {
    const layer = make(kind);
    const input = tf.tensor([0.5, -2, 3, 1, 4, -0.25], [1, 3, 2]);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(layer.apply(x, { training: true }) as tf.Tensor))(
      input,
    );
    const slope = (x: tf.Tensor): number => take(tf.sum(make(kind).apply(x, { training: true }) as tf.Tensor))[0] ?? 0;
    expect(take(value)[0]).toBeCloseTo(slope(input), 5);
    const expected = [0, 1, 2, 3, 4, 5].map((place) => {
      const moved = tf.add(input, tf.oneHot(tf.tensor1d([place], "int32"), 6).reshape([1, 3, 2]));
      return slope(moved) - slope(input); // each kind is linear in its input
    });
    for (const [place, value] of take(grad).entries()) expect(value).toBeCloseTo(expected[place] ?? Number.NaN, 4);
  });

  it("keeps no tensors", () => {
    const layer = make(kind);
    trainOnes(layer, 1, 4, 3);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 5; step += 1) trainOnes(layer, 1, 4, 3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("does nothing at rate or deviation 0", () => {
    const layer = layerOf(layersOf(0), kind, "n", 0);
    expect(trainOnes(layer, 2, 2, 2)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("refuses what is outside, a missing name, an empty one, and a name that is used", () => {
    const layers = layersOf(0);
    for (const amount of [-0.1, Number.NaN, Infinity, ...(kind === "gaussianNoise" ? [] : [1])]) {
      expect(() => layerOf(layers, kind, "n", amount)).toThrow(RangeError);
    }
    for (const amount of ["0.5", undefined, null]) {
      expect(() => layerOf(layers, kind, "n", amount)).toThrow(TypeError);
    }
    const named = (name: unknown) => (): tf.layers.Layer => layerOf(layers, kind, name, 0.5);
    expect(named(undefined)).toThrow(TypeError);
    for (const name of ["", "_a", "a b", "ä", "a\n"]) expect(named(name)).toThrow(RangeError);
    named("n")();
    expect(named("n")).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
  });
});

/** A layer's words in a step, by pure-rand's own engine. */
function stepStream(seed: number, name: string, step: number): RandomGenerator {
  const layer = createCounterStream(createSeed(seed), "noise", name).at(8 * step);
  const [low0, high0, low1, high1] = [layer.next(), layer.next(), layer.next(), layer.next()];
  return xoroshiro128plusFromState([high0, low0, high1, low1]);
}

describe("the share that dropout drops", () => {
  it.each([0.1, 0.5, 0.9])("is its rate: %d", (rate) => {
    const values = trainOnes(layersOf(1).dropout({ rate, name: "d" }), 300, 1000);
    const dropped = values.filter((value) => value === 0).length;
    const deviation = Math.sqrt(values.length * rate * (1 - rate));
    expect(Math.abs(dropped - values.length * rate)).toBeLessThan(4 * deviation);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it("is independent from step to step and from layer to layer", () => {
    const layers = layersOf(1);
    const [a, b] = [layers.dropout({ rate: 0.5, name: "a" }), layers.dropout({ rate: 0.5, name: "b" })];
    const masks = [trainOnes(a, 1, 40_000), trainOnes(a, 1, 40_000), trainOnes(b, 1, 40_000)];
    const both = (x: readonly number[] = [], y: readonly number[] = []): number =>
      x.filter((value, index) => value === y[index]).length;
    for (const equal of [both(masks[0], masks[1]), both(masks[0], masks[2]), both(masks[1], masks[2])]) {
      expect(Math.abs(equal - 20_000)).toBeLessThan(4 * 100); // of 40,000 coins, half agree; deviation 100
    }
  });

  it("follows the words of a stream whose key is words 8 step to 8 step + 7 of the layer's stream", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat({ max: 2 ** 31 - 2 }), (rate, step) => {
        const layer = layersOf(5).dropout({ rate, name: "d" });
        layer.build([1, 7]);
        layer.setWeights([tf.scalar(step, "int32")]);
        const rng = stepStream(5, "d", step);
        const expected = [1, 2, 3, 4, 5, 6, 7].map(() =>
          rng.next() >>> 0 < Math.round(rate * 2 ** 32) ? 0 : Math.fround(1 / (1 - rate)),
        );
        expect(trainOnes(layer, 1, 7)).toEqual(rate === 0 ? [1, 1, 1, 1, 1, 1, 1] : expected);
      }),
      { numRuns: 40 },
    );
  });

  it("is the same along the axes of length 1 of noiseShape", () => {
    const layer = layersOf(5).dropout({ rate: 0.5, name: "d", noiseShape: [null, 1, 3] });
    const rows = tf.tensor(trainOnes(layer, 4, 5, 3), [4, 5, 3]).arraySync() as number[][][];
    for (const sample of rows) for (const row of sample) expect(row).toEqual(sample[0]);
    expect(new Set(rows.map((sample) => sample[0]?.join())).size).toBeGreaterThan(1);
  });

  it("is whole channels in spatialDropout1d, which takes sequences only", () => {
    const layer = layersOf(5).spatialDropout1d({ rate: 0.5, name: "d" });
    const rows = tf.tensor(trainOnes(layer, 4, 5, 8), [4, 5, 8]).arraySync() as number[][][];
    for (const sample of rows) for (const row of sample) expect(row).toEqual(sample[0]);
    expect(() => trainOnes(layersOf(5).spatialDropout1d({ rate: 0.5, name: "d" }), 4, 5)).toThrow(RangeError);
  });
});

describe("normal noise", () => {
  it("is what the layer's stream gives, rounded to float32", () => {
    const rng = stepStream(0, "n", 0);
    const expected = Array.from({ length: 8 }, () => Math.fround(0.5 * normal(rng)));
    const layer = layersOf(0).gaussianNoise({ stddev: 0.5, name: "n" });
    expect(take(tf.tidy(() => layer.apply(tf.zeros([1, 8]), { training: true }) as tf.Tensor))).toEqual(expected);
  });

  it("of gaussianDropout has mean 1 and the variance of dropout", () => {
    const values = trainOnes(layersOf(0).gaussianDropout({ rate: 0.2, name: "n" }), 100, 1000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(0.25 / values.length));
    expect(Math.abs(variance - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / values.length));
  });
});

describe("alphaDropout", () => {
  const input = (): tf.Tensor =>
    createSeededTfjs(tf, createSeed(2)).initializers.randomNormal("x", { stddev: 1 }).apply([400, 500]);
  const moments = (tensor: tf.Tensor): { mean: number; variance: number } => {
    const { mean, variance } = tf.moments(tensor);
    return { mean: take(mean)[0] ?? 0, variance: take(variance)[0] ?? 0 };
  };

  it("keeps mean 0 and variance 1", () => {
    const layer = layersOf(2).alphaDropout({ rate: 0.3, name: "a" });
    const { mean, variance } = moments(layer.apply(input(), { training: true }) as tf.Tensor);
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  });

  it("of tfjs does not: it drops to plus the saturation", () => {
    const { mean } = moments(tf.layers.alphaDropout({ rate: 0.3 }).apply(input(), { training: true }) as tf.Tensor);
    expect(mean).toBeGreaterThan(0.5);
  });
});

describe("masks", () => {
  it("change only in a major", () => {
    const layer = layersOf(42).dropout({ rate: 0.5, name: "dropout_1" });
    const steps = [1, 2, 3].map(() =>
      trainOnes(layer, 1, 32)
        .map((value) => (value === 0 ? "." : "#"))
        .join(""),
    );
    expect(steps).toEqual([
      "#....##.#..####.###..###..#####.",
      ".##..###...#.##.##..###.#.....##",
      "#.##.#.#...#.########.##..##.###",
    ]);
  });

  it("of normal noise change only in a major", () => {
    const layer = layersOf(42).gaussianNoise({ stddev: 1, name: "noise_1" });
    layer.apply(tf.ones([1, 4]), { training: true });
    expect(trainOnes(layer, 1, 4)).toEqual([
      -1.3446524143218994, 1.0813461542129517, 0.20786327123641968, 1.859657883644104,
    ]);
  });
});

describe("the ledger of a seed", () => {
  it("counts 8 words for each step", () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    const layer = createSeededTfjs(tf, seed).layers.dropout({ rate: 0.5, name: "d" });
    trainOnes(layer, 2, 8);
    trainOnes(layer, 2, 8);
    const records = seed.ledger?.streams() ?? [];
    expect(records.map(({ path, engine, draws }) => ({ path, engine, draws }))).toEqual([
      { path: ["noise", "d"], engine: "philox4x32-10@1", draws: 16 },
    ]);
  });
});

describe("tfjs's own layers, which these replace", () => {
  it("repeat one mask for ever when they are given a seed", () => {
    const layer = tf.layers.dropout({ rate: 0.5, seed: 7 });
    expect(trainOnes(layer, 1, 64)).toEqual(trainOnes(layer, 1, 64));
  });

  it("drop nothing at rate 1.5", () => {
    expect(trainOnes(tf.layers.dropout({ rate: 1.5 }), 1, 4)).toEqual([1, 1, 1, 1]);
  });
});

describe("the shape of a mask", () => {
  it.each<[unknown, typeof TypeError | typeof RangeError]>([
    ["ab", TypeError],
    [7, TypeError],
    [{ length: 1 }, TypeError],
    [[null, "2"], TypeError],
    [[undefined], TypeError],
    [[null, 2.5], RangeError],
    [[0, 1], RangeError],
    [[-1], RangeError],
    [[Number.NaN], RangeError],
    [[Infinity], RangeError],
  ])("may not be %j", (noiseShape, kind) => {
    const { layers } = createSeededTfjs(tf, createSeed(0));
    const make = (): unknown => layers.dropout({ rate: 0.5, name: "n", noiseShape: noiseShape as never });
    expect(make).toThrow(kind);
    expect(make).toThrow('dropout: "noiseShape" must');
    layers.dropout({ rate: 0.5, name: "n", noiseShape: [null, 1] }); // the path has not been opened
  });
});
