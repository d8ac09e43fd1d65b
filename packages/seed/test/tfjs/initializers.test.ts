import { createSeed, createSeedLedger, createStream, deriveSeed, normal, uniform } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import type { Initializer, SeededInitializers } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { BACKENDS, loadModel, saveModel, take, useBackend, weightsOf } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

type Kind = keyof SeededInitializers;

const KINDS: readonly Kind[] = [
  "randomUniform",
  "randomNormal",
  "truncatedNormal",
  "varianceScaling",
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "leCunUniform",
  "leCunNormal",
  "orthogonal",
];

function seededWith(value: number): ReturnType<typeof createSeededTfjs> {
  return createSeededTfjs(tf, createSeed(value));
}

function draw(initializer: Initializer, ...shape: number[]): number[] {
  return take(initializer.apply(shape));
}

function momentsOf(values: readonly number[]): { mean: number; sd: number; min: number; max: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean, sd, min: Math.min(...values), max: Math.max(...values) };
}

describe.each(KINDS)("%s", (kind) => {
  it("is an initializer of the program's tfjs", () => {
    const base: unknown = Object.getPrototypeOf(tf.initializers.zeros().constructor);
    expect(seededWith(0).initializers[kind]("w")).toBeInstanceOf(base as never);
    const layer = tf.layers.dense({ units: 2, kernelInitializer: seededWith(0).initializers[kind]("w") });
    expect(layer.apply(tf.ones([1, 3]))).toBeInstanceOf(tf.Tensor);
  });

  it("gives the same bytes on every backend, and others for another name or seed", async () => {
    const drawn: number[][] = [];
    for (const backend of BACKENDS) {
      await useBackend(backend);
      drawn.push(draw(seededWith(0).initializers[kind]("w"), 8, 5));
    }
    await useBackend("cpu");
    expect(drawn[1]).toEqual(drawn[0]);
    expect(draw(seededWith(0).initializers[kind]("v"), 8, 5)).not.toEqual(drawn[0]);
    expect(draw(seededWith(1).initializers[kind]("w"), 8, 5)).not.toEqual(drawn[0]);
  });

  it("has the distribution of tfjs's own: mean, deviation and ends", () => {
    const shape = kind === "orthogonal" ? [60, 30] : [3, 3, 40, 60];
    const ours = momentsOf(draw(seededWith(7).initializers[kind]("w"), ...shape));
    const theirs = momentsOf(take(tf.initializers[kind]({ seed: 7 }).apply(shape)));
    // Four standard errors of the difference of two means.
    const error = 4 * ours.sd * Math.sqrt(2 / shape.reduce((size, length) => size * length, 1));
    expect(Math.abs(ours.mean - theirs.mean)).toBeLessThan(error);
    expect(Math.abs(ours.sd - theirs.sd)).toBeLessThan(error);
    if (kind !== "randomNormal" && kind !== "orthogonal") {
      expect(Math.abs(ours.max / theirs.max - 1)).toBeLessThan(0.01);
      expect(Math.abs(ours.min / theirs.min - 1)).toBeLessThan(0.01);
    }
  });

  it("refuses a second weight, which would be equal to the first", () => {
    const initializer = seededWith(0).initializers[kind]("w");
    draw(initializer, 3, 2);
    expect(() => initializer.apply([3, 2])).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
  });

  it("takes no other type than float32", () => {
    expect(() => seededWith(0).initializers[kind]("w").apply([3, 2], "int32")).toThrow(RangeError);
  });

  it("is read back with a model's topology alone, and draws the same", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [3], kernelInitializer: seededWith(0).initializers[kind](["a_B", 1]) }),
      ],
    });
    const json: unknown = model.toJSON(undefined, false);
    createSeededTfjs(tf, createSeed(0)); // the one before has used the path
    const again = await tf.models.modelFromJSON(JSON.parse(JSON.stringify(json)) as never);
    expect(weightsOf(again)).toEqual(weightsOf(model));
  });
});

