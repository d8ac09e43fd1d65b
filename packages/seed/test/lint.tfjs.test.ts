// Each trap that the lint rules of tfjs are about, on tfjs itself: a test that fails here says that tfjs has mended it, and
// that its rule can go.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { findModelTraps } from "@repro/seed/lint";
import { beforeAll, describe, expect, it, vi } from "vitest";

const SHAPE: [number, number] = [4, 8];

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function valuesOf(tensor: tf.Tensor | tf.Tensor[]): readonly number[] {
  return tf.tidy(() => [...(Array.isArray(tensor) ? tensor[0]! : tensor).dataSync()]);
}

/** The weights that two builds of one initializer give. */
function twice(make: () => { apply(shape: number[], dtype?: "float32"): tf.Tensor }): readonly (readonly number[])[] {
  return [valuesOf(make().apply(SHAPE, "float32")), valuesOf(make().apply(SHAPE, "float32"))];
}

/** What a layer gives in two training steps. */
function twoSteps(layer: tf.layers.Layer, shape: number[] = SHAPE): readonly (readonly number[])[] {
  const step = (): readonly number[] => valuesOf(layer.apply(tf.ones(shape), { training: true }) as tf.Tensor);
  return [step(), step()];
}

function callsOfRandom(run: () => void): number {
  const spy = vi.spyOn(Math, "random");
  try {
    run();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}

/** Order of the samples in two iterations. */
async function twoEpochs(dataset: tf.data.Dataset<tf.TensorContainer>): Promise<readonly unknown[][]> {
  const epoch = async (): Promise<unknown[]> => {
    const order: unknown[] = [];
    await dataset.forEachAsync((item) => void order.push(item));
    return order;
  };
  return [await epoch(), await epoch()];
}

const samples = (): tf.data.Dataset<tf.TensorContainer> =>
  tf.data.array(Array.from({ length: 50 }, (_, index) => index));

/** Whether the order of a dataset is that of the time at which it was made. */
async function followsClock(make: () => tf.data.Dataset<tf.TensorContainer>): Promise<boolean> {
  const now = vi.spyOn(tf.env().platform, "now").mockReturnValue(1);
  try {
    const [first] = await twoEpochs(make());
    expect((await twoEpochs(make()))[0]).toEqual(first); // one time, one order
    now.mockReturnValue(2);
    const [second] = await twoEpochs(make());
    return !first!.every((value, index) => value === second![index]);
  } finally {
    now.mockRestore();
  }
}

describe("zero-seed: 0 is taken for no seed, and 7 is not", () => {
  const logits = (): tf.Tensor1D => tf.zeros([50]);
  const draws: Readonly<Record<string, (seed: number) => tf.Tensor>> = {
    randomNormal: (seed) => tf.randomNormal(SHAPE, 0, 1, "float32", seed),
    truncatedNormal: (seed) => tf.truncatedNormal(SHAPE, 0, 1, "float32", seed),
    randomGamma: (seed) => tf.randomGamma(SHAPE, 2, 1, "float32", seed),
    randomStandardNormal: (seed) => tf.randomStandardNormal(SHAPE, "float32", seed),
    multinomial: (seed) => tf.multinomial(logits(), 50, seed),
  };
  it.each(Object.entries(draws))("tf.%s", (_name, draw) => {
    expect(valuesOf(draw(0))).not.toEqual(valuesOf(draw(0)));
    expect(valuesOf(draw(-0))).not.toEqual(valuesOf(draw(-0)));
    expect(valuesOf(draw(7))).toEqual(valuesOf(draw(7)));
  });

  it.each(["randomNormal", "truncatedNormal", "glorotNormal", "heNormal", "leCunNormal", "orthogonal"] as const)(
    "tf.initializers.%s",
    (name) => {
      const [first, second] = twice(() => tf.initializers[name]({ seed: 0 }));
      expect(first).not.toEqual(second);
      const [third, fourth] = twice(() => tf.initializers[name]({ seed: 7 }));
      expect(third).toEqual(fourth);
    },
  );

  it("tf.initializers.varianceScaling of normals, which are its default", () => {
    for (const distribution of [undefined, "normal"] as const) {
      const options = { scale: 1, mode: "fanIn", ...(distribution && { distribution }), seed: 0 } as Parameters<
        typeof tf.initializers.varianceScaling
      >[0];
      const [first, second] = twice(() => tf.initializers.varianceScaling(options));
      expect(first).not.toEqual(second);
    }
  });

  it("and not for uniform draws, which the rule passes", () => {
    const draw = (): readonly number[] => valuesOf(tf.randomUniform(SHAPE, 0, 1, "float32", 0));
    expect(draw()).toEqual(draw());
    const integers = (): readonly number[] => valuesOf(tf.randomUniformInt(SHAPE, 0, 1000, 0));
    expect(integers()).toEqual(integers());
    for (const name of ["randomUniform", "glorotUniform", "heUniform", "leCunUniform"] as const) {
      const [first, second] = twice(() => tf.initializers[name]({ seed: 0 }));
      expect(first, name).toEqual(second);
    }
  });

  it.each([0, "", undefined, null])("Dataset.shuffle takes the clock for %j", async (seed) => {
    expect(await followsClock(() => samples().shuffle(50, seed as string))).toBe(true);
  });

  it.each([7, "7"])("Dataset.shuffle takes no clock for %j", async (seed) => {
    expect(await followsClock(() => samples().shuffle(50, seed as string))).toBe(false);
  });
});

describe("repeated-draws: a seeded layer drops the same elements in every step", () => {
  it.each([0, 7])("tf.layers.dropout, seed %i", (seed) => {
    const [first, second] = twoSteps(tf.layers.dropout({ rate: 0.5, seed }));
    expect(first).toContain(0);
    expect(first).toEqual(second);
    const [third, fourth] = twoSteps(tf.layers.dropout({ rate: 0.5 }));
    expect(third).not.toEqual(fourth);
  });

  it("tf.layers.spatialDropout1d", () => {
    const config = { rate: 0.5, seed: 7 } as Parameters<typeof tf.layers.spatialDropout1d>[0];
    const [first, second] = twoSteps(tf.layers.spatialDropout1d(config), [4, 3, 16]);
    expect(first).toContain(0);
    expect(first).toEqual(second);
  });

  it("but not tf.layers.randomWidth, whose seed counts up, and which the rule passes", () => {
    expect(new Set(widthsOf(7)).size).toBeGreaterThan(1);
    expect(widthsOf(7)).toEqual(widthsOf(7));
  });

  it("tf.dropout", () => {
    const drop = (seed?: number): readonly number[] => valuesOf(tf.dropout(tf.ones(SHAPE), 0.5, undefined, seed));
    expect(drop(7)).toEqual(drop(7));
    expect(drop(0)).toEqual(drop(0));
    expect(drop()).not.toEqual(drop());
  });
});

describe("ignored-seed: a seed is not read", () => {
  it.each(["gaussianNoise", "gaussianDropout", "alphaDropout"] as const)("tf.layers.%s", (name) => {
    const config = { rate: 0.5, stddev: 1, seed: 7 } as never;
    const make = (): tf.layers.Layer => tf.layers[name](config);
    const [first] = twoSteps(make());
    const [second] = twoSteps(make());
    expect(first).not.toEqual(second);
    expect(make().getConfig()).not.toHaveProperty("seed");
  });

  it("the pointwiseInitializer of tf.layers.separableConv2d", () => {
    const layer = tf.layers.separableConv2d({
      filters: 3,
      kernelSize: 2,
      depthwiseInitializer: "zeros",
      pointwiseInitializer: "ones",
    });
    layer.build([null, 5, 5, 2]);
    const [, pointwise] = layer.getWeights();
    expect(new Set(valuesOf(pointwise!))).toEqual(new Set([0]));
  });

  it("the seed of model.fit", async () => {
    const order = async (): Promise<readonly number[]> => {
      const seen = await orderOfFit({ seed: 7 });
      return seen;
    };
    expect(await order()).not.toEqual(await order());
  });
});

/** The order in which `fit` takes its samples. */
async function orderOfFit(options: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
  const seen: number[] = [];
  class Watch extends tf.layers.Layer {
    static className = `Watch${seen.length}`;
    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
      const input = Array.isArray(inputs) ? inputs[0]! : inputs;
      if (kwargs.training === true) seen.push(...input.dataSync());
      return input;
    }
  }
  const model = tf.sequential({ layers: [new Watch({ inputShape: [1] }), tf.layers.dense({ units: 1 })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const x = tf.range(0, 64).reshape([64, 1]);
  await model.fit(x, tf.zeros([64, 1]), { epochs: 1, batchSize: 64, ...options });
  return seen;
}

describe("fit-shuffle: model.fit shuffles with Math.random", () => {
  it("unless shuffle is false", async () => {
    const ordered = Array.from({ length: 64 }, (_, index) => index);
    const spy = vi.spyOn(Math, "random").mockReturnValue(0);
    const first = await orderOfFit({});
    const second = await orderOfFit({ shuffle: true });
    spy.mockReturnValue(0.75);
    const third = await orderOfFit({});
    spy.mockRestore();
    expect(first).not.toEqual(ordered);
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(await orderOfFit({ shuffle: false })).toEqual(ordered);
  });
});

describe("reshuffle-ignored", () => {
  it("Dataset.shuffle(…, …, false) gives another order in the second iteration", async () => {
    const [first, second] = await twoEpochs(samples().shuffle(50, "seed", false));
    expect(first).not.toEqual(second);
    expect(new Set(first)).toEqual(new Set(second));
    const [again] = await twoEpochs(samples().shuffle(50, "seed", false));
    expect(again).toEqual(first);
  });
});

describe("equal-seeds: equal seeds give equal weights", () => {
  it("of two layers with the same shape", () => {
    const weights = (): readonly number[] => {
      const layer = tf.layers.dense({ units: 8, kernelInitializer: tf.initializers.glorotUniform({ seed: 7 }) });
      layer.build([null, 4]);
      return valuesOf(layer.getWeights()[0]!);
    };
    expect(weights()).toEqual(weights());
  });

  it("up to a factor, of two kinds of initializer and of different shapes", () => {
    const he = valuesOf(tf.initializers.heUniform({ seed: 7 }).apply([4, 8]));
    const glorot = valuesOf(tf.initializers.glorotUniform({ seed: 7 }).apply([2, 3]));
    const factor = he[0]! / glorot[0]!;
    for (const [index, value] of glorot.entries()) expect(value * factor).toBeCloseTo(he[index]!, 5);
  });

  it("of normals as well, and not of a normal and a uniform one, which the rule passes", () => {
    const ratios = (name: "heNormal" | "heUniform"): readonly number[] => {
      const glorot = valuesOf(tf.initializers.glorotNormal({ seed: 7 }).apply([2, 3]));
      return valuesOf(tf.initializers[name]({ seed: 7 }).apply([2, 3])).map((value, index) => value / glorot[index]!);
    };
    const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
    expect(spread(ratios("heNormal"))).toBeLessThan(1e-5);
    expect(spread(ratios("heUniform"))).toBeGreaterThan(0.1);
  });

  it("of one initializer that two layers share", () => {
    const init = tf.initializers.heNormal({ seed: 7 });
    expect(valuesOf(init.apply(SHAPE))).toEqual(valuesOf(init.apply(SHAPE)));
  });

  it('of the seeds 7 and "7"', () => {
    const text = tf.initializers.heUniform({ seed: "7" as unknown as number });
    expect(valuesOf(text.apply(SHAPE))).toEqual(valuesOf(tf.initializers.heUniform({ seed: 7 }).apply(SHAPE)));
  });

  it("of both directions of a bidirectional layer, from source and from JSON", () => {
    const kernelInitializer = tf.initializers.heNormal({ seed: 7 });
    const layer = tf.layers.bidirectional({
      inputShape: [3, 4],
      layer: tf.layers.lstm({ units: 2, kernelInitializer }),
      mergeMode: "concat",
    });
    const model = tf.sequential({ layers: [layer] });
    const kernels = layer.weights.filter(({ name }) => /kernel/.test(name) && !/recurrent/.test(name));
    expect(kernels).toHaveLength(2);
    expect(valuesOf(kernels[0]!.read())).toEqual(valuesOf(kernels[1]!.read()));
    const traps = findModelTraps(model.toJSON(null, false)).filter(({ rule }) => rule === "equal-seeds");
    expect(traps.map(({ message }) => message)).toEqual([expect.stringContaining("both directions")]);
  });

  it("of both kernels of a separable convolution, up to a factor", () => {
    const depthwiseInitializer = tf.initializers.heUniform({ seed: 7 });
    const layer = tf.layers.separableConv2d({ filters: 4, kernelSize: 2, depthwiseInitializer });
    layer.build([null, 5, 5, 2]);
    const [depthwise, pointwise] = layer.getWeights().map((weight) => valuesOf(weight));
    const factor = depthwise![0]! / pointwise![0]!;
    for (const [index, value] of pointwise!.entries()) expect(value * factor).toBeCloseTo(depthwise![index]!, 5);
  });
});

/** The widths that a layer gives images in four steps. */
function widthsOf(seed: number | undefined): readonly (number | undefined)[] {
  const layer = tf.layers.randomWidth({ factor: 0.5, ...(seed === undefined ? {} : { seed }) });
  return Array.from(
    { length: 4 },
    () => (layer.apply(tf.ones([1, 4, 40, 1]), { training: true }) as tf.Tensor).shape[2],
  );
}

describe("unseeded: what has no seed draws from Math.random", () => {
  const draws: Readonly<Record<string, () => unknown>> = {
    "tf.randomNormal": () => tf.randomNormal(SHAPE),
    "tf.randomUniform": () => tf.randomUniform(SHAPE),
    "tf.randomUniformInt": () => tf.randomUniformInt(SHAPE, 0, 9),
    "tf.randomStandardNormal": () => tf.randomStandardNormal(SHAPE),
    "tf.truncatedNormal": () => tf.truncatedNormal(SHAPE),
    "tf.randomGamma": () => tf.randomGamma(SHAPE, 2),
    "tf.multinomial": () => tf.multinomial(tf.tensor1d([0, 0, 0, 0]), 3),
    "tf.dropout": () => tf.dropout(tf.ones(SHAPE), 0.5),
    "tf.util.shuffle": () => tf.util.shuffle([1, 2, 3]),
    "tf.util.shuffleCombo": () => tf.util.shuffleCombo([1, 2, 3], [1, 2, 3]),
    "tf.util.createShuffledIndices": () => tf.util.createShuffledIndices(3),
    "tf.util.randUniform": () => tf.util.randUniform(0, 1),
    "tf.layers.randomWidth": () => widthsOf(undefined),
    "tf.layers.dropout": () => twoSteps(tf.layers.dropout({ rate: 0.5 })),
    "tf.layers.gaussianNoise": () => twoSteps(tf.layers.gaussianNoise({ stddev: 1 })),
    "tf.layers.gaussianDropout": () => twoSteps(tf.layers.gaussianDropout({ rate: 0.5 })),
    "tf.layers.alphaDropout": () => twoSteps(tf.layers.alphaDropout({ rate: 0.5 })),
  };
  it.each(Object.entries(draws))("%s", (_name, draw) => {
    expect(callsOfRandom(() => void draw())).toBeGreaterThan(0);
  });

  it.each(["lstm", "gru", "simpleRNN"] as const)("the dropout and recurrentDropout of tf.layers.%s", (name) => {
    for (const field of ["dropout", "recurrentDropout"]) {
      const zeros = { kernelInitializer: "zeros", recurrentInitializer: "zeros" } as const;
      const layer = tf.layers[name]({ units: 2, ...zeros, [field]: 0.5 });
      const input = tf.ones([2, 3, 4]);
      layer.apply(input); // builds it
      expect(
        callsOfRandom(() => void layer.apply(input, { training: true })),
        field,
      ).toBeGreaterThan(0);
      const whole = tf.layers[name]({ units: 2, ...zeros });
      whole.apply(input);
      expect(
        callsOfRandom(() => void whole.apply(input, { training: true })),
        field,
      ).toBe(0);
    }
  });

  const built: Readonly<
    Record<string, readonly [(options: object) => tf.layers.Layer, (number | null)[], ...string[]]>
  > = {
    dense: [(o) => tf.layers.dense({ units: 3, ...o }), [null, 4], "kernelInitializer"],
    conv1d: [(o) => tf.layers.conv1d({ filters: 2, kernelSize: 2, ...o }), [null, 5, 2], "kernelInitializer"],
    conv2d: [(o) => tf.layers.conv2d({ filters: 2, kernelSize: 2, ...o }), [null, 5, 5, 2], "kernelInitializer"],
    conv2dTranspose: [
      (o) => tf.layers.conv2dTranspose({ filters: 2, kernelSize: 2, ...o }),
      [null, 5, 5, 2],
      "kernelInitializer",
    ],
    conv3d: [(o) => tf.layers.conv3d({ filters: 2, kernelSize: 2, ...o }), [null, 5, 5, 5, 2], "kernelInitializer"],
    conv3dTranspose: [
      (o) => tf.layers.conv3dTranspose({ filters: 2, kernelSize: 2, ...o }),
      [null, 5, 5, 5, 2],
      "kernelInitializer",
    ],
    depthwiseConv2d: [
      (o) => tf.layers.depthwiseConv2d({ kernelSize: 2, ...o }),
      [null, 5, 5, 2],
      "depthwiseInitializer",
    ],
    separableConv2d: [
      (o) => tf.layers.separableConv2d({ filters: 2, kernelSize: 2, ...o }),
      [null, 5, 5, 2],
      "depthwiseInitializer",
    ],
    embedding: [(o) => tf.layers.embedding({ inputDim: 5, outputDim: 2, ...o }), [null, 3], "embeddingsInitializer"],
    lstm: [(o) => tf.layers.lstm({ units: 2, ...o }), [null, 3, 4], "kernelInitializer", "recurrentInitializer"],
    gru: [(o) => tf.layers.gru({ units: 2, ...o }), [null, 3, 4], "kernelInitializer", "recurrentInitializer"],
    simpleRNN: [
      (o) => tf.layers.simpleRNN({ units: 2, ...o }),
      [null, 3, 4],
      "kernelInitializer",
      "recurrentInitializer",
    ],
    convLstm2d: [
      (o) => tf.layers.convLstm2d({ filters: 2, kernelSize: 2, ...o }),
      [null, 3, 5, 5, 1],
      "kernelInitializer",
      "recurrentInitializer",
    ],
  };
  it.each(Object.entries(built))(
    "the default initializers of tf.layers.%s, and no others",
    (_name, [make, shape, ...keys]) => {
      const zeros = Object.fromEntries(keys.map((key) => [key, "zeros"]));
      expect(callsOfRandom(() => make(zeros).build(shape))).toBe(0);
      for (const key of keys)
        expect(
          callsOfRandom(() => make({ ...zeros, [key]: undefined }).build(shape)),
          key,
        ).toBeGreaterThan(0);
    },
  );
});

describe("backend-seed: tf.multinomial differs between backends", () => {
  it("cpu and wasm give other samples of one seed", async () => {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    const folder = `${dirname(entry)}/`;
    expect(readFileSync(`${folder}tfjs-backend-wasm.wasm`).length).toBeGreaterThan(0);
    setWasmPaths(folder);
    const draw = (): readonly number[] => valuesOf(tf.multinomial(tf.tensor1d(new Float32Array(50)), 100, 7));
    const cpu = [draw(), draw()];
    await tf.setBackend("wasm");
    const wasm = [draw(), draw()];
    await tf.setBackend("cpu");
    expect(cpu[0]).toEqual(cpu[1]);
    expect(wasm[0]).toEqual(wasm[1]);
    expect(cpu[0]).not.toEqual(wasm[0]);
  });
});

describe("graph models: what the converter does with the seeds of random nodes", () => {
  const shape = {
    name: "shape",
    op: "Const",
    attr: {
      dtype: { type: "DT_INT32" },
      value: { tensor: { dtype: "DT_INT32", tensorShape: { dim: [{ size: "1" }] } } },
    },
  };
  const graphOf = (op: string, seed: string, seed2: string, ...names: string[]): object => {
    const attr = { seed: { i: seed }, seed2: { i: seed2 }, dtype: { type: "DT_FLOAT" }, T: { type: "DT_INT32" } };
    const limits = ["minval", "maxval"].map((name) => ({
      name,
      op: "Placeholder",
      attr: { dtype: { type: "DT_INT32" }, shape: { shape: {} } },
    }));
    const input = op === "RandomUniformInt" ? ["shape", "minval", "maxval"] : ["shape"];
    const nodes = names.map((name) => ({ name, op, input, attr }));
    return { node: [shape, ...(op === "RandomUniformInt" ? limits : []), ...nodes], versions: { producer: 1 } };
  };
  const run = async (modelTopology: object, ...outputs: string[]): Promise<readonly (readonly number[])[]> => {
    const weightSpecs = [{ name: "shape", shape: [1], dtype: "int32" as const }];
    const weightData = Int32Array.of(20).buffer;
    const model = await tf.loadGraphModel(
      tf.io.fromMemory({ modelTopology, weightSpecs, weightData, format: "graph-model" }),
    );
    const needs = model.inputs.map(({ name }) => [name, tf.scalar(name === "maxval" ? 1000 : 0, "int32")] as const);
    const given = model.execute(Object.fromEntries(needs), outputs);
    return (Array.isArray(given) ? given : [given]).map((tensor) => valuesOf(tensor));
  };
  const rulesOf = (graph: object): readonly string[] =>
    findModelTraps({ format: "graph-model", modelTopology: graph }).map(({ rule }) => rule);

  it.each(["RandomStandardNormal", "TruncatedNormal"])("%s: 0 is no seed, 7 repeats, seed2 is not read", async (op) => {
    const zero = graphOf(op, "0", "0", "a");
    expect(await run(zero, "a")).not.toEqual(await run(zero, "a"));
    expect(rulesOf(zero)).toEqual(["zero-seed"]);
    const seven = graphOf(op, "7", "1", "a");
    expect(await run(seven, "a")).toEqual(await run(seven, "a"));
    expect(await run(graphOf(op, "7", "2", "a"), "a")).toEqual(await run(seven, "a"));
    expect(rulesOf(seven)).toEqual(["repeated-draws"]);
    const both = graphOf(op, "7", "1", "a", "b");
    const [a, b] = await run(both, "a", "b");
    expect(a).toEqual(b);
    expect(rulesOf(both)).toEqual(["repeated-draws", "repeated-draws", "equal-seeds"]);
  });

  it("RandomUniform: no seed is read", async () => {
    const seven = graphOf("RandomUniform", "7", "1", "a");
    expect(await run(seven, "a")).not.toEqual(await run(seven, "a"));
    expect(rulesOf(seven)).toEqual(["ignored-seed"]);
    expect(rulesOf(graphOf("RandomUniform", "0", "0", "a"))).toEqual(["unseeded-tensor"]);
  });

  it("RandomUniformInt: 0 is a seed, and repeats", async () => {
    const zero = graphOf("RandomUniformInt", "0", "0", "a");
    expect(await run(zero, "a")).toEqual(await run(zero, "a"));
    expect(rulesOf(zero)).toEqual(["repeated-draws"]);
  });

  it("Multinomial: 0 is no seed, 7 repeats", async () => {
    const graph = (seed: string): object => ({
      node: [
        {
          name: "logits",
          op: "Placeholder",
          attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: [{ size: "1" }, { size: "20" }] } } },
        },
        { name: "count", op: "Placeholder", attr: { dtype: { type: "DT_INT32" }, shape: { shape: {} } } },
        { name: "a", op: "Multinomial", input: ["logits", "count"], attr: { seed: { i: seed }, seed2: { i: "3" } } },
      ],
      versions: { producer: 1 },
    });
    const draw = async (seed: string): Promise<readonly number[]> => {
      const artifacts = {
        modelTopology: graph(seed),
        weightSpecs: [],
        weightData: new ArrayBuffer(0),
        format: "graph-model",
      };
      const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
      return valuesOf(model.execute({ logits: tf.zeros([1, 20]), count: tf.scalar(30, "int32") }, "a"));
    };
    expect(await draw("0")).not.toEqual(await draw("0"));
    expect(await draw("7")).toEqual(await draw("7"));
    expect(rulesOf(graph("0"))).toEqual(["zero-seed"]);
    expect(rulesOf(graph("7"))).toEqual(["repeated-draws"]);
  });

  it("nodes of library functions are found as well", () => {
    const { node } = graphOf("RandomUniform", "0", "0", "inner") as { node: object[] };
    const graph = { node: [], library: { function: [{ signature: { name: "f" }, nodeDef: node }] } };
    const [trap] = findModelTraps({ modelTopology: graph });
    expect(trap?.pointer).toBe("/modelTopology/library/function/0/nodeDef/1");
    expect(trap?.message).toContain('"inner"');
  });
});
