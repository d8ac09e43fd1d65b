import { countUp } from "../order.ts";
import { checkSize } from "../words.ts";
import { jaxBits } from "./bits.ts";
import { checkKey, jaxSplit } from "./key.ts";
import type { JaxKey, JaxOptions } from "./key.ts";

/**
 * Draws what `jax.random.permutation(key, n)` draws: an order of the integers in [0, n).
 *
 * For a permutation of an array, take these as indices: JAX gives the same.
 *
 * @param n - Integer in [0, 2^31 - 1].
 * @throws RangeError when `n` is outside or `key` is not two unsigned 32-bit words.
 * @remarks Stable sorts by random words, as many as make equal words unlikely: one up to 1,625, two up to 2,642,245.
 * @example
 * ```ts
 * import { jaxKey, jaxPermutation } from "@repro/seed/compat";
 * [...jaxPermutation(jaxKey(0), 5)]; // => [0, 1, 4, 3, 2]
 * ```
 * @public
 */
export function jaxPermutation(key: JaxKey, n: number, options: JaxOptions = {}): Uint32Array {
  checkKey("jaxPermutation", key);
  checkSize("jaxPermutation", n, "n");
  if (n > 0x7fff_ffff) throw new RangeError(`jaxPermutation: "n" must be at most 2^31 - 1, got ${n}`);
  let current = key;
  let items: Uint32Array = countUp(new Uint32Array(n));
  for (let round = 0; round < roundsFor(n); round += 1) {
    const [next = current, drawn = current] = jaxSplit(current, 2, options);
    items = sortBy(jaxBits(drawn, n, options), items);
    current = next;
  }
  return items;
}

/** ceil(3 ln n / ln(2^32 - 1)), without logarithms: the least r with n^3 <= (2^32 - 1)^r. */
function roundsFor(n: number): number {
  const cube = BigInt(n) ** 3n;
  let rounds = 0;
  for (let power = 1n; power < cube; power *= 0xffff_ffffn) rounds += 1;
  return rounds;
}

/** Sorts items by their words, equal words in the order they stand in: by the lower 16 bits, then by the upper ones. */
function sortBy(words: Uint32Array, items: Uint32Array): Uint32Array {
  const half = distribute(words, countUp(new Uint32Array(words.length)), 0);
  const order = distribute(words, half, 16);
  return order.map((index) => items[index] ?? 0);
}

/** One pass of a radix sort: positions by 16 bits of the words that they stand for. */
function distribute(words: Uint32Array, positions: Uint32Array, shift: number): Uint32Array {
  const digit = (position: number): number => ((words[position] ?? 0) >>> shift) & 0xffff;
  const starts = new Uint32Array(0x1_0001);
  for (const position of positions) starts[digit(position) + 1] = (starts[digit(position) + 1] ?? 0) + 1;
  for (let value = 1; value < starts.length; value += 1)
    starts[value] = (starts[value] ?? 0) + (starts[value - 1] ?? 0);
  const out = new Uint32Array(positions.length);
  for (const position of positions) {
    const start = starts[digit(position)] ?? 0;
    out[start] = position;
    starts[digit(position)] = start + 1;
  }
  return out;
}
