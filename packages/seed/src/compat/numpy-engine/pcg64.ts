import { multiplyHigh, multiplyLow, TWO_TO_32, TWO_TO_MINUS_53 } from "../words.ts";
import type { NumpyBitGenerator } from "./bit-generator.ts";
import { asSeedSequence, numpyGenerateState } from "./seed-sequence.ts";
import type { NumpyEntropy, NumpySeedSequence } from "./seed-sequence.ts";

/**
 * What `numpy.random.default_rng(seed)` draws from: PCG64 where it stands.
 *
 * @public
 */
export interface NumpyGenerator extends NumpyBitGenerator {
  /** NumPy's name of the engine. */
  readonly bitGenerator: "PCG64";
  /** Copies the generator where it stands. The copy repeats what this one will draw. */
  clone(): NumpyGenerator;
  /**
   * Ten unsigned words: state and increment, four each, lowest first; then NumPy's `has_uint32` and `uinteger`, the upper
   * half of a 64-bit word whose lower half has been drawn.
   */
  getState(): readonly number[];
}

/**
 * Makes the generator of `numpy.random.default_rng(seed)`: `numpy-pcg64`.
 *
 * {@link numpyRandom}, {@link numpyIntegers}, {@link numpyShuffle}, {@link numpyPermutation}, {@link numpyChoice} and
 * {@link numpyStandardNormal} draw from it what the methods of NumPy's `Generator` draw, bit for bit.
 *
 * @param seed - Entropy, or a seed sequence for `numpy.random.default_rng(sequence)`.
 * @throws TypeError or RangeError as {@link createNumpySeedSequence}. There is no unseeded generator.
 * @remarks PCG XSL-RR 128/64. O'Neill, PCG: A family of simple fast space-efficient statistically good algorithms for random
 *   number generation, HMC-CS-2014-0905. Checked against NumPy 2.4.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyRandom } from "@repro/seed/compat";
 * [...numpyRandom(createNumpyGenerator(7), 2)]; // => [0.625095466604667, 0.8972138009695755]
 * ```
 * @public
 */
export function createNumpyGenerator(seed: NumpyEntropy | NumpySeedSequence): NumpyGenerator {
  const [initHigh = 0n, initLow = 0n, streamHigh = 0n, streamLow = 0n] = numpyGenerateState(
    asSeedSequence(seed),
    4,
    "uint64",
  );
  const increment = (((streamHigh << 64n) | streamLow) << 1n) | 1n;
  const start = (increment + ((initHigh << 64n) | initLow)) * MULTIPLIER + increment;
  return new Pcg64([...limbs(start), ...limbs(increment), 0, 0]);
}

const MULTIPLIER = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645n;
const M0 = 0x9fcc_f645;
const M1 = 0x4385_df64;
const M2 = 0x1fc6_5da4;
const M3 = 0x2360_ed05;

function limbs(value: bigint): number[] {
  return [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, value >> shift)));
}

/** A class, because an engine calls methods of a shape it knows several times faster than closures of an object. */
class Pcg64 implements NumpyGenerator {
  readonly bitGenerator = "PCG64";
  high = 0;
  low = 0;
  // Words of the state and of the increment, lowest first.
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;
  readonly #i0: number;
  readonly #i1: number;
  readonly #i2: number;
  readonly #i3: number;
  #hasHalf: boolean;
  #half: number;

  constructor([s0 = 0, s1 = 0, s2 = 0, s3 = 0, i0 = 0, i1 = 0, i2 = 0, i3 = 0, has = 0, half = 0]: readonly number[]) {
    [this.#s0, this.#s1, this.#s2, this.#s3] = [s0, s1, s2, s3];
    [this.#i0, this.#i1, this.#i2, this.#i3] = [i0, i1, i2, i3];
    this.#hasHalf = has === 1;
    this.#half = half;
  }

  next(): number {
    if (this.#hasHalf) {
      this.#hasHalf = false;
      return this.#half | 0;
    }
    this.next64();
    this.#hasHalf = true;
    this.#half = this.high >>> 0;
    return this.low;
  }

  next64(): void {
    this.#step();
    const high = this.#s3 ^ this.#s1;
    const low = this.#s2 ^ this.#s0;
    const by = this.#s3 >>> 26;
    const upper = by < 32 ? high : low; // rotated by 32, the halves have changed places
    const lower = by < 32 ? low : high;
    const shift = by & 31;
    // A shift by 32 would be one by 0: what comes in from the other half is shifted in two steps.
    this.high = (upper >>> shift) | ((lower << 1) << (31 - shift));
    this.low = (lower >>> shift) | ((upper << 1) << (31 - shift));
  }

  nextDouble(): number {
    this.next64();
    return ((this.high >>> 0) * 0x20_0000 + (this.low >>> 11)) * TWO_TO_MINUS_53;
  }

  clone(): NumpyGenerator {
    return new Pcg64(this.getState());
  }

  getState(): readonly number[] {
    const state = [this.#s0, this.#s1, this.#s2, this.#s3];
    return [...state, this.#i0, this.#i1, this.#i2, this.#i3, this.#hasHalf ? 1 : 0, this.#half];
  }

  /** state = state * multiplier + increment modulo 2^128, column by column; a column's sum stays below 2^53. */
  #step(): void {
    const s0 = this.#s0;
    const s1 = this.#s1;
    const s2 = this.#s2;
    const column0 = multiplyLow(s0, M0) + this.#i0;
    const column1 =
      Math.floor(column0 / TWO_TO_32) + multiplyHigh(s0, M0) + multiplyLow(s0, M1) + multiplyLow(s1, M0) + this.#i1;
    const column2 =
      Math.floor(column1 / TWO_TO_32) +
      (multiplyHigh(s0, M1) + multiplyHigh(s1, M0)) +
      (multiplyLow(s0, M2) + multiplyLow(s1, M1) + multiplyLow(s2, M0) + this.#i2);
    const column3 =
      Math.floor(column2 / TWO_TO_32) +
      (multiplyHigh(s0, M2) + multiplyHigh(s1, M1) + multiplyHigh(s2, M0)) +
      (multiplyLow(s0, M3) + multiplyLow(s1, M2) + multiplyLow(s2, M1) + multiplyLow(this.#s3, M0) + this.#i3);
    this.#s0 = column0 >>> 0;
    this.#s1 = column1 >>> 0;
    this.#s2 = column2 >>> 0;
    this.#s3 = column3 >>> 0;
  }
}
