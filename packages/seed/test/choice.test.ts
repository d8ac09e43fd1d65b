import { createSeed, createStream, deriveSeed } from "@repro/seed";
import type { Stream } from "@repro/seed";
import fc from "fast-check";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { describe, expect, it } from "vitest";

import { bootstrap } from "../src/samplers/bootstrap.ts";
import { choice } from "../src/samplers/choice.ts";
import { chiSquareScore } from "./chi-square.ts";

/** Raised by SLOW=1, for the nightly run. */
const SCALE = process.env["SLOW"] === "1" ? 16 : 1;

function stream(value: number): Stream {
  return createStream(createSeed(value), "choice");
}

const seed = fc.maxSafeNat();
const weight = fc.oneof(fc.constant(0), fc.double({ noNaN: true, min: 0, max: 1e308 }));

/** Words chosen by the test. */
function scripted(...words: readonly number[]): RandomGenerator {
  let index = 0;
  return {
    next: () => {
      index += 1;
      return words[index - 1]! | 0;
    },
    clone: () => scripted(...words.slice(index)),
    getState: () => words.slice(index),
  };
}

/** How often each outcome of `draw` came, for the outcomes that can. */
function tally(outcomes: readonly string[], times: number, draw: () => string): number[] {
  const counts = new Map(outcomes.map((outcome) => [outcome, 0]));
  for (let index = 0; index < times; index += 1) {
    const outcome = draw();
    const before = counts.get(outcome);
    if (before === undefined) throw new Error(`${outcome} should not come`);
    counts.set(outcome, before + 1);
  }
  return [...counts.values()];
}

/** All ordered choices of `count` from [0, n). */
function orders(n: number, count: number): number[][] {
  if (count === 0) return [[]];
  return orders(n, count - 1).flatMap((start) =>
    [...Array(n).keys()].filter((index) => !start.includes(index)).map((index) => [...start, index]),
  );
}

describe("choice without replacement", () => {
  it("takes distinct elements, as many as wanted", () => {
    fc.assert(
      fc.property(seed, fc.oneof(fc.nat(60), fc.maxSafeNat()), fc.nat(60), (value, n, wanted) => {
        const count = Math.min(n, wanted);
        const chosen = choice(stream(value), n, { count });
        expect(chosen).toHaveLength(count);
        expect(new Set(chosen).size).toBe(count);
        for (const index of chosen) expect(Number.isSafeInteger(index) && index >= 0 && index < n).toBe(true);
      }),
    );
  });

  it("gives fewer as the start of more, whether it lists all elements or not", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 400 }), fc.nat(400), (value, n, wanted) => {
        const all = choice(stream(value), n, { count: n });
        expect(choice(stream(value), n, { count: Math.min(n, wanted) })).toEqual(all.slice(0, wanted));
      }),
    );
  });

  it("remembers every exchange where it does not list the elements", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 60 }), (value, count) => {
        const n = 8 * count + 1; // the least that is not listed; all of n is
        const all = choice(stream(value), n, { count: n });
        expect(choice(stream(value), n, { count })).toEqual(all.slice(0, count));
      }),
      { numRuns: 300 },
    );
  });

  it("draws the elements of an array as it draws its indices, from arrays of every kind", () => {
    fc.assert(
      fc.property(seed, fc.array(fc.string(), { minLength: 1 }), fc.boolean(), (value, items, replace) => {
        const options = { count: Math.ceil(items.length / 2), replace };
        const indices = choice(stream(value), items.length, options);
        expect(choice(stream(value), items, options)).toEqual(indices.map((index) => items[index]));
        const numbers = Float32Array.from(items, (_, index) => index);
        expect(choice(stream(value), numbers, options)).toEqual(indices);
      }),
    );
  });

  it("makes every order of 3 of 6 equally often, and so every subset; the check finds the shortcut that does not", () => {
    const times = 24_000 * SCALE;
    const all = orders(6, 3).map((order) => order.join(""));
    const rng = stream(1);
    expect(Math.abs(chiSquareScore(tally(all, times, () => choice(rng, 6, { count: 3 }).join(""))))).toBeLessThan(4);
    // What `array.toSorted(() => random() - 0.5).slice(0, 3)` gives.
    const careless = tally(all, times, () =>
      [0, 1, 2, 3, 4, 5]
        .toSorted(() => (rng.next() < 0 ? -1 : 1))
        .slice(0, 3)
        .join(""),
    );
    expect(chiSquareScore(careless)).toBeGreaterThan(100);
  });

  it("makes every order of 2 of 20 equally often where it does not list the elements", () => {
    const rng = stream(2);
    const all = orders(20, 2).map((order) => order.join());
    const counts = tally(all, 20_000 * SCALE, () => choice(rng, 20, { count: 2 }).join());
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
  });

  it("draws nothing for none", () => {
    const rng = stream(1);
    expect([choice(rng, 0, { count: 0 }), choice(rng, ["a"], { count: 0 }), rng.draws]).toEqual([[], [], 0]);
    expect(choice(rng, 0, { count: 0, weights: [] })).toEqual([]);
    expect(choice(rng, 0, { count: 0, weights: [], replace: true })).toEqual([]);
  });
});

