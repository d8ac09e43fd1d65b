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
  if (!readAhead(rng, array.length, (block) => exchangeAll(array, (n, others) => chooseFromBlock(block, n, others)))) {
    exchangeAll(array, (n, others) => {
      for (let step = 0; step < others.length; step += 1) others[step] = below32(rng, n - step);
    });
  }
  return array;
}

const BATCH = 1024;

/**
 * Exchanges in batches: first whom with, then the exchange itself.
 *
 * @param choose - Fills an array with one of the first n, one of the first n - 1, and so on.
 */
function exchangeAll(array: Shuffleable, choose: (n: number, others: Uint32Array) => void): void {
  const items: unknown[] = array as unknown[]; // every kind is indexed alike
  const batch = new Uint32Array(BATCH);
  for (let n = items.length; n > 1; n -= BATCH) {
    const others = batch.subarray(0, Math.min(BATCH, n - 1));
    choose(n, others);
    if (Array.isArray(array)) exchangeInList(items, n, others);
    else exchangeInArray(items, n, others);
  }
}

/** What {@link below32} gives, with its words read from the block where it takes one. */
function chooseFromBlock(block: WordBlock, first: number, others: Uint32Array): void {
  const { words } = block;
  let { place, end } = block;
  for (let step = 0; step < others.length; step += 1) {
    const n = first - step;
    const word = words[place] as number; // below the end of the block, or not used
    if (place < end && Math.imul(word, n) >>> 0 >= n) {
      others[step] = upperHalf(word >>> 0, n);
      place += 1;
    } else {
      block.place = place;
      others[step] = below32(block, n);
      ({ place, end } = block);
    }
  }
  block.place = place;
}

/** Exchanges the last of the first n, then the one before it, and so on, with the others. */
function exchangeInArray(items: unknown[], n: number, others: Uint32Array): void {
  for (let step = 0; step < others.length; step += 1) {
    const last = n - step - 1;
    const other = others[step] as number; // step is below the length
    const moved = items[last];
    items[last] = items[other];
    items[other] = moved;
  }
}

/** The same. Compiled by itself: code that has met lists and typed arrays alike takes twice as long for either. */
function exchangeInList(items: unknown[], n: number, others: Uint32Array): void {
  for (let step = 0; step < others.length; step += 1) {
    const last = n - step - 1;
    const other = others[step] as number; // step is below the length
    const moved = items[last];
    items[last] = items[other];
    items[other] = moved;
  }
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
