import { createSeed, createSeedLedger, createStream, deriveSeed, epochOrder, withSeed } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";

import { BACKENDS, loadModel, saveModel, useBackend, weightsOf } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

const SAMPLES = 22;

function dataOf(seed: Seed): { x: tf.Tensor2D; y: tf.Tensor2D } {
  const { initializers } = createSeededTfjs(tf, deriveSeed(seed, "data"));
  const x = initializers.randomNormal("x", { stddev: 1 }).apply([SAMPLES, 4]) as tf.Tensor2D;
  return { x, y: x.sum(1, true) };
}

function modelOf(seed: Seed, optimizer: () => tf.Optimizer = () => tf.train.sgd(0.05)): tf.LayersModel {
  const { initializers, layers } = createSeededTfjs(tf, seed);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 8,
        inputShape: [4],
        activation: "relu",
        name: "hidden",
        kernelInitializer: initializers.heUniform("hidden"),
      }),
      layers.dropout({ rate: 0.3, name: "drop" }),
      layers.gaussianNoise({ stddev: 0.1, name: "noise" }),
      tf.layers.dense({ units: 1, name: "out", kernelInitializer: initializers.glorotNormal("out") }),
    ],
  });
  model.compile({ optimizer: optimizer(), loss: "meanSquaredError", metrics: ["mae"] });
  return model;
}

const OPTIONS = { epochs: 4, batchSize: 5 } as const;

async function trained(value: number): Promise<number[][]> {
  const seed = createSeed(value);
  const model = modelOf(seed);
  const { x, y } = dataOf(createSeed("data"));
  await createSeededTfjs(tf, seed).fit(model, x, y, OPTIONS);
  return weightsOf(model);
}

