import { readFileSync } from "node:fs";

import { createSeed, createStream, normal, uniform } from "@repro/seed";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { describe, expect, it } from "vitest";

import { binomialHat } from "../src/samplers/distribution/binomial.ts";
import { categorical, createCategorical } from "../src/samplers/distribution/categorical.ts";
import { dirichlet } from "../src/samplers/distribution/dirichlet.ts";
import { logBinomialMass, logPoissonMass } from "../src/samplers/distribution/mass.ts";
import { logRemainder } from "../src/samplers/distribution/gamma.ts";
import { poissonHat } from "../src/samplers/distribution/poisson.ts";
import type { Hat } from "../src/samplers/distribution/transformed-rejection.ts";
import { drawOf } from "./distribution-cases.ts";
import type { DistributionCase, Draw } from "./distribution-cases.ts";

interface Expected extends DistributionCase {
  /** Ends of the cells: cell i holds what lies in (edges[i - 1], edges[i]]. */
  readonly edges: readonly number[];
  readonly cells: readonly number[];
  readonly mean: number;
  readonly variance: number;
  readonly kurtosis: number;
}

const vectors = JSON.parse(readFileSync(new URL("vectors/distributions.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Expected[];
  readonly logRemainders: readonly (readonly [t: number, y: number])[];
  readonly logMasses: readonly (readonly [string, number, number | readonly [number, number], number])[];
};

/** Raised by SLOW=1, for the nightly run. */
const DRAWS = process.env["SLOW"] === "1" ? 1_600_000 : 100_000;

/** How far the draws are from what is expected, in standard deviations, or in the Kolmogorov-Smirnov statistic's units. */
interface Scores {
  readonly chiSquare: number;
  readonly kolmogorov: number;
  readonly mean: number;
  readonly variance: number;
}

function scoresOf(expected: Expected, draw: Draw, rng: RandomGenerator): Scores {
  const counts = new Float64Array(expected.cells.length);
  let [sum, squares] = [0, 0];
  for (let index = 0; index < DRAWS; index += 1) {
    const drawn = draw(rng);
    counts[cellOf(expected.edges, drawn)]! += 1;
    const difference = drawn - expected.mean;
    sum += difference;
    squares += difference * difference;
  }
  const { variance, kurtosis, cells } = expected;
  return {
    chiSquare: chiSquareScore(counts, cells),
    kolmogorov: kolmogorovScore(counts, cells),
    mean: Math.abs(sum) / Math.sqrt(variance * DRAWS),
    variance: Math.abs(squares / DRAWS - variance) / (variance * Math.sqrt((kurtosis + 2) / DRAWS)),
  };
}

/** Number of edges below the value, by bisection; NaN counts as nothing. */
function cellOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return Number.isNaN(value) ? Number.NaN : low;
}

/** Chi-square, made nearly standard normal by the cube root of Wilson and Hilferty. */
function chiSquareScore(counts: Float64Array, cells: readonly number[]): number {
  const chi = cells.reduce((sum, p, cell) => sum + (counts[cell]! - p * DRAWS) ** 2 / (p * DRAWS), 0);
  const freedom = cells.length - 1;
  return (Math.cbrt(chi / freedom) - 1 + 2 / (9 * freedom)) / Math.sqrt(2 / (9 * freedom));
}

/** √n times the largest difference of the distribution functions at the edges: above 2.3 once in 20,000 runs, or less often. */
function kolmogorovScore(counts: Float64Array, cells: readonly number[]): number {
  let [difference, largest] = [0, 0];
  for (const [cell, p] of cells.entries()) {
    difference += counts[cell]! / DRAWS - p;
    largest = Math.max(largest, Math.abs(difference));
  }
  return largest * Math.sqrt(DRAWS);
}

function nameOf({ sampler, arguments: written }: DistributionCase): string {
  return `${sampler}(${written.join(", ")})`;
}

function isWrong({ chiSquare, kolmogorov, mean, variance }: Scores): boolean {
  return chiSquare > 4 || kolmogorov > 2.3 || mean > 4 || variance > 4;
}

describe("draws have SciPy's quantiles and moments", () => {
  it.each(vectors.cases.map((each) => [nameOf(each), each] as const))("of %s", (name, expected) => {
    const rng = createStream(createSeed(7), "distribution", name);
    const scores = scoresOf(expected, drawOf(expected), rng);
    expect(scores.chiSquare).toBeLessThan(4);
    expect(scores.kolmogorov).toBeLessThan(2.3);
    expect(scores.mean).toBeLessThan(4);
    expect(scores.variance).toBeLessThan(4);
  });
});

describe("the same test finds what is slightly wrong", () => {
  const wrong: readonly (readonly [
    sampler: string,
    to: readonly (number | string)[],
    from: readonly (number | string)[],
  ])[] = [
    ["exponential", [1], [1.02]],
    ["gumbel", [0, 1], [0.02, 1]],
    ["gumbel", [0, 1], [0, 1.02]],
    ["truncatedNormal", [-1, 1, 0, 1], [-1, 1, 0.04, 1]],
    ["truncatedNormal", [30, 31, 0, 1], [29.9995, 31, 0, 1]],
    ["truncatedNormal", ["-Infinity", -6, 0, 1], ["-Infinity", -6, 0, 1.02]],
    ["gamma", [0.05, 1], [0.052, 1]],
    ["gamma", [1, 1], [1.02, 1]],
    ["gamma", [1000, 0.01], [1000.7, 0.01]],
    ["beta", [0.01, 0.01], [0.0105, 0.01]],
    ["beta", [2, 5], [2.04, 5]],
    ["dirichlet", [0, 0.1, 1, 2.5, 4], [0, 0.103, 1, 2.5, 4]],
    ["poisson", [9.9], [9.97]],
    ["poisson", [10], [10.07]],
    ["poisson", [1e6], [1_000_020]],
    ["binomial", [20, 0.5], [20, 0.503]],
    ["binomial", [20, 0.5], [21, 10 / 21]],
    ["binomial", [1e9, 1e-9], [1e9, 1.02e-9]],
    ["binomial", [1e9, 0.5], [1e9, 0.5 + 4e-7]],
  ];

  it.each(wrong)("%s %j drawn as %j", (sampler, to, from) => {
    const expected = vectors.cases.find((each) => nameOf(each) === nameOf({ sampler, arguments: to }))!;
    const rng = createStream(createSeed(7), "control", nameOf({ sampler, arguments: from }));
    expect(isWrong(scoresOf(expected, drawOf({ sampler, arguments: from }), rng))).toBe(true);
  });

  it("gamma by a normal approximation, with the right moments", () => {
    const expected = vectors.cases.find((each) => nameOf(each) === "gamma(30, 1)")!;
    const rng = createStream(createSeed(7), "control");
    expect(scoresOf(expected, () => normal(rng, 30, Math.sqrt(30)), rng).chiSquare).toBeGreaterThan(20);
  });

  it("an interval's ends cut instead of drawn again", () => {
    const expected = vectors.cases.find((each) => nameOf(each) === "truncatedNormal(-1, 1, 0, 1)")!;
    const rng = createStream(createSeed(7), "control");
    const cut: Draw = () => Math.min(Math.max(normal(rng), -1), 1);
    expect(scoresOf(expected, cut, rng).chiSquare).toBeGreaterThan(20);
  });

  it("one draw in a thousand from elsewhere", () => {
    const expected = vectors.cases.find((each) => nameOf(each) === "exponential(1)")!;
    const rng = createStream(createSeed(7), "control");
    const exponential = drawOf(expected);
    const mixed: Draw = () => (uniform(rng) < 0.001 ? 9.3 : exponential(rng));
    expect(scoresOf(expected, mixed, rng).chiSquare).toBeGreaterThan(4);
  });
});

describe("categorical", () => {
  const uneven = Array.from({ length: 60 }, (_, index) => (index * index) % 17);
  it.each([
    ["few", [5, 0, 1, 2]],
    ["one", [3]],
    ["many, some of them 0", uneven],
    ["fractions", [0.1, 0.2, 0.3, 0.4]],
    ["very large", [1e308, 1.7e308, 0, 0.5e308]],
    ["subnormal", [5e-324, 1e-323, 0, 2e-323]],
  ])("draws in proportion to the weights: %s", (name, weights) => {
    const rng = createStream(createSeed(7), "categorical", name);
    const table = createCategorical(weights);
    const largest = Math.max(...weights);
    const sum = weights.reduce((total, weight) => total + weight / largest, 0);
    const counts = new Float64Array(weights.length);
    for (let index = 0; index < DRAWS; index += 1) counts[categorical(rng, table)]! += 1;
    const drawable = [...weights.keys()].filter((index) => weights[index]! > 0);
    expect([...counts.keys()].filter((index) => counts[index]! > 0)).toEqual(drawable);
    if (drawable.length === 1) return;
    const cells = drawable.map((index) => weights[index]! / largest / sum);
    const drawn = Float64Array.from(drawable, (index) => counts[index]!);
    expect(chiSquareScore(drawn, cells)).toBeLessThan(4);
    const wrong = cells.with(0, cells[1]!).with(1, cells[0]!);
    expect(chiSquareScore(drawn, wrong)).toBeGreaterThan(4);
  });
});

describe("dirichlet", () => {
  it("has the covariances of its elements", () => {
    const rng = createStream(createSeed(7), "covariance");
    const alpha = [0.4, 1, 2.6];
    const products = [0, 0, 0];
    for (let index = 0; index < DRAWS; index += 1) {
      const [x, y, z] = dirichlet(rng, alpha) as unknown as [number, number, number];
      const [a, b, c] = [x - 0.1, y - 0.25, z - 0.65];
      products[0]! += a * b;
      products[1]! += a * c;
      products[2]! += b * c;
    }
    // -alpha_i alpha_j / (A² (A + 1)), A = 4; a product's own deviation is below 0.035.
    for (const [index, expected] of [-0.4 / 80, -1.04 / 80, -2.6 / 80].entries()) {
      expect(Math.abs(products[index]! / DRAWS - expected)).toBeLessThan((4 * 0.035) / Math.sqrt(DRAWS));
    }
  });
});

describe("the hats of transformed rejection", () => {
  /** Where the transformation reaches a height: the u with (2a / (½ - |u|) + b) u = y. */
  function inverse({ a, b }: Hat, y: number): number {
    const half = 2 * a + 0.5 * b + Math.abs(y);
    return y / (half + Math.sqrt(half * half - 2 * b * Math.abs(y)));
  }

  /** The masses in units of the hat: the highest, and by how much the lowest one in the middle 86 % exceeds the squeeze. */
  function look(
    hat: Hat,
    sd: number,
    logMass: (k: number) => number,
  ): readonly [highest: number, aboveSqueeze: number] {
    const reach = Math.ceil(12 * sd + 30);
    const step = Math.max(1, Math.floor(reach / 200));
    let [highest, aboveSqueeze] = [0, Infinity];
    const first = Math.max(0, Math.floor(hat.centre) - reach);
    for (let k = first; k <= Math.min(hat.highest, hat.centre + reach); k += step) {
      // The hat rises with |u|: each value's extremes lie at the ends of the u that lead to it.
      const [from, to] = [inverse(hat, k - hat.centre), inverse(hat, k + 1 - hat.centre)];
      const near = from < 0 && to > 0 ? 0 : Math.min(Math.abs(from), Math.abs(to));
      const part = (u: number): number => (Math.exp(logMass(k)) * (hat.a / (0.5 - u) ** 2 + hat.b)) / hat.height;
      highest = Math.max(highest, part(Math.max(Math.abs(from), Math.abs(to))));
      if (near <= 0.43) aboveSqueeze = Math.min(aboveSqueeze, part(near) - hat.squeeze);
    }
    return [highest, aboveSqueeze];
  }

  const means = [...Array.from({ length: 300 }, (_, step) => 10 * 1.04 ** step), 2 ** 52];
  /** Where the published constants are worst. */
  const near = (mean: number): readonly number[] => Array.from({ length: 101 }, (_, step) => mean - 0.05 + step / 1000);

  it("cover the Poisson masses and have their squeeze below them", () => {
    for (const mean of [...means, ...near(14.05), ...near(28.45)]) {
      const [highest, aboveSqueeze] = look(poissonHat(mean), Math.sqrt(mean), (k) => logPoissonMass(k, mean));
      expect(highest, `mean ${mean}`).toBeLessThan(1);
      expect(aboveSqueeze, `mean ${mean}`).toBeGreaterThan(0);
    }
  });

  it("would not do so with the constants as published", () => {
    const published = (mean: number): readonly [number, number] => {
      const b = 0.931 + 2.53 * Math.sqrt(mean);
      const hat = { ...poissonHat(mean), squeeze: 0.9277 - 3.6224 / (b - 2), height: 1.1239 + 1.1328 / (b - 3.4) };
      return look(hat, Math.sqrt(mean), (k) => logPoissonMass(k, mean));
    };
    expect(Math.max(...near(14.05).map((mean) => published(mean)[0]))).toBeGreaterThan(1.005);
    expect(Math.min(...near(28.45).map((mean) => published(mean)[1]))).toBeLessThan(-0.003);
  });

  it.each([0.5, 0.49, 0.4, 0.3, 0.2, 0.1, 0.01, 1e-6])("cover the binomial masses, p = %f", (p) => {
    for (const mean of means) {
      const n = Math.ceil(mean / p);
      if (n > Number.MAX_SAFE_INTEGER) continue;
      const mode = logBinomialMass(Math.floor((n + 1) * p), n, p);
      const sd = Math.sqrt(n * p * (1 - p));
      const [highest, aboveSqueeze] = look(binomialHat(n, p), sd, (k) => logBinomialMass(k, n, p) - mode);
      expect(highest, `n ${n}`).toBeLessThan(1);
      expect(aboveSqueeze, `n ${n}`).toBeGreaterThan(0);
    }
  });
});

describe("the test that gamma ends a try with", () => {
  it("has mpmath's remainder of the logarithm", () => {
    for (const [t, expected] of vectors.logRemainders) {
      expect(Math.abs(logRemainder(t) - expected), `t ${t}`).toBeLessThanOrEqual(4e-12 * Math.abs(expected));
    }
  });

  it("takes whatever its quick test takes, for all shapes", () => {
    for (const shape of [1, 1.01, 1.5, 2, 5, 30, 1e3, 1e6, 1e12, 1e100, 1e300]) {
      const d = shape - 1 / 3;
      for (let x = -2.34; x < 2.34; x += 0.01) {
        const t = x / (3 * Math.sqrt(d));
        if (t > -1) expect(Math.log(1 - 0.0331 * x ** 4)).toBeLessThanOrEqual(3 * d * logRemainder(t) + 1e-15);
      }
    }
  });
});

describe("logarithms of probabilities", () => {
  it.each(vectors.logMasses)("are mpmath's for %s %d of %j", (kind, k, parameters, expected) => {
    const [n, p] = typeof parameters === "number" ? [parameters, Number.NaN] : parameters;
    const computed = kind === "poisson" ? logPoissonMass(k, n) : logBinomialMass(k, n, p);
    // Beyond 2^50, n p and n (1 - p) themselves are rounded.
    const tolerance = Math.max(n > 2 ** 50 ? 1e-8 : 1e-14, 1e-14 * Math.abs(expected));
    expect(Math.abs(computed - expected)).toBeLessThan(tolerance);
  });
});
