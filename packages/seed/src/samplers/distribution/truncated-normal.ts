import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exp } from "../logarithm.ts";
import { normal } from "../normal.ts";
import { unitFloat64 } from "../uniform.ts";
import { standardExponential } from "./exponential.ts";
import { checkFinite, checkNumber, checkPositive } from "./parameter.ts";

const SQRT_2_PI = 2.5066282746310002;

/**
 * What {@link truncatedNormal} draws: a normal distribution, and the interval that it is confined to.
 *
 * @public
 */
export interface TruncatedNormalOptions {
  /** Lower end of the interval, included; -Infinity for none. */
  readonly low: number;
  /** Upper end of the interval, included, above `low`; Infinity for none. */
  readonly high: number;
  /** Mean before truncation, finite, inside the interval or outside; 0 when omitted. */
  readonly mean?: number;
  /** Standard deviation before truncation, positive and finite; 1 when omitted. */
  readonly sd?: number;
}

/**
 * Draws from a normal distribution confined to an interval: `truncatedNormal@1`. The same bits on every engine and processor.
 *
 * Where the mean lies in the interval: normal draws until one falls inside, for an interval of more than 2.507 standard
 * deviations; uniform proposals for a narrower one. Where it lies outside: proposals from the nearer end, exponential of the
 * rate (a + √(a² + 4)) / 2 for an end a standard deviations from the mean, or uniform where the interval is narrower than
 * one such mean. At least four tries in ten are taken, however far out or narrow the interval is: `[30, 31]` and
 * `[8, Infinity]` need about four words a draw.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @returns A number in [low, high].
 * @throws RangeError when `low` is not below `high`, or `mean` or `sd` is outside its bounds.
 * @remarks Robert, Simulation of truncated normal variables, Statistics and Computing 5, 1995, doi:10.1007/BF00143942.
 * @example
 * ```ts
 * truncatedNormal(createStream(createSeed(42), "t"), { low: -0.1, high: 0.1, sd: 0.05 }); // => 0.024127851649506635
 * ```
 * @public
 */
export function truncatedNormal(rng: RandomGenerator, options: TruncatedNormalOptions): number {
  const { low, high, mean = 0, sd = 1 } = options;
  checkFinite("truncatedNormal", "mean", mean);
  checkPositive("truncatedNormal", "sd", sd);
  checkNumber("truncatedNormal", "low", low);
  checkNumber("truncatedNormal", "high", high);
  if (!(low < high)) throw new RangeError(`truncatedNormal: "low" must be below "high", got ${low} and ${high}`);
  const width = (high - low) / sd;
  let drawn: number;
  if (mean < low) drawn = low + sd * beyond(rng, (low - mean) / sd, width);
  else if (mean > high) drawn = high - sd * beyond(rng, (mean - high) / sd, width);
  else drawn = mean + sd * around(rng, (low - mean) / sd, (high - mean) / sd);
  // Rounding may have stepped over an end.
  return Math.min(Math.max(drawn, low), high);
}

/** A standard normal draw in [low, high], where low <= 0 <= high. */
function around(rng: RandomGenerator, low: number, high: number): number {
  const width = high - low;
  for (;;) {
    const x = width > SQRT_2_PI ? normal(rng) : low + unitFloat64(rng) * width;
    if (width > SQRT_2_PI ? low <= x && x <= high : unitFloat64(rng) < exp(-0.5 * x * x)) return x;
  }
}

/** How far beyond `edge` > 0 a standard normal draw lies that is in [edge, edge + width]. */
function beyond(rng: RandomGenerator, edge: number, width: number): number {
  const rate = (edge + Math.sqrt(edge * edge + 4)) / 2;
  const narrow = rate * width <= 1;
  for (;;) {
    const y = narrow ? unitFloat64(rng) * width : standardExponential(rng) / rate;
    // The density over the proposal's, so that its largest value is 1. 1 / rate is rate - edge, without cancellation.
    const exponent = narrow ? y * (edge + 0.5 * y) : 0.5 * (y - 1 / rate) * (y - 1 / rate);
    if (y <= width && unitFloat64(rng) < exp(-exponent)) return y;
  }
}