describe("the values of initializers", () => {
  it("are the stream's doubles, rounded to float32", () => {
    const seed = createSeed(3);
    const rng = createStream(deriveSeed(seed, "initializer", "n"));
    const expected = Array.from({ length: 6 }, () => Math.fround(1 + 0.5 * normal(rng)));
    const initializer = createSeededTfjs(tf, seed).initializers.randomNormal("n", { mean: 1, stddev: 0.5 });
    expect(draw(initializer, 2, 3)).toEqual(expected);
  });

  it("of a uniform one are too", () => {
    const seed = createSeed(3);
    const rng = createStream(deriveSeed(seed, "initializer", "u", "kernel"));
    const expected = Array.from({ length: 6 }, () => Math.fround(0 + 2 * uniform(rng)));
    const initializer = createSeededTfjs(tf, seed).initializers.randomUniform(["u", "kernel"], {
      minval: 0,
      maxval: 2,
    });
    expect(draw(initializer, 6)).toEqual(expected); // tfjs would take minval 0 for none
  });

  it("of a truncated one are the normals within two deviations, in their order", () => {
    const seed = createSeed(3);
    const rng = createStream(deriveSeed(seed, "initializer", "t"));
    const normals = Array.from({ length: 1200 }, () => normal(rng)).filter((value) => Math.abs(value) <= 2);
    const initializer = createSeededTfjs(tf, seed).initializers.truncatedNormal("t", { stddev: 1 });
    expect(draw(initializer, 1000)).toEqual(normals.slice(0, 1000).map(Math.fround));
  });

  it.each([
    ["fanIn", [20, 80], 20],
    ["fanOut", [20, 80], 80],
    ["fanAvg", [20, 80], 50],
    ["fanIn", [3, 3, 10, 20], 90],
    ["fanOut", [3, 3, 10, 20], 180],
    ["fanIn", [400], 20],
  ] as const)("of variance scaling lie within √(3 scale / fan): %s of %j", (mode, shape, fan) => {
    const seeded = seededWith(1);
    const options = { scale: 2, mode, distribution: "uniform" } as const;
    const { max } = momentsOf(draw(seeded.initializers.varianceScaling("w", options), ...shape).map(Math.abs));
    const limit = Math.sqrt((3 * 2) / fan);
    expect(max).toBeLessThanOrEqual(limit);
    expect(max).toBeGreaterThan(0.97 * limit);
  });

  it.each([
    [
      "glorotUniform",
      [
        0.2880920469760895, 0.11289733648300171, 0.2400849312543869, 0.6866686940193176, -0.6990683674812317,
        0.33987435698509216,
      ],
    ],
    [
      "heNormal",
      [
        -0.3493575155735016, 0.45341750979423523, 0.11733107268810272, 0.37321680784225464, 1.1399664878845215,
        -0.4438076615333557,
      ],
    ],
    [
      "orthogonal",
      [
        -0.5979093313217163, 0.6255040168762207, 0.7760032415390015, 0.6083616018295288, 0.20080673694610596,
        -0.4885088801383972,
      ],
    ],
  ] as const)("of %s change only in a major", (kind, pinned) => {
    expect(draw(seededWith(42).initializers[kind]("dense_1"), 3, 2)).toEqual(pinned);
  });
});

describe("orthogonal", () => {
  it.each([
    [[6, 6], 1],
    [[40, 7], 1],
    [[7, 40], 1],
    [[3, 3, 4, 5], 2],
    [[1, 1], 1],
  ] as const)("has orthonormal rows or columns, times the gain: %j", (shape, gain) => {
    const columns = shape[shape.length - 1] ?? 0;
    const q = tf.tensor(draw(seededWith(5).initializers.orthogonal("q", { gain }), ...shape)).reshape([-1, columns]);
    const wide = (q.shape[0] ?? 0) < columns;
    const product = tf.matMul(q, q, !wide, wide);
    const error = tf
      .sub(product, tf.eye(product.shape[0] ?? 0).mul(gain * gain))
      .abs()
      .max()
      .dataSync()[0];
    expect(error).toBeLessThan(1e-6 * gain * gain);
  });

  it("is the Q of tfjs's QR of the same normals, with a positive diagonal of R", () => {
    const seed = createSeed(9);
    const [rows, columns] = [9, 5];
    const rng = createStream(deriveSeed(seed, "initializer", "q"));
    const normals = tf
      .tensor(
        Array.from({ length: rows * columns }, () => normal(rng)),
        [columns, rows],
      )
      .transpose();
    const [q, r] = tf.linalg.qr(normals);
    const diagonal = tf.sum(tf.mul(r, tf.eye(columns)), 0);
    const signs = tf.sign(diagonal);
    const ours = createSeededTfjs(tf, seed).initializers.orthogonal("q").apply([rows, columns]);
    expect(tf.sub(tf.mul(q, signs), ours).abs().max().dataSync()[0]).toBeLessThan(1e-5); // tfjs computes in float32
  });

  it("prefers no sign and no direction", () => {
    const seeded = seededWith(5);
    const firsts = Array.from({ length: 2000 }, (_, index) => draw(seeded.initializers.orthogonal(["q", index]), 3, 3));
    for (let place = 0; place < 9; place += 1) {
      const { mean, sd } = momentsOf(firsts.map((q) => q[place] ?? 0));
      expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(1 / 3 / 2000));
      expect(Math.abs(sd - Math.sqrt(1 / 3))).toBeLessThan(0.02); // each row and column is uniform on a sphere
    }
  });

  it("refuses a shape of one axis", () => {
    expect(() => seededWith(0).initializers.orthogonal("q").apply([4])).toThrow(RangeError);
  });
});

