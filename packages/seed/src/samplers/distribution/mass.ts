// Probabilities of the Poisson and binomial distributions, by Loader's saddle-point expansion: each is written as
// differences that are small near the mode, so that nothing cancels for means up to 2^53, where log-gammas would.
// Loader, Fast and accurate computation of binomial probabilities, 2000.

import { log, log1p } from "../logarithm.ts";

const TWO_PI = 6.283185307179586;

/** ln k! less Stirling's formula (k + ½) ln k - k + ½ ln 2π, for k = 1..15; made with mpmath, 50 digits. */
const STIRLING_ERROR: readonly number[] = [
  0.08106146679532726, 0.0413406959554093, 0.02767792568499834, 0.020790672103765093, 0.016644691189821193,
  0.013876128823070748, 0.01189670994589177, 0.010411265261972096, 0.009255462182712733, 0.00833056343336287,
  0.007573675487951841, 0.00694284010720953, 0.006408994188004207, 0.0059513701127588475, 0.005554733551962801,
];

/** The natural logarithm of the probability that a Poisson variable is k, an integer of at least 0, for a positive mean. */
export function logPoissonMass(k: number, mean: number): number {
  if (k === 0) return -mean;
  return -stirlingError(k) - deviance(k, mean) - 0.5 * log(TWO_PI * k);
}

/** The natural logarithm of the probability of k successes, an integer in [0, n], in n trials, for p in (0, 1). */
export function logBinomialMass(k: number, n: number, p: number): number {
  if (k === 0) return n * log1p(-p);
  if (k === n) return n * log(p);
  const correction = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  return correction - deviance(k, n * p) - deviance(n - k, n * (1 - p)) - 0.5 * log(TWO_PI * k * ((n - k) / n));
}

/** ln k! less Stirling's formula, for an integer k of at least 1: a table, then the asymptotic series up to k^-9. */
function stirlingError(k: number): number {
  const known = STIRLING_ERROR[k - 1];
  if (known !== undefined) return known;
  const square = k * k;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / k;
}

/** k ln(k / mean) + mean - k, which is about (k - mean)² / 2 mean near the mean; as a series where the terms would cancel. */
function deviance(k: number, mean: number): number {
  const difference = k - mean;
  const v = difference / (k + mean);
  if (v < -0.1 || v > 0.1) return k * log(k / mean) + mean - k;
  const square = v * v;
  let sum = 0;
  for (let odd = 17; odd >= 3; odd -= 2) sum = (sum + 1 / odd) * square; // artanh(v) / v - 1
  return difference * v + 2 * k * v * sum;
}
