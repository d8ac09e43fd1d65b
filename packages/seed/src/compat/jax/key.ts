import { checkSize, exactInteger, TWO_TO_32 } from "../words.ts";
import { threefry2x32 } from "./threefry.ts";

/**
 * A key of `jax.random`: what `jax.random.key_data` shows of one, two unsigned 32-bit words.
 *
 * @public
 */
export type JaxKey = readonly [number, number];

/**
 * Which of JAX's two ways to count.
 *
 * @public
 */
export interface JaxOptions {
  /**
   * JAX's flag `jax_threefry_partitionable`: true, its default since 0.5.0, when omitted; false for streams of older versions.
   */
  readonly partitionable?: boolean;
}

/**
 * How JAX reads a seed.
 *
 * @public
 */
export interface JaxKeyOptions {
  /** JAX's flag `jax_enable_x64`: false, its default, when omitted; then only the seed's lower 32 bits count. */
  readonly x64?: boolean;
}

/**
 * Makes the key of `jax.random.key(seed)`, JAX's `threefry2x32`.
 *
 * @param seed - Integer in [-2^63, 2^63), a bigint beyond the safe integers.
 * @throws TypeError when `seed` is no integer, RangeError when it is fractional, unsafe or outside: JAX refuses it too.
 * @remarks Checked against JAX 0.10.
 * @example
 * ```ts
 * import { jaxKey } from "@repro/seed/compat";
 * jaxKey(42); // => [0, 42]
 * jaxKey(-1, { x64: true }); // => [4294967295, 4294967295]
 * ```
 * @public
 */
export function jaxKey(seed: number | bigint, options: JaxKeyOptions = {}): JaxKey {
  const integer = exactInteger("jaxKey", "seed", seed);
  if (integer < -(2n ** 63n) || integer >= 2n ** 63n) {
    throw new RangeError(`jaxKey: "seed" must be in [-2^63, 2^63), got ${integer}`);
  }
  const high = options.x64 === true ? Number(BigInt.asUintN(32, integer >> 32n)) : 0;
  return Object.freeze([high, Number(BigInt.asUintN(32, integer))] as const);
}

/**
 * Derives the keys of `jax.random.split(key, count)`.
 *
 * @param count - Keys wanted, an integer in [0, 2^31 - 1]; 2 when omitted.
 * @throws RangeError when `count` is outside or `key` is not two unsigned 32-bit words.
 * @example
 * ```ts
 * import { jaxKey, jaxSplit } from "@repro/seed/compat";
 * jaxSplit(jaxKey(0)); // => [[1797259609, 2579123966], [928981903, 3453687069]]
 * jaxSplit(jaxKey(0), 2, { partitionable: false }); // => [[4146024105, 967050713], [2718843009, 1272950319]]
 * ```
 * @public
 */
export function jaxSplit(key: JaxKey, count = 2, options: JaxOptions = {}): readonly JaxKey[] {
  checkKey("jaxSplit", key);
  checkSize("jaxSplit", count, "count");
  if (count > 0x7fff_ffff) throw new RangeError(`jaxSplit: "count" must be at most 2^31 - 1, got ${count}`);
  const words = options.partitionable === false ? countedWords(key, 2 * count) : undefined;
  return Object.freeze(
    Array.from({ length: count }, (_, index) =>
      words === undefined
        ? encrypt(key, 0, index)
        : Object.freeze([words[2 * index] ?? 0, words[2 * index + 1] ?? 0] as const),
    ),
  );
}

/**
 * Derives the key of `jax.random.fold_in(key, data)`; both of JAX's modes agree on it.
 *
 * @param data - Integer in [0, 2^32 - 1].
 * @throws RangeError when `data` is outside or `key` is not two unsigned 32-bit words.
 * @example
 * ```ts
 * import { jaxFoldIn, jaxKey } from "@repro/seed/compat";
 * jaxFoldIn(jaxKey(0), 4); // => [2285895361, 433833334]
 * ```
 * @public
 */
export function jaxFoldIn(key: JaxKey, data: number): JaxKey {
  checkKey("jaxFoldIn", key);
  checkSize("jaxFoldIn", data, "data");
  return encrypt(key, 0, data);
}

/** The words of the counters 0, 1, … count - 1 as JAX made them before it could cut them for devices: the first half are the left words. */
export function countedWords(key: JaxKey, count: number): Uint32Array {
  const half = Math.ceil(count / 2);
  const out = new Uint32Array(count);
  const pair = new Uint32Array(2);
  for (let index = 0; index < half; index += 1) {
    // An odd count is padded with the counter 0.
    const other = half + index;
    threefry2x32(key, index, other < count ? other : 0, pair);
    out[index] = pair[0] ?? 0;
    if (other < count) out[other] = pair[1] ?? 0;
  }
  return out;
}

/** Throws unless a value is a key. */
export function checkKey(name: string, key: JaxKey): void {
  const isWord = (word: unknown): boolean =>
    typeof word === "number" && Number.isInteger(word) && word >= 0 && word < TWO_TO_32;
  if (Array.isArray(key) && key.length === 2 && key.every(isWord)) return;
  throw new RangeError(`${name}: "key" must be two integers in [0, 2^32 - 1]`);
}

function encrypt(key: JaxKey, x0: number, x1: number): JaxKey {
  const pair = new Uint32Array(2);
  threefry2x32(key, x0, x1, pair);
  return Object.freeze([pair[0] ?? 0, pair[1] ?? 0] as const);
}
