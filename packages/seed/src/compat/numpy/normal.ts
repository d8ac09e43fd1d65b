import { exp, log1pNegative } from "../logarithm.ts";
import { checkSize } from "../words.ts";
import { checkBitGenerator } from "../numpy-engine/bit-generator.ts";
import type { NumpyGenerator } from "../numpy-engine/pcg64.ts";
import { HEIGHT, INSIDE, WIDTH } from "./ziggurat.ts";

/**
 * Draws what `rng.standard_normal(size)` draws.
 *
 * Beyond 3.654, one value in 3,900, NumPy takes a logarithm from the C library of its machine: these bits are those of glibc on
 * x86-64 with fused multiply-add. Elsewhere NumPy itself can differ from them in the last bit, in less than one value in 10^7.
 *
 * @param rng - Of {@link createNumpyGenerator}.
 * @throws RangeError when `size` is outside, TypeError when `rng` is another generator.
 * @remarks Ziggurat of 256 layers with NumPy's own tables. Marsaglia and Tsang, J. Stat. Soft. 5(8), 2000,
 *   doi:10.18637/jss.v005.i08.
 * @example
 * ```ts
 * import { createNumpyGenerator, numpyStandardNormal } from "@repro/seed/compat";
 * [...numpyStandardNormal(createNumpyGenerator(42), 2)]; // => [0.30471707975443135, -1.0399841062404955]
 * ```
 * @public
 */
export function numpyStandardNormal(rng: NumpyGenerator): number;
/**
 * Draws `size` such normals into an array.
 *
 * @param size - Number of values, an integer in [0, 2^32 - 1].
 * @public
 */
export function numpyStandardNormal(rng: NumpyGenerator, size: number): Float64Array;
export function numpyStandardNormal(rng: NumpyGenerator, size?: number): number | Float64Array {
  checkBitGenerator("numpyStandardNormal", rng, "PCG64");
  if (size === undefined) return standardNormal(rng);
  checkSize("numpyStandardNormal", size);
  const out = new Float64Array(size);
  for (let index = 0; index < size; index += 1) out[index] = standardNormal(rng);
  return out;
}

const TAIL_START = 3.6541528853610088;
const TAIL_START_INVERSE = 0.27366123732975828;
const TWO_TO_23 = 0x80_0000;
/** Bit 8 of the place: NumPy's tail takes its sign from there. */
const TAIL_SIGN = 0x100;

function standardNormal(rng: NumpyGenerator): number {
  for (;;) {
    rng.next64();
    const low = rng.low >>> 0;
    const layer = low & 0xff;
    const place = (rng.high & 0x1fff_ffff) * TWO_TO_23 + (low >>> 9); // 52 bits
    const size = place * at(WIDTH, layer);
    const x = (low & 0x100) === 0 ? size : -size;
    if (place < at(INSIDE, layer)) return x;
    if (layer === 0) return ((low >>> 9) & TAIL_SIGN) === 0 ? tail(rng) : -tail(rng);
    const height = (at(HEIGHT, layer - 1) - at(HEIGHT, layer)) * rng.nextDouble() + at(HEIGHT, layer);
    if (height < exp(-0.5 * x * x)) return x;
  }
}

function tail(rng: NumpyGenerator): number {
  for (;;) {
    const beyond = -TAIL_START_INVERSE * log1pNegative(rng.nextDouble());
    const height = -log1pNegative(rng.nextDouble());
    if (height + height > beyond * beyond) return TAIL_START + beyond;
  }
}

/** A table's element; the callers' indices are within [0, 256). */
function at(table: readonly number[], index: number): number {
  return table[index] as number;
}
