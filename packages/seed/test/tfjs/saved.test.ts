import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { createSeed, createSeedLedger, deriveSeed } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { createSeededTfjs } from "@repro/seed/tfjs";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { registerUrl } from "../../src/host.ts";
import { loadModel, saveModel, useBackend, weightsOf } from "./backend.ts";

beforeAll(() => useBackend("cpu"));

/** One layer of each kind, under names that tfjs would change anywhere but under `name`. */
function noisyModel(seed: Seed): tf.LayersModel {
  const { initializers, layers } = createSeededTfjs(tf, seed);
  return tf.sequential({
    layers: [
      tf.layers.conv1d({
        filters: 3,
        kernelSize: 2,
        inputShape: [6, 2],
        name: "Conv_one",
        kernelInitializer: initializers.varianceScaling(["Conv_one", 7], { mode: "fanAvg" }),
      }),
      layers.spatialDropout1d({ rate: 0.5, name: "spatial_Dropout" }),
      layers.dropout({ rate: 0.5, name: "drop_Two_3", noiseShape: [null, 1, 3] }),
      layers.gaussianNoise({ stddev: 0.5, name: "noiseA" }),
      layers.gaussianDropout({ rate: 0.25, name: "P.r-iv" }),
      layers.alphaDropout({ rate: 0.25, name: "ALPHA" }),
    ],
  });
}

function trainOnce(model: tf.LayersModel): number[] {
  const out = model.layers.reduce(
    (input: tf.Tensor, layer) => layer.apply(input, { training: true }) as tf.Tensor,
    tf.linspace(-1, 1, 24).reshape([2, 6, 2]),
  );
  return Array.from(out.dataSync());
}

describe("a model with noise layers that is saved and loaded", () => {
  it("goes on with the masks, in the same process", async () => {
    const seed = createSeed(42);
    const model = noisyModel(seed);
    trainOnce(model);
    const saved = await saveModel(model);
    const next = [trainOnce(model), trainOnce(model)];
    const loaded = await loadModel(saved);
    expect([trainOnce(loaded), trainOnce(loaded)]).toEqual(next);
    expect(weightsOf(loaded)).toEqual(weightsOf(model));
    expect(next[1]).not.toEqual(next[0]);
  });

  it("goes on with the masks, in a new process", async () => {
    if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
    const model = noisyModel(createSeed(42));
    trainOnce(model);
    const saved = await saveModel(model);
    const script = fileURLToPath(new URL("continue.mjs", import.meta.url));
    const weights = Buffer.from(saved.weightData as ArrayBuffer).toString("base64");
    const input = JSON.stringify({ ...saved, weightData: weights, dist: new URL(".", registerUrl()).href });
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { input, encoding: "utf8" });
    expect(stderr.replace(/^=+$|^Hi, looks like.*$/gm, "").trim()).toBe("");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([trainOnce(model), trainOnce(model)]);
  });

  it("can be saved again", async () => {
    const saved = await saveModel(noisyModel(createSeed(42)));
    const again = await saveModel(await loadModel(saved));
    expect(again.modelTopology).toEqual(saved.modelTopology);
  });

  it("is counted by the ledger of the seed that it is loaded with, beside none that is counted already", async () => {
    const saved = await saveModel(noisyModel(createSeed(42)));
    const seed = createSeed(42, { ledger: createSeedLedger() });
    createSeededTfjs(tf, seed);
    const [loaded, second] = [await loadModel(saved), await loadModel(saved)];
    expect(trainOnce(second)).toEqual(trainOnce(loaded));
    expect(seed.ledger?.streams().map(({ path }) => path)).toEqual([
      ["noise", "ALPHA"],
      ["noise", "P.r-iv"],
      ["noise", "drop_Two_3"],
      ["noise", "noiseA"],
      ["noise", "spatial_Dropout"],
    ]);
  });

  it("names its seed by a digest only", async () => {
    const { modelTopology } = await saveModel(noisyModel(deriveSeed(createSeed("the secret of the run"), "teacher")));
    const text = JSON.stringify(modelTopology);
    expect(text).not.toContain("secret");
    expect(text).not.toContain(createSeed("the secret of the run").key);
    expect(text).toContain('{"name":"teacher"}');
  });
});

