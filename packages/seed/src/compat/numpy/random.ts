import { checkSize, joinWords } from "../words.ts";
import { checkBitGenerator } from "../numpy-engine/bit-generator.ts";
import type { NumpyBitGenerator } from "../numpy-engine/bit-generator.ts";
import type { NumpyGenerator } from "../numpy-engine/pcg64.ts";

/**
 * Draws what `rng.random(size)` draws: doubles in [0, 1). For a `RandomState` that is `random_sample`.
 *
 * @param rng - Of {@link createNumpyGenerator} or {@link createNumpyRandomState}.
 * @throws RangeError when `size` is outside. @throws TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, createNumpyRandomState, numpyRandom } from "@repro/seed/compat";
 * numpyRandom(createNumpyGenerator(42)); // => 0.7739560485559633
 * numpyRandom(createNumpyRandomState(42)); // => 0.3745401188473625
 * ```
 * @public
 */
export function numpyRandom(rng: NumpyBitGenerator): number;
/**
 * Draws `size` such doubles into an array.
 *
 * @param size - Number of values, an integer in [0, 2^32 - 1]. NumPy fills a shape in the order
 *   of this array.
 * @public
 */
export function numpyRandom(rng: NumpyBitGenerator, size: number): Float64Array;
export function numpyRandom(rng: NumpyBitGenerator, size?: number): number | Float64Array {
  checkBitGenerator("numpyRandom", rng);
  if (size === undefined) return rng.nextDouble();
  checkSize("numpyRandom", size);
  const out = new Float64Array(size);
  for (let index = 0; index < size; index += 1) out[index] = rng.nextDouble();
  return out;
}

/**
 * Draws what `rng.random(size, dtype=numpy.float32)` draws: multiples of 2^-24 in [0, 1), a 32-bit word each.
 *
 * @param rng - Of {@link createNumpyGenerator}.
 * @throws RangeError when `size` is outside. @throws TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyRandomFloat32 } from "@repro/seed/compat";
 * [...numpyRandomFloat32(createNumpyGenerator(42), 2)]; // => [0.08925092220306396, 0.7739560008049011]
 * ```
 * @public
 */
export function numpyRandomFloat32(rng: NumpyGenerator): number;
/**
 * Draws `size` such floats into an array.
 *
 * @param size - Number of values, an integer in [0, 2^32 - 1].
 * @public
 */
export function numpyRandomFloat32(rng: NumpyGenerator, size: number): Float32Array;
export function numpyRandomFloat32(rng: NumpyGenerator, size?: number): number | Float32Array {
  checkBitGenerator("numpyRandomFloat32", rng, "PCG64");
  const draw = (): number => (rng.next() >>> 8) * 5.960464477539063e-8; // 2^-24
  if (size === undefined) return draw();
  checkSize("numpyRandomFloat32", size);
  const out = new Float32Array(size);
  for (let index = 0; index < size; index += 1) out[index] = draw();
  return out;
}

/**
 * Draws what `rng.bit_generator.random_raw(size)` draws: the engine's 64-bit words.
 *
 * @param rng - Of {@link createNumpyGenerator}. A `RandomState`'s raw words have 32 bits: its `next() >>> 0`.
 * @param size - As for {@link numpyRandom}.
 * @throws RangeError when `size` is outside. @throws TypeError when `rng` is another generator.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyRandomRaw } from "@repro/seed/compat";
 * [...numpyRandomRaw(createNumpyGenerator(42), 1)]; // => [14276969152011380360n]
 * ```
 * @public
 */
export function numpyRandomRaw(rng: NumpyGenerator, size: number): BigUint64Array {
  checkBitGenerator("numpyRandomRaw", rng, "PCG64");
  checkSize("numpyRandomRaw", size);
  const out = new BigUint64Array(size);
  for (let index = 0; index < size; index += 1) {
    rng.next64();
    out[index] = joinWords(rng.high, rng.low);
  }
  return out;
}
