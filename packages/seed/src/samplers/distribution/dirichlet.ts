import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exp } from "../logarithm.ts";
import { checkShape, logGamma } from "./gamma.ts";

/**
 * Draws from a beta distribution: `beta@1`. The same bits on every engine and processor.
 *
 * x / (x + y) of two gamma draws, computed from their logarithms, so that no shape gives NaN. Small shapes put their mass
 * near the ends: 0 and 1 are drawn where they are the nearest doubles, as more than half of the draws are for shapes of 0.001.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param a - First shape, in [1e-300, 1e300].
 * @param b - Second shape, in [1e-300, 1e300]. The mean is `a / (a + b)`.
 * @returns A number in [0, 1].
 * @throws RangeError when `a` or `b` is outside.
 * @remarks Devroye, Non-uniform random variate generation, 1986, section IX.4.1; see {@link gamma}.
 * @example
 * ```ts
 * beta(createStream(createSeed(42), "b"), 2, 5); // => 0.38358165871030603
 * ```
 * @public
 */
export function beta(rng: RandomGenerator, a: number, b: number): number {
  checkShape("beta", "a", a);
  checkShape("beta", "b", b);
  const x = logGamma(rng, a);
  const y = logGamma(rng, b);
  if (x > y) return 1 / (1 + exp(y - x));
  const odds = exp(x - y);
  return odds / (1 + odds);
}

/**
 * Draws probabilities that sum to 1 from a Dirichlet distribution: `dirichlet@1`. The same bits on every engine and processor.
 *
 * Gamma draws of scale 1, divided by their sum; computed from their logarithms, so that no concentrations give NaN.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param alpha - Concentrations, at least one, each in [1e-300, 1e300]. Element i has the mean `alpha[i]` over their sum.
 * @returns As many numbers in [0, 1] as `alpha` has, in the same order; they sum to 1 but for rounding, 2^-53 for each.
 * @throws RangeError when `alpha` is empty or an element is outside.
 * @remarks Devroye, Non-uniform random variate generation, 1986, section XI.4.1; see {@link gamma}.
 * @example
 * ```ts
 * [...dirichlet(createStream(createSeed(42), "d"), [1, 2, 3])]; // => [0.4165103663590594, 0.2817766370279571, 0.30171299661298356]
 * ```
 * @public
 */
export function dirichlet(rng: RandomGenerator, alpha: readonly number[]): Float64Array {
  if (alpha.length === 0) throw new RangeError('dirichlet: "alpha" must have an element, got none');
  for (const [index, shape] of alpha.entries()) checkShape("dirichlet", `alpha[${index}]`, shape);
  const logs = alpha.map((shape) => logGamma(rng, shape));
  const largest = logs.reduce((most, value) => Math.max(most, value));
  const shares = Float64Array.from(logs, (value) => exp(value - largest));
  const sum = shares.reduce((total, share) => total + share, 0); // at least 1, since the largest share is
  return shares.map((share) => share / sum);
}
