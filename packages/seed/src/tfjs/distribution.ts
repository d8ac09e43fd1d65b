import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import * as z from "zod";

import { fillNormal } from "../samplers/normal.ts";
import { fillUniform } from "../samplers/uniform.ts";

/**
 * Weights whose variance follows from the number of inputs and outputs.
 *
 * @public
 */
export interface VarianceScaling {
  /** Variance times the fan, finite and above 0. */
  readonly scale: number;
  /** The fan: inputs, outputs, or the mean of both, of one unit. */
  readonly mode: "fanIn" | "fanOut" | "fanAvg";
  /** Uniform, or normal and cut at two standard deviations. */
  readonly distribution: "normal" | "uniform";
}

/** How weights are drawn: the distributions of tfjs's initializers, under the names of their options there. */
export type WeightDistribution =
  | { readonly kind: "randomUniform"; readonly minval: number; readonly maxval: number }
  | { readonly kind: "randomNormal"; readonly mean: number; readonly stddev: number }
  | { readonly kind: "truncatedNormal"; readonly mean: number; readonly stddev: number }
  | ({ readonly kind: "varianceScaling" } & VarianceScaling)
  | { readonly kind: "orthogonal"; readonly gain: number };

const finite: z.ZodType<number> = /* @__PURE__ */ z.number();
const notNegative: z.ZodType<number> = /* @__PURE__ */ z.number().min(0);

/** Checks a {@link WeightDistribution} that a model's JSON holds. */
export const weightDistributionSchema: z.ZodType<WeightDistribution> = /* @__PURE__ */ z.discriminatedUnion("kind", [
  /* @__PURE__ */ z
    .object({ kind: /* @__PURE__ */ z.literal("randomUniform"), minval: finite, maxval: finite })
    .refine(({ minval, maxval }) => minval < maxval, "minval must be below maxval"),
  /* @__PURE__ */ z.object({ kind: /* @__PURE__ */ z.literal("randomNormal"), mean: finite, stddev: notNegative }),
  /* @__PURE__ */ z.object({ kind: /* @__PURE__ */ z.literal("truncatedNormal"), mean: finite, stddev: notNegative }),
  /* @__PURE__ */ z.object({
    kind: /* @__PURE__ */ z.literal("varianceScaling"),
    scale: /* @__PURE__ */ z.number().positive(),
    mode: /* @__PURE__ */ z.enum(["fanIn", "fanOut", "fanAvg"]),
    distribution: /* @__PURE__ */ z.enum(["normal", "uniform"]),
  }),
  /* @__PURE__ */ z.object({ kind: /* @__PURE__ */ z.literal("orthogonal"), gain: finite }),
]);

/** Refuses values that no distribution has, in the name of the function that took them. */
export function checkDistribution(name: string, distribution: WeightDistribution): void {
  if (distribution.kind === "randomUniform") {
    const { minval, maxval } = distribution;
    checkFinite(name, "minval", minval);
    checkFinite(name, "maxval", maxval);
    if (minval < maxval && Number.isFinite(maxval - minval)) return;
    throw new RangeError(`${name}: "minval" must be below "maxval" by a finite number, got ${minval} and ${maxval}`);
  }
  if (distribution.kind === "orthogonal") return checkFinite(name, "gain", distribution.gain);
  if (distribution.kind === "varianceScaling") {
    const { scale, mode } = distribution;
    if (!(scale > 0 && Number.isFinite(scale))) throw outside(name, "scale", "finite and above 0", scale);
    if (mode !== "fanIn" && mode !== "fanOut" && mode !== "fanAvg") {
      throw outside(name, "mode", "fanIn, fanOut or fanAvg", mode);
    }
    if (distribution.distribution === "normal" || distribution.distribution === "uniform") return;
    throw outside(name, "distribution", "normal or uniform", distribution.distribution);
  }
  checkFinite(name, "mean", distribution.mean);
  const { stddev } = distribution;
  if (!(stddev >= 0 && Number.isFinite(stddev))) throw outside(name, "stddev", "finite and not negative", stddev);
}

function checkFinite(name: string, option: string, value: number): void {
  if (!Number.isFinite(value)) throw outside(name, option, "finite", value);
}

function outside(name: string, option: string, bounds: string, value: unknown): RangeError {
  return new RangeError(`${name}: "${option}" must be ${bounds}, got ${String(value)}`);
}

/**
 * Draws the weights of a shape: computed in doubles, rounded to float32 one by one.
 *
 * @param shape - As tfjs has it: of a kernel, inputs and outputs come last.
 */
