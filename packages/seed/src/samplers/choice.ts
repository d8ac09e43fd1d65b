import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { int } from "./integer.ts";
import { log } from "./logarithm.ts";
import { unitFloat64, unitFloat64AboveZero } from "./uniform.ts";

/**
 * How many elements {@link choice} takes, and how.
 *
 * @public
 */
export interface ChoiceOptions {
  /** How many, an integer in [0, 2^32 - 1]. Without replacement at most as many as there are elements (with a weight above 0). */
  readonly count: number;
  /** Whether an element can come more than once; false when omitted. */
  readonly replace?: boolean;
  /** A weight for each element, finite and not negative, in any unit; all equal when omitted. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Chooses elements at random, in random order: `choice@1`.
 *
 * - Without replacement: the start of a Fisher–Yates shuffle from the front. Choice `i` is `int(rng, n - i)` places after
 *   place `i`, and the element of place `i` goes there. Every order of every subset is equally likely; fewer choices are the
 *   start of more. Memory grows with `count`, not with `n`.
 * - With replacement: `int(rng, n)` for each.
 * - With weights and replacement: the first element at which the sum of the weights exceeds `uniform(rng)` of their total.
 * - With weights, without replacement: as if one were taken after the other, each in proportion to the weights that are left.
 *   Each element `i` of all draws `u` in (0, 1], and those with the smallest `-log(u) / weight` are taken, smallest first.
 *
 * Weights count in proportion to the largest, whatever their unit. With replacement, an element below 2^-53 of the total may
 * never come; without, those below 2^-1074 of the largest come last, in order.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param from - An array, or an integer `n` in [0, 2^53] for the integers in [0, n).
 * @returns `count` elements in the order chosen.
 * @throws RangeError when `n` or `count` is outside, there is nothing to choose from, `weights` has another length, one is NaN,
 *   negative or infinite, or fewer than needed are above 0; also for more than 2^24 of more than 8 times as many without
 *   replacement.
 * @throws TypeError when `from` is neither number nor array.
 * @remarks Weighted without replacement: Efraimidis and Spirakis, Weighted random sampling with a reservoir, Inf. Process.
 *   Lett. 97(5), 2006, doi:10.1016/j.ipl.2005.11.003, with the logarithm of the keys.
 * @example
 * ```ts
 * choice(createStream(createSeed(42), "prize"), ["ann", "bob", "cas", "dee"], { count: 2 }); // => ["bob", "dee"]
 * choice(createStream(createSeed(42), "rows"), 1_000_000, { count: 3 }); // => [691878, 946241, 703067]
 * choice(createStream(createSeed(42), "coin"), ["heads", "tails"], { count: 4, replace: true, weights: [3, 1] }); // => ["heads", "tails", "tails", "heads"]
 * ```
 * @public
 */
export function choice(rng: RandomGenerator, from: number, options: ChoiceOptions): number[];
/**
 * Chooses elements of an array: as for integers.
 *
 * @public
 */
export function choice<T>(rng: RandomGenerator, from: ArrayLike<T>, options: ChoiceOptions): T[];
export function choice(rng: RandomGenerator, from: number | ArrayLike<unknown>, options: ChoiceOptions): unknown[] {
  const size = sizeOf(from);
  const { count, replace = false, weights } = options;
  checkCount(count, size, replace);
  if (weights !== undefined) checkWeights(weights, size, replace ? Math.min(count, 1) : count);
  const indices = chooseIndices(rng, size, count, replace, weights);
  return typeof from === "number" ? indices : indices.map((index) => from[index]);
}

function chooseIndices(
  rng: RandomGenerator,
  size: number,
  count: number,
  replace: boolean,
  weights: ArrayLike<number> | undefined,
): number[] {
  if (weights !== undefined) return replace ? byTotal(rng, count, weights) : byRace(rng, count, weights);
  return replace ? Array.from({ length: count }, () => int(rng, size)) : byShuffle(rng, size, count);
}

const TWO_TO_53 = 0x20_0000_0000_0000;

/** A list as long as `size` is the faster one, as long as it is not much longer than what is chosen. */
const SPARSE = 8;
/** Most entries of a Map in V8. */
const MAP_LIMIT = 0x100_0000;

function byShuffle(rng: RandomGenerator, size: number, count: number): number[] {
  const chosen: number[] = [];
  if (size <= SPARSE * count) {
    const places = Float64Array.from({ length: size }, (_, index) => index);
    for (let place = 0; place < count; place += 1) {
      const other = place + int(rng, size - place);
      chosen.push(places[other] as number);
      places[other] = places[place] as number;
    }
    return chosen;
  }
  const moved = new Map<number, number>(); // the places that do not hold their own index
  for (let place = 0; place < count; place += 1) {
    const other = place + int(rng, size - place);
    chosen.push(moved.get(other) ?? other);
    moved.set(other, moved.get(place) ?? place);
  }
  return chosen;
}

function byTotal(rng: RandomGenerator, count: number, weights: ArrayLike<number>): number[] {
  const largest = largestOf(weights);
  const sums = new Float64Array(weights.length);
  let total = 0;
  let last = 0;
  for (let index = 0; index < sums.length; index += 1) {
    const before = total;
    total += (weights[index] as number) / largest; // the sum cannot overflow
    sums[index] = total;
    if (total > before) last = index;
  }
  return Array.from({ length: count }, () => Math.min(firstAbove(sums, unitFloat64(rng) * total), last));
}

/** Index of the first sum above a value: an element without weight is never the first. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sums[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Each element arrives after an exponential time with its weight as rate; an element without weight arrives never. */
function byRace(rng: RandomGenerator, count: number, weights: ArrayLike<number>): number[] {
  const largest = largestOf(weights);
  const times = new Float64Array(weights.length);
  const runners: number[] = [];
  for (let index = 0; index < times.length; index += 1) {
    const weight = weights[index] as number;
    const time = -log(unitFloat64AboveZero(rng)); // drawn for each, so that a weight changes no other's time
    times[index] = time === 0 ? 0 : time / (weight / largest);
    if (weight > 0) runners.push(index);
  }
  return runners.sort((a, b) => compare(times[a] as number, times[b] as number) || a - b).slice(0, count);
}

/** Not by subtraction: two infinite times would give NaN. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function largestOf(weights: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < weights.length; index += 1) largest = Math.max(largest, weights[index] as number);
  return largest;
}

function sizeOf(from: unknown): number {
  if (typeof from === "number") {
    if (Number.isInteger(from) && from >= 0 && from <= TWO_TO_53) return from;
    throw new RangeError(`choice: "from" must be an integer in [0, 2^53], got ${from}`);
  }
  const { length } = Object(from) as { readonly length?: unknown };
  if (typeof from === "object" && typeof length === "number" && Number.isSafeInteger(length) && length >= 0)
    return length;
  throw new TypeError(`choice: "from" must be a number or an array, got ${typeof from}`);
}

function checkCount(count: number, size: number, replace: boolean): void {
  const most = replace && size > 0 ? 0xffff_ffff : Math.min(size, 0xffff_ffff);
  if (!(Number.isInteger(count) && count >= 0 && count <= most)) {
    throw new RangeError(`choice: "count" must be an integer in [0, ${most}], got ${count}`);
  }
  if (!replace && size > SPARSE * count && count > MAP_LIMIT) {
    throw new RangeError(`choice: "count" must be at most 2^24 for "from" = ${size}, got ${count}`);
  }
}

function checkWeights(weights: ArrayLike<number>, size: number, needed: number): void {
  if (weights.length !== size) {
    throw new RangeError(`choice: "weights" must have one for each of ${size} elements, got ${weights.length}`);
  }
  let positive = 0;
  for (let index = 0; index < size; index += 1) {
    const weight = weights[index] as number;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`choice: "weights" must be finite and not negative, got ${weight} at ${index}`);
    }
    if (weight > 0) positive += 1;
  }
  if (positive < needed) {
    throw new RangeError(`choice: "weights" must have ${needed} above 0 for this count, got ${positive}`);
  }
}
