import type { Seed } from "../key/key.ts";
import { philox4x32 } from "../stream/philox.ts";
import { identify } from "../stream/stream.ts";

/**
 * An order of the integers in [0, size) that is computed, not stored. Frozen, and JSON as it stands.
 *
 * @public
 */
export interface IndexPermutation {
  /** How many integers are reordered. */
  readonly size: number;
  /** The key of the order: two words of Philox's key, then the upper two of its counter; signed 32-bit integers. */
  readonly words: readonly [number, number, number, number];
}

/** Below this size 8 rounds are measurably uneven: of five elements, each order should come once in 120. */
const SMALL = 1024;
const ROUNDS = 8;
const ROUNDS_OF_SMALL = 24;

const TWO_TO_53 = 0x20_0000_0000_0000;
const TWO_TO_26 = 0x400_0000;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/**
 * Makes a random order of the integers in [0, size) that takes no memory: for epochs over more samples than
 * {@link epochOrder} should list, and for resuming in the middle of one from a position alone.
 *
 * The order is that of the path `"permuteIndex"` below `seed`: for one order each epoch take `deriveSeed(seed, "order", epoch)`.
 *
 * It is *not* uniform over all orders: a cipher of a few rounds, whose key has 128 bits. Each element is equally likely at each
 * place, and this package's tests of pairs of places, and of whole orders of up to 6, do not tell it from a uniform one; nothing
 * is proved. Where each step must be an independent draw, as in a permutation test, use {@link permutation}.
 *
 * @param options - `size`: an integer in [1, 2^53].
 * @throws RangeError when `size` is outside.
 * @throws ReproError `SEED_PATH_REUSED` when that path has been opened by {@link createStream} or {@link createCounterStream}.
 * @remarks Uses a key, and draws from no stream: a ledger refuses another use of the path, and counts nothing.
 * @example
 * ```ts
 * const order = createIndexPermutation(createSeed(42), { size: 1_000_000_000 });
 * permuteIndex(order, 0); // => 931425076
 * ```
 * @public
 */
export function createIndexPermutation(seed: Seed, options: { readonly size: number }): IndexPermutation {
  const { size } = options;
  if (!Number.isInteger(size) || size < 1 || size > TWO_TO_53) {
    throw new RangeError(`createIndexPermutation: "size" must be an integer in [1, 2^53], got ${size}`);
  }
  const stream = identify(seed, ["permuteIndex"], "philox4x32-10@1");
  seed.ledger?.note(stream, 0); // a counter stream of that path would repeat the words of the rounds
  const view = new DataView(stream.key.buffer);
  const word = (index: number): number => view.getInt32(4 * index, true);
  return Object.freeze({ size, words: Object.freeze([word(0), word(1), word(2), word(3)] as const) });
}

/**
 * The element at a place of a computed order: a bijection of [0, size), `permuteIndex@1`, at the same cost for every size from 1024 on.
 *
 * @param index - The place, an integer in [0, size - 1].
 * @returns The element there, an integer in [0, size - 1].
 * @throws RangeError when `index` is outside.
 * @remarks A generalised Feistel network. With `wide = ceil(√size)` and `high = ceil(size / wide)`, an index is the pair
 *   (`index mod wide`, `floor(index / wide)`). Round `r` adds to the first (even `r`) or second (odd `r`) of them, modulo
 *   `wide` or `high`, `floor(u * modulus)`: `u` are 53 bits of Philox4x32-10 at the counter (other of the pair, `r`), taken as
 *   {@link uniform} takes them. 24 rounds below a size of 1024, otherwise 8. A pair beyond `size` goes round again. Black and
 *   Rogaway, Ciphers with arbitrary finite domains, CT-RSA 2002, doi:10.1007/3-540-45760-7_9.
 * @example
 * ```ts
 * const order = createIndexPermutation(createSeed(42), { size: 6 });
 * [0, 1, 2, 3, 4, 5].map((index) => permuteIndex(order, index)); // => [5, 1, 4, 2, 0, 3]
 * ```
 * @public
 */
export function permuteIndex(order: IndexPermutation, index: number): number {
  checkIndex("permuteIndex", "index", index, order.size);
  return walk(order, index, 1);
}

/**
 * The place of an element in a computed order: the inverse of {@link permuteIndex}.
 *
 * @param element - An integer in [0, size - 1].
 * @returns Its place, an integer in [0, size - 1].
 * @throws RangeError when `element` is outside.
 * @example
 * ```ts
 * const order = createIndexPermutation(createSeed(42), { size: 6 });
 * unpermuteIndex(order, permuteIndex(order, 4)); // => 4
 * ```
 * @public
 */
export function unpermuteIndex(order: IndexPermutation, element: number): number {
  checkIndex("unpermuteIndex", "element", element, order.size);
  return walk(order, element, -1);
}

/** Through all rounds, forwards or backwards, until the pair stands for an index again. */
function walk({ size, words }: IndexPermutation, from: number, direction: 1 | -1): number {
  const wide = Math.ceil(Math.sqrt(size));
  const high = Math.ceil(size / wide);
  const rounds = size < SMALL ? ROUNDS_OF_SMALL : ROUNDS;
  const state: RoundState = {
    counter: [0, 0, words[2], words[3]],
    key: [words[0], words[1]],
    block: new Int32Array(4),
  };
  let column = from % wide;
  let row = (from - column) / wide;
  for (;;) {
    for (let step = 0; step < rounds; step += 1) {
      const round = direction > 0 ? step : rounds - 1 - step;
      if (round % 2 === 0) column = turn(column, direction * shiftOf(state, row, round, wide), wide);
      else row = turn(row, direction * shiftOf(state, column, round, high), high);
    }
    const index = row * wide + column; // at most 2^53 + 2^27: where it is inexact, it is beyond size as well
    if (index < size) return index;
  }
}

/** What the rounds of one walk write into: one allocation for all of them. */
interface RoundState {
  readonly counter: [number, number, number, number];
  readonly key: readonly [number, number];
  readonly block: Int32Array;
}

/** Round function: uniform in [0, modulus) up to 2^-26. */
function shiftOf({ counter, key, block }: RoundState, other: number, round: number, modulus: number): number {
  counter[0] = other;
  counter[1] = round;
  philox4x32(counter, key, block);
  const upper = (block[0] as number) >>> 5; // by index: an iterator costs more than the rounds
  const bits = upper * TWO_TO_26 + ((block[1] as number) >>> 6);
  return Math.floor(bits * TWO_TO_MINUS_53 * modulus);
}

/** `(value + shift) mod modulus`, for a shift of less than one turn. */
function turn(value: number, shift: number, modulus: number): number {
  const turned = value + shift;
  if (turned >= modulus) return turned - modulus;
  return turned < 0 ? turned + modulus : turned;
}

function checkIndex(name: string, parameter: string, index: number, size: number): void {
  if (Number.isInteger(index) && index >= 0 && index < size) return;
  throw new RangeError(`${name}: "${parameter}" must be an integer in [0, ${size - 1}], got ${index}`);
}