describe("paths of initializers", () => {
  it("may be a label, a number or a list of both", () => {
    const { initializers } = seededWith(0);
    expect(draw(initializers.heNormal(0), 4)).not.toEqual(draw(initializers.heNormal("0"), 4));
    expect(draw(initializers.heNormal(["a", 1]), 4)).toEqual(
      draw(createSeededTfjs(tf, createSeed(0)).initializers.heNormal(["a", 1]), 4),
    );
  });

  it("are used once in all copies that one ledger counts", () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    draw(createSeededTfjs(tf, seed).initializers.heNormal("a"), 4);
    const again = createSeededTfjs(tf, seed).initializers.heNormal("a");
    expect(() => again.apply([4])).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
    expect(seed.ledger?.streams().map(({ path }) => path)).toEqual([["initializer", "a"]]);
  });

  it.each([[-1], [0.5], [Number.NaN], ["\ud800"]])("may not be %j", (path) => {
    expect(() => seededWith(0).initializers.heNormal(path)).toThrow(RangeError);
  });
});

describe("any shape", () => {
  it("is filled with finite numbers, the same again", () => {
    const shapes = fc.array(fc.nat({ max: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), shapes, fc.nat(), (kind, shape, value) => {
        fc.pre(kind !== "orthogonal" || shape.length >= 2);
        const values = draw(seededWith(value).initializers[kind]("w"), ...shape);
        expect(values).toHaveLength(shape.reduce((size, length) => size * length, 1));
        expect(values.every((weight) => Number.isFinite(weight) && Math.abs(weight) < 12)).toBe(true);
        expect(draw(seededWith(value).initializers[kind]("w"), ...shape)).toEqual(values);
      }),
    );
  });
});

describe("options of initializers", () => {
  const { initializers } = createSeededTfjs(tf, createSeed(0));
  it.each([
    ["randomUniform", () => initializers.randomUniform("w", { minval: 1, maxval: 1 })],
    ["randomUniform", () => initializers.randomUniform("w", { minval: Number.NaN })],
    ["randomNormal", () => initializers.randomNormal("w", { mean: Infinity })],
    ["randomNormal", () => initializers.randomNormal("w", { stddev: -1 })],
    ["truncatedNormal", () => initializers.truncatedNormal("w", { stddev: Number.NaN })],
    ["varianceScaling", () => initializers.varianceScaling("w", { scale: 0 })],
    ["varianceScaling", () => initializers.varianceScaling("w", { mode: "fan_in" as never })],
    ["varianceScaling", () => initializers.varianceScaling("w", { distribution: "gamma" as never })],
    ["orthogonal", () => initializers.orthogonal("w", { gain: Number.NaN })],
  ])("outside their bounds are refused: %s", (name, make) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(new RegExp(`^${name}: "`));
  });
});

describe("tfjs's own initializers, which these replace", () => {
  it("give two layers with one seed equal weights", () => {
    const make = (): number[] => draw(tf.initializers.glorotUniform({ seed: 3 }), 4, 4);
    expect(make()).toEqual(make());
  });

  it("take seed 0 for no seed", () => {
    const make = (): number[] => draw(tf.initializers.randomNormal({ seed: 0 }), 4, 4);
    expect(make()).not.toEqual(make());
  });
});

describe("a model that was saved with weights", () => {
  it("is loaded beside the one it was saved from", async () => {
    const { initializers } = seededWith(0);
    const layers = [tf.layers.dense({ units: 4, inputShape: [3], kernelInitializer: initializers.heNormal("d") })];
    const model = tf.sequential({ layers });
    expect(weightsOf(await loadModel(await saveModel(model)))).toEqual(weightsOf(model));
  });
});

