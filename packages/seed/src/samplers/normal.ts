import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { WordBlock, WordSource } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import { exp, log } from "./logarithm.ts";
import { unitFloat64, unitFloat64AboveZero } from "./uniform.ts";
import { targetKind } from "./target.ts";
import { EDGE, HEIGHT, INSIDE } from "./ziggurat.ts";

/**
 * Draws from a normal distribution: `normal@1`. The same bits on every engine and processor.
 *
 * Ziggurat of 256 layers. Two words a try: 8 bits choose the layer, 1 the sign, 44 the place in it; 98.5 % of tries end
 * there. The wedge and the tail beyond 3.654 draw more and use a logarithm and an exponential of our own.
 *
 * @param rng - A stream, or any generator of pure-rand.
 * @param mean - Finite; 0 when omitted.
 * @param sd - Standard deviation, finite and not negative; 1 when omitted.
 * @returns `mean + sd * z`.
 * @throws RangeError when `mean` or `sd` is outside.
 * @remarks Marsaglia and Tsang, The ziggurat method for generating random variables, J. Stat. Soft. 5(8), 2000,
 *   doi:10.18637/jss.v005.i08, with separate bits for layer and place (Doornik, 2005).
 * @example
 * ```ts
 * normal(createStream(createSeed(42), "n")); // => -1.3396730340213734
 * ```
 * @public
 */
export function normal(rng: RandomGenerator, mean = 0, sd = 1): number {
  checkNormal("normal", mean, sd);
  return mean + sd * standardNormal(rng);
}

/**
 * Fills an array with what {@link normal} gives one by one, rounded to float32 where it is a `Float32Array`.
 *
 * @param parameters - As for {@link normal}.
 * @returns The same array.
 * @throws RangeError as {@link normal}. @throws TypeError when \`out\` is another kind of array.
 * @public
 */
export function fillNormal<A extends Float64Array | Float32Array>(
  rng: RandomGenerator,
  out: A,
  parameters: { readonly mean?: number; readonly sd?: number } = {},
): A {
  const { mean = 0, sd = 1 } = parameters;
  checkNormal("fillNormal", mean, sd);
  targetKind("fillNormal", out, ["Float32Array", "Float64Array"]);
  if (readAhead(rng, 2 * out.length, (block) => fillFromBlock(block, out, mean, sd))) return out;
  for (let index = 0; index < out.length; index += 1) out[index] = mean + sd * standardNormal(rng);
  return out;
}

/** Nearly all comes from WebAssembly, where it is; the tail, and what stands across two blocks, from {@link standardNormal}. */
function fillFromBlock(block: WordBlock, out: Float64Array | Float32Array, mean: number, sd: number): void {
  block.wide?.tables.set([...EDGE, ...INSIDE, 0, ...HEIGHT]);
  for (let index = 0; index < out.length; index += 1) {
    index += fillWide(block, out, index, mean, sd);
    if (index < out.length) out[index] = mean + sd * standardNormal(block);
  }
}

/** Fills with what the words of the block give without the tail, and says how many that were. */
function fillWide(block: WordBlock, out: Float64Array | Float32Array, index: number, mean: number, sd: number): number {
  const { wide, place, end } = block;
  if (wide === null) return 0;
  const single = out.BYTES_PER_ELEMENT === 4;
  const [written, fill] = single ? [wide.floats, wide.fillNormals32] : [wide.doubles, wide.fillNormals];
  const count = fill(Math.min(out.length - index, written.length), place, end, mean, sd);
  block.place += wide.taken();
  out.set(written.subarray(0, count), index);
  return count;
}

const TWO_TO_26 = 0x400_0000;
const TWO_TO_MINUS_44 = 5.6843418860808015e-14;
const SIGN_BIT = 0x80_0000;

function standardNormal(rng: WordSource): number {
  for (;;) {
    const word = rng.next();
    const layer = word >>> 24;
    const place = ((word >>> 5) & 0x3_ffff) * TWO_TO_26 + (rng.next() >>> 6);
    // The middle of the place's cell: both signs are alike, and zero is never hit.
    const x = (place + 0.5) * TWO_TO_MINUS_44 * at(EDGE, layer);
    const size = place < at(INSIDE, layer) ? x : outside(rng, layer, x);
    if (size >= 0) return (word & SIGN_BIT) === 0 ? size : -size;
  }
}

/** What is left of a layer beyond the next one's edge: the tail, or a wedge; -1 when the point lies above the curve. */
function outside(rng: WordSource, layer: number, x: number): number {
  if (layer === 0) return tail(rng);
  const low = at(HEIGHT, layer);
  const y = low + unitFloat64(rng) * (at(HEIGHT, layer + 1) - low);
  return y < exp(-0.5 * x * x) ? x : -1;
}

function tail(rng: WordSource): number {
  const edge = at(EDGE, 1);
  for (;;) {
    const beyond = -log(unitFloat64AboveZero(rng)) / edge;
    const height = -log(unitFloat64AboveZero(rng));
    if (height + height >= beyond * beyond) return edge + beyond;
  }
}

/** A table's element; the callers' indices are within [0, 256]. */
function at(table: readonly number[], index: number): number {
  return table[index] as number;
}

function checkNormal(name: string, mean: number, sd: number): void {
  if (!Number.isFinite(mean)) throw new RangeError(`${name}: "mean" must be finite, got ${mean}`);
  if (!(sd >= 0 && Number.isFinite(sd)))
    throw new RangeError(`${name}: "sd" must be finite and not negative, got ${sd}`);
}