export function drawWeights(
  rng: RandomGenerator,
  distribution: WeightDistribution,
  shape: readonly number[],
): Float32Array {
  const out = new Float32Array(shape.reduce((size, length) => size * length, 1));
  if (distribution.kind === "randomUniform") return fillBetween(rng, out, distribution.minval, distribution.maxval);
  if (distribution.kind === "randomNormal") {
    return fillNormal(rng, out, { mean: distribution.mean, sd: distribution.stddev });
  }
  if (distribution.kind === "truncatedNormal") {
    return fillTruncatedNormal(rng, out, distribution.mean, distribution.stddev);
  }
  if (distribution.kind === "varianceScaling") return fillScaled(rng, out, distribution, shape);
  if (shape.length < 2)
    throw new RangeError(`orthogonal: "shape" must have at least 2 axes, got [${shape.join(", ")}]`);
  const columns = shape[shape.length - 1] ?? 0;
  return out.length === 0 ? out : drawOrthogonal(rng, out.length / columns, columns, distribution.gain);
}

/** tfjs does not correct the variance that cutting takes away, as Keras does; neither does this. */
function fillScaled(
  rng: RandomGenerator,
  out: Float32Array,
  { scale, mode, distribution }: VarianceScaling,
  shape: readonly number[],
): Float32Array {
  const { fanIn, fanOut } = fansOf(shape);
  const fan = mode === "fanIn" ? fanIn : mode === "fanOut" ? fanOut : (fanIn + fanOut) / 2;
  const variance = scale / Math.max(1, fan);
  if (distribution === "normal") return fillTruncatedNormal(rng, out, 0, Math.sqrt(variance));
  const limit = Math.sqrt(3 * variance);
  return fillBetween(rng, out, -limit, limit);
}

/** Inputs and outputs of one unit: axes before the last two are the window of a convolution. */
function fansOf(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const size = shape.reduce((product, length) => product * length, 1);
  const [inputs, outputs] = [shape[shape.length - 2], shape[shape.length - 1]];
  if (inputs === undefined || outputs === undefined || shape.length > 5) {
    return { fanIn: Math.sqrt(size), fanOut: Math.sqrt(size) };
  }
  const window = shape.slice(0, -2).reduce((product, length) => product * length, 1);
  return { fanIn: inputs * window, fanOut: outputs * window };
}

function fillBetween(rng: RandomGenerator, out: Float32Array, low: number, high: number): Float32Array {
  const units = fillUniform(rng, new Float64Array(out.length));
  for (let index = 0; index < out.length; index += 1) out[index] = low + (high - low) * (units[index] as number);
  return out;
}

/** Standard deviations beyond which tfjs draws again. */
const CUT = 2;

/** Standard normals in their order, without those beyond the cut: 4.6 % of them. */
function fillTruncatedNormal(rng: RandomGenerator, out: Float32Array, mean: number, sd: number): Float32Array {
  let filled = 0;
  while (filled < out.length) {
    // As many as are missing: none is drawn that one by one would not have been.
    const normals = fillNormal(rng, new Float64Array(out.length - filled));
    for (let index = 0; index < normals.length; index += 1) {
      const drawn = normals[index] as number; // below the length
      if (Math.abs(drawn) > CUT) continue;
      out[filled] = mean + sd * drawn;
      filled += 1;
    }
  }
  return out;
}

/**
 * Draws a matrix with orthonormal columns, or rows where it is wider than high, uniform among these: `orthogonal@1`.
 *
 * The columns (or rows) of a matrix of standard normals are drawn one after the other, each made orthogonal to those
 * before it by Gram–Schmidt, twice, and divided by its length: QR with a positive diagonal of R. Sums run from the first
 * element to the last in doubles, so that every engine and backend gives the same bits.
 *
 * @param rows - An integer of at least 1, as `columns`.
 * @returns Row by row, times `gain`, rounded to float32.
 * @remarks Mezzadri, How to generate random matrices from the classical compact groups, Notices AMS 54(5), 2007. Twice is
 *   enough: Giraud, Langou, Rozložník, van den Eshof, Numer. Math. 101, 2005.
 */
function drawOrthogonal(rng: RandomGenerator, rows: number, columns: number, gain: number): Float32Array {
  const vectors: Float64Array[] = [];
  while (vectors.length < Math.min(rows, columns)) {
    const vector = fillNormal(rng, new Float64Array(Math.max(rows, columns)));
    removeProjections(vector, vectors);
    removeProjections(vector, vectors);
    const length = Math.sqrt(dot(vector, vector));
    if (length === 0) continue; // a vector within the span of those before it: draw another
    for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] as number) / length;
    vectors.push(vector);
  }
  const out = new Float32Array(rows * columns);
  for (let place = 0; place < out.length; place += 1) {
    const [row, column] = [Math.floor(place / columns), place % columns];
    const [vector, index] = rows < columns ? [row, column] : [column, row];
    out[place] = gain * (vectors[vector]?.[index] ?? 0);
  }
  return out;
}

function removeProjections(vector: Float64Array, units: readonly Float64Array[]): void {
  for (const unit of units) {
    const share = dot(vector, unit);
    for (let index = 0; index < vector.length; index += 1) {
      vector[index] = (vector[index] as number) - share * (unit[index] as number);
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
