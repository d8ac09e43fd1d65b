// The traps of other libraries that lint rules are about, on the libraries themselves.
import { createRequire } from "node:module";

import { createSeed, withSeed } from "@repro/seed";
import { congruential32 } from "pure-rand/generator/congruential32";
import { mersenne } from "pure-rand/generator/mersenne";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { xorshift128plus } from "pure-rand/generator/xorshift128plus";
import { describe, expect, it, vi } from "vitest";

/** What is used of lodash, which has no types of its own. */
interface Lodash {
  random(upper: number): number;
  sample(items: readonly number[]): number;
  sampleSize(items: readonly number[], size: number): number[];
  shuffle(items: readonly number[]): number[];
}

const lodash = createRequire(import.meta.url)("lodash") as Lodash;

/** Correlation of the first draws of neighbouring seeds. */
function correlationOfNeighbours(make: (seed: number) => { next(): number }): number {
  const first = Array.from({ length: 1000 }, (_, seed) => make(seed).next() / 2 ** 31);
  const pairs = first.slice(1).map((value, index) => [first[index]!, value] as const);
  const mean = (of: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [a, b] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = Math.sqrt(mean(([x]) => (x - a) ** 2) * mean(([, y]) => (y - b) ** 2));
  return mean(([x, y]) => (x - a) * (y - b)) / spread;
}

describe("adjacent-seeds", () => {
  it.each([
    ["xoroshiro128plus", xoroshiro128plus],
    ["xorshift128plus", xorshift128plus],
    ["congruential32", congruential32],
  ])("%s of pure-rand starts neighbouring seeds from related numbers", (_name, make) => {
    const distances = Array.from({ length: 100 }, (_, seed) => (make(seed + 1).next() - make(seed).next()) | 0);
    expect(new Set(distances).size).toBeLessThan(20); // 100 of a generator that mixes
  });

  it("mersenne of pure-rand does not, and the rule passes it", () => {
    const distances = Array.from({ length: 100 }, (_, seed) => (mersenne(seed + 1).next() - mersenne(seed).next()) | 0);
    expect(new Set(distances).size).toBe(100);
    expect(Math.abs(correlationOfNeighbours(mersenne))).toBeLessThan(0.1);
    expect(correlationOfNeighbours(xoroshiro128plus)).toBeGreaterThan(0.99);
  });
});

describe("unseeded-library", () => {
  it("lodash keeps the Math.random that it found, so that a scope does not reach it", async () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const redirected = (draw: () => unknown): Promise<unknown> => withSeed(createSeed(1), { random: "redirect" }, draw);
    for (const draw of [() => lodash.shuffle(items), () => lodash.sampleSize(items, 20)])
      expect(await redirected(draw)).not.toEqual(await redirected(draw));
    const many = (draw: () => number | undefined): unknown => Array.from({ length: 20 }, draw);
    for (const draw of [() => lodash.random(1e6), () => lodash.sample(items)])
      expect(await redirected(() => many(draw))).not.toEqual(await redirected(() => many(draw)));
  });
});

describe("captured-random", () => {
  it("a reference that was taken before a scope opened escapes it", async () => {
    const captured = Math.random;
    const redirected = (draw: () => number): Promise<number> => withSeed(createSeed(1), { random: "redirect" }, draw);
    expect(await redirected(() => captured())).not.toBe(await redirected(() => captured()));
    expect(await redirected(() => Math.random())).toBe(await redirected(() => Math.random()));
  });
});

describe("random-comparator", () => {
  it("gives some orders far more often than others", () => {
    const counts = new Map<string, number>();
    let state = 1;
    const random = vi.spyOn(Math, "random").mockImplementation(() => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    });
    for (let turn = 0; turn < 6000; turn += 1) {
      const order = ["a", "b", "c"].toSorted(() => Math.random() - 0.5).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    random.mockRestore();
    expect(Math.max(...counts.values()) / 6000).toBeGreaterThan(0.3); // 1/6 of a fair shuffle
  });
});
