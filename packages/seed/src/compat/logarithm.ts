import { fusedMultiplyAdd } from "./fused.ts";

export { exp } from "../samplers/logarithm.ts"; // for the folders below, which climb one step

const TWO_TO_MINUS_20 = 9.5367431640625e-7;
const TWO_TO_MINUS_29 = 1.862645149230957e-9;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * ln(1 - u) for u in [0, 1), a multiple of 2^-53: the bits of glibc's `log1p(-u)` on x86-64 with fused multiply-add.
 *
 * It is the algorithm of FreeBSD's msun (Sun, 1993): 1 - u = 2^k (1 + f) with 1 + f near [√½, √2), then
 * ln(1 + f) = f - f²/2 + s (f²/2 + R(s²)) with s = f / (2 + f) and a polynomial R. Six of glibc's sums are fused; the order
 * is that of glibc 2.36. NumPy calls the C library, so that a value is the machine's own: V8's `Math.log1p`, the same algorithm
 * without fused sums, differs in the last bit of one value in 1,600.
 */
export function log1pNegative(u: number): number {
  if (u < TWO_TO_MINUS_29) return u === 0 ? -u : -u - u * u * 0.5;
  let exponent = 0;
  let f = -u;
  if (u >= NEAR_ZERO) {
    let mantissa = 1 - u; // exact
    while (mantissa < 1) {
      mantissa *= 2; // exact
      exponent -= 1;
    }
    if (mantissa >= NEAR_SQRT2) {
      mantissa /= 2;
      exponent += 1;
    }
    f = mantissa - 1;
  }
  const half = 0.5 * f * f;
  if (u >= NEAR_ZERO && isNearOne(f)) return nearPower(exponent, f, half);
  const s = f / (2 + f);
  const tail = (series(s * s) + half) * s;
  if (exponent === 0) return f - (half - tail);
  return exponent * LN2_HIGH - (half - (exponent * LN2_LOW + tail) - f);
}

// The C code compares upper halves of doubles: these are the doubles whose lower half is 0.
const NEAR_ZERO = 0.29289340972900390625; // 0x3fd2bec4
const NEAR_SQRT2 = 1.4142131805419921875; // 0x3ff6a09e

/** Where the C code takes two terms: the 20 upper bits of 1 + f are 0, or those of 2 (1 + f) at least 2^20 - 3. */
function isNearOne(f: number): boolean {
  return f >= 0 ? f < TWO_TO_MINUS_20 : f >= -1.5 * TWO_TO_MINUS_20;
}

function nearPower(exponent: number, f: number, half: number): number {
  if (f === 0) return exponent * LN2_HIGH + exponent * LN2_LOW;
  const correction = half * fusedMultiplyAdd(-f, 2 / 3, 1);
  if (exponent === 0) return f - correction;
  return exponent * LN2_HIGH - (correction - exponent * LN2_LOW - f);
}

/** R(z), with the sums that glibc's build fuses. */
function series(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const b = fusedMultiplyAdd(0.2857142874366239, z, 0.3999999999940942);
  const c = fusedMultiplyAdd(0.1818357216161805, z, 0.22222198432149784);
  const d = fusedMultiplyAdd(0.14798198605116586, z, 0.15313837699209373);
  const low = fusedMultiplyAdd(z, 0.6666666666666735, z2 * b);
  return fusedMultiplyAdd(z2 * z4, d, fusedMultiplyAdd(z4, c, low));
}
