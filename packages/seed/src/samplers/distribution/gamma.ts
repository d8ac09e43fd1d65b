import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exp, log, log1p } from "../logarithm.ts";
import { normal } from "../normal.ts";
import { unitFloat64AboveZero } from "../uniform.ts";
import { checkNumber, checkPositive } from "./parameter.ts";

/**
 * Draws from a gamma distribution: `gamma@1`. The same bits on every engine and processor.
 *
 * A normal draw, cubed and corrected by rejection: one try in twenty or fewer is drawn again. For a shape below 1, a draw of
 * `shape + 1` times `u^(1 / shape)`. A small shape puts its mass near zero: with a shape of 0.001, half of the draws lie
 * below 1e-301 and 47 in 100 below the smallest positive double. Those are 0, whatever the scale; {@link beta} and {@link dirichlet} work with logarithms
 * and lose nothing.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param shape - In [1e-300, 1e300]. The mean is `shape * scale`.
 * @param scale - Positive and finite; 1 when omitted.
 * @returns A number of at least 0; Infinity where `shape * scale` exceeds the largest double.
 * @throws RangeError when `shape` or `scale` is outside.
 * @remarks Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26(3), 2000,
 *   doi:10.1145/358407.358414. Their test d (1 - v + ln v) + x²/2 is computed without cancellation, so that large shapes
 *   are as exact as small ones.
 * @example
 * ```ts
 * gamma(createStream(createSeed(42), "g"), 2.5); // => 4.212604486223628
 * ```
 * @public
 */
export function gamma(rng: RandomGenerator, shape: number, scale = 1): number {
  checkShape("gamma", "shape", shape);
  checkPositive("gamma", "scale", scale);
  if (shape >= 1) return atLeastOne(rng, shape) * scale;
  return atLeastOne(rng, shape + 1) * exp(logBoost(rng, shape)) * scale;
}

/** The logarithm of a gamma draw of scale 1, from the same words: finite where the draw itself would be 0. */
export function logGamma(rng: RandomGenerator, shape: number): number {
  if (shape >= 1) return log(atLeastOne(rng, shape));
  return log(atLeastOne(rng, shape + 1)) + logBoost(rng, shape);
}

/** Refuses a shape whose logarithms or products could leave the doubles. */
export function checkShape(name: string, parameter: string, shape: number): void {
  checkNumber(name, parameter, shape);
  if (shape >= 1e-300 && shape <= 1e300) return;
  throw new RangeError(`${name}: "${parameter}" must be in [1e-300, 1e300], got ${shape}`);
}

/** ln u^(1 / shape). */
function logBoost(rng: RandomGenerator, shape: number): number {
  return log(unitFloat64AboveZero(rng)) / shape;
}

/** A gamma draw for a shape of at least 1; positive. */
function atLeastOne(rng: RandomGenerator, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / (3 * Math.sqrt(d));
  for (;;) {
    const x = normal(rng);
    const t = c * x;
    if (t <= -1) continue;
    const u = unitFloat64AboveZero(rng);
    const square = x * x;
    // The first test takes most draws, and spares them two logarithms.
    if (u < 1 - 0.0331 * square * square || log(u) < 3 * d * logRemainder(t)) return d * ((1 + t) * (1 + t) * (1 + t));
  }
}

/**
 * ln(1 + t) - t + t²/2 - t³/3, for t > -1; as the series -t⁴/4 + t⁵/5 - … up to t^20 where the difference would cancel.
 *
 * With v = (1 + t)³ and t = x / √(9d), 3d times this is d (1 - v + ln v) + x²/2.
 */
export function logRemainder(t: number): number {
  if (t < -0.1 || t > 0.1) return log1p(t) - t * (1 - t * (1 / 2 - t / 3));
  let sum = 0;
  for (let degree = 20; degree >= 4; degree -= 1) sum = 1 / degree - t * sum;
  return -(t * t) * (t * t) * sum;
}