describe("layers within layers", () => {
  const build = (seed: Seed): tf.LayersModel => {
    const { initializers, layers } = createSeededTfjs(tf, seed);
    const inner = tf.sequential({
      name: "inner",
      layers: [
        tf.layers.timeDistributed({ layer: layers.dropout({ rate: 0.5, name: "block_1/drop" }), inputShape: [3, 4] }),
        tf.layers.lstm({
          units: 2,
          name: "lstm",
          kernelInitializer: initializers.glorotUniform(["lstm", "kernel"]),
          recurrentInitializer: initializers.orthogonal(["lstm", "recurrent"]),
        }),
      ],
    });
    const model = tf.sequential({ layers: [inner, layers.gaussianNoise({ stddev: 0.1, name: "outer" })] });
    model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    return model;
  };

  it("are seeded, saved and loaded as others are", async () => {
    const seed = createSeed(42);
    const { initializers } = createSeededTfjs(tf, deriveSeed(seed, "data"));
    const x = initializers.randomNormal("x", { stddev: 1 }).apply([6, 3, 4]);
    const y = initializers.randomNormal("y", { stddev: 1 }).apply([6, 2]);
    const whole = build(seed);
    await createSeededTfjs(tf, seed).fit(whole, x, y, { epochs: 4, batchSize: 2 });
    const half = build(seed);
    const seeded = createSeededTfjs(tf, seed);
    await seeded.fit(half, x, y, { epochs: 1, batchSize: 2 });
    const loaded = await loadModel(await saveModel(half));
    loaded.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    await seeded.fit(loaded, x, y, { initialEpoch: 1, epochs: 4, batchSize: 2 });
    expect(weightsOf(loaded)).toEqual(weightsOf(whole));
    const steps = whole.weights.filter((weight) => weight.name.includes("step"));
    expect(steps.map((weight) => weight.read().dataSync()[0])).toEqual([4 * 3 * 3, 4 * 3]); // once for each time step
  });

  it("train beside each other as they train alone", async () => {
    const train = async (name: string): Promise<number[][]> => {
      const seed = deriveSeed(createSeed(42), name);
      const model = build(seed);
      await createSeededTfjs(tf, seed).fit(model, tf.ones([6, 3, 4]), tf.ones([6, 2]), { epochs: 3, batchSize: 2 });
      return weightsOf(model);
    };
    const alone = [await train("a"), await train("b")];
    expect(await Promise.all([train("a"), train("b")])).toEqual(alone);
  });
});

describe("a model of another seed", () => {
  const MISMATCH = expect.objectContaining({ code: "SEED_MODEL_MISMATCH" }) as Error;

  it("is refused", async () => {
    const saved = await saveModel(noisyModel(createSeed("not met again")));
    tf.serialization.SerializationMap.getMap().classNameMap = Object.fromEntries(
      Object.entries(tf.serialization.SerializationMap.getMap().classNameMap).filter(
        ([name]) => !name.startsWith("Seeded"),
      ),
    ); // as in a process that has made nothing yet
    createSeededTfjs(tf, createSeed(43));
    await expect(loadModel(saved)).rejects.toThrow(MISMATCH);
    createSeededTfjs(tf, createSeed("not met again"));
    await expect(loadModel(saved)).resolves.toBeDefined();
  });

  it("is loaded beside one of this seed, where both seeds were given", async () => {
    const [one, two] = [createSeed(1), createSeed(2)];
    const models = [noisyModel(one), noisyModel(two)];
    const saved = [await saveModel(models[0] as tf.LayersModel), await saveModel(models[1] as tf.LayersModel)];
    createSeededTfjs(tf, two);
    createSeededTfjs(tf, one);
    for (const [index, artifacts] of saved.entries()) {
      expect(trainOnce(await loadModel(artifacts))).toEqual(trainOnce(models[index] as tf.LayersModel));
    }
  });

  it("is one of this seed where only the way down from the root differs", async () => {
    const saved = await saveModel(noisyModel(deriveSeed(createSeed(1), "teacher")));
    createSeededTfjs(tf, createSeed(1));
    expect(trainOnce(await loadModel(saved))).toEqual(trainOnce(noisyModel(deriveSeed(createSeed(1), "teacher"))));
  });
});