describe("a seeded training", () => {
  it.each(BACKENDS)("gives the same weights bit for bit, twice, on %s", async (backend) => {
    await useBackend(backend);
    const [once, again, other] = [await trained(0), await trained(0), await trained(1)];
    await useBackend("cpu");
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it("never asks Math.random, where tfjs does", async () => {
    const seed = createSeed(0);
    const expected = await trained(0);
    expect(await withSeed(seed, { random: "throw" }, () => trained(0))).toEqual(expected);
    const { x, y } = dataOf(createSeed("data"));
    const model = modelOf(seed);
    await expect(withSeed(seed, { random: "throw" }, () => model.fit(x, y))).rejects.toThrow(
      expect.objectContaining({ code: "SEED_UNSEEDED_RANDOM" }),
    );
  });

  it("is model.fit on the samples in epochOrder: weights, history and logs", async () => {
    const seed = createSeed(3);
    const { x, y } = dataOf(seed);
    const [ours, theirs] = [modelOf(seed), modelOf(seed)];
    const history = await createSeededTfjs(tf, seed).fit(ours, x, y, OPTIONS);
    const losses: number[] = [];
    for (let epoch = 0; epoch < OPTIONS.epochs; epoch += 1) {
      const order = tf.tensor1d(Int32Array.from(epochOrder(seed, { epoch, size: SAMPLES })), "int32");
      const one = await theirs.fit(tf.gather(x, order), tf.gather(y, order), {
        batchSize: OPTIONS.batchSize,
        shuffle: false,
        initialEpoch: epoch,
        epochs: epoch + 1,
      });
      losses.push(...((one.history["loss"] ?? []) as number[]));
    }
    expect(weightsOf(ours)).toEqual(weightsOf(theirs));
    expect(history.history["loss"]).toEqual(losses);
    expect(history.epoch).toEqual([0, 1, 2, 3]);
    expect(Object.keys(history.history).toSorted()).toEqual(["loss", "mae"]);
  });

  it.each([
    ["sgd", () => tf.train.sgd(0.05), false],
    ["momentum", () => tf.train.momentum(0.05, 0.9), true],
    ["rmsprop", () => tf.train.rmsprop(0.01), true],
    ["adagrad", () => tf.train.adagrad(0.05), true],
  ] as const)(
    "of epochs 0 and 1, saved, loaded and gone on with is one of 0 to 3: %s",
    async (_, optimizer, includeOptimizer) => {
      const seed = createSeed(4);
      const { x, y } = dataOf(seed);
      const whole = modelOf(seed, optimizer);
      await createSeededTfjs(tf, seed).fit(whole, x, y, { epochs: 4, batchSize: 5 });

      const half = modelOf(seed, optimizer);
      await createSeededTfjs(tf, seed).fit(half, x, y, { epochs: 2, batchSize: 5 });
      const saved = await saveModel(half, includeOptimizer);
      const seeded = createSeededTfjs(tf, seed);
      const loaded = await loadModel(saved);
      if (!includeOptimizer) loaded.compile({ optimizer: optimizer(), loss: "meanSquaredError" });
      const history = await seeded.fit(loaded, x, y, { initialEpoch: 2, epochs: 4, batchSize: 5 });
      expect(history.epoch).toEqual([2, 3]);
      expect(weightsOf(loaded)).toEqual(weightsOf(whole));
      expect(weightsOf(half)).not.toEqual(weightsOf(whole));
    },
  );

  it("calls callbacks as model.fit does, and stops when they say so", async () => {
    const seed = createSeed(5);
    const { x, y } = dataOf(seed);
    const calls = async (
      fit: (model: tf.LayersModel, callbacks: tf.CustomCallbackArgs) => Promise<tf.History>,
    ): Promise<string[]> => {
      const seen: string[] = [];
      const model = modelOf(seed);
      const note = (what: string) => (place?: unknown, logs?: tf.Logs) => {
        seen.push(
          `${what} ${typeof place === "number" ? place : ""} ${Object.keys(logs ?? {})
            .toSorted()
            .join()}`,
        );
        if (what === "epochEnd" && place === 1) model.stopTraining = true;
      };
      await fit(model, {
        onTrainBegin: note("trainBegin"),
        onTrainEnd: note("trainEnd"),
        onEpochBegin: note("epochBegin"),
        onEpochEnd: note("epochEnd"),
        onBatchBegin: (batch) => note("batchBegin")(batch), // fitDataset says more here than fit
        onBatchEnd: note("batchEnd"),
      });
      return seen;
    };
    const shared = { ...OPTIONS, validationSplit: 0.2 };
    const theirs = await calls((model, callbacks) => model.fit(x, y, { ...shared, shuffle: false, callbacks }));
    const ours = await calls((model, callbacks) =>
      createSeededTfjs(tf, seed).fit(model, x, y, { ...shared, callbacks }),
    );
    expect(ours).toEqual(theirs);
    expect(ours.filter((call) => call.startsWith("epochEnd"))).toHaveLength(2);
  });

  it("validates with the last samples, and trains with the others", async () => {
    const seed = createSeed(6);
    const { x, y } = dataOf(seed);
    const [split, given] = [modelOf(seed), modelOf(seed)];
    const one = await createSeededTfjs(tf, seed).fit(split, x, y, { ...OPTIONS, validationSplit: 0.25 });
    const two = await createSeededTfjs(tf, seed).fit(given, x.slice(0, 16), y.slice(0, 16), {
      ...OPTIONS,
      validationData: [x.slice(16), y.slice(16)],
    });
    expect(one.history).toEqual(two.history);
    expect(Object.keys(one.history).toSorted()).toEqual(["loss", "mae", "val_loss", "val_mae"]);
    const reference = modelOf(seed);
    const own = await reference.fit(x, y, { ...OPTIONS, epochs: 1, shuffle: false, validationSplit: 0.25 });
    expect(Object.keys(own.history)).toEqual(expect.arrayContaining(Object.keys(one.history)));
    expect(weightsOf(split)).toEqual(weightsOf(given));
  });

  it("weighs classes by the targets of the samples in their order", async () => {
    const seed = createSeed(7);
    const x = dataOf(seed).x;
    const labels = tf.tensor1d(
      Array.from({ length: SAMPLES }, (_, index) => index % 3),
      "float32",
    );
    const make = (): tf.LayersModel => {
      const kernelInitializer = createSeededTfjs(tf, seed).initializers.heNormal("k");
      const layers = [tf.layers.dense({ units: 3, inputShape: [4], activation: "softmax", kernelInitializer })];
      const model = tf.sequential({ layers });
      model.compile({ optimizer: tf.train.sgd(0.1), loss: "sparseCategoricalCrossentropy" });
      return model;
    };
    const [ours, theirs] = [make(), make()];
    const classWeight = { 0: 1, 1: 5, 2: 0.1 };
    await createSeededTfjs(tf, seed).fit(ours, x, labels, { batchSize: 5, classWeight });
    const order = tf.tensor1d(Int32Array.from(epochOrder(seed, { epoch: 0, size: SAMPLES })), "int32");
    await theirs.fit(tf.gather(x, order), tf.gather(labels, order), { batchSize: 5, classWeight, shuffle: false });
    expect(weightsOf(ours)).toEqual(weightsOf(theirs));
  });

  it("takes several inputs and outputs, in a list or by name", async () => {
    const seed = createSeed(8);
    const { x, y } = dataOf(seed);
    const make = (): tf.LayersModel => {
      const { initializers } = createSeededTfjs(tf, seed);
      const [a, b] = [tf.input({ shape: [4], name: "a" }), tf.input({ shape: [1], name: "b" })];
      const joined = tf.layers.concatenate().apply([a, b]) as tf.SymbolicTensor;
      const head = (name: string): tf.SymbolicTensor =>
        tf.layers
          .dense({ units: 1, name, kernelInitializer: initializers.heNormal(name) })
          .apply(joined) as tf.SymbolicTensor;
      const model = tf.model({ inputs: [a, b], outputs: [head("p"), head("q")] });
      model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
      return model;
    };
    const [listed, named] = [make(), make()];
    const column = y.reshape([SAMPLES]); // of one axis
    await createSeededTfjs(tf, seed).fit(listed, [x, column], [y, column], OPTIONS);
    const [p, q] = named.outputNames;
    await createSeededTfjs(tf, seed).fit(named, { b: y, a: x }, { [String(q)]: y, [String(p)]: y }, OPTIONS);
    expect(weightsOf(named)).toEqual(weightsOf(listed));
  });

  it("keeps no tensors", async () => {
    const seed = createSeed(9);
    const { x, y } = dataOf(seed);
    const model = modelOf(seed);
    const seeded = createSeededTfjs(tf, seed);
    await seeded.fit(model, x, y, { ...OPTIONS, validationSplit: 0.2 });
    const before = tf.memory().numTensors;
    await seeded.fit(model, x, y.reshape([SAMPLES]), { ...OPTIONS, validationSplit: 0.2 });
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1); // the reshaped targets
  });
});

describe("fit refuses", () => {
  const seed = createSeed(0);
  const seeded = createSeededTfjs(tf, seed);
  const make = (): { model: tf.LayersModel; x: tf.Tensor2D; y: tf.Tensor2D } => ({
    model: modelOf(createSeed(0)),
    ...dataOf(createSeed(0)),
  });

  it("a model that is not compiled, not a model of this tfjs, or stateful", async () => {
    const { x, y } = make();
    const bare = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });
    await expect(seeded.fit(bare, x, y)).rejects.toThrow(TypeError);
    await expect(seeded.fit({} as never, x, y)).rejects.toThrow(TypeError);
    const stateful = tf.sequential({
      layers: [tf.layers.simpleRNN({ units: 1, batchInputShape: [2, 3, 4], stateful: true })],
    });
    stateful.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    await expect(seeded.fit(stateful, tf.ones([4, 3, 4]), tf.ones([4, 1]))).rejects.toThrow("stateful");
  });

  it.each([
    ["targets that are fewer", RangeError, (x: tf.Tensor2D, y: tf.Tensor2D) => [x, y.slice(0, 5)]],
    ["no samples", RangeError, (x: tf.Tensor2D, y: tf.Tensor2D) => [x.slice(0, 0), y.slice(0, 0)]],
    ["a scalar", RangeError, (x: tf.Tensor2D) => [x, tf.scalar(1)]],
    ["two inputs", RangeError, (x: tf.Tensor2D, y: tf.Tensor2D) => [[x, x], y]],
    ["an array", TypeError, (_: tf.Tensor2D, y: tf.Tensor2D) => [[[1, 2, 3, 4]], y]],
    ["a name that the model has not", TypeError, (x: tf.Tensor2D, y: tf.Tensor2D) => [{ other: x }, y]],
  ] as const)("data with %s", async (_, error, change) => {
    const { model, x, y } = make();
    const [inputs, targets] = change(x, y) as [tf.Tensor, tf.Tensor];
    const before = weightsOf(model);
    await expect(seeded.fit(model, inputs, targets)).rejects.toThrow(error);
    expect(weightsOf(model)).toEqual(before);
  });

  it.each([
    { batchSize: 0 },
    { batchSize: 1.5 },
    { epochs: 0 },
    { epochs: Number.NaN },
    { initialEpoch: -1 },
    { validationSplit: 0 },
    { validationSplit: 1 },
    { validationSplit: 0.99 },
    { validationSplit: Number.NaN },
  ])("%j", async (options) => {
    const { model, x, y } = make();
    await expect(seeded.fit(model, x, y, options)).rejects.toThrow(RangeError);
  });

  it("shapes that do not fit the model, before the first step", async () => {
    const { model, x, y } = make();
    const before = weightsOf(model);
    await expect(seeded.fit(model, x.slice([0, 0], [SAMPLES, 3]), y)).rejects.toThrow("shape");
    await expect(seeded.fit(model, x, tf.concat([y, y], 1))).rejects.toThrow("shape");
    expect(weightsOf(model)).toEqual(before);
  });

  it("and keeps no tensors then", async () => {
    const { model, x, y } = make();
    await seeded.fit(model, x, y);
    const [narrow, column] = [x.slice([0, 0], [SAMPLES, 3]), y.reshape([SAMPLES])] as [tf.Tensor, tf.Tensor];
    const before = tf.memory().numTensors;
    await expect(seeded.fit(model, narrow, column, { validationSplit: 0.2 })).rejects.toThrow("shape");
    await expect(seeded.fit(model, x, column.slice(0, 0))).rejects.toThrow(RangeError);
    await expect(seeded.fit(model, { other: x }, column)).rejects.toThrow(TypeError);
    expect(tf.memory().numTensors).toBe(before + 1); // the targets without samples
    const counted = createSeed(0, { ledger: createSeedLedger() });
    createStream(counted, "epochOrder", 0).next();
    const reused = createSeededTfjs(tf, counted).fit(model, x, column, { validationSplit: 0.2 });
    await expect(reused).rejects.toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it("nothing that fits: the first batch passes once more through the loss than there are steps", async () => {
    let calls = 0;
    const { model, x, y } = make();
    const loss = (truth: tf.Tensor, guess: tf.Tensor): tf.Tensor => {
      calls += 1;
      return tf.losses.meanSquaredError(truth, guess);
    };
    model.compile({ optimizer: "sgd", loss });
    await seeded.fit(model, x, y, { batchSize: SAMPLES, epochs: 3 });
    expect(calls).toBe(4);
  });

  it("an order whose path is a stream's", async () => {
    const counted = createSeed(0, { ledger: createSeedLedger() });
    createStream(counted, "epochOrder", 0).next();
    const { model, x, y } = make();
    await expect(createSeededTfjs(tf, counted).fit(model, x, y)).rejects.toThrow(
      expect.objectContaining({ code: "SEED_PATH_REUSED" }),
    );
  });
});

describe("createSeededTfjs", () => {
  it.each([[undefined], [null], [{}], [{ initializers: tf.initializers }], ["tf"]])("refuses %j as tfjs", (other) => {
    expect(() => createSeededTfjs(other as never, createSeed(0))).toThrow(TypeError);
  });

  it.each([[undefined], [42], [{ key: "sha256:00" }]])("refuses %j as a seed", (other) => {
    expect(() => createSeededTfjs(tf, other as never)).toThrow(TypeError);
  });
});
