import { checkBitGenerator } from "../numpy-engine/bit-generator.ts";
import type { NumpyBitGenerator } from "../numpy-engine/bit-generator.ts";
import { drawIntegers } from "./dtype.ts";
import type { NumpyIntegerArrays, NumpyIntegersOptions, NumpyIntegerType } from "./dtype.ts";
import type { NumpyGenerator } from "../numpy-engine/pcg64.ts";
import type { NumpyRandomState } from "../numpy-engine/random-state.ts";

/**
 * {@link NumpyIntegersOptions} without a size: one integer.
 *
 * @public
 */
export type NumpyIntegerOptions = NumpyIntegersOptions & { readonly size?: undefined };

/**
 * {@link NumpyIntegersOptions} with a size: an array.
 *
 * @public
 */
export type NumpyIntegerArrayOptions<D extends NumpyIntegerType> = NumpyIntegersOptions & {
  /** Number of values, an integer in [0, 2^32 - 1]. */
  readonly size: number;
  /** Type of the values, `"int64"` when omitted. */
  readonly dtype?: D;
};

/**
 * {@link NumpyIntegersOptions} for ends beyond the safe integers.
 *
 * @public
 */
export type NumpyBigIntegerOptions<D extends "int64" | "uint64"> = NumpyIntegersOptions & {
  /** Type of the values, `"int64"` when omitted. */
  readonly dtype?: D;
};

/**
 * Draws what `rng.integers(low, high, size, dtype, endpoint)` draws.
 *
 * @param rng - Of {@link createNumpyGenerator}.
 * @param low - Lower end, included. Give both ends as numbers for numbers, as bigints for bigints; the draws are the same.
 * @param high - Upper end, excluded unless `endpoint`.
 * @returns One integer without a size, an array of the dtype with one.
 * @throws RangeError when an end is no safe integer, is outside the dtype, or the range is empty: NumPy refuses it too.
 *   TypeError when `dtype` is unknown, when bigints are asked for in a smaller dtype, or `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyIntegers } from "@repro/seed/compat";
 * const rng = createNumpyGenerator(42);
 * numpyIntegers(rng, 0, 10); // => 0
 * [...numpyIntegers(rng, 0, 10, { size: 4 })]; // => [7, 6, 4, 4]
 * ```
 * @public
 */
export function numpyIntegers(rng: NumpyGenerator, low: number, high: number, options?: NumpyIntegerOptions): number;
/**
 * Draws `size` such integers into an array.
 *
 * @public
 */
export function numpyIntegers<D extends NumpyIntegerType = "int64">(
  rng: NumpyGenerator,
  low: number,
  high: number,
  options: NumpyIntegerArrayOptions<D>,
): NumpyIntegerArrays[D];
/**
 * Draws one such integer from a range that need not be safe.
 *
 * @public
 */
export function numpyIntegers(rng: NumpyGenerator, low: bigint, high: bigint, options?: NumpyIntegerOptions): bigint;
/**
 * Draws `size` such integers from a range that need not be safe.
 *
 * @public
 */
export function numpyIntegers<D extends "int64" | "uint64" = "int64">(
  rng: NumpyGenerator,
  low: bigint,
  high: bigint,
  options: NumpyBigIntegerOptions<D> & { readonly size: number },
): D extends "int64" ? BigInt64Array : BigUint64Array;
export function numpyIntegers(
  rng: NumpyBitGenerator,
  low: number | bigint,
  high: number | bigint,
  options: NumpyIntegersOptions = {},
): unknown {
  checkBitGenerator("numpyIntegers", rng, "PCG64");
  return drawIntegers("numpyIntegers", rng, { low, high }, options, "multiplied");
}

/**
 * Draws what `state.randint(low, high, size, dtype)` draws.
 *
 * @param rng - Of {@link createNumpyRandomState}.
 * @param low - Lower end, included; ends as for {@link numpyIntegers}.
 * @param high - Upper end, excluded.
 * @returns One integer without a size, an array of the dtype with one.
 * @throws RangeError or TypeError as {@link numpyIntegers}, and RangeError for `endpoint`, which `randint` does not have.
 * @example
 * ```ts
 * import { createNumpyRandomState, numpyRandint } from "@repro/seed/compat";
 * [...numpyRandint(createNumpyRandomState(42), 0, 10, { size: 5 })]; // => [6, 3, 7, 4, 6]
 * ```
 * @public
 */
export function numpyRandint(rng: NumpyRandomState, low: number, high: number, options?: NumpyIntegerOptions): number;
/**
 * Draws `size` such integers into an array.
 *
 * @public
 */
export function numpyRandint<D extends NumpyIntegerType = "int64">(
  rng: NumpyRandomState,
  low: number,
  high: number,
  options: NumpyIntegerArrayOptions<D>,
): NumpyIntegerArrays[D];
/**
 * Draws one such integer from a range that need not be safe.
 *
 * @public
 */
export function numpyRandint(rng: NumpyRandomState, low: bigint, high: bigint, options?: NumpyIntegerOptions): bigint;
/**
 * Draws `size` such integers from a range that need not be safe.
 *
 * @public
 */
export function numpyRandint<D extends "int64" | "uint64" = "int64">(
  rng: NumpyRandomState,
  low: bigint,
  high: bigint,
  options: NumpyBigIntegerOptions<D> & { readonly size: number },
): D extends "int64" ? BigInt64Array : BigUint64Array;
export function numpyRandint(
  rng: NumpyBitGenerator,
  low: number | bigint,
  high: number | bigint,
  options: NumpyIntegersOptions = {},
): unknown {
  checkBitGenerator("numpyRandint", rng, "MT19937");
  if (options.endpoint !== undefined) throw new RangeError('numpyRandint: "endpoint" must be omitted');
  return drawIntegers("numpyRandint", rng, { low, high }, options, "masked");
}
