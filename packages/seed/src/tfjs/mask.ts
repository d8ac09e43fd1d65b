import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { fillNormal } from "../samplers/normal.ts";

const TWO_TO_32 = 0x1_0000_0000;

/**
 * Chooses what dropout drops: `dropoutMask@1`, one word for each element, in their order.
 *
 * An element is dropped when its word is below `rate * 2^32`, rounded to an integer: the rate is met to 2^-33.
 *
 * @param rate - In [0, 1).
 * @returns `out`, with `dropped` or `kept` for each element.
 */
export function fillMask(
  rng: RandomGenerator,
  out: Float32Array,
  rate: number,
  values: { readonly dropped: number; readonly kept: number },
): Float32Array {
  const { dropped, kept } = values;
  const threshold = Math.floor(rate * TWO_TO_32 + 0.5);
  for (let index = 0; index < out.length; index += 1) out[index] = rng.next() >>> 0 < threshold ? dropped : kept;
  return out;
}

/** What dropout multiplies with: 0, or 1 / (1 - rate) so that the mean stays. */
export function dropoutMask(rng: RandomGenerator, size: number, rate: number): Float32Array {
  return fillMask(rng, new Float32Array(size), rate, { dropped: 0, kept: 1 / (1 - rate) });
}

/** What Gaussian dropout multiplies with: normal, mean 1, the variance of dropout, rate / (1 - rate). */
export function gaussianMask(rng: RandomGenerator, size: number, rate: number): Float32Array {
  return fillNormal(rng, new Float32Array(size), { mean: 1, sd: Math.sqrt(rate / (1 - rate)) });
}

/** What Gaussian noise adds. */
export function gaussianNoise(rng: RandomGenerator, size: number, stddev: number): Float32Array {
  return fillNormal(rng, new Float32Array(size), { mean: 0, sd: stddev });
}

/** What SELU tends to at minus infinity: -scale * alpha of Klambauer et al. */
const SATURATION = -1.0507009873554805 * 1.6732632423543772;

/**
 * What alpha dropout multiplies with, and adds: `a` and `b` where an element is kept, 0 and `a * saturation + b` where it is
 * dropped. `a` and `b` keep mean 0 and variance 1.
 *
 * @remarks Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, NeurIPS 2017, section 2.
 */
export function alphaMask(
  rng: RandomGenerator,
  size: number,
  rate: number,
): { readonly factor: Float32Array; readonly offset: Float32Array } {
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SATURATION * SATURATION));
  const b = -a * SATURATION * rate;
  const factor = fillMask(rng, new Float32Array(size), rate, { dropped: 0, kept: a });
  const offset = factor.map((value) => (value === 0 ? a * SATURATION + b : b));
  return { factor, offset };
}
