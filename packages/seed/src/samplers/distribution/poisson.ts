import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exp } from "../logarithm.ts";
import { unitFloat64AboveZero } from "../uniform.ts";
import { logPoissonMass } from "./mass.ts";
import { drawBelow } from "./transformed-rejection.ts";
import type { Hat } from "./transformed-rejection.ts";
import { checkNumber } from "./parameter.ts";

const TWO_TO_52 = 0x10_0000_0000_0000;

/**
 * Draws from a Poisson distribution, the number of events where `mean` are expected: `poisson@1`. The same bits on every
 * engine and processor.
 *
 * Below a mean of 10, uniform draws are multiplied until the product falls to e^-mean: two words an event. From 10 on,
 * transformed rejection: about five words a draw, however large the mean is.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param mean - In [0, 2^52]; it need not be an integer.
 * @returns An integer of at least 0; 0 for a mean of 0.
 * @throws RangeError when `mean` is outside.
 * @remarks Knuth, The art of computer programming 2, section 3.4.1; Hörmann, The transformed rejection method for generating
 *   Poisson random variables, Insurance: Mathematics and Economics 12, 1993, doi:10.1016/0167-6687(93)90997-4 (PTRS).
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "p");
 * [poisson(rng, 3), poisson(rng, 3), poisson(rng, 1e6)]; // => [1, 0, 999746]
 * ```
 * @public
 */
export function poisson(rng: RandomGenerator, mean: number): number {
  checkNumber("poisson", "mean", mean);
  if (!(mean >= 0 && mean <= TWO_TO_52)) throw new RangeError(`poisson: "mean" must be in [0, 2^52], got ${mean}`);
  return mean < 10 ? byProducts(rng, mean) : byRejection(rng, mean);
}

function byProducts(rng: RandomGenerator, mean: number): number {
  const limit = exp(-mean);
  let product = unitFloat64AboveZero(rng);
  let events = 0;
  for (; product > limit; events += 1) product *= unitFloat64AboveZero(rng);
  return events;
}

function byRejection(rng: RandomGenerator, mean: number): number {
  return drawBelow(rng, poissonHat(mean), (k) => logPoissonMass(k, mean));
}

/**
 * The constants of PTRS, for a mean of at least 10, but for two: as published (squeeze 0.9277 - …, height 1.1239 + 1.1328 / …)
 * the hat lies up to 0.6 % below the mass near |u| = 0.44 for means from 10 to 500, and the squeeze up to 0.4 % above it.
 */
export function poissonHat(mean: number): Hat {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  return {
    a: -0.059 + 0.02483 * b,
    b,
    centre: mean + 0.43,
    squeeze: 0.92 - 3.6224 / (b - 2),
    height: 1.1239 + 1.2 / (b - 3.4),
    highest: Infinity,
  };
}
