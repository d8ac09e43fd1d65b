import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { binomial } from "../src/samplers/distribution/binomial.ts";
import { categorical, createCategorical } from "../src/samplers/distribution/categorical.ts";
import { beta, dirichlet } from "../src/samplers/distribution/dirichlet.ts";
import { exponential, gumbel } from "../src/samplers/distribution/exponential.ts";
import { gamma } from "../src/samplers/distribution/gamma.ts";
import { poisson } from "../src/samplers/distribution/poisson.ts";
import { truncatedNormal } from "../src/samplers/distribution/truncated-normal.ts";

/** A sampler and its arguments as the vector files write them. */
export interface DistributionCase {
  readonly sampler: string;
  /** `truncatedNormal` has low, high, mean, sd; `dirichlet` first the index of the element that is meant. */
  readonly arguments: readonly (number | string)[];
}

export type Draw = (rng: RandomGenerator) => number;

/** What draws one number of the case. */
export function drawOf({ sampler, arguments: written }: DistributionCase): Draw {
  const values = written.map(Number);
  const [a = Number.NaN, b = Number.NaN, mean = Number.NaN, sd = Number.NaN] = values;
  switch (sampler) {
    case "beta":
      return (rng) => beta(rng, a, b);
    case "binomial":
      return (rng) => binomial(rng, a, b);
    case "categorical": {
      const table = createCategorical(values);
      return (rng) => categorical(rng, table);
    }
    case "dirichlet":
      return (rng) => dirichlet(rng, values.slice(1))[a] ?? Number.NaN;
    case "exponential":
      return (rng) => exponential(rng, a);
    case "gamma":
      return (rng) => gamma(rng, a, b);
    case "gumbel":
      return (rng) => gumbel(rng, a, b);
    case "poisson":
      return (rng) => poisson(rng, a);
    case "truncatedNormal":
      return (rng) => truncatedNormal(rng, { low: a, high: b, mean, sd });
    default:
      throw new Error(`no sampler ${sampler}`);
  }
}
