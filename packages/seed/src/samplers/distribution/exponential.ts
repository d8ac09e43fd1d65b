import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { log } from "../logarithm.ts";
import { unitFloat64AboveZero } from "../uniform.ts";
import { checkFinite, checkPositive } from "./parameter.ts";

/**
 * Draws from an exponential distribution: `exponential@1`. The same bits on every engine and processor.
 *
 * Two words each: `-log(u) / rate`, u uniform in (0, 1], a multiple of 2^-53. Hence no result is above 36.74 / rate, beyond
 * which the probability is 2^-53.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param rate - Positive and finite; 1 when omitted. The mean is `1 / rate`.
 * @returns The draw; Infinity where it exceeds the largest double, which needs a rate below 1e-306.
 * @throws RangeError when `rate` is outside.
 * @remarks Inversion; Devroye, Non-uniform random variate generation, 1986, section II.2.
 * @example
 * ```ts
 * exponential(createStream(createSeed(42), "e")); // => 0.013927926513816679
 * ```
 * @public
 */
export function exponential(rng: RandomGenerator, rate = 1): number {
  checkPositive("exponential", "rate", rate);
  return standardExponential(rng) / rate;
}

/**
 * Draws from a Gumbel distribution, the law of the largest of many: `gumbel@1`. The same bits on every engine and processor.
 *
 * `location - scale * log(e)` with an {@link exponential} draw e, drawn again when it is 0. Standard results lie between -3.61
 * and 36.74, beyond which the probability is 2^-52. Adding standard draws to the logarithms of weights and taking the index
 * of the largest sum chooses an index in proportion to the weights.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param location - The mode, finite; 0 when omitted.
 * @param scale - Positive and finite; 1 when omitted. The variance is `(π * scale)² / 6`.
 * @throws RangeError when `location` or `scale` is outside.
 * @remarks Inversion; Gumbel, Statistics of extremes, 1958.
 * @example
 * ```ts
 * gumbel(createStream(createSeed(42), "g")); // => -1.2363451335610531
 * ```
 * @public
 */
export function gumbel(rng: RandomGenerator, location = 0, scale = 1): number {
  checkFinite("gumbel", "location", location);
  checkPositive("gumbel", "scale", scale);
  for (;;) {
    const drawn = standardExponential(rng);
    if (drawn > 0) return location - scale * log(drawn);
  }
}

/** An exponential draw of rate 1, in [0, 36.74]; never -0. */
export function standardExponential(rng: RandomGenerator): number {
  return 0 - log(unitFloat64AboveZero(rng));
}
