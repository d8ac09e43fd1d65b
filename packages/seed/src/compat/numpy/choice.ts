import { countUp } from "../order.ts";
import { checkSize } from "../words.ts";
import { checkBitGenerator } from "../numpy-engine/bit-generator.ts";
import { boundedInteger } from "./bounded.ts";
import type { NumpyGenerator } from "../numpy-engine/pcg64.ts";
import { numpyRandom } from "./random.ts";
import { shuffleFrom } from "./shuffle.ts";

/**
 * How `choice` draws.
 *
 * @public
 */
export interface NumpyChoiceOptions {
  /** Number of values, an integer in [0, 2^32 - 1]; a single number when omitted. */
  readonly size?: number | undefined;
  /** Whether a value can be drawn again; true when omitted. */
  readonly replace?: boolean;
  /** Probability of each value: `n` numbers that add up to 1 within 1.5e-8; equal ones when omitted, by another algorithm. */
  readonly p?: readonly number[] | Float64Array;
  /** Whether draws without replacement come in random order; true when omitted. */
  readonly shuffle?: boolean;
}

/**
 * Draws what `rng.choice(n, size, replace, p, shuffle=shuffle)` draws: integers in [0, n).
 *
 * For a choice from an array, take these as indices: NumPy does.
 *
 * @param rng - Of {@link createNumpyGenerator}.
 * @param n - Integer in [1, 2^53]; 0 where nothing is drawn.
 * @throws RangeError when `n` or `size` is outside, `size` is above `n` without replacement, or `p` has another length, an
 *   element that is negative or NaN, another sum than 1, or fewer elements above 0 than are drawn without replacement: NumPy
 *   refuses it too. TypeError when `rng` is another generator.
 * @remarks Without replacement and `p`: Floyd's algorithm (Bentley and Floyd, CACM 30(9), 1987), or the tail of a shuffle
 *   where `n` is above 10,000 and `size` above a fiftieth of it (a twentieth without `shuffle`).
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyChoice } from "@repro/seed/compat";
 * const rng = createNumpyGenerator(42);
 * [...numpyChoice(rng, 10, { size: 3, replace: false })]; // => [9, 0, 6]
 * numpyChoice(rng, 3, { p: [0.1, 0.2, 0.7] }); // => 2
 * ```
 * @public
 */
export function numpyChoice(
  rng: NumpyGenerator,
  n: number,
  options?: NumpyChoiceOptions & { readonly size?: undefined },
): number;
/**
 * Draws `size` such integers into an array.
 *
 * @public
 */
export function numpyChoice(
  rng: NumpyGenerator,
  n: number,
  options: NumpyChoiceOptions & { readonly size: number },
): Float64Array;
export function numpyChoice(rng: NumpyGenerator, n: number, options: NumpyChoiceOptions = {}): number | Float64Array {
  checkBitGenerator("numpyChoice", rng, "PCG64");
  const { replace = true, shuffle = true, p } = options;
  const size = options.size ?? 1;
  checkSize("numpyChoice", size);
  checkPopulation(n, size, replace);
  if (p !== undefined) checkProbabilities(p, n, size, replace);
  const drawn = draw(rng, n, size, { replace, shuffle, p });
  return options.size === undefined ? (drawn[0] ?? 0) : drawn;
}

interface Method {
  readonly replace: boolean;
  readonly shuffle: boolean;
  readonly p: readonly number[] | Float64Array | undefined;
}

function draw(rng: NumpyGenerator, n: number, size: number, { replace, shuffle, p }: Method): Float64Array {
  if (size === 0) return new Float64Array(0);
  if (p !== undefined) return replace ? weighted(rng, size, p) : weightedDistinct(rng, size, p);
  if (replace) {
    const next = boundedInteger(rng, n - 1, "multiplied");
    return new Float64Array(size).map(next);
  }
  return n > 10_000 && size > Math.floor(n / (shuffle ? 50 : 20))
    ? shuffledTail(rng, n, size)
    : floyd(rng, n, size, shuffle);
}

