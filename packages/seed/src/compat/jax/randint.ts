import { exactInteger } from "../words.ts";
import { jaxBits, jaxBits64 } from "./bits.ts";
import { jaxSplit } from "./key.ts";
import type { JaxKey, JaxOptions } from "./key.ts";

/**
 * The arrays that {@link jaxRandint} fills.
 *
 * @public
 */
export interface JaxIntegerArrays {
  /** `int32`, JAX's default. */
  readonly int32: Int32Array;
  /** `int64`, JAX's default with `jax_enable_x64`. */
  readonly int64: BigInt64Array;
}

/**
 * Type of {@link jaxRandint}.
 *
 * @public
 */
export interface JaxRandintOptions<D extends keyof JaxIntegerArrays> extends JaxOptions {
  /** `"int32"` when omitted; `"int64"` is what JAX draws with `jax_enable_x64`. */
  readonly dtype?: D;
}

/**
 * Draws what `jax.random.randint(key, (size,), minval, maxval, dtype)` draws: integers in [minval, maxval).
 *
 * As in JAX a remainder of two words: small integers are a little likelier where the range is no power of two.
 *
 * @param size - As for {@link jaxBits}.
 * @param minval - Lower end, included, within the type.
 * @param maxval - Upper end, excluded, within the type; for `int32` also 2^31, which JAX takes with `jax_enable_x64`.
 * @throws RangeError when an end is no integer, unsafe or outside, `minval` is not below `maxval` (JAX then repeats
 *   `minval`), `size` is outside or `key` is not two unsigned 32-bit words. TypeError when `dtype` is unknown.
 * @example
 * ```ts
 * import { jaxKey, jaxRandint } from "@repro/seed/compat";
 * [...jaxRandint(jaxKey(0), 5, 0, 10)]; // => [9, 0, 2, 3, 1]
 * ```
 * @public
 */
export function jaxRandint<D extends keyof JaxIntegerArrays = "int32">(
  key: JaxKey,
  size: number,
  minval: number | bigint,
  maxval: number | bigint,
  options?: JaxRandintOptions<D>,
): JaxIntegerArrays[D];
export function jaxRandint(
  key: JaxKey,
  size: number,
  minval: number | bigint,
  maxval: number | bigint,
  options: JaxRandintOptions<keyof JaxIntegerArrays> = {},
): Int32Array | BigInt64Array {
  const { dtype = "int32" } = options;
  if (dtype !== "int32" && dtype !== "int64") {
    throw new TypeError(`jaxRandint: "dtype" must be int32 or int64, got ${String(dtype)}`);
  }
  const [low, high] = checkEnds(dtype, minval, maxval);
  const [first = key, second = key] = jaxSplit(key, 2, options);
  if (dtype === "int64") {
    const reduce = reducer(64, high - low);
    const lower = jaxBits64(second, size, options);
    const upper = jaxBits64(first, size, options);
    return BigInt64Array.from(upper, (word, index) => low + reduce(word, lower[index] ?? 0n));
  }
  const reduce = reducer(32, high - low);
  const lower = jaxBits(second, size, options);
  const upper = jaxBits(first, size, options);
  return Int32Array.from(upper, (word, index) => Number(low + reduce(BigInt(word), BigInt(lower[index] ?? 0))));
}

/** (upper * 2^bits + lower) mod span, as unsigned words compute it: what overflows is lost. */
function reducer(bits: 32 | 64, span: bigint): (upper: bigint, lower: bigint) => bigint {
  const wrap = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const rest = (value: bigint): bigint => (wrap(span) === 0n ? value : value % span); // XLA: x mod 0 is x
  const root = rest(1n << BigInt(bits / 2));
  const multiplier = rest(wrap(root * root));
  return (upper, lower) => rest(wrap(wrap(rest(upper) * multiplier) + rest(lower)));
}

function checkEnds(
  dtype: "int32" | "int64",
  minval: number | bigint,
  maxval: number | bigint,
): readonly [bigint, bigint] {
  const low = exactInteger("jaxRandint", "minval", minval);
  const high = exactInteger("jaxRandint", "maxval", maxval);
  const limit = dtype === "int32" ? 2n ** 31n : 2n ** 63n;
  const largest = dtype === "int32" ? limit : limit - 1n;
  if (low < -limit) throw new RangeError(`jaxRandint: "minval" must be within ${dtype}, got ${low}`);
  if (high > largest) throw new RangeError(`jaxRandint: "maxval" must be within ${dtype}, got ${high}`);
  if (low < high) return [low, high];
  throw new RangeError(`jaxRandint: "minval" must be below "maxval", got ${low} and ${high}`);
}
