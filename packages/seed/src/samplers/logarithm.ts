// Engines differ in the last bits of Math.log and Math.exp. These use nothing but + - * /, which IEEE 754 defines exactly,
// so that every engine computes the same bits. The order of operations is part of the recorded streams.

/** ln 2 in two parts: the first has 21 trailing zero bits, so that its product with a small integer is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;
const SQRT_HALF = 0.7071067811865476;
const SQRT_2 = 1.4142135623730951;
const TWO_TO_30 = 0x4000_0000;
const TWO_TO_MINUS_30 = 9.313225746154785e-10;

/**
 * The natural logarithm of a number of at least 0, subnormal ones included; within 2 ulp.
 *
 * x = m 2^e with m in [√½, √2); ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172, as a series up to s^21.
 * `log(0)` is -Infinity, `log(Infinity)` Infinity; what is negative or NaN gives NaN.
 */
export function log(x: number): number {
  if (!(x > 0 && x < Infinity)) return x === 0 ? -Infinity : x > 0 ? x : Number.NaN;
  let mantissa = x;
  let exponent = 0;
  // Steps by powers of two are exact, in either size.
  for (; mantissa < TWO_TO_MINUS_30; exponent -= 30) mantissa *= TWO_TO_30;
  for (; mantissa < SQRT_HALF; exponent -= 1) mantissa *= 2;
  for (; mantissa >= TWO_TO_30; exponent += 30) mantissa *= TWO_TO_MINUS_30;
  for (; mantissa >= SQRT_2; exponent += 1) mantissa *= 0.5;
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * LN2_HIGH + (2 * s + (2 * s * artanhSeries(s) + exponent * LN2_LOW));
}

/**
 * The natural logarithm of 1 + x for x of at least -1, without loss for small x; within 4 ulp.
 *
 * Where 1 + x lies in [√½, √2): 2 artanh s with s = x / (2 + x), as in {@link log}. `log1p(-0)` is -0.
 */
export function log1p(x: number): number {
  if (!(x >= SQRT_HALF - 1 && x < SQRT_2 - 1)) return log(1 + x);
  const s = x / (2 + x);
  return 2 * s + 2 * s * artanhSeries(s);
}

/**
 * e to the power of x; within 2 ulp where the result is normal, within one step of 2^-1074 below.
 *
 * x = k ln 2 + r with |r| <= 0.347; e^r as a Taylor polynomial up to r^14, then times 2^k. Infinity above 709.79, 0 below
 * -745.14; NaN gives NaN.
 */
export function exp(x: number): number {
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let degree = 14; degree >= 1; degree -= 1) sum = 1 + (r * sum) / degree;
  // Beyond the normal range in two steps, the first of which is exact: only the last one rounds, once.
  if (k < -1000) return sum * powerOfTwo(-1000) * powerOfTwo(k + 1000);
  if (k > 1000) return sum * powerOfTwo(1000) * powerOfTwo(k - 1000);
  return sum * powerOfTwo(k);
}

/** artanh(s) / s - 1 for |s| < 0.172. */
function artanhSeries(s: number): number {
  const square = s * s;
  let sum = 0;
  for (let odd = 21; odd >= 3; odd -= 2) sum = (sum + 1 / odd) * square;
  return sum;
}

/** 2^k for an integer k in [-1000, 1000], without Math.pow, which engines compute differently. */
function powerOfTwo(k: number): number {
  let power = 1;
  let left = k;
  for (; left < -30; left += 30) power *= TWO_TO_MINUS_30;
  for (; left > 30; left -= 30) power *= TWO_TO_30;
  return left < 0 ? power / (1 << -left) : power * (1 << left);
}
