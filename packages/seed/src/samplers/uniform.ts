import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordSource } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import { fillFloat32, fillFloat64 } from "../stream/kernel.ts";
import { drawByState } from "../stream/stream.ts";
import { fillWideFloat64 } from "../stream/wide.ts";
import { targetKind } from "./target.ts";

/**
 * Draws a double, uniform in [low, high): `uniform@1`.
 *
 * Two words each; 53 random bits in [0, 1), taken from the words' upper bits as NumPy takes them from MT19937, then
 * `low + (high - low) * u`. Where that rounds up to `high`, it draws again.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param low - Lower end, included; 0 when omitted.
 * @param high - Upper end, excluded; 1 when omitted.
 * @throws RangeError unless `low < high` and `high - low` is finite.
 * @example
 * ```ts
 * uniform(createStream(createSeed(42), "u")); // => 0.25090219505637223
 * ```
 * @public
 */
export function uniform(rng: RandomGenerator, low = 0, high = 1): number {
  if (low === 0 && high === 1) return unitFloat64(rng);
  checkRange("uniform", low, high);
  return scaled(rng, low, high);
}

/**
 * Draws a number that is exactly a float32, uniform in [0, 1): `uniformFloat32@1`. One word each, its upper 24 bits.
 *
 * @public
 */
export function uniformFloat32(rng: RandomGenerator): number {
  return (rng.next() >>> 8) * TWO_TO_MINUS_24;
}

/**
 * Draws true with a probability: `bool@1`. Two words each, `uniform(rng) < probability`: exact for multiples of 2^-53.
 *
 * @param probability - In [0, 1]; 0.5 when omitted.
 * @throws RangeError when it is outside.
 * @public
 */
export function bool(rng: RandomGenerator, probability = 0.5): boolean {
  if (!(Number.isFinite(probability) && probability >= 0 && probability <= 1)) {
    throw new RangeError(`bool: "probability" must be in [0, 1], got ${probability}`);
  }
  return unitFloat64(rng) < probability;
}

/**
 * Fills an array with what {@link uniform} gives one by one; with {@link uniformFloat32} where it is a `Float32Array`.
 *
 * A `Float64Array` of 32,768 elements or more is filled by WebAssembly where the engine has it: the same bits, sooner.
 *
 * @param range - Ends as for {@link uniform}, for a `Float64Array` only; [0, 1) when omitted.
 * @returns The same array.
 * @throws RangeError as {@link uniform}, and for a range with a `Float32Array`: rounding could reach the upper end.
 * @throws TypeError when `out` is another kind of array.
 * @public
 */
export function fillUniform<A extends Float64Array | Float32Array>(
  rng: RandomGenerator,
  out: A,
  range: { readonly low?: number; readonly high?: number } = {},
): A {
  const { low = 0, high = 1 } = range;
  checkRange("fillUniform", low, high);
  const kind = targetKind("fillUniform", out, ["Float32Array", "Float64Array"]);
  const unit = low === 0 && high === 1;
  if (kind === "Float32Array") {
    if (!unit) throw new RangeError('fillUniform: "range" must be [0, 1) for a Float32Array');
    fillUnitFloat32(rng, out as Float32Array);
  } else if (unit) {
    fillUnitFloat64(rng, out as Float64Array);
  } else {
    const fill = (source: WordSource): void => {
      for (let index = 0; index < out.length; index += 1) out[index] = scaled(source, low, high);
    };
    if (!readAhead(rng, 2 * out.length, fill)) fill(rng);
  }
  return out;
}

function fillUnitFloat32(rng: RandomGenerator, out: Float32Array): void {
  const filled = drawByState(rng, (state) => {
    fillFloat32(state, out);
    return out.length;
  });
  if (filled) return;
  for (let index = 0; index < out.length; index += 1) out[index] = uniformFloat32(rng);
}

function fillUnitFloat64(rng: RandomGenerator, out: Float64Array): void {
  const filled = drawByState(rng, (state) => {
    fillFloat64(state, out, fillWideFloat64(state, out));
    return 2 * out.length;
  });
  if (filled) return;
  for (let index = 0; index < out.length; index += 1) out[index] = unitFloat64(rng);
}

const TWO_TO_MINUS_24 = 5.960464477539063e-8;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;
const TWO_TO_26 = 0x400_0000;

/** 53 random bits as an integer: the upper 27 of one word, then the upper 26 of the next. */
export function bits53(rng: WordSource): number {
  const upper = rng.next() >>> 5;
  return upper * TWO_TO_26 + (rng.next() >>> 6);
}

/** Uniform in [0, 1), a multiple of 2^-53. */
export function unitFloat64(rng: WordSource): number {
  return bits53(rng) * TWO_TO_MINUS_53;
}

/** Uniform in (0, 1], a multiple of 2^-53: what a logarithm can take. */
export function unitFloat64AboveZero(rng: WordSource): number {
  return (bits53(rng) + 1) * TWO_TO_MINUS_53;
}

function scaled(rng: WordSource, low: number, high: number): number {
  for (;;) {
    const drawn = low + (high - low) * unitFloat64(rng);
    if (drawn < high) return drawn;
  }
}

function checkRange(name: string, low: number, high: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high && Number.isFinite(high - low)) return;
  throw new RangeError(`${name}: "low" must be below "high" by a finite number, got ${low} and ${high}`);
}
