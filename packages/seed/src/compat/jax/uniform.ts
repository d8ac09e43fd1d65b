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
  /** Lower end, included; 0 when omitted. Rounded to the type first; then 0, or of a size in [2^-126, 2^126] (float64: [2^-1022, 2^900]). */
  readonly minval?: number;
  /** Upper end, excluded up to rounding; 1 when omitted. As `minval`, and above it by at least 2^-64 (float64: 2^-800). */
  readonly maxval?: number;
}

/**
 * Draws what `jax.random.uniform(key, (size,), dtype, minval, maxval)` draws.
 *
 * Ends other than 0 and 1 take a multiplication and an addition, which XLA fuses into one operation: the bits are those of
 * processors that have it, x86-64 with FMA3 and ARM64 among them. In [0, 1) the bits are the same everywhere.
 *
 * @param size - As for {@link jaxBits}.
 * @throws RangeError when `size` or an end is outside, `minval` is not below `maxval`, or `key` is not two unsigned 32-bit
 *   words. TypeError when `dtype` is unknown.
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
  const { low, span } = checkEnds(options, FLOAT32);
  const words = jaxBits(key, size, options);
  const out = new Float32Array(size);
  for (let index = 0; index < size; index += 1) {
    const unit = ((words[index] ?? 0) >>> 9) / 0x80_0000;
    out[index] = low === 0 ? unit * span : Math.max(low, fusedMultiplyAdd32(unit, span, low));
  }
  return out;
}

function uniform64(key: JaxKey, size: number, options: Options): Float64Array {
  const { low, span } = checkEnds(options, FLOAT64);
  const words = jaxBits64(key, size, options);
  const out = new Float64Array(size);
  for (let index = 0; index < size; index += 1) {
    const unit = Number((words[index] ?? 0n) >> 12n) / TWO_TO_52;
    out[index] = low === 0 ? unit * span : Math.max(low, fusedMultiplyAdd(unit, span, low));
  }
  return out;
}

const TWO_TO_52 = 0x10_0000_0000_0000;

interface Format {
  readonly round: (x: number) => number;
  /** Below these XLA's results can be subnormal, which it takes for 0 on some processors. */
  readonly smallest: number;
  readonly smallestSpan: number;
  /** Above it the arithmetic of {@link fusedMultiplyAdd} overflows. */
  readonly largest: number;
}

const FLOAT32: Format = {
  round: (x) => Math.fround(x),
  smallest: 1.1754943508222875e-38, // 2^-126
  smallestSpan: 5.421010862427522e-20, // 2^-64
  largest: 8.507059173023462e37, // 2^126
};
const FLOAT64: Format = {
  round: (x) => x,
  smallest: 2.2250738585072014e-308, // 2^-1022
  smallestSpan: 1.499696813895631e-241, // 2^-800
  largest: 8.452712498170644e270, // 2^900
};

function checkEnds(
  { minval = 0, maxval = 1 }: Options,
  { round, smallest, smallestSpan, largest }: Format,
): { readonly low: number; readonly span: number } {
  const low = round(minval);
  const high = round(maxval);
  const span = round(high - low);
  const isOffered = (end: number): boolean => end === 0 || (Math.abs(end) >= smallest && Math.abs(end) <= largest);
  for (const [name, end] of [["minval", low] as const, ["maxval", high] as const]) {
    if (isOffered(end)) continue;
    throw new RangeError(`jaxUniform: "${name}" must be 0 or of a size in [${smallest}, ${largest}], got ${end}`);
  }
  if (span >= smallestSpan) return { low, span };
  throw new RangeError(`jaxUniform: "minval" must be below "maxval" by ${smallestSpan}, got ${low} and ${high}`);
}
