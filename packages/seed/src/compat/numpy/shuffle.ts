import { countUp } from "../order.ts";
import type { Shuffleable } from "../order.ts";
import { checkSize } from "../words.ts";
import { checkBitGenerator } from "../numpy-engine/bit-generator.ts";
import type { NumpyBitGenerator } from "../numpy-engine/bit-generator.ts";
import { maskedWord, multipliedWord } from "./bounded.ts";
import type { RangeMethod } from "./bounded.ts";

/**
 * Reorders an array in place as `rng.shuffle(array)` does.
 *
 * @param rng - Of {@link createNumpyGenerator} or {@link createNumpyRandomState}.
 * @param array - At most 2^32 - 1 elements.
 * @returns The same array.
 * @throws TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyShuffle } from "@repro/seed/compat";
 * numpyShuffle(createNumpyGenerator(42), ["a", "b", "c", "d"]); // => ["d", "c", "b", "a"]
 * ```
 * @public
 */
export function numpyShuffle<A extends Shuffleable>(rng: NumpyBitGenerator, array: A): A {
  checkBitGenerator("numpyShuffle", rng);
  shuffleFrom(rng, array, 1, "masked");
  return array;
}

/**
 * Draws what `rng.permutation(n)` draws: an order of the integers in [0, n).
 *
 * `rng.permutation(array)` is {@link numpyShuffle} of a copy.
 *
 * @param rng - Of {@link createNumpyGenerator} or {@link createNumpyRandomState}.
 * @param n - Integer in [0, 2^32 - 1].
 * @throws RangeError when `n` is outside, TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyPermutation } from "@repro/seed/compat";
 * [...numpyPermutation(createNumpyGenerator(42), 5)]; // => [4, 2, 3, 1, 0]
 * ```
 * @public
 */
export function numpyPermutation(rng: NumpyBitGenerator, n: number): Uint32Array {
  checkSize("numpyPermutation", n, "n");
  return numpyShuffle(rng, countUp(new Uint32Array(n)));
}

/** From the last index down to `first`, each element changes places with one at or before it. */
export function shuffleFrom(rng: NumpyBitGenerator, array: Shuffleable, first: number, method: RangeMethod): void {
  const items: unknown[] = array as unknown[]; // every kind is indexed alike
  for (let last = items.length - 1; last >= first; last -= 1) {
    const other = method === "masked" ? maskedWord(rng, last) : multipliedWord(rng, last);
    const moved = items[last];
    items[last] = items[other];
    items[other] = moved;
  }
}
