import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { exp, log } from "../src/samplers/logarithm.ts";

type Pairs = readonly (readonly [x: number, y: number])[];

const vectors = JSON.parse(readFileSync(new URL("vectors/logarithm.json", import.meta.url), "utf8")) as {
  readonly log: Pairs;
  readonly exp: Pairs;
};

/** Doubles between two numbers of one sign, 0 when they are the same. */
function ulps(a: number, b: number): number {
  const [x, y] = new BigInt64Array(Float64Array.of(a, b).buffer) as unknown as [bigint, bigint];
  return Math.abs(Number(x - y));
}

describe("log and exp", () => {
  it("are within 2 ulp of the correctly rounded values", () => {
    for (const [x, y] of vectors.log) expect(ulps(Math.abs(log(x)), Math.abs(y)), `log ${x}`).toBeLessThanOrEqual(2);
    for (const [x, y] of vectors.exp) expect(ulps(exp(x), y), `exp ${x}`).toBeLessThanOrEqual(2);
  });

  it("are exact at 1 and 0", () => {
    expect(Object.is(log(1), 0)).toBe(true);
    expect(exp(0)).toBe(1);
  });
});
