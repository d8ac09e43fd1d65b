import { createSeed, createStream, deriveSeed, int, normal, uniform } from "@repro/seed";
import type { Seed } from "@repro/seed";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";

import { startXoroshiro } from "../src/stream/engine.ts";
import { keyBytes } from "../src/key/key.ts";

/** Raised by SLOW=1, for the nightly run. */
const SCALE = process.env["SLOW"] === "1" ? 16 : 1;

function stateBits({ key }: Seed): bigint {
  return BigInt(`0x${key.slice("sha256:".length, "sha256:".length + 32)}`);
}

function popcount(bits: bigint): number {
  return bits.toString(2).replaceAll("0", "").length;
}

/** Pearson's r. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, value] of x.entries()) {
    const [dx, dy] = [value - mx, y[index]! - my];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

/** Largest |r| times √n, over draws 0..5, between the streams of neighbours i and i + 1. */
function neighbourCorrelation(draws: (index: number) => readonly number[], streams: number): number {
  const table = Array.from({ length: streams + 1 }, (_, index) => draws(index));
  const column = (draw: number, shift: number): number[] =>
    table.slice(shift, streams + shift).map((drawn) => drawn[draw]!);
  const scores = [0, 1, 2, 3, 4, 5].map((draw) => Math.abs(correlation(column(draw, 0), column(draw, 1))));
  return Math.max(...scores) * Math.sqrt(streams);
}

function six(draw: () => number): number[] {
  return Array.from({ length: 6 }, draw);
}

/** Normalised chi-square: (χ² - k) / √(2k), nearly standard normal for many cells. */
function chiSquareScore(counts: readonly number[], total: number): number {
  const expected = total / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (chi - freedom) / Math.sqrt(2 * freedom);
}

describe("derived states", () => {
  it("change half their bits when one bit of the seed or one letter of the label changes", () => {
    const flips: number[] = [];
    for (let bit = 0n; bit < 52n; bit += 1n) {
      const value = 123_456_789n;
      flips.push(popcount(stateBits(createSeed(value)) ^ stateBits(createSeed(value ^ (1n << bit)))));
      const label = (code: bigint): Seed => deriveSeed(createSeed(1), `layer${String.fromCharCode(Number(code) + 97)}`);
      flips.push(popcount(stateBits(label(bit)) ^ stateBits(label(bit + 1n))));
    }
    // 64 of 128 bits, standard deviation 5.66; the mean of 104 flips has 0.55.
    const mean = flips.reduce((sum, count) => sum + count, 0) / flips.length;
    expect(Math.abs(mean - 64)).toBeLessThan(4 * 0.56);
    for (const count of flips) expect(Math.abs(count - 64)).toBeLessThan(5 * 5.66);
  });

  it("do not collide, not even in their first 64 bits", () => {
    const root = createSeed(1);
    const count = 20_000 * SCALE;
    const seen = new Set<bigint>();
    for (let index = 0; index < count; index += 1) seen.add(stateBits(deriveSeed(root, index)) >> 64n);
    expect(seen.size).toBe(count);
  });

  it("give neighbours streams that do not correlate, and the check finds those of pure-rand's own seeding", () => {
    const streams = 2_000 * SCALE;
    const root = createSeed(1);
    const child = neighbourCorrelation((index) => {
      const rng = createStream(root, index);
      return six(() => uniform(rng));
    }, streams);
    const sibling = neighbourCorrelation((index) => {
      const rng = createStream(createSeed(index));
      return six(() => uniform(rng));
    }, streams);
    const naive = neighbourCorrelation((index) => {
      const rng = xoroshiro128plus(index);
      return six(() => uniformFloat64(rng));
    }, streams);
    expect(child).toBeLessThan(4);
    expect(sibling).toBeLessThan(4);
    expect(naive).toBeGreaterThan(20); // r is above 0.9 in the first draw
  });

  it("give first words that spread evenly, and the check finds those of pure-rand's own seeding", () => {
    const streams = 4_096 * SCALE;
    const score = (first: (index: number) => number): number => {
      const counts = Array.from({ length: 64 }, () => 0);
      for (let index = 0; index < streams; index += 1) counts[(first(index) >>> 26) & 63]! += 1;
      return Math.abs(chiSquareScore(counts, streams));
    };
    const root = createSeed(2);
    expect(score((index) => startXoroshiro(keyBytes(deriveSeed(root, index))).next())).toBeLessThan(4);
    expect(score((index) => xoroshiro128plus(index).next())).toBeGreaterThan(100);
  });
});

describe("samplers", () => {
  it.each([2, 6, 100, 1000])("spread int below %i evenly", (n) => {
    const rng = createStream(createSeed(3), "int", n);
    const total = 100_000 * SCALE;
    const counts = Array.from({ length: n }, () => 0);
    for (let index = 0; index < total; index += 1) counts[int(rng, n)]! += 1;
    expect(Math.abs(chiSquareScore(counts, total))).toBeLessThan(4);
  });

  it("spread uniform evenly, in pairs too", () => {
    const rng = createStream(createSeed(3), "uniform");
    const total = 100_000 * SCALE;
    const counts = Array.from({ length: 256 }, () => 0);
    for (let index = 0; index < total; index += 1) {
      counts[Math.floor(uniform(rng) * 16) * 16 + Math.floor(uniform(rng) * 16)]! += 1;
    }
    expect(Math.abs(chiSquareScore(counts, total))).toBeLessThan(4);
  });

  it("give normal its moments, its tail and its quantiles", () => {
    const rng = createStream(createSeed(3), "normal");
    const total = 400_000 * SCALE;
    const sums = [0, 0, 0, 0];
    const beyond = { one: 0, edge: 0, four: 0 };
    for (let index = 0; index < total; index += 1) {
      const z = normal(rng);
      for (let power = 1; power <= 4; power += 1) sums[power - 1]! += z ** power;
      if (Math.abs(z) > 1) beyond.one += 1;
      if (Math.abs(z) > 3.654152885361009) beyond.edge += 1;
      if (Math.abs(z) > 4) beyond.four += 1;
    }
    // Moments 0, 1, 0, 3; their variances for one draw are 1, 2, 15, 96.
    for (const [index, [moment, variance]] of [
      [0, 1],
      [1, 2],
      [0, 15],
      [3, 96],
    ].entries()) {
      expect(Math.abs(sums[index]! / total - moment!) / Math.sqrt(variance! / total)).toBeLessThan(4);
    }
    const deviation = (count: number, p: number): number =>
      Math.abs(count - total * p) / Math.sqrt(total * p * (1 - p));
    expect(deviation(beyond.one, 0.31731050786291415)).toBeLessThan(4);
    expect(deviation(beyond.edge, 2.580324876539008e-4)).toBeLessThan(4);
    expect(deviation(beyond.four, 6.334248366623996e-5)).toBeLessThan(4);
  });
});
