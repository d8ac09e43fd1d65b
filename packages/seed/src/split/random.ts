import type { Seed } from "../key/key.ts";
import { permutation } from "../samplers/shuffle.ts";
import { drawPurely } from "../stream/stream.ts";
import type { SplitParts } from "./fractions.ts";
import { ascending, checkFractions, checkSize, deal, largestRemainder } from "./fractions.ts";

/**
 * Splits rows into parts at random: a pure function of its arguments, `split@1`.
 *
 * A permutation from the path `"split"`, dealt out by largest remainder. Every choice of rows is equally likely, and the
 * sizes are exact; but another `size` is another split, and moves rows between the parts. Where rows are added later and must
 * stay where they are, use {@link stableSplit}. Asking twice is no reuse; for a second, different split take
 * `deriveSeed(seed, "repeat", 2)`.
 *
 * @param size - Number of rows, an integer in [0, 2^32 - 1].
 * @param fractions - Share of each part, in [0, 1]; they add up to 1 within 1e-9.
 * @returns For each part the indices of its rows, ascending. Its size is its share of `size`, rounded up or down.
 * @throws RangeError when `size` is outside, `fractions` is empty, one is outside [0, 1], or they do not add up to 1.
 * @throws ReproError `SEED_PATH_REUSED` when the path has been opened by {@link createStream}.
 * @example
 * ```ts
 * const [train, test] = split(createSeed(42), 10, [0.8, 0.2]);
 * [...train]; // => [0, 1, 2, 3, 4, 6, 7, 9]
 * [...test]; // => [5, 8]
 * ```
 * @public
 */
export function split<const F extends readonly number[]>(seed: Seed, size: number, fractions: F): SplitParts<F> {
  checkSize("split", size);
  checkFractions("split", fractions);
  const order = drawPurely(seed, ["split"], (rng) => permutation(rng, size));
  const parts = deal(order, largestRemainder(size, fractions)).map(ascending);
  return parts as unknown as SplitParts<F>; // one for each fraction
}
