import { ReproError } from "@repro/core";
import type * as tfjs from "@tensorflow/tfjs";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { createStream } from "../stream/stream.ts";
import type { WeightDistribution } from "./distribution.ts";
import { drawWeights, weightDistributionSchema } from "./distribution.ts";
import type { SeedSource } from "./peer.ts";
import { parseSaved } from "./saved.ts";

type Layer = tfjs.layers.Layer;

/** A weight that is to be drawn, and from what. */
interface Draw {
  readonly path: readonly SeedPathElement[];
  readonly weight: tfjs.LayerVariable;
  readonly distribution: WeightDistribution;
  readonly unitForgetBias: boolean;
}

/** Draws a model's weights anew: what {@link SeededTfjs.seedWeights} is. */
export function seedWeights({ tf, seed }: SeedSource, model: tfjs.LayersModel): void {
  if (!(model instanceof tf.LayersModel)) {
    throw new TypeError('seedWeights: "model" must be a LayersModel of the tfjs that createSeededTfjs was given');
  }
  // All are drawn before the first is written: where one cannot be, the model stays as it is.
  const drawn = drawsOf(model, []).map((draw) => ({ weight: draw.weight, values: valuesOf(seed, draw) }));
  for (const { weight, values } of drawn) {
    tf.tidy(() => void weight.write(tf.tensor(values, wholeShape(weight.shape), "float32")));
  }
}

function valuesOf(seed: Seed, { path, weight, distribution, unitForgetBias }: Draw): Float32Array {
  const stream = createStream(seed, "weights", ...path);
  return unitForgetBias
    ? drawForgetBias(stream, distribution, weight.shape)
    : drawWeights(stream, distribution, wholeShape(weight.shape));
}

function drawsOf(layer: Layer, path: readonly SeedPathElement[]): readonly Draw[] {
  const parts = partsOf(layer);
  const held = new Set(parts.flatMap(([, part]) => part.weights));
  const own = layer.weights.filter((weight) => !held.has(weight));
  const ofParts = parts.flatMap(([steps, part]) => drawsOf(part, [...path, ...steps]));
  return own.length === 0 ? ofParts : [...ofParts, ...drawsOfWeights(layer, own, path)];
}

function drawsOfWeights(
  layer: Layer,
  weights: readonly tfjs.LayerVariable[],
  path: readonly SeedPathElement[],
): readonly Draw[] {
  const config = layer.getConfig();
  return weights.flatMap((weight) => {
    const name = weight.originalName.split("/").at(-1) ?? "";
    const distribution = distributionOf(config, layer, weight, name);
    const unitForgetBias = name === "bias" && config["unitForgetBias"] === true;
    return distribution === undefined ? [] : [{ path: [...path, name], weight, distribution, unitForgetBias }];
  });
}

/** Where tfjs's models, wrappers and recurrent layers keep the layers that they are made of. */
const SLOTS: readonly string[] = ["layer", "forwardLayer", "backwardLayer", "cell", "layers", "cells"];

/** The layers that a layer is made of: lists by name or place, others by slot. */
function partsOf(layer: Layer): readonly (readonly [readonly SeedPathElement[], Layer])[] {
  const slots = layer as unknown as Readonly<Record<string, unknown>>;
  return SLOTS.flatMap((slot) => {
    const held = slots[slot];
    if (Array.isArray(held)) return held.filter(isLayer).map((part, index) => [stepsOf(part, index), part] as const);
    return isLayer(held) ? [[[slot], held] as const] : [];
  });
}

function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && "getConfig" in value && "weights" in value;
}

/** A layer's name, in several steps where it has a "/"; or its place, where tfjs made the name up from how many layers were made before in the process. */
function stepsOf(layer: Layer, index: number): readonly SeedPathElement[] {
  return isMadeUp(layer) ? [index] : layer.name.split("/");
}

/** tfjs calls a layer `dense_Dense1`, a model `model1` or `sequential_1`; `dense_1` is somebody's choice. */
function isMadeUp(layer: Layer): boolean {
  const className = layer.getClassName();
  const counted = layer.name.replace(/\d+$/, "");
  if (counted === layer.name) return false;
  if ("layers" in layer) return counted === "sequential_" || counted === className.toLowerCase();
  return counted.endsWith(`_${className}`);
}

/** The initializer that a layer's config names for a weight; undefined where it is not a random one. */
function distributionOf(
  layerConfig: tfjs.serialization.ConfigDict,
  layer: Layer,
  weight: tfjs.LayerVariable,
  name: string,
): WeightDistribution | undefined {
  const kind = name.replace(/_kernel$/, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const saved = layerConfig[`${kind}Initializer`];
  if (typeof saved !== "object" || saved === null || Array.isArray(saved)) {
    if (weight.trainable) throw unknownInitializer(layer, name, "none");
    return undefined;
  }
  const className = typeof saved["className"] === "string" ? saved["className"] : "none";
  if (FIXED.includes(className)) return undefined;
  const drawn = DRAWN.get(className);
  const config = saved["config"];
  if (drawn === undefined || typeof config !== "object" || config === null || Array.isArray(config)) {
    throw unknownInitializer(layer, name, className);
  }
  return parseSaved(weightDistributionSchema, drawn(config), className);
}

/** Initializers that draw nothing, or from the seed already. */
const FIXED: readonly string[] = ["Zeros", "Ones", "Constant", "Identity", "SeededInitializer"];

/** tfjs's initializers by class name: that of Glorot's, He's and LeCun's is VarianceScaling. */
const DRAWN: ReadonlyMap<string, (config: Record<string, unknown>) => Record<string, unknown>> =
  /* @__PURE__ */ new Map([
    ["RandomUniform", (config: Record<string, unknown>) => ({ ...config, kind: "randomUniform" })],
    ["RandomNormal", (config: Record<string, unknown>) => ({ ...config, kind: "randomNormal" })],
    ["TruncatedNormal", (config: Record<string, unknown>) => ({ ...config, kind: "truncatedNormal" })],
    ["Orthogonal", (config: Record<string, unknown>) => ({ ...config, kind: "orthogonal" })],
    ["VarianceScaling", scaledOf],
  ]);

/** tfjs draws "truncatedNormal" uniform, which nobody means; its "normal" is cut already. */
function scaledOf(config: Record<string, unknown>): Record<string, unknown> {
  const distribution = config["distribution"] === "truncatedNormal" ? "normal" : config["distribution"];
  return { ...config, distribution, kind: "varianceScaling" };
}

/** The bias of an LSTM, as tfjs composes it: drawn, ones for the forget gate, drawn. */
function drawForgetBias(
  rng: RandomGenerator,
  distribution: WeightDistribution,
  shape: readonly (number | null)[],
): Float32Array {
  const units = (shape[0] ?? 0) / 4;
  const values = new Float32Array(4 * units).fill(1);
  values.set(drawWeights(rng, distribution, [units]));
  values.set(drawWeights(rng, distribution, [2 * units]), 2 * units);
  return values;
}

function wholeShape(shape: readonly (number | null)[]): number[] {
  return shape.map((length) => length ?? 0);
}

function unknownInitializer(layer: Layer, weight: string, className: string): ReproError<SeedErrorCode> {
  return new ReproError(
    `seedWeights: the weight "${weight}" of "${layer.name}" has an initializer that is not tfjs's`,
    {
      code: "SEED_INITIALIZER_UNKNOWN",
      remedy: "give the layer one of createSeededTfjs(tf, seed).initializers",
      data: { layer: layer.name, weight, className },
    },
  );
}
