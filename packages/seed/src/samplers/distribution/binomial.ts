import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { log, log1p } from "../logarithm.ts";
import { unitFloat64AboveZero } from "../uniform.ts";
import { logBinomialMass } from "./mass.ts";
import { drawBelow } from "./transformed-rejection.ts";
import type { Hat } from "./transformed-rejection.ts";
import { checkNumber } from "./parameter.ts";

/**
 * Draws from a binomial distribution, the number of successes in `n` trials of probability `p`: `binomial@1`. The same bits
 * on every engine and processor.
 *
 * For p above ½, n less the failures. Where n p is below 10, the trials between successes are drawn from the geometric
 * distribution by inversion, two words each; otherwise transformed rejection, about five words a draw, however large n is.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param n - Trials, an integer in [0, 2^53 - 1].
 * @param p - Probability of success, in [0, 1].
 * @returns An integer in [0, n]; always 0 for p = 0, and n for p = 1.
 * @throws RangeError when `n` or `p` is outside.
 * @remarks Devroye, Non-uniform random variate generation, 1986, section X.4.3; Hörmann, The generation of binomial random
 *   variates, J. Stat. Comput. Simul. 46, 1993, doi:10.1080/00949659308811496 (BTRS).
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "b");
 * [binomial(rng, 10, 0.3), binomial(rng, 10, 0.3), binomial(rng, 1e9, 0.5)]; // => [5, 3, 499954948]
 * ```
 * @public
 */
export function binomial(rng: RandomGenerator, n: number, p: number): number {
  if (!(Number.isSafeInteger(n) && n >= 0)) {
    throw new RangeError(`binomial: "n" must be an integer in [0, 2^53 - 1], got ${n}`);
  }
  checkNumber("binomial", "p", p);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`binomial: "p" must be in [0, 1], got ${p}`);
  return p > 0.5 ? n - successes(rng, n, 1 - p) : successes(rng, n, p); // 1 - p is exact here
}

/** For p of at most ½. */
function successes(rng: RandomGenerator, n: number, p: number): number {
  if (p === 0) return 0;
  return n * p < 10 ? byGaps(rng, n, p) : byRejection(rng, n, p);
}

/** Steps from success to success. The failures before each are floor(ln u / ln(1 - p)). */
function byGaps(rng: RandomGenerator, n: number, p: number): number {
  const step = log1p(-p);
  let trial = 0;
  for (let count = 0; ; count += 1) {
    trial += Math.floor(log(unitFloat64AboveZero(rng)) / step) + 1;
    if (!(trial <= n)) return count; // 0 / -0 is NaN, where both logarithms vanish
  }
}

function byRejection(rng: RandomGenerator, n: number, p: number): number {
  const mode = Math.floor((n + 1) * p);
  return drawBelow(rng, binomialHat(n, p), (k) => logBinomialMass(k, n, p) - logBinomialMass(mode, n, p));
}

/** The constants of BTRS, for n p of at least 10 and p of at most ½; the hat covers the masses over that of the mode. */
export function binomialHat(n: number, p: number): Hat {
  const sd = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * sd;
  return {
    a: -0.0873 + 0.0248 * b + 0.01 * p,
    b,
    centre: n * p + 0.5,
    squeeze: 0.92 - 4.2 / b,
    height: (2.83 + 5.1 / b) * sd,
    highest: n,
  };
}
