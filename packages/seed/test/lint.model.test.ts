import { isReproError } from "@repro/core";
import { assertNoSeedTraps, findModelTraps, findSeedTraps } from "@repro/seed/lint";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const found = (model: unknown): readonly string[] =>
  findModelTraps(model).map(({ rule, pointer }) => `${pointer} ${rule}`);

/** What a pointer of RFC 6901 leads to. */
function at(model: unknown, pointer: string): unknown {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], model);
}

const layer = (class_name: string, config: object): object => ({ class_name, config: { name: "x", ...config } });
const initializer = (class_name: string, config: object): object => ({ class_name, config });
const dense = (name: string, seed: unknown): object =>
  layer("Dense", { name, kernel_initializer: initializer("GlorotUniform", { seed }) });

describe("findModelTraps, layers", () => {
  it.each([
    [layer("Dropout", { rate: 0.5, seed: 7 }), ["/config/seed repeated-draws"]],
    [layer("Dropout", { rate: 0.5, seed: 0 }), ["/config/seed repeated-draws"]],
    [layer("SpatialDropout1D", { rate: 0.5, seed: 7 }), ["/config/seed repeated-draws"]],
    [layer("GaussianNoise", { stddev: 1, seed: 7 }), ["/config/seed ignored-seed", " unseeded-layer"]],
    [layer("AlphaDropout", { rate: 0.5, seed: null }), [" unseeded-layer"]],
    [layer("Dropout", { rate: 0.5, seed: null }), [" unseeded-layer"]],
    [layer("LSTM", { dropout: 0.2, recurrent_dropout: 0 }), ["/config/dropout unseeded-layer"]],
    [
      layer("SeparableConv2D", { pointwise_initializer: initializer("HeUniform", { seed: 7 }) }),
      ["/config/pointwise_initializer ignored-seed"],
    ],
    [layer("RandomWidth", { factor: 0.5, seed: null }), [" unseeded-layer"]],
    [[initializer("HeNormal", { seed: 7 }), initializer("Orthogonal", { seed: 7 })], ["/1/config/seed equal-seeds"]],
    [initializer("HeNormal", { seed: 0 }), ["/config/seed zero-seed"]],
    [initializer("VarianceScaling", { distribution: "normal", seed: 0 }), ["/config/seed zero-seed"]],
    [{ className: "RandomNormal", config: { seed: 0 } }, ["/config/seed zero-seed"]],
    [initializer("GlorotUniform", { seed: null }), [" unseeded-initializer"]],
    [{ layers: [dense("a", 7), dense("b", 7)] }, ["/layers/1/config/kernel_initializer/config/seed equal-seeds"]],
    [{ "a/b~": dense("a", null) }, ["/a~1b~0/config/kernel_initializer unseeded-initializer"]],
  ])("%j", (model, expected) => {
    expect(found(model)).toEqual(expected);
    expect(found(JSON.stringify(model))).toEqual(expected);
  });

  it.each([
    layer("Dropout", { rate: 0, seed: null }),
    layer("LSTM", { dropout: 0, recurrent_dropout: 0 }),
    initializer("GlorotUniform", { seed: 0 }),
    initializer("VarianceScaling", { distribution: "uniform", seed: 0 }),
    initializer("Zeros", {}),
    layer("RandomWidth", { factor: 0.5, seed: 7 }),
    [initializer("GlorotUniform", { seed: 7 }), initializer("HeNormal", { seed: 7 })],
    { layers: [dense("a", 7), dense("b", 8)] },
    { name: "Dropout", config: { seed: 7 } },
    { class_name: "Dropout" },
    { class_name: "Dropout", config: null },
    [],
    {},
  ])("nothing in %j", (model) => {
    expect(found(model)).toEqual([]);
  });

  it.each([
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "RandomWidth",
    "Flatten",
  ])("says of an unseeded %s what findSeedTraps says of its source", async (name) => {
    const call = name.charAt(0).toLowerCase() + name.slice(1).replace("1D", "1d");
    const source = await findSeedTraps(`tf.layers.${call}({ rate: 0.5, seed: null });`);
    const model = findModelTraps(layer(name, { rate: 0.5, seed: null }));
    expect(model.map(({ rule }) => rule)).toEqual(source.map(({ rule }) => rule));
  });

  it("names the layer, and both of two that share a seed", () => {
    const [trap] = findModelTraps({ layers: [dense("first", 7), dense("second", 7)] });
    expect(trap?.message).toBe('seed 7 of "second" is that of "first": both draw the same numbers');
  });

  it("takes two seeds that are none for different", () => {
    const none = initializer("HeNormal", { seed: 0 });
    expect(found([none, { ...none }])).toEqual(["/0/config/seed zero-seed", "/1/config/seed zero-seed"]);
  });

  it("reads what model.toJSON and model.save of tfjs give", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          inputShape: [4],
          units: 3,
          name: "one",
          kernelInitializer: tf.initializers.heNormal({ seed: 0 }),
        }),
        tf.layers.dropout({ rate: 0.5, seed: 7, name: "two" }),
        tf.layers.dense({ units: 3, name: "three", kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) }),
        tf.layers.dense({ units: 3, name: "four", kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) }),
        tf.layers.gaussianNoise({ stddev: 1, name: "five" }),
      ],
    });
    const rules = ["zero-seed", "repeated-draws", "equal-seeds", "unseeded-layer"];
    let saved: unknown;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
      }),
    );
    for (const given of [model.toJSON(null, false), model.toJSON() as unknown, saved]) {
      const traps = findModelTraps(given);
      expect(traps.map(({ rule }) => rule)).toEqual(rules);
      const value = typeof given === "string" ? (JSON.parse(given) as unknown) : given;
      expect(traps.map(({ pointer }) => at(value, pointer))).toEqual([
        0,
        7,
        5,
        expect.objectContaining({ class_name: "GaussianNoise" }),
      ]);
    }
    expect(() => assertNoSeedTraps(findModelTraps(saved))).toThrow(
      /takes seed 0 for no seed \(zero-seed\), and 2 more/,
    );
  });
});