describe("choice with replacement", () => {
  it("makes every pair of 5 equally often", () => {
    const rng = stream(3);
    const pairs = [...Array(25).keys()].map((pair) => `${Math.floor(pair / 5)}${pair % 5}`);
    const counts = tally(pairs, 10_000 * SCALE, () => choice(rng, 5, { count: 2, replace: true }).join(""));
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
  });
});

describe("choice with weights", () => {
  it("never takes an element without weight, and all others when so many are wanted", () => {
    fc.assert(
      fc.property(seed, fc.array(weight, { minLength: 1, maxLength: 40 }), (value, weights) => {
        const positive = [...weights.keys()].filter((index) => weights[index]! > 0);
        fc.pre(positive.length > 0);
        const all = choice(stream(value), weights.length, { count: positive.length, weights });
        expect(all.toSorted((a, b) => a - b)).toEqual(positive);
        const many = choice(stream(value), weights.length, { count: 30, replace: true, weights });
        expect(many.filter((index) => !(weights[index]! > 0))).toEqual([]);
      }),
    );
  });

  it("gives fewer as the start of more, and the same for weights in another unit", () => {
    fc.assert(
      fc.property(
        seed,
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        fc.nat(40),
        (value, weights, replace, wanted) => {
          const most = replace ? 40 : weights.filter((weight) => weight > 0).length;
          fc.pre(weights.some((weight) => weight > 0));
          const all = choice(stream(value), weights.length, { count: most, replace, weights });
          const count = Math.min(most, wanted);
          expect(choice(stream(value), weights.length, { count, replace, weights })).toEqual(all.slice(0, count));
          const tiny = Float64Array.from(weights, (weight) => weight * 2 ** -1074); // multiples of the least double
          expect(choice(stream(value), weights.length, { count, replace, weights: tiny })).toEqual(all.slice(0, count));
        },
      ),
    );
  });

  it.each([
    [1e308, 5e-324],
    [Number.MAX_VALUE, Number.MAX_VALUE],
    [5e-324, 5e-324],
  ])("takes weights as far apart or as extreme as %d and %d", (a, b) => {
    expect(choice(stream(1), ["a", "b"], { count: 2, weights: [a, b] })).toHaveLength(2);
    const many = choice(stream(1), 2, { count: 2000, replace: true, weights: [a, b] });
    const first = many.filter((index) => index === 0).length;
    expect(a === b ? Math.abs(first - 1000) < 100 : first === 2000).toBe(true);
  });

  it("takes nothing without weight even for the ends of the words", () => {
    const options = { count: 1, replace: true };
    expect(choice(scripted(0, 0), 3, { ...options, weights: [0, 1, 0] })).toEqual([1]);
    expect(choice(scripted(-1, -1), 3, { ...options, weights: [0, 1, 0] })).toEqual([1]);
    // The largest u is 1, and its logarithm 0: first of all, and no 0 / 0 for a weight that is 0 beside the largest.
    expect(choice(scripted(0, 0, -1, -1), 2, { count: 2, weights: [Number.MAX_VALUE, 5e-324] })).toEqual([1, 0]);
    expect(choice(scripted(0, 0, 0, 0, -1, -1), 3, { count: 2, weights: [1, 1, 0] })).toEqual([0, 1]);
  });

  it("takes each in proportion to its weight, with replacement", () => {
    const weights = [1, 0, 2, 5, 0.5];
    const rng = stream(4);
    const times = 20_000 * SCALE;
    const counts = [0, 0, 0, 0, 0];
    for (const index of choice(rng, 5, { count: times, replace: true, weights })) counts[index]! += 1;
    expect(counts[1]).toBe(0);
    const expected = weights.map((weight) => (times * weight) / 8.5);
    expect(Math.abs(chiSquareScore(counts, expected))).toBeLessThan(4);
    expect(chiSquareScore(counts)).toBeGreaterThan(100); // against equal shares
  });

  it("takes each order without replacement as often as one after the other would, by exact enumeration", () => {
    const weights = [1, 2, 3, 6];
    const all = orders(4, 3);
    const probability = (order: readonly number[]): number => {
      let left = 12;
      let product = 1;
      for (const index of order) {
        product *= weights[index]! / left;
        left -= weights[index]!;
      }
      return product;
    };
    const times = 24_000 * SCALE;
    const names = all.map((order) => order.join(""));
    const rng = stream(5);
    const score = (draw: () => string): number =>
      chiSquareScore(
        tally(names, times, draw),
        all.map((order) => times * probability(order)),
      );
    expect(Math.abs(score(() => choice(rng, 4, { count: 3, weights }).join("")))).toBeLessThan(4);
    // Uniform numbers times weights are no exponential race.
    const careless = (): string =>
      [0, 1, 2, 3]
        .map((index) => ({ index, rank: weights[index]! * (rng.next() >>> 0) }))
        .toSorted((a, b) => b.rank - a.rank)
        .slice(0, 3)
        .map(({ index }) => index)
        .join("");
    expect(score(careless)).toBeGreaterThan(20);
  });
});

