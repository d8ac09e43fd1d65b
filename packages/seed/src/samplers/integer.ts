import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordSource } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import { bits53 } from "./uniform.ts";

const TWO_TO_21 = 0x20_0000;
const TWO_TO_MINUS_32 = 2.3283064365386963e-10;
const TWO_TO_MINUS_16 = 1.52587890625e-5;
const TWO_TO_32 = 0x1_0000_0000;
const TWO_TO_53 = 0x20_0000_0000_0000;

/**
 * Draws an integer, uniform in [0, n), without bias: `int@1`.
 *
 * Up to 2^32: the upper half of `word * n`, one word each, and another one in `2^32 mod n` of 2^32 cases. Above: the upper
 * bits of two words, drawn again while they reach `n`.
 *
 * @param n - Integer in [1, 2^53].
 * @throws RangeError when `n` is outside.
 * @remarks Lemire, Fast random integer generation in an interval, ACM TOMACS 29(1), 2019, doi:10.1145/3230636.
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "dice");
 * [int(rng, 6), int(rng, 6), int(rng, 6)]; // => [1, 0, 4]
 * ```
 * @public
 */
export function int(rng: RandomGenerator, n: number): number {
  checkCount("int", n);
  return n <= TWO_TO_32 ? below32(rng, n) : below53(rng, n);
}

/**
 * Fills an array with what {@link int} gives one by one.
 *
 * @param n - Integer in [1, 2^53]; at most what the array's elements can hold, plus 1.
 * @returns The same array.
 * @throws RangeError when `n` is outside.
 * @public
 */
export function fillInt<A extends Int32Array | Uint32Array | Float64Array>(rng: RandomGenerator, out: A, n: number): A {
  checkCount("fillInt", n);
  const limit = out instanceof Int32Array ? TWO_TO_32 / 2 : out instanceof Uint32Array ? TWO_TO_32 : TWO_TO_53;
  if (n > limit) throw new RangeError(`fillInt: "n" must be at most ${limit} for this array, got ${n}`);
  const below = n <= TWO_TO_32 ? below32 : below53;
  const fill = (source: WordSource): void => {
    for (let index = 0; index < out.length; index += 1) out[index] = below(source, n);
  };
  if (!readAhead(rng, n <= TWO_TO_32 ? out.length : 2 * out.length, fill)) fill(rng);
  return out;
}

/** {@link int} without its check, for n in [1, 2^32]. */
export function below32(rng: WordSource, n: number): number {
  for (;;) {
    const word = rng.next();
    const low = Math.imul(word, n) >>> 0; // of the 64-bit product
    // 2^32 mod n is below n: most words need no division.
    if (low >= n || low >= TWO_TO_32 % n) return upperHalf(word >>> 0, n);
  }
}

/** floor(word * n / 2^32). Doubles are exact up to 2^53: a larger product goes through halves of the word. */
export function upperHalf(word: number, n: number): number {
  if (n <= TWO_TO_21) return (word * n * TWO_TO_MINUS_32) >>> 0;
  return (((word >>> 16) * n + Math.floor((word & 0xffff) * n * TWO_TO_MINUS_16)) * TWO_TO_MINUS_16) >>> 0;
}

function below53(rng: WordSource, n: number): number {
  let range = TWO_TO_32;
  while (range < n) range *= 2;
  for (;;) {
    const drawn = Math.floor(bits53(rng) / (TWO_TO_53 / range));
    if (drawn < n) return drawn;
  }
}

function checkCount(name: string, n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= TWO_TO_53) return;
  throw new RangeError(`${name}: "n" must be an integer in [1, 2^53], got ${n}`);
}
