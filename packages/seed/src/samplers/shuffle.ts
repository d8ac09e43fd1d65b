import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordBlock } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import { below32, upperHalf } from "./integer.ts";

/**
 * What {@link shuffle} can reorder in place.
 *
 * @public
 */
export type Shuffleable =
  | unknown[]
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Reorders an array in place, every order equally likely: `shuffle@1`.
 *
 * From the last index down to 1, each element changes places with the one at `int(rng, index + 1)`.
 *
 * @param array - At most 2^32 elements.
 * @returns The same array.
 * @remarks Durstenfeld, Algorithm 235: Random permutation, CACM 7(7), 1964.
 * @example
 * ```ts
 * shuffle(createStream(createSeed(42), "deck"), ["a", "b", "c", "d"]); // => ["b", "c", "a", "d"]
 * ```
 * @public
 */
export function shuffle<A extends Shuffleable>(rng: RandomGenerator, array: A): A {
  const items: unknown[] = array as unknown[]; // every kind is indexed alike
  if (readAhead(rng, items.length, (block) => shuffleFromBlock(block, items))) return array;
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = below32(rng, last + 1);
    const moved = items[last];
    items[last] = items[other];
    items[other] = moved;
  }
  return array;
}

/** The same, with the words of {@link below32} read from the block where it takes one for each index. */
function shuffleFromBlock(block: WordBlock, items: unknown[]): void {
  const { words } = block;
  let { place, end } = block;
  for (let last = items.length - 1; last > 0; last -= 1) {
    const n = last + 1;
    let other = -1;
    if (place < end) {
      const word = words[place] as number; // below the end of the block
      if (Math.imul(word, n) >>> 0 >= n) {
        other = upperHalf(word >>> 0, n);
        place += 1;
      }
    }
    if (other < 0) {
      block.place = place;
      other = below32(block, n);
      ({ place, end } = block);
    }
    const moved = items[last];
    items[last] = items[other];
    items[other] = moved;
  }
  block.place = place;
}

/**
 * Draws an order of the integers in [0, n): what {@link shuffle} makes of them.
 *
 * @param n - Integer in [0, 2^32 - 1].
 * @throws RangeError when `n` is outside.
 * @example
 * ```ts
 * [...permutation(createStream(createSeed(42), "p"), 5)]; // => [3, 2, 4, 1, 0]
 * ```
 * @public
 */
export function permutation(rng: RandomGenerator, n: number): Uint32Array {
  if (!Number.isInteger(n) || n < 0 || n > 0xffff_ffff) {
    throw new RangeError(`permutation: "n" must be an integer in [0, 2^32 - 1], got ${n}`);
  }
  return shuffle(
    rng,
    Uint32Array.from({ length: n }, (_, index) => index),
  );
}
