import { createSeed, createStream, normal } from "@repro/seed";
import type { Stream } from "@repro/seed";
import fc from "fast-check";
import { mersenne } from "pure-rand/generator/mersenne";
import { describe, expect, it } from "vitest";

import { binomial } from "../src/samplers/distribution/binomial.ts";
import { categorical, createCategorical } from "../src/samplers/distribution/categorical.ts";
import { beta, dirichlet } from "../src/samplers/distribution/dirichlet.ts";
import { exponential, gumbel } from "../src/samplers/distribution/exponential.ts";
import { gamma } from "../src/samplers/distribution/gamma.ts";
import { poisson } from "../src/samplers/distribution/poisson.ts";
import { truncatedNormal } from "../src/samplers/distribution/truncated-normal.ts";
import { drawOf } from "./distribution-cases.ts";

const seed = fc.maxSafeNat();
const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
const shape = fc.oneof(positive, fc.double({ min: 1e-3, max: 100, noNaN: true }));
const moderate = fc.double({ min: -1e6, max: 1e6, noNaN: true });

function stream(value: number): Stream {
  return createStream(createSeed(value), "distributions");
}

/** A stream whose first words are chosen, upper halves of doubles first. */
function wordsThen(words: readonly number[]): Stream {
  const rest = stream(1);
  const left = [...words];
  return {
    ...rest,
    path: [],
    draws: 0,
    next: () => (left.shift() ?? rest.next()) | 0,
    clone: () => wordsThen(left),
    getState: () => left,
  };
}

describe("every sampler", () => {
  const cases = [
    ["exponential", [1]],
    ["gumbel", [0, 1]],
    ["truncatedNormal", [1, 3, 0, 1]],
    ["gamma", [0.3, 1]],
    ["beta", [0.3, 2]],
    ["dirichlet", [0, 0.3, 2]],
    ["poisson", [7]],
    ["poisson", [70]],
    ["binomial", [70, 0.1]],
    ["binomial", [700, 0.1]],
    ["categorical", [1, 2, 3]],
  ] as const;

  it.each(cases)("is a function of the words alone: %s %j", (sampler, written) => {
    const draw = drawOf({ sampler, arguments: written });
    fc.assert(
      fc.property(seed, (value) => {
        const rng = stream(value);
        draw(rng);
        const copy = rng.clone();
        expect(Object.is(draw(rng), draw(copy))).toBe(true);
        expect(rng.getState()).toEqual(copy.getState());
      }),
    );
  });

  it.each(cases)("takes any generator of pure-rand: %s %j", (sampler, written) => {
    expect(Number.isFinite(drawOf({ sampler, arguments: written })(mersenne(42)))).toBe(true);
  });
});

describe("exponential", () => {
  it("is at least 0, never -0, and scales exactly", () => {
    fc.assert(
      fc.property(seed, positive, (value, rate) => {
        const drawn = exponential(stream(value), rate);
        expect(drawn >= 0).toBe(true);
        expect(drawn).toBe(exponential(stream(value)) / rate);
      }),
    );
    expect(Object.is(exponential(wordsThen([-1, -1])), 0)).toBe(true);
    expect(exponential(wordsThen([0, 0]))).toBe(36.7368005696771);
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses the rate %f", (rate) => {
    expect(() => exponential(stream(1), rate)).toThrow(`exponential: "rate" must be positive and finite, got ${rate}`);
  });
});

describe("gumbel", () => {
  it("is the location less the scaled logarithm of an exponential draw, always finite", () => {
    fc.assert(
      fc.property(seed, moderate, positive, (value, location, scale) => {
        expect(gumbel(stream(value), location, scale)).toBe(location + scale * gumbel(stream(value)));
      }),
    );
  });

  it("draws again where the exponential draw is 0", () => {
    expect(gumbel(wordsThen([-1, -1, 0, 0]))).toBe(gumbel(wordsThen([0, 0])));
    expect(gumbel(wordsThen([-1, -128]))).toBe(36.7368005696771);
    expect(gumbel(wordsThen([0, 0]))).toBeCloseTo(-3.604, 3);
  });

  it.each([
    [Number.NaN, 1, "location"],
    [Infinity, 1, "location"],
    [0, 0, "scale"],
    [0, -1, "scale"],
    [0, Number.NaN, "scale"],
    [0, Infinity, "scale"],
  ])("refuses the location %f with the scale %f", (location, scale, parameter) => {
    expect(() => gumbel(stream(1), location, scale)).toThrow(RangeError);
    expect(() => gumbel(stream(1), location, scale)).toThrow(`gumbel: "${parameter}" must be`);
  });
});

