import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { exp, log, log1p } from "../src/samplers/logarithm.ts";

type Pairs = readonly (readonly [x: number, y: number])[];

const vectors = JSON.parse(readFileSync(new URL("vectors/logarithm.json", import.meta.url), "utf8")) as Readonly<
  Record<"log" | "exp" | "wideLog" | "wideExp" | "log1p", Pairs>
>;

/** Doubles between two numbers of one sign, 0 when they are the same. */
function ulps(a: number, b: number): number {
  const [x, y] = new BigInt64Array(Float64Array.of(a, b).buffer) as unknown as [bigint, bigint];
  return Math.abs(Number(x - y));
}

/** The function's largest distance from correctly rounded values, in ulp; Infinity where a sign differs. */
function worst(f: (x: number) => number, pairs: Pairs): number {
  return pairs.reduce(
    (most, [x, y]) =>
      Math.max(most, Object.is(f(x), y) ? 0 : f(x) * y < 0 ? Infinity : ulps(Math.abs(f(x)), Math.abs(y))),
    0,
  );
}

describe("log, log1p and exp", () => {
  it("are within the promised ulp of mpmath's values, over all doubles", () => {
    expect(vectors.wideLog.length + vectors.wideExp.length + vectors.log1p.length).toBeGreaterThan(800);
    expect(worst(log, vectors.log)).toBeLessThanOrEqual(2);
    expect(worst(log, vectors.wideLog)).toBeLessThanOrEqual(2);
    expect(worst(log1p, vectors.log1p)).toBeLessThanOrEqual(4);
    expect(worst(exp, vectors.exp)).toBeLessThanOrEqual(2);
    expect(worst(exp, vectors.wideExp)).toBeLessThanOrEqual(2);
  });

  it("are exact at 1 and 0", () => {
    expect([log(1), log1p(0), log1p(-0), exp(0), exp(-0)]).toEqual([0, 0, -0, 1, 1]);
  });

  it("have the limits for their ends, and NaN for what has no logarithm", () => {
    expect([log(0), log(-0), log(Infinity), log1p(-1), log1p(Infinity)]).toEqual([
      -Infinity,
      -Infinity,
      Infinity,
      -Infinity,
      Infinity,
    ]);
    expect([log(-1), log(-Infinity), log(Number.NaN), log1p(-1.5), log1p(Number.NaN), exp(Number.NaN)]).toEqual(
      Array(6).fill(Number.NaN),
    );
    expect([exp(-Infinity), exp(-745.14), exp(-1e308), exp(709.79), exp(Infinity)]).toEqual([
      0,
      0,
      0,
      Infinity,
      Infinity,
    ]);
  });

  it("round subnormal powers once: within one step of the correctly rounded ones", () => {
    const subnormal = vectors.wideExp.filter(([, y]) => y < 2 ** -1022);
    expect(subnormal.length).toBeGreaterThan(60);
    expect(worst(exp, subnormal)).toBeLessThanOrEqual(1);
    expect(subnormal.filter(([x, y]) => exp(x) !== y).length).toBeLessThan(3);
  });

  it("never decrease", () => {
    const double = fc.double({ noNaN: true });
    fc.assert(
      fc.property(double, double, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        fc.pre(ulps(Math.abs(low), Math.abs(high)) > 4 && low * high > 0);
        expect(
          exp(low) <= exp(high) && (low < 0 || log(low) <= log(high)) && (low < -1 || log1p(low) <= log1p(high)),
        ).toBe(true);
      }),
    );
  });
});

describe("where normal@1 takes its logarithms and exponentials, the bits change only in a major", () => {
  const LN2_HIGH = 0.6931471803691238;
  const LN2_LOW = 1.9082149292705877e-10;

  /** As they stood when `normal@1` was frozen, for (0, 1] and [-20, 0] only. */
  function frozenLog(x: number): number {
    let [mantissa, exponent] = [x, 0];
    while (mantissa < 0.7071067811865476) {
      mantissa *= 2;
      exponent -= 1;
    }
    const s = (mantissa - 1) / (mantissa + 1);
    const square = s * s;
    let sum = 0;
    for (let odd = 21; odd >= 3; odd -= 2) sum = (sum + 1 / odd) * square;
    return exponent * LN2_HIGH + (2 * s + (2 * s * sum + exponent * LN2_LOW));
  }

  function frozenExp(x: number): number {
    const k = Math.floor(x * 1.4426950408889634 + 0.5);
    const r = x - k * LN2_HIGH - k * LN2_LOW;
    let sum = 1;
    for (let degree = 14; degree >= 1; degree -= 1) sum = 1 + (r * sum) / degree;
    return sum / (1 << -k);
  }

  it("of log", () => {
    const unit = fc.integer({ min: 1, max: 2 ** 53 - 1 }).map((bits) => bits * 2 ** -53);
    fc.assert(
      fc.property(fc.oneof(unit, fc.double({ min: 5e-324, max: 1, noNaN: true })), (x) =>
        Object.is(log(x), frozenLog(x)),
      ),
      { numRuns: 5000 },
    );
    for (const [x] of vectors.log) expect(log(x)).toBe(frozenLog(x));
  });

  it("of exp", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 0, max: 2 ** 53 - 1 }).map((bits) => -20 * bits * 2 ** -53),
          fc.double({ min: -20, max: 0, noNaN: true }),
        ),
        (x) => Object.is(exp(x), frozenExp(x)),
      ),
      { numRuns: 5000 },
    );
    for (const [x] of vectors.exp) expect(exp(x)).toBe(frozenExp(x));
  });
});
