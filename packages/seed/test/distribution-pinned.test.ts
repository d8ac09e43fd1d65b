import { createSeed, createStream } from "@repro/seed";
import { describe, expect, it } from "vitest";

import { createCategorical } from "../src/samplers/distribution/categorical.ts";
import { dirichlet } from "../src/samplers/distribution/dirichlet.ts";
import { drawOf } from "./distribution-cases.ts";

describe("outputs change only in a major", () => {
  it.each([
    ["exponential", [2], [0.905033861103129, 0.07267572723747219, 0.2524205829477735]],
    ["gumbel", [1, 2], [2.3850277354526166, 1.110227591549184, 3.171312602223206]],
    ["truncatedNormal", [1, "Infinity", -1, 0.5], [1.202322770648724, 1.0609442482236147, 1.035869178099128]],
    ["gamma", [0.5, 2], [0.24260390933741705, 0.08454889098499778, 3.1196731507521602]],
    ["beta", [0.5, 0.25], [0.9819710646790112, 0.0014755110454650344, 0.9057865998873942]],
    ["poisson", [12.5], [15, 13, 11]],
    ["binomial", [100, 0.75], [69, 76, 80]],
    ["categorical", [5, 0, 1, 2], [0, 2, 0]],
  ] as const)("%s@1 of %j", (sampler, written, outputs) => {
    const rng = createStream(createSeed(42), "pinned", sampler);
    const draw = drawOf({ sampler, arguments: written });
    expect(outputs.map(() => draw(rng))).toEqual(outputs);
  });

  it("dirichlet@1", () => {
    const rng = createStream(createSeed(42), "pinned", "dirichlet");
    expect([...dirichlet(rng, [0.1, 1, 10])]).toEqual([0.00010147712178092752, 0.2769527232953933, 0.7229457995828259]);
  });

  it("the table of categorical@1", () => {
    expect(createCategorical([5, 0, 1, 2])).toEqual({ stay: [1, 0, 0.5, 0.5], alias: [0, 0, 3, 0] });
    expect(createCategorical([0.1, 0.2, 0.3, 0.4])).toEqual({
      stay: [0.4, 0.8, 1, 0.8000000000000003],
      alias: [3, 3, 2, 2],
    });
  });
});
