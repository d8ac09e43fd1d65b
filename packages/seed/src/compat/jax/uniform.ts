import { fusedMultiplyAdd, fusedMultiplyAdd32 } from "../fused.ts";
import { jaxBits, jaxBits64 } from "./bits.ts";
import type { JaxKey, JaxOptions } from "./key.ts";

/**
 * The arrays that {@link jaxUniform} fills.
 *
 * @public
 */
export interface JaxFloatArrays {
  /** `float32`, JAX's default: 23 random bits. */
  readonly float32: Float32Array;
  /** `float64`, with `jax_enable_x64`: 52 random bits. */
  readonly float64: Float64Array;
}

/**
 * Range and type of {@link jaxUniform}.
 *
 * @public
 */
export interface JaxUniformOptions<D extends keyof JaxFloatArrays> extends JaxOptions {
  /** `"float32"` when omitted; `"float64"` is what JAX draws with `jax_enable_x64`. */
  readonly dtype?: D;
  /** Lower end, included; 0 when omitted. Rounded to the type first. */
  readonly minval?: number;
  /** Upper end, excluded up to rounding; 1 when omitted. Rounded to the type first. */
  readonly maxval?: number;
}

/**
 * Draws what `jax.random.uniform(key, (size,), dtype, minval, maxval)` draws.
 *
 * Ends other than 0 and 1 take a multiplication and an addition, which XLA fuses into one operation: the bits are those of
 * processors that have it, x86-64 with FMA3 and ARM64 among them. In [0, 1) the bits are the same everywhere.
 *
 * @param size - As for {@link jaxBits}.
 * @throws RangeError when `size` is outside, an end is not finite in the type, `minval` is not below `maxval`, or `key` is
 *   not two unsigned 32-bit words. TypeError when `dtype` is unknown.
 * @example
 * ```ts
 * import { jaxKey, jaxUniform } from "@repro/seed/compat";
 * [...jaxUniform(jaxKey(0), 2)]; // => [0.9476670026779175, 0.9785798788070679]
 * ```
 * @public
 */
export function jaxUniform<D extends keyof JaxFloatArrays = "float32">(
  key: JaxKey,
  size: number,
  options?: JaxUniformOptions<D>,
): JaxFloatArrays[D];
export function jaxUniform(
  key: JaxKey,
  size: number,
  options: JaxUniformOptions<keyof JaxFloatArrays> = {},
): Float32Array | Float64Array {
  const { dtype = "float32" } = options;
  if (dtype === "float64") return uniform64(key, size, options);
  if (dtype === "float32") return uniform32(key, size, options);
  throw new TypeError(`jaxUniform: "dtype" must be float32 or float64, got ${String(dtype)}`);
}

type Options = JaxUniformOptions<keyof JaxFloatArrays>;

function uniform32(key: JaxKey, size: number, options: Options): Float32Array {
  const { low, span } = checkEnds(options, Math.fround);
  const words = jaxBits(key, size, options);
  return Float32Array.from(words, (word) => {
    const unit = (word >>> 9) / 0x80_0000;
    return Math.max(low, fusedMultiplyAdd32(unit, span, low));
  });
}

function uniform64(key: JaxKey, size: number, options: Options): Float64Array {
  const { low, span } = checkEnds(options, (x) => x);
  const words = jaxBits64(key, size, options);
  return Float64Array.from({ length: size }, (_, index) => {
    const unit = Number((words[index] ?? 0n) >> 12n) / 2 ** 52;
    return Math.max(low, fusedMultiplyAdd(unit, span, low));
  });
}

function checkEnds(options: Options, round: (x: number) => number): { readonly low: number; readonly span: number } {
  const low = round(options.minval ?? 0);
  const high = round(options.maxval ?? 1);
  const span = round(high - low);
  if (low < high && Number.isFinite(span)) return { low, span };
  throw new RangeError(`jaxUniform: "minval" must be below "maxval" by a finite number, got ${low} and ${high}`);
}
