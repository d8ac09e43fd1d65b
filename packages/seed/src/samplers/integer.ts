import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordSource } from "../stream/ahead.ts";
import { WordBlock, readAhead } from "../stream/ahead.ts";
import { targetKind } from "./target.ts";
import { bits53 } from "./uniform.ts";

const TWO_TO_21 = 0x20_0000;
const TWO_TO_MINUS_32 = 2.3283064365386963e-10;
const TWO_TO_MINUS_16 = 1.52587890625e-5;
const TWO_TO_32 = 0x1_0000_0000;
const TWO_TO_53 = 0x20_0000_0000_0000;
/** What the elements of an array can hold, plus 1. */
const LIMITS = { Int32Array: 0x8000_0000, Uint32Array: TWO_TO_32, Float64Array: TWO_TO_53 } as const;

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
 * @throws TypeError when `out` is another kind of array.
 * @public
 */
export function fillInt<A extends Int32Array | Uint32Array | Float64Array>(rng: RandomGenerator, out: A, n: number): A {
  checkCount("fillInt", n);
  const limit = LIMITS[targetKind("fillInt", out, ["Int32Array", "Uint32Array", "Float64Array"])];
  if (n > limit) throw new RangeError(`fillInt: "n" must be at most ${limit} for this array, got ${n}`);
  if (n > TWO_TO_32) fillBelow53(rng, out, n);
  else if (!readAhead(rng, out.length, (block) => fillBelow(block, out, n, 0))) fillBelow(rng, out, n, 0);
  return out;
}

/** Fills with integers below n, then below n - shrink, n - 2 shrink and so on, as {@link below32} gives them. */
export function fillBelow(
  source: WordSource,
  out: Int32Array | Uint32Array | Float64Array,
  n: number,
  shrink: 0 | 1,
): void {
  const block = source instanceof WordBlock ? source : undefined;
  for (let index = 0; index < out.length; index += 1) {
    if (block !== undefined) index += fillWide(block, out, index, n - shrink * index, shrink);
    if (index < out.length) out[index] = below32(source, n - shrink * index);
  }
}

/** Fills by WebAssembly with what the words of the block give, and says how many that were. */
function fillWide(
  block: WordBlock,
  out: Int32Array | Uint32Array | Float64Array,
  index: number,
  n: number,
  shrink: 0 | 1,
): number {
  const { wide, place, end } = block;
  if (wide === null) return 0;
  const count = wide.fillBelow(Math.min(out.length - index, wide.integers.length), place, end, n, shrink);
  block.place += wide.taken();
  out.set(wide.integers.subarray(0, count), index);
  return count;
}

function fillBelow53(rng: RandomGenerator, out: Int32Array | Uint32Array | Float64Array, n: number): void {
  const fill = (source: WordSource): void => {
    for (let index = 0; index < out.length; index += 1) out[index] = below53(source, n);
  };
  if (!readAhead(rng, 2 * out.length, fill)) fill(rng);
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
function upperHalf(word: number, n: number): number {
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
