// Engines differ in the last bits of Math.log and Math.exp. These two use nothing but + - * /, which IEEE 754 defines
// exactly, so that every engine computes the same bits. The order of operations is part of the recorded streams.

/** ln 2 in two parts: the first has 21 trailing zero bits, so that its product with a small integer is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;
const SQRT_HALF = 0.7071067811865476;

/**
 * The natural logarithm of a positive, normal number of at most 1; within 2 ulp.
 *
 * x = m 2^e with m in [√½, √2); ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172, as a series up to s^21.
 */
export function log(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < SQRT_HALF) {
    mantissa *= 2; // exact
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let odd = 21; odd >= 3; odd -= 2) sum = (sum + 1 / odd) * square;
  return exponent * LN2_HIGH + (2 * s + (2 * s * sum + exponent * LN2_LOW));
}

/**
 * e to the power of x, for x in [-20, 0]; within 2 ulp.
 *
 * x = k ln 2 + r with |r| <= 0.347; e^r as a Taylor polynomial up to r^14, then divided by 2^-k.
 */
export function exp(x: number): number {
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let degree = 14; degree >= 1; degree -= 1) sum = 1 + (r * sum) / degree;
  return sum / (1 << -k);
}
