import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { below32 } from "../integer.ts";
import { unitFloat64 } from "../uniform.ts";

/**
 * Weights, prepared by {@link createCategorical} so that each draw takes the same time, however many there are.
 *
 * @public
 */
export interface Categorical {
  /** For each index, the probability that a draw which falls on it stays there, in [0, 1]. */
  readonly stay: readonly number[];
  /** For each index, where a draw goes that does not stay. */
  readonly alias: readonly number[];
}

/** Weights beyond these bounds are scaled by a power of two, so that neither sums nor products leave the doubles. */
const LARGE = 2.037035976334486e90; // 2^300
const SMALL = 4.909093465297727e-91; // 2^-300

/**
 * Prepares weights for {@link categorical}: an alias table, in time proportional to their number.
 *
 * Pure. Index i gets the probability `weights[i]` over their sum; the weights need not sum to 1. An index of weight 0 is never
 * drawn. Where the weights are integers and their sum times their number is at most 2^53, the table is computed without
 * rounding but for a last one of 2^-54 in each element; otherwise each step of the construction rounds, in the order of the
 * algorithm, which is part of `categorical@1`.
 *
 * @param weights - At least one number, at most 2^32 - 1, each finite and not negative, not all 0. Typed arrays are welcome.
 * @returns A frozen value that can be kept, sent to a worker and written as JSON.
 * @throws RangeError when there is no weight, when all are 0, or naming the index of a weight that is negative, infinite or NaN.
 * @remarks Vose, A linear algorithm for generating random numbers with a given distribution, IEEE Trans. Softw. Eng. 17(9),
 *   1991, doi:10.1109/32.92917, after Walker, 1977.
 * @example
 * ```ts
 * createCategorical([1, 3]); // => { stay: [0.5, 1], alias: [1, 1] }
 * ```
 * @public
 */
export function createCategorical(weights: ArrayLike<number>): Categorical {
  const scaled = scaledWeights(weights);
  const size = scaled.length;
  const full = scaled.reduce((sum, weight) => sum + weight, 0); // what each column holds, in units of the shares
  const share = scaled.map((weight) => weight * size);
  const heaviest = scaled.indexOf(scaled.reduce((most, weight) => Math.max(most, weight)));
  // Columns that rounding leaves over at the end are full; an empty one must not be, however much rounding there was.
  const stay: number[] = scaled.map((weight) => (weight === 0 ? 0 : 1));
  const alias = scaled.map((weight, index) => (weight === 0 ? heaviest : index));
  const poor: number[] = [];
  const rich: number[] = [];
  for (const [index, held] of share.entries()) (held < full ? poor : rich).push(index);
  for (;;) {
    const giver = rich.at(-1);
    const taker = giver === undefined ? undefined : poor.pop();
    if (giver === undefined || taker === undefined) break;
    const held = share[taker] as number;
    stay[taker] = held / full;
    alias[taker] = giver;
    const left = (share[giver] as number) + held - full;
    share[giver] = left;
    if (left < full) poor.push(rich.pop() as number);
  }
  return Object.freeze({ stay: Object.freeze(stay), alias: Object.freeze(alias) });
}

/**
 * Draws an index in proportion to weights: `categorical@1`. Three words, seldom more: an {@link int} for the column, and
 * a {@link uniform} double that stays or goes to the column's alias.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param table - What {@link createCategorical} made of the weights.
 * @returns An integer in [0, number of weights).
 * @throws TypeError when `table` is something else, such as the weights themselves.
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "c");
 * const table = createCategorical([5, 0, 1, 2]);
 * Array.from({ length: 8 }, () => categorical(rng, table)); // => [0, 2, 0, 0, 3, 2, 3, 0]
 * ```
 * @public
 */
export function categorical(rng: RandomGenerator, table: Categorical): number {
  if (!(Array.isArray(table.stay) && table.stay.length > 0)) {
    throw new TypeError('categorical: "table" must come from createCategorical');
  }
  const column = below32(rng, table.stay.length);
  const stays = unitFloat64(rng) < (table.stay[column] as number);
  return stays ? column : (table.alias[column] as number);
}

/** The weights as an array, checked, and scaled by a power of two where they are very large or very small. */
function scaledWeights(weights: ArrayLike<number>): readonly number[] {
  const copy = Array.from(weights);
  for (const [index, weight] of copy.entries()) {
    if (Number.isFinite(weight) && weight >= 0) continue;
    throw new RangeError(`createCategorical: "weights[${index}]" must be finite and not negative, got ${weight}`);
  }
  const largest = copy.reduce((most, weight) => Math.max(most, weight), 0);
  if (largest === 0) throw new RangeError('createCategorical: "weights" must have one above 0, got none');
  const scale = largest > LARGE ? SMALL * SMALL : largest < SMALL ? LARGE * LARGE : 1;
  return copy.map((weight) => weight * scale);
}
