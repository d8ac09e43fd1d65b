import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { streamOf } from "./distribution-cases.ts";
import type { DistributionStreams } from "./distribution-cases.ts";

const vectors = JSON.parse(
  readFileSync(new URL("vectors/distribution-streams.json", import.meta.url), "utf8"),
) as DistributionStreams;

describe("the Python implementation agrees on every bit and word", () => {
  it.each(vectors.cases)("of $sampler $arguments", (expected) => {
    expect(streamOf(expected, vectors)).toEqual(expected);
  });
});
