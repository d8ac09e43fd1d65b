import { createSeed, createSeedLedger, createStream, deriveSeed } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import type { SeededTfjs } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";

import { BACKENDS, take, useBackend, weightsOf } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

function seededWith(value: number): SeededTfjs {
  return createSeededTfjs(tf, createSeed(value));
}

/** A model as somebody wrote it who never thought of seeds: names are tfjs's. */
function plainModel(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv1d({ filters: 4, kernelSize: 3, inputShape: [8, 2], kernelInitializer: "orthogonal" }),
      tf.layers.batchNormalization(),
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 3, returnSequences: true }),
        mergeMode: "concat",
      }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 5, kernelInitializer: "heUniform" }) }),
      tf.layers.rnn({
        cell: [tf.layers.gruCell({ units: 3 }), tf.layers.simpleRNNCell({ units: 2 })],
      }),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

describe("seedWeights", () => {
  it("gives unmodified models the same weights, however many layers were made before, on every backend", async () => {
    const drawn: number[][][] = [];
    for (const backend of BACKENDS) {
      await useBackend(backend);
      tf.layers.dense({ units: 1 }); // tfjs counts it, and calls later layers by another number
      const model = plainModel();
      seededWith(0).seedWeights(model);
      drawn.push(weightsOf(model));
    }
    await useBackend("cpu");
    expect(drawn[1]).toEqual(drawn[0]);
    const other = plainModel();
    seededWith(1).seedWeights(other);
    expect(weightsOf(other)).not.toEqual(drawn[0]);
  });

  it("draws every weight anew that is random in tfjs, no two alike, and leaves the others", () => {
    const model = plainModel();
    const before = weightsOf(model);
    seededWith(0).seedWeights(model);
    const after = weightsOf(model);
    const names = model.weights.map((weight) => weight.originalName.split("/").at(-1) ?? "");
    for (const [index, name] of names.entries()) {
      if (name.endsWith("kernel")) expect(after[index]).not.toEqual(before[index]);
      else expect(after[index]).toEqual(before[index]);
    }
    const kernels = after.filter((_, index) => names[index]?.endsWith("kernel"));
    expect(kernels).toHaveLength(11);
    expect(new Set(kernels.map((kernel) => kernel[0])).size).toBe(11);
  });

  it("draws from the path of layers and the weight, by the layer's own distribution", () => {
    const seed = createSeed(3);
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          units: 4,
          inputShape: [5],
          name: "a_1",
          kernelInitializer: tf.initializers.randomNormal({ mean: 1, stddev: 2, seed: 0 }),
        }),
        tf.layers.dense({ units: 2, kernelInitializer: "glorotUniform" }),
      ],
    });
    createSeededTfjs(tf, seed).seedWeights(model);
    const same = createSeededTfjs(tf, seed).initializers; // below another label: the streams are others
    expect(take(same.randomNormal("a_1", { mean: 1, stddev: 2 }).apply([5, 4]))).not.toEqual(weightsOf(model)[0]);
    const counted = createSeed(3, { ledger: createSeedLedger() });
    const again = tf.sequential({
      layers: [tf.layers.dense({ units: 4, inputShape: [5], name: "a_1" }), tf.layers.dense({ units: 2 })],
    });
    createSeededTfjs(tf, counted).seedWeights(again);
    expect(counted.ledger?.streams().map(({ path }) => path)).toEqual([
      ["weights", 1, "kernel"],
      ["weights", "a_1", "kernel"],
    ]);
  });

  it("composes the random bias of an LSTM as tfjs does: ones for the forget gate", () => {
    const layer = tf.layers.lstm({
      units: 4,
      inputShape: [3, 2],
      name: "l",
      biasInitializer: "randomNormal",
      unitForgetBias: true,
    });
    const model = tf.sequential({ layers: [layer] });
    seededWith(0).seedWeights(model);
    const bias = weightsOf(model)[2] ?? [];
    expect(bias.slice(4, 8)).toEqual([1, 1, 1, 1]);
    expect(new Set(bias).size).toBe(13);
  });

  it("leaves weights that are seeded already", () => {
    const seeded = seededWith(0);
    const kernelInitializer = seeded.initializers.heNormal("k");
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer })] });
    const before = weightsOf(model);
    seeded.seedWeights(model);
    expect(weightsOf(model)).toEqual(before);
  });

  it("refuses a second model with the same layers, unless it has a seed of its own", () => {
    const seed = createSeed(0);
    const seeded = createSeededTfjs(tf, seed);
    seeded.seedWeights(plainModel());
    expect(() => seeded.seedWeights(plainModel())).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
    createSeededTfjs(tf, deriveSeed(seed, "second")).seedWeights(plainModel());
  });

  it("takes the parts of a layer's name for steps", () => {
    const counted = createSeed(3, { ledger: createSeedLedger() });
    const inner = tf.sequential({
      name: "body",
      layers: [tf.layers.dense({ units: 2, inputShape: [3], name: "block1/fc" })],
    });
    createSeededTfjs(tf, counted).seedWeights(tf.sequential({ layers: [inner] }));
    expect(counted.ledger?.streams().map(({ path }) => path)).toEqual([["weights", "body", "block1", "fc", "kernel"]]);
  });

  it("refuses initializers that it does not know, before it changes a weight", () => {
    const base = Object.getPrototypeOf(tf.initializers.zeros().constructor) as new () => tf.serialization.Serializable;
    class Halves extends base {
      static className = "Halves";
      apply(shape: number[]): tf.Tensor {
        return tf.fill(shape, 0.5);
      }
      getConfig(): tf.serialization.ConfigDict {
        return {};
      }
    }
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: "first" }),
        tf.layers.dense({ units: 2, name: "second", kernelInitializer: new Halves() as never }),
      ],
    });
    const before = weightsOf(model);
    expect(() => seededWith(0).seedWeights(model)).toThrow(
      expect.objectContaining({
        code: "SEED_INITIALIZER_UNKNOWN",
        data: { layer: "second", weight: "kernel", className: "Halves" },
      }),
    );
    expect(weightsOf(model)).toEqual(before);
  });

  it.each([
    ["dense_1", "dense_2"],
    ["dense1", "dense2"],
    ["model1", "model2"],
    ["sequential_1", "model_2"],
  ])("takes the names %s and %s of layers for chosen ones", (one, two) => {
    const build = (names: readonly string[]): Map<string, number[]> => {
      const layers = names.map((name) => tf.layers.dense({ units: 3, inputShape: [3], name }));
      const model = tf.sequential({ layers });
      seededWith(0).seedWeights(model);
      return new Map(layers.map((layer) => [layer.name, take(layer.getWeights()[0]?.clone() as tf.Tensor)]));
    };
    const [forth, back] = [build([one, two]), build([two, one])];
    expect(back.get(one)).toEqual(forth.get(one));
    expect(back.get(two)).toEqual(forth.get(two));
  });

  it("takes a model's place where tfjs made its name up, and its name where somebody chose it", () => {
    const counted = createSeed(3, { ledger: createSeedLedger() });
    const input = (): tf.SymbolicTensor => tf.input({ shape: [2] });
    const dense = (): tf.layers.Layer => tf.layers.dense({ units: 2, inputShape: [2], name: "d" });
    const inputs = input();
    const functional = tf.model({ inputs, outputs: dense().apply(inputs) as tf.SymbolicTensor });
    expect(functional.name).toMatch(/^model\d+$/);
    const parts = [tf.sequential({ layers: [dense()] }), functional, tf.sequential({ name: "s_1", layers: [dense()] })];
    createSeededTfjs(tf, counted).seedWeights(tf.sequential({ layers: parts }));
    expect(counted.ledger?.streams().map(({ path }) => path)).toEqual([
      ["weights", 0, "d", "kernel"],
      ["weights", 1, "d", "kernel"],
      ["weights", "s_1", "d", "kernel"],
    ]);
  });

  it("changes no weight when a later one's path is a stream's", () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    createStream(seed, "weights", "last", "kernel").next();
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: "first" }),
        tf.layers.dense({ units: 2, name: "last" }),
      ],
    });
    const before = weightsOf(model);
    expect(() => createSeededTfjs(tf, seed).seedWeights(model)).toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED" }),
    );
    expect(weightsOf(model)).toEqual(before);
  });

  it.each([
    ["layer", "gate", "draws", { gateInitializer: { className: "RandomNormal", config: { mean: 0, stddev: 1 } } }],
    ["cell", "gate", "refuses", {}],
  ])("accounts for a weight of its own that a layer with a %s has: %s, %s", (slot, own, does, config) => {
    class Gated extends tf.layers.Layer {
      static className = "Gated";
      readonly inner: tf.layers.Layer = tf.layers.dense({ units: 2, name: "inner" });
      constructor() {
        super({ name: "gated", inputShape: [3] });
        Object.assign(this, { [slot]: this.inner });
      }
      override build(shape: tf.Shape): void {
        this.inner.build(shape);
        this.trainableWeights = [...this.inner.trainableWeights];
        this.addWeight(own, [4], "float32", tf.initializers.randomNormal({}));
        super.build(shape);
      }
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
        return this.inner.call(inputs, {});
      }
      override computeOutputShape(shape: tf.Shape): tf.Shape {
        return [shape[0] ?? null, 2];
      }
      override getConfig(): tf.serialization.ConfigDict {
        return { ...super.getConfig(), ...(config as tf.serialization.ConfigDict) };
      }
    }
    const counted = createSeed(3, { ledger: createSeedLedger() });
    const model = tf.sequential({ layers: [new Gated()] });
    const before = weightsOf(model);
    const seeding = (): void => createSeededTfjs(tf, counted).seedWeights(model);
    if (does === "refuses") {
      expect(seeding).toThrow(
        expect.objectContaining({
          code: "SEED_INITIALIZER_UNKNOWN",
          data: { layer: "gated", weight: own, className: "none" },
        }),
      );
      expect(weightsOf(model)).toEqual(before);
      return;
    }
    seeding();
    expect(counted.ledger?.streams().map(({ path }) => path)).toEqual([
      ["weights", "gated", "gate"],
      ["weights", "gated", "layer", "kernel"],
    ]);
  });

  it("refuses what is no model of this tfjs", () => {
    expect(() => seededWith(0).seedWeights({} as never)).toThrow(TypeError);
    expect(() => seededWith(0).seedWeights(tf.layers.dense({ units: 1 }) as never)).toThrow(TypeError);
  });

  it("has a stream of its own for each weight, beside those of createStream", () => {
    const seed = createSeed(0, { ledger: createSeedLedger() });
    createStream(seed, "weights", 0, "kernel").next();
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    expect(() => createSeededTfjs(tf, seed).seedWeights(model)).toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED" }),
    );
  });
});