describe("tfjs's layers that take one initializer for several weights", () => {
  const rnns = {
    lstm: (kernelInitializer: Initializer) => tf.layers.lstm({ units: 2, kernelInitializer }),
    gru: (kernelInitializer: Initializer) => tf.layers.gru({ units: 2, kernelInitializer }),
    simpleRNN: (kernelInitializer: Initializer) => tf.layers.simpleRNN({ units: 2, kernelInitializer }),
  } as const;

  it.each(["lstm", "gru", "simpleRNN"] as const)("have both directions drawn: bidirectional %s", async (kind) => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    const kernelsOf = (model: tf.LayersModel): number[][] =>
      weightsOf(model).filter((_, index) => model.weights[index]?.originalName.endsWith("/kernel"));
    const make = (from: Seed): tf.LayersModel => {
      const layer = rnns[kind](createSeededTfjs(tf, from).initializers.heNormal("r"));
      return tf.sequential({
        layers: [tf.layers.bidirectional({ layer, mergeMode: "concat", inputShape: [3, 2] } as never)],
      });
    };
    const model = make(seed);
    const kernels = kernelsOf(model);
    expect(kernels).toHaveLength(2);
    expect(kernels[1]).not.toEqual(kernels[0]);
    expect(seed.ledger?.streams().map(({ path }) => path)).toEqual([
      ["initializer", "r"],
      ["initializer", "r", "copy", 1],
    ]);
    expect(kernelsOf(make(createSeed(0)))).toEqual(kernels);
    const again = await tf.models.modelFromJSON(JSON.parse(JSON.stringify(model.toJSON(undefined, false))) as never);
    expect(kernelsOf(again)).toEqual(kernels);
  });

  it.each([
    [
      "separableConv2d",
      (own: Initializer) => tf.layers.separableConv2d({ filters: 2, kernelSize: 2, depthwiseInitializer: own }),
      [1, 4, 4, 2],
    ],
    [
      "an lstm's bias",
      (own: Initializer) => tf.layers.lstm({ units: 2, unitForgetBias: true, biasInitializer: own }),
      [1, 3, 2],
    ],
  ] as const)("are told to use seedWeights: %s", (_, make, shape) => {
    const layer = make(seededWith(0).initializers.randomNormal("twice"));
    expect(() => layer.apply(tf.ones([...shape]))).toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED", remedy: expect.stringContaining("seedWeights") as string }),
    );
    const own = make(tf.initializers.randomNormal({}));
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: shape.slice(1) }), own] });
    const draw = (): number[][] => {
      seededWith(0).seedWeights(model);
      return weightsOf(model);
    };
    expect(draw()).toEqual(draw());
  });

  it("are given the same stream again by a ledger that allows it", () => {
    const seed = createSeed(0, { ledger: createSeedLedger({ reuse: "allow" }) });
    const shared = createSeededTfjs(tf, seed).initializers.heNormal("shared");
    expect(draw(shared, 3, 2)).toEqual(draw(shared, 3, 2));
  });

  it("are no reason to share one between layers", () => {
    const shared = seededWith(0).initializers.heNormal("shared");
    tf.layers.dense({ units: 2, kernelInitializer: shared }).apply(tf.ones([1, 3]));
    expect(() => tf.layers.dense({ units: 5, kernelInitializer: shared }).apply(tf.ones([1, 3]))).toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED" }),
    );
  });
});

describe("a copy of a model with seeded initializers", () => {
  it("is made in its own process, any number of times, and starts with the same weights", async () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    const { initializers } = createSeededTfjs(tf, seed);
    const layers = ["a", "b"].map((name) =>
      tf.layers.dense({ units: 3, inputShape: [3], name, kernelInitializer: initializers.heNormal(name) }),
    );
    const model = tf.sequential({ layers });
    const json: unknown = model.toJSON(undefined, false);
    const before = seed.ledger?.streams();
    for (let copy = 0; copy < 3; copy += 1) {
      expect(weightsOf(await tf.models.modelFromJSON(json as never))).toEqual(weightsOf(model));
    }
    expect(seed.ledger?.streams()).toEqual(before);
  });

  it("of a copy is the same too", async () => {
    const { initializers } = seededWith(0);
    const layer = tf.layers.dense({ units: 3, inputShape: [3], kernelInitializer: initializers.heNormal("a") });
    const model = tf.sequential({ layers: [layer] });
    const copy = await tf.models.modelFromJSON(model.toJSON(undefined, false) as never);
    const next = await tf.models.modelFromJSON(copy.toJSON(undefined, false) as never);
    expect(weightsOf(next)).toEqual(weightsOf(model));
  });
});