describe("a model whose JSON was changed", () => {
  type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

  const loadChanged = async (className: string, change: (config: Record<string, Json>) => void): Promise<unknown> => {
    const saved = await saveModel(noisyModel(createSeed(0)));
    const visit = (value: Json): void => {
      if (typeof value !== "object" || value === null) return;
      if (!Array.isArray(value) && value["class_name"] === className) change(value["config"] as Record<string, Json>);
      for (const part of Object.values(value)) visit(part);
    };
    visit(saved.modelTopology as Json);
    createSeededTfjs(tf, createSeed(0));
    // Without weights: initializers are read, too, and used.
    return tf.models.modelFromJSON(saved.modelTopology as never);
  };

  it.each([
    ["SeededNoise", "no seed", (config: Record<string, Json>) => delete config["seed"]],
    ["SeededNoise", "a seed that is a text", (config: Record<string, Json>) => (config["seed"] = "x")],
    [
      "SeededNoise",
      "no path",
      (config: Record<string, Json>) => delete (config["seed"] as Record<string, Json>)["path"],
    ],
    [
      "SeededNoise",
      "a step that is no step",
      (config: Record<string, Json>) => ((config["seed"] as Record<string, Json>)["path"] = [{ name: 3 }]),
    ],
    [
      "SeededNoise",
      "a negative index",
      (config: Record<string, Json>) => ((config["seed"] as Record<string, Json>)["path"] = [{ index: -3 }]),
    ],
    ["SeededNoise", "no noise", (config: Record<string, Json>) => delete config["noise"]],
    [
      "SeededNoise",
      "another kind",
      (config: Record<string, Json>) => ((config["noise"] as Record<string, Json>)["kind"] = "salt"),
    ],
    [
      "SeededNoise",
      "a rate of 2",
      (config: Record<string, Json>) => Object.assign(config["noise"] as object, { kind: "dropout", amount: 2 }),
    ],
    [
      "SeededNoise",
      "a shape of texts",
      (config: Record<string, Json>) => ((config["noise"] as Record<string, Json>)["noise_shape"] = ["a"]),
    ],
    ["SeededInitializer", "no distribution", (config: Record<string, Json>) => delete config["distribution"]],
    [
      "SeededInitializer",
      "a scale of 0",
      (config: Record<string, Json>) => ((config["distribution"] as Record<string, Json>)["scale"] = 0),
    ],
    ["SeededInitializer", "no seed", (config: Record<string, Json>) => delete config["seed"]],
  ])("is refused: %s with %s", async (className, _, change) => {
    await expect(loadChanged(className, (config) => void change(config))).rejects.toThrow(
      expect.objectContaining({ code: "SEED_MODEL_INVALID" }),
    );
  });

  it("is refused by a typed error, or is a model, whatever stands there", () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom("seed", "noise"), async (value, field) => {
        const outcome = await loadChanged("SeededNoise", (config) => (config[field] = value as Json)).catch(
          (error: unknown) => (error as { code?: unknown }).code,
        );
        expect(["SEED_MODEL_INVALID", "SEED_MODEL_MISMATCH"]).toContain(outcome);
      }),
      { numRuns: 30 },
    ));
});

describe("the classes that createSeededTfjs registers", () => {
  it("keep one list of roots, each once", () => {
    const readersOf = (name: string): unknown =>
      Reflect.get(tf.serialization.SerializationMap.getMap().classNameMap[name]?.[0] as object, "readers");
    createSeededTfjs(tf, createSeed("one list"));
    const lists = ["SeededInitializer", "SeededNoise"].map((name) => readersOf(name) as ReadonlyMap<string, unknown>);
    const sizes = lists.map((list) => list.size);
    for (let call = 0; call < 3; call += 1) createSeededTfjs(tf, deriveSeed(createSeed("one list"), call));
    expect(lists.map((list) => list.size)).toEqual(sizes);
    expect(["SeededInitializer", "SeededNoise"].map(readersOf).every((list, index) => list === lists[index])).toBe(
      true,
    );
  });
});
