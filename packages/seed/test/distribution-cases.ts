import { hashBytes } from "@repro/core";
import { createSeed, createStream } from "@repro/seed";
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

/** What `vectors/distribution-streams.py` writes. */
export interface DistributionStreams {
  readonly seed: number;
  readonly draws: number;
  readonly cases: readonly DistributionStream[];
}

export interface DistributionStream extends DistributionCase {
  readonly first: readonly number[];
  /** Of all draws, as little-endian doubles. */
  readonly digest: string;
  /** Words that the draws took. */
  readonly words: number;
}

/** What the samplers draw for a case of that file. */
export function streamOf(
  { sampler, arguments: written }: DistributionCase,
  { seed, draws }: Pick<DistributionStreams, "seed" | "draws">,
): DistributionStream {
  const rng = createStream(createSeed(seed), "peer", sampler);
  const draw = drawOf({ sampler, arguments: written });
  const drawn = Array.from({ length: draws }, () => draw(rng));
  const view = new DataView(new ArrayBuffer(8 * draws));
  for (const [index, value] of drawn.entries()) view.setFloat64(8 * index, value, true);
  const digest = hashBytes(new Uint8Array(view.buffer));
  return { sampler, arguments: written, first: drawn.slice(0, 3), digest, words: rng.draws };
}