describe("truncatedNormal", () => {
  const end = fc.oneof(fc.double({ noNaN: true }), moderate, fc.double({ min: -50, max: 50, noNaN: true }));

  it("stays within its ends, in few words, wherever they lie and whatever the scale is", () => {
    fc.assert(
      fc.property(
        seed,
        end,
        end,
        end,
        fc.oneof(positive, fc.double({ min: 5e-324, noNaN: true, noDefaultInfinity: true })),
        (value, a, b, mean, sd) => {
          fc.pre(a !== b && Number.isFinite(mean));
          const [low, high] = a < b ? [a, b] : [b, a];
          const rng = stream(value);
          const drawn = truncatedNormal(rng, { low, high, mean, sd });
          expect(drawn >= low && drawn <= high).toBe(true);
          expect(rng.draws).toBeLessThan(120);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    [30, 31],
    [8, Infinity],
    [-Infinity, -300],
    [1e200, Infinity],
    [2, 2 + 2 ** -51],
    [-(2 ** -1074), 2 ** -1074],
    [-1e-12, 1],
    [0.01, 2.6],
    [0, 2.5],
    [-2.50663, 0],
    [0.3, 0.9],
    [1, 1.7],
    [40, 40.02],
  ])("takes at least four tries in ten in [%f, %f]", (low, high) => {
    const rng = stream(3);
    const draws = 4000;
    for (let index = 0; index < draws; index += 1) truncatedNormal(rng, { low, high });
    expect(rng.draws / draws).toBeLessThan(4 / 0.4);
  });

  it("is normal where there are no ends", () => {
    fc.assert(
      fc.property(seed, moderate, (value, mean) => {
        expect(truncatedNormal(stream(value), { low: -Infinity, high: Infinity, mean, sd: 2 })).toBe(
          normal(stream(value), mean, 2),
        );
      }),
    );
  });

  it("mirrors exactly", () => {
    const bound = fc.double({ min: 1e-3, max: 50, noNaN: true });
    fc.assert(
      fc.property(seed, bound, bound, (value, low, width) => {
        const drawn = truncatedNormal(stream(value), { low, high: low + width });
        expect(truncatedNormal(stream(value), { low: -(low + width), high: -low })).toBe(-drawn);
      }),
    );
  });

  it.each([
    [1, 1, 0, 1, "low"],
    [2, 1, 0, 1, "low"],
    [Number.NaN, 1, 0, 1, "low"],
    [0, Number.NaN, 0, 1, "low"],
    [Infinity, Infinity, 0, 1, "low"],
    [0, 1, Number.NaN, 1, "mean"],
    [0, 1, Infinity, 1, "mean"],
    [0, 1, 0, 0, "sd"],
    [0, 1, 0, -1, "sd"],
    [0, 1, 0, Number.NaN, "sd"],
    [0, 1, 0, Infinity, "sd"],
  ])("refuses [%f, %f], mean %f, sd %f", (low, high, mean, sd, parameter) => {
    const rng = stream(1);
    expect(() => truncatedNormal(rng, { low, high, mean, sd })).toThrow(RangeError);
    expect(() => truncatedNormal(rng, { low, high, mean, sd })).toThrow(`truncatedNormal: "${parameter}" must be`);
    expect(rng.draws).toBe(0);
  });
});

describe("gamma", () => {
  it("is at least 0 and never NaN, and scales exactly by powers of two", () => {
    fc.assert(
      fc.property(seed, shape, fc.integer({ min: -20, max: 20 }), (value, shape, power) => {
        const drawn = gamma(stream(value), shape);
        expect(drawn >= 0 && drawn < Infinity).toBe(true);
        fc.pre(drawn === 0 || (drawn > 1e-300 && drawn < 1e300));
        expect(gamma(stream(value), shape, 2 ** power)).toBe(drawn * 2 ** power);
      }),
    );
  });

  it("is the shape itself where its spread is below a double's", () => {
    fc.assert(
      fc.property(
        seed,
        fc.double({ min: 1e40, max: 1e300, noNaN: true }),
        (value, shape) => Math.abs(gamma(stream(value), shape) / shape - 1) < 1e-15,
      ),
    );
  });

  it.each([0, -1, 9e-301, 1.1e300, Number.NaN, Infinity])("refuses the shape %f", (shape) => {
    expect(() => gamma(stream(1), shape)).toThrow(`gamma: "shape" must be in [1e-300, 1e300], got ${shape}`);
    expect(() => beta(stream(1), shape, 1)).toThrow('beta: "a" must be in');
    expect(() => beta(stream(1), 1, shape)).toThrow('beta: "b" must be in');
    expect(() => dirichlet(stream(1), [1, 2, shape])).toThrow('dirichlet: "alpha[2]" must be in');
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses the scale %f", (scale) => {
    expect(() => gamma(stream(1), 1, scale)).toThrow('gamma: "scale" must be positive and finite');
  });
});

describe("beta and dirichlet", () => {
  it("give probabilities, never NaN, for all shapes", () => {
    fc.assert(
      fc.property(seed, shape, shape, (value, a, b) => {
        const drawn = beta(stream(value), a, b);
        expect(drawn >= 0 && drawn <= 1).toBe(true);
      }),
    );
  });

  it("sum to 1 but for rounding", () => {
    fc.assert(
      fc.property(seed, fc.array(shape, { minLength: 1, maxLength: 50 }), (value, alpha) => {
        const drawn = dirichlet(stream(value), alpha);
        expect(drawn).toHaveLength(alpha.length);
        expect(drawn.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(Math.abs(drawn.reduce((sum, share) => sum + share, 0) - 1)).toBeLessThanOrEqual(alpha.length * 2 ** -52);
      }),
    );
  });

  it("agree for two shapes", () => {
    fc.assert(
      fc.property(seed, shape, shape, (value, a, b) => {
        const [first, second] = dirichlet(stream(value), [a, b]);
        const drawn = beta(stream(value), a, b);
        expect(Math.abs(drawn - first!)).toBeLessThan(1e-15);
        expect(Math.abs(1 - drawn - second!)).toBeLessThan(1e-15);
      }),
    );
  });

  it("put everything on one element where the concentrations are tiny, each equally often", () => {
    const rng = stream(2);
    const counts = [0, 0, 0];
    for (let index = 0; index < 3000; index += 1) {
      const drawn = dirichlet(rng, [1e-300, 1e-300, 1e-300]);
      expect([...drawn].toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
      counts[drawn.indexOf(1)]! += 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt((3000 * 2) / 9));
  });

  it("give a single concentration everything, and refuse none", () => {
    expect([...dirichlet(stream(1), [0.5])]).toEqual([1]);
    expect(() => dirichlet(stream(1), [])).toThrow(RangeError);
  });
});

describe("poisson", () => {
  it("is an integer of at least 0, in few words whatever the mean", () => {
    const mean = fc.oneof(
      fc.double({ min: 0, max: 2 ** 52, noNaN: true }),
      fc.double({ min: 0, max: 60, noNaN: true }),
    );
    fc.assert(
      fc.property(seed, mean, (value, mean) => {
        const rng = stream(value);
        const drawn = poisson(rng, mean);
        expect(Number.isSafeInteger(drawn) && drawn >= 0 && !Object.is(drawn, -0)).toBe(true);
        expect(rng.draws).toBeLessThan(120);
      }),
    );
  });

  it("is 0 for a mean of 0, and for means that are next to nothing", () => {
    fc.assert(fc.property(seed, (value) => poisson(stream(value), 0) === 0 && poisson(stream(value), 5e-324) === 0));
  });

  it("survives the ends of the transformed uniform", () => {
    expect(poisson(wordsThen([0, 0, -1, -1]), 10)).toBeGreaterThanOrEqual(0);
    expect(poisson(wordsThen([-1, -1, 0, 0]), 2 ** 52)).toBeGreaterThanOrEqual(0);
  });

  it.each([-1, -5e-324, Number.NaN, Infinity, 2 ** 52 + 1])("refuses the mean %f", (mean) => {
    expect(() => poisson(stream(1), mean)).toThrow(`poisson: "mean" must be in [0, 2^52], got ${mean}`);
  });
});

describe("binomial", () => {
  const probability = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }).map((p) => p ** 20),
  );

  it("is an integer in [0, n], in few words whatever n and p are", () => {
    fc.assert(
      fc.property(seed, fc.oneof(fc.maxSafeNat(), fc.nat({ max: 200 })), probability, (value, n, p) => {
        const rng = stream(value);
        const drawn = binomial(rng, n, p);
        expect(Number.isSafeInteger(drawn) && drawn >= 0 && drawn <= n && !Object.is(drawn, -0)).toBe(true);
        expect(rng.draws).toBeLessThan(120);
      }),
    );
  });

  it("counts failures for the other probability", () => {
    fc.assert(
      fc.property(seed, fc.nat(), fc.integer({ min: 0, max: 2 ** 52 - 1 }), (value, n, bits) => {
        const p = bits * 2 ** -53;
        expect(binomial(stream(value), n, 1 - p)).toBe(n - binomial(stream(value), n, p));
      }),
    );
  });

  it("is 0 for p = 0 or n = 0, n for p = 1, and 0 for a p next to nothing", () => {
    fc.assert(
      fc.property(seed, fc.maxSafeNat(), probability, (value, n, p) => {
        const rng = stream(value);
        expect([binomial(rng, n, 0), binomial(rng, n, 1), binomial(rng, 0, p), binomial(rng, n, 5e-324)]).toEqual([
          0,
          n,
          0,
          0,
        ]);
      }),
    );
  });

  it("survives the ends of the transformed uniform", () => {
    const n = Number.MAX_SAFE_INTEGER;
    expect(binomial(wordsThen([0, 0, -1, -1]), n, 0.5)).toBeGreaterThanOrEqual(0);
    expect(binomial(wordsThen([-1, -1, 0, 0]), n, 0.5)).toBeLessThanOrEqual(n);
  });

  it.each([
    [-1, 0.5, "n"],
    [1.5, 0.5, "n"],
    [Number.NaN, 0.5, "n"],
    [Infinity, 0.5, "n"],
    [2 ** 53, 0.5, "n"],
    [10, -0.1, "p"],
    [10, 1.1, "p"],
    [10, Number.NaN, "p"],
  ])("refuses n = %f with p = %f", (n, p, parameter) => {
    expect(() => binomial(stream(1), n, p)).toThrow(RangeError);
    expect(() => binomial(stream(1), n, p)).toThrow(`binomial: "${parameter}" must be`);
  });
});

describe("categorical", () => {
  const weight = fc.oneof(
    fc.constant(0),
    fc.nat({ max: 1000 }),
    fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
    fc.double({ min: 0, max: 1e-300, noNaN: true }),
  );
  const weights = fc.array(weight, { minLength: 1, maxLength: 60 }).filter((all) => all.some((each) => each > 0));

  /** The probability that the table gives each index. */
  function probabilities(table: {
    readonly stay: readonly number[];
    readonly alias: readonly number[];
  }): readonly number[] {
    const sums = table.stay.map(() => 0);
    for (const [index, stay] of table.stay.entries()) {
      sums[index]! += stay / sums.length;
      sums[table.alias[index]!]! += (1 - stay) / sums.length;
    }
    return sums;
  }

  it("has a table that gives each index its weight's share, and none to a weight of 0", () => {
    fc.assert(
      fc.property(weights, (weights) => {
        const found = probabilities(createCategorical(weights));
        const largest = Math.max(...weights);
        const sum = weights.reduce((total, each) => total + each / largest, 0);
        for (const [index, each] of weights.entries()) {
          expect(Math.abs(found[index]! - each / largest / sum)).toBeLessThan(1e-14);
          if (each === 0) expect(found[index]).toBe(0);
        }
      }),
    );
  });

  it("never draws a weight of 0", () => {
    fc.assert(
      fc.property(seed, weights, (value, weights) => {
        const table = createCategorical(weights);
        const rng = stream(value);
        for (let index = 0; index < 20; index += 1) expect(weights[categorical(rng, table)]).toBeGreaterThan(0);
      }),
    );
  });

  it("has an exact table where the weights are integers", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 1, maxLength: 16 }), (weights) => {
        fc.pre(weights.some((each) => each > 0));
        const { stay, alias } = createCategorical(weights);
        const [size, sum] = [BigInt(weights.length), weights.reduce((total, each) => total + BigInt(each), 0n)];
        // Thresholds as the integers that they were before they were divided by the sum.
        const held = stay.map((each) => BigInt(Math.round(each * Number(sum))));
        const given = weights.map((_, index) =>
          alias.reduce((total, to, from) => (to === index ? total + sum - held[from]! : total), held[index]!),
        );
        expect(given).toEqual(weights.map((each) => BigInt(each) * size));
      }),
    );
  });

  it("does not change with the weights' scale, where it is a power of two", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1000 }), { minLength: 1 }),
        fc.integer({ min: -1000, max: 1000 }),
        (weights, power) => {
          fc.pre(weights.some((each) => each > 0));
          expect(createCategorical(weights.map((each) => each * 2 ** power))).toEqual(createCategorical(weights));
        },
      ),
    );
  });

  it("has a frozen table, from any list of numbers", () => {
    const table = createCategorical(Float32Array.of(1, 3));
    expect(table).toEqual(createCategorical([1, 3]));
    expect([Object.isFrozen(table), Object.isFrozen(table.stay), Object.isFrozen(table.alias)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(JSON.parse(JSON.stringify(table))).toEqual(table);
  });

  it.each([
    [[1, Number.NaN], "weights[1]"],
    [[-1, 2], "weights[0]"],
    [[1, 2, Infinity], "weights[2]"],
    [["1"] as unknown as number[], "weights[0]"],
    [[1, undefined] as unknown as number[], "weights[1]"],
    [[0, 0], "weights"],
    [[], "weights"],
  ])("refuses the weights %j", (weights, parameter) => {
    expect(() => createCategorical(weights)).toThrow(RangeError);
    expect(() => createCategorical(weights)).toThrow(`createCategorical: "${parameter}" must`);
  });
});