describe("choice refuses", () => {
  const rng = stream(1);
  it.each([
    [-1, { count: 0 }, /"from" must be an integer in \[0, 2\^53\], got -1/],
    [1.5, { count: 0 }, /"from"/],
    [Number.NaN, { count: 0 }, /"from"/],
    [2 ** 53 + 2, { count: 0 }, /"from"/],
    [3, { count: 4 }, /"count" must be an integer in \[0, 3\], got 4/],
    [3, { count: -1 }, /"count"/],
    [3, { count: 0.5 }, /"count"/],
    [3, { count: Number.NaN }, /"count"/],
    [0, { count: 1, replace: true }, /"count" must be an integer in \[0, 0\]/],
    [3, { count: 2 ** 32, replace: true }, /"count"/],
    [2 ** 40, { count: 2 ** 25 }, /"count" must be at most 2\^24/],
    [3, { count: 1, weights: [1, 2] }, /"weights" must have one for each of 3 elements, got 2/],
    [2, { count: 1, weights: [1, Number.NaN] }, /"weights" must be finite and not negative, got NaN at 1/],
    [2, { count: 1, weights: [1, -1] }, /got -1 at 1/],
    [2, { count: 1, weights: [Infinity, 1] }, /got Infinity at 0/],
    [3, { count: 2, weights: [0, 1, 0] }, /"weights" must have 2 above 0 for this count, got 1/],
    [2, { count: 5, replace: true, weights: [0, 0] }, /"weights" must have 1 above 0/],
  ])("%d with %j, and draws nothing", (from, options, message) => {
    expect(() => choice(rng, from, options)).toThrow(RangeError);
    expect(() => choice(rng, from, options)).toThrow(message);
    expect(rng.draws).toBe(0);
  });

  it.each([["abc"], [null], [undefined], [{ length: -1 }], [new DataView(new ArrayBuffer(8))]])(
    "%j for an array",
    (from) => {
      expect(() => choice(rng, from as unknown as string[], { count: 1 })).toThrow(TypeError);
    },
  );
});

describe("bootstrap", () => {
  it("draws each replicate alone as in any order", () => {
    const root = createSeed(42);
    const size = 30;
    const backwards = [4, 3, 2, 1, 0].map((replicate) => bootstrap(root, { replicate, size })).toReversed();
    expect([0, 1, 2, 3, 4].map((replicate) => bootstrap(root, { replicate, size }))).toEqual(backwards);
    expect(new Set(backwards.map((rows) => rows.join())).size).toBe(5);
  });

  it("leaves out a row with the probability (1 - 1/n)^n, and the check finds sampling without replacement", () => {
    const [size, replicates] = [20, 2_000 * SCALE];
    let missing = 0;
    for (let replicate = 0; replicate < replicates; replicate += 1) {
      missing += size - new Set(bootstrap(createSeed(1), { replicate, size })).size;
    }
    const share = missing / (size * replicates);
    expect(Math.abs(share - 0.95 ** 20)).toBeLessThan(0.01 / Math.sqrt(SCALE)); // √(0.36 · 0.64 / 40,000) is 0.0024
    expect(size - new Set(choice(stream(1), size, { count: size })).size).toBe(0);
  });

  it("of nothing is empty", () => {
    expect(bootstrap(createSeed(1), { replicate: 0, size: 0 })).toEqual(new Uint32Array());
  });

  it.each([
    [{ replicate: -1, size: 1 }, "replicate"],
    [{ replicate: 0.5, size: 1 }, "replicate"],
    [{ replicate: Number.NaN, size: 0 }, "replicate"],
    [{ replicate: 2 ** 53, size: 1 }, "replicate"],
    [{ replicate: 0, size: -1 }, "size"],
    [{ replicate: 0, size: 2 ** 32 }, "size"],
    [{ replicate: 0, size: Number.NaN }, "size"],
  ])("refuses %j", (options, parameter) => {
    expect(() => bootstrap(deriveSeed(createSeed(1)), options)).toThrow(RangeError);
    expect(() => bootstrap(createSeed(1), options)).toThrow(`bootstrap: "${parameter}"`);
  });
});
