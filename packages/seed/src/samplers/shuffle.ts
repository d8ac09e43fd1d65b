import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordSource } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import { ascending } from "./ascending.ts";
import { fillBelow } from "./integer.ts";

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
  const batch = new Uint32Array(Math.min(BATCH, Math.max(items.length - 1, 0)));
  for (let n = items.length; n > 1; n -= BATCH) {
    // First whom each changes places with, and then the exchanges: a list may run code of others when it is written to.
    const others = batch.subarray(0, Math.min(BATCH, n - 1));
    const choose = (source: WordSource): void => fillBelow(source, others, n, 1);
    if (!readAhead(rng, others.length, choose)) choose(rng);
    if (Array.isArray(array)) exchangeInList(items, n, others);
    else exchangeInArray(items, n, others);
  }
  return array;
}

const BATCH = 16_384;

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
  return shuffle(rng, ascending(0, n));
}