describe("findModelTraps, hostile values", () => {
  const codeOf = (model: unknown): string => {
    try {
      findModelTraps(model);
    } catch (error) {
      if (isReproError(error)) return error.code;
      if (error instanceof TypeError) return "TypeError";
      throw error;
    }
    return "none";
  };

  it.each([null, undefined, 7, true, Symbol("x"), () => 1, 7n])("refuses %s", (model) => {
    expect(codeOf(model)).toBe("TypeError");
  });

  it("refuses text that is no JSON, or nests too deep", () => {
    expect(codeOf("{")).toBe("JSON_MALFORMED");
    expect(codeOf("[".repeat(5000) + "]".repeat(5000))).toBe("JSON_TOO_DEEP");
  });

  it("refuses an object that contains itself, but not one that is there twice", () => {
    const circle: Record<string, unknown> = {};
    circle["a"] = [{ circle }];
    expect(codeOf(circle)).toBe("SEED_LINT_MODEL");
    expect(() => findModelTraps(circle)).toThrow(/contains itself/);
    const shared = dense("a", 7);
    expect(found([shared, shared])).toEqual(["/1/config/kernel_initializer/config/seed equal-seeds"]);
  });

  it("refuses depth, and doubling without end, before stack or memory give in", () => {
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(codeOf(deep)).toBe("SEED_LINT_MODEL");
    let doubled: object = {};
    for (let level = 0; level < 150; level += 1) doubled = { a: doubled, b: doubled };
    expect(codeOf(doubled)).toBe("SEED_LINT_MODEL");
  });

  it("wraps what a proxy throws, and calls no getter", () => {
    const broken = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    expect(codeOf({ broken })).toBe("SEED_LINT_MODEL");
    const getter = Object.defineProperty({}, "config", {
      enumerable: true,
      get: () => {
        throw new Error("called");
      },
    });
    expect(codeOf(getter)).toBe("none");
  });

  it("takes names such as __proto__ for members like others", () => {
    const text =
      '{"__proto__": {"class_name": "Dropout", "config": {"seed": 7, "__proto__": {"seed": 1}}}, "constructor": {"prototype": 1}}';
    expect(found(text)).toEqual(["/__proto__/config/seed repeated-draws"]);
    expect(({} as Record<string, unknown>)["class_name"]).toBeUndefined();
  });

  it("only ever fails with typed errors, and changes nothing", () => {
    const keys = fc.constantFrom(
      "class_name",
      "config",
      "seed",
      "layer",
      "op",
      "name",
      "attr",
      "i",
      "kernel_initializer",
      "rate",
    );
    const leaf = fc.oneof(
      fc.constantFrom("Dropout", "LSTM", "Bidirectional", "HeNormal", "RandomUniform", "Multinomial"),
      fc.anything(),
    );
    const { model } = fc.letrec((tie) => ({
      model: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("model"), { maxLength: 4 }),
        fc.dictionary(keys, tie("model"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(model, (value) => {
        expect(["none", "TypeError", "SEED_LINT_MODEL", "JSON_MALFORMED"]).toContain(codeOf(value));
        if (typeof value === "object" && value !== null) Object.freeze(value);
        expect(codeOf(value)).toBe(codeOf(value));
      }),
    );
  });
});