/** The last elements of a shuffle that stops after them. */
function shuffledTail(rng: NumpyGenerator, n: number, size: number): Float64Array {
  const items = countUp(new Float64Array(n));
  shuffleFrom(rng, items, Math.max(n - size, 1), "multiplied");
  return items.slice(n - size);
}

function floyd(rng: NumpyGenerator, n: number, size: number, shuffle: boolean): Float64Array {
  const taken = new Set<number>();
  const out = new Float64Array(size);
  for (let index = 0; index < size; index += 1) {
    const last = n - size + index;
    const drawn = boundedInteger(rng, last, "multiplied")();
    const fresh = taken.has(drawn) ? last : drawn;
    taken.add(fresh);
    out[index] = fresh;
  }
  if (shuffle) shuffleFrom(rng, out, 1, "multiplied");
  return out;
}

function weighted(rng: NumpyGenerator, size: number, p: readonly number[] | Float64Array): Float64Array {
  const cumulated = cumulate(p);
  return numpyRandom(rng, size).map((u) => firstAbove(cumulated, u));
}

/** Draws as many as are missing, keeps each new one once, and starts again without them. */
function weightedDistinct(rng: NumpyGenerator, size: number, p: readonly number[] | Float64Array): Float64Array {
  const weights = Float64Array.from(p);
  const found = new Set<number>();
  while (found.size < size) {
    const drawn = numpyRandom(rng, size - found.size);
    for (const index of found) weights[index] = 0;
    const cumulated = cumulate(weights);
    for (const u of drawn) found.add(firstAbove(cumulated, u));
  }
  return Float64Array.from(found);
}

/** Sums up to each element, from the first on, divided by the last. */
function cumulate(p: readonly number[] | Float64Array): Float64Array {
  let sum = 0;
  const sums = Float64Array.from(p, (weight) => (sum += weight));
  return sums.map((upTo) => upTo / sum);
}

/** The index of the first of ascending numbers that is above one. */
function firstAbove(ascending: Float64Array, x: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ascending[middle] ?? 0) > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

const TWO_TO_53 = 0x20_0000_0000_0000;

function checkPopulation(n: number, size: number, replace: boolean): void {
  if (!Number.isInteger(n) || n < 0 || n > TWO_TO_53 || (n === 0 && size > 0)) {
    throw new RangeError(`numpyChoice: "n" must be an integer in [1, 2^53], got ${n}`);
  }
  if (!replace && size > n) {
    throw new RangeError(`numpyChoice: "size" must be at most "n" without replacement, got ${size} of ${n}`);
  }
}

/** The square root of the doubles' 2^-52: what NumPy allows the sum. */
const TOLERANCE = 1.4901161193847656e-8;

function checkProbabilities(p: readonly number[] | Float64Array, n: number, size: number, replace: boolean): void {
  if (p.length !== n) throw new RangeError(`numpyChoice: "p" must have "n" elements, got ${p.length} for ${n}`);
  for (const weight of p) {
    if (!(weight >= 0)) throw new RangeError(`numpyChoice: "p" must not hold negative numbers or NaN, got ${weight}`);
  }
  const sum = compensatedSum(p);
  if (!(Math.abs(sum - 1) <= TOLERANCE)) throw new RangeError(`numpyChoice: "p" must add up to 1, got ${sum}`);
  const possible = Float64Array.from(p).filter((weight) => weight > 0).length;
  if (!replace && possible < size) {
    throw new RangeError(`numpyChoice: "p" must have ${size} elements above 0 without replacement, got ${possible}`);
  }
}

/** Kahan's sum, as NumPy adds the probabilities up for its check. */
function compensatedSum(p: readonly number[] | Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const weight of p) {
    const term = weight - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
  }
  return sum;
}
