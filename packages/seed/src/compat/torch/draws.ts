import { countUp } from "../order.ts";
import { checkSize, nextWordPair, TWO_TO_32, TWO_TO_MINUS_53 } from "../words.ts";
import { checkTorchGenerator } from "./generator.ts";
import type { TorchGenerator } from "./generator.ts";

/**
 * The arrays that {@link torchRand} fills.
 *
 * @public
 */
export interface TorchFloatArrays {
  /** `torch.float32`, torch's default: multiples of 2^-24. */
  readonly float32: Float32Array;
  /** `torch.float64`: multiples of 2^-53. */
  readonly float64: Float64Array;
}

/**
 * Draws what `torch.rand(size, dtype=dtype)` draws on the CPU: floats in [0, 1).
 *
 * @param rng - Of {@link createTorchGenerator}.
 * @param size - Number of values, an integer in [0, 2^32 - 1]. torch fills a shape in the order of this array.
 * @param dtype - `"float32"` when omitted, one word each; `"float64"` takes two.
 * @throws RangeError when `size` is outside, TypeError when `dtype` is unknown or `rng` another generator.
 * @example
 * ```ts
 * import { createTorchGenerator, torchRand } from "@repro/seed/compat";
 * [...torchRand(createTorchGenerator(42), 2)]; // => [0.8822692632675171, 0.9150039553642273]
 * ```
 * @public
 */
export function torchRand<D extends keyof TorchFloatArrays = "float32">(
  rng: TorchGenerator,
  size: number,
  dtype?: D,
): TorchFloatArrays[D];
export function torchRand(
  rng: TorchGenerator,
  size: number,
  dtype: keyof TorchFloatArrays = "float32",
): Float32Array | Float64Array {
  checkTorchGenerator("torchRand", rng);
  checkSize("torchRand", size);
  if (dtype === "float64") return fill(new Float64Array(size), () => bits53(rng) * TWO_TO_MINUS_53);
  if (dtype === "float32") return fill(new Float32Array(size), () => (rng.next() & 0xff_ffff) / 0x100_0000);
  throw new TypeError(`torchRand: "dtype" must be float32 or float64, got ${String(dtype)}`);
}

/**
 * Whose `torch.randint`.
 *
 * @public
 */
export interface TorchRandintOptions {
  /**
   * Version of torch: `"2.7"` and later, when omitted, or `"2.6"` and earlier. They differ in ranges from 2^28 up to 2^32,
   * where later ones take two words for a value, and in what is drawn after that.
   */
  readonly version?: "2.6" | "2.7";
}

/**
 * Draws what `torch.randint(low, high, (size,))` draws on the CPU: integers in [low, high).
 *
 * As in torch the remainder of one word, or of two, by the range: small integers can be a little likelier.
 *
 * @param rng - Of {@link createTorchGenerator}.
 * @param low - Lower end, included, a safe integer.
 * @param high - Upper end, excluded, a safe integer.
 * @param size - As for {@link torchRand}.
 * @throws RangeError when an end is no safe integer, the range is empty or `size` is outside: torch refuses it too.
 *   TypeError when `version` is another, or `rng` another generator.
 * @example
 * ```ts
 * import { createTorchGenerator, torchRandint } from "@repro/seed/compat";
 * [...torchRandint(createTorchGenerator(42), 0, 10, 5)]; // => [2, 7, 6, 4, 6]
 * ```
 * @public
 */
export function torchRandint(
  rng: TorchGenerator,
  low: number,
  high: number,
  size: number,
  options: TorchRandintOptions = {},
): Float64Array {
  checkTorchGenerator("torchRandint", rng);
  checkSize("torchRandint", size);
  if (!Number.isSafeInteger(low)) throw new RangeError(`torchRandint: "low" must be a safe integer, got ${low}`);
  if (!Number.isSafeInteger(high)) throw new RangeError(`torchRandint: "high" must be a safe integer, got ${high}`);
  if (low >= high) throw new RangeError(`torchRandint: "low" must be below "high", got ${low} and ${high}`);
  const range = BigInt(high) - BigInt(low); // up to 2^54
  if (range >= wideRange(options.version)) {
    return fill(new Float64Array(size), () => Number(BigInt(low) + (nextWordPair(rng) % range)));
  }
  const narrow = Number(range);
  return fill(new Float64Array(size), () => low + ((rng.next() >>> 0) % narrow));
}

/** From which range on torch takes two words for a value. */
function wideRange(version: unknown = "2.7"): bigint {
  if (version === "2.7") return 2n ** 28n;
  if (version === "2.6") return 2n ** 32n;
  throw new TypeError('torchRandint: "version" must be "2.6" or "2.7"');
}

/**
 * Draws what `torch.randperm(n)` draws on the CPU: an order of the integers in [0, n).
 *
 * @param rng - Of {@link createTorchGenerator}.
 * @param n - Integer in [0, 214748363]; for more, torch takes another algorithm, which is not offered.
 * @throws RangeError when `n` is outside. @throws TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createTorchGenerator, torchRandperm } from "@repro/seed/compat";
 * [...torchRandperm(createTorchGenerator(42), 5)]; // => [2, 4, 3, 0, 1]
 * ```
 * @public
 */
export function torchRandperm(rng: TorchGenerator, n: number): Uint32Array {
  checkTorchGenerator("torchRandperm", rng);
  if (!Number.isInteger(n) || n < 0 || n >= LARGE_PERMUTATION) {
    throw new RangeError(`torchRandperm: "n" must be an integer in [0, ${LARGE_PERMUTATION - 1}], got ${n}`);
  }
  const items = countUp(new Uint32Array(n));
  for (let index = 0; index < n - 1; index += 1) {
    const other = index + ((rng.next() >>> 0) % (n - index));
    const moved = items[index] ?? 0;
    items[index] = items[other] ?? 0;
    items[other] = moved;
  }
  return items;
}

/** floor((2^32 - 1) / 20): from here on torch draws 64 bits for each element. */
const LARGE_PERMUTATION = 214_748_364;

/** The lower 53 bits of two words, the first above. */
function bits53(rng: TorchGenerator): number {
  const high = rng.next() & 0x1f_ffff;
  return high * TWO_TO_32 + (rng.next() >>> 0);
}

function fill<A extends Float32Array | Float64Array>(out: A, draw: () => number): A {
  for (let index = 0; index < out.length; index += 1) out[index] = draw();
  return out;
}
