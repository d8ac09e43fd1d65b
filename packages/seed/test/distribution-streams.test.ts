import { readFileSync } from "node:fs";

import { hashBytes } from "@repro/core";
import { createSeed, createStream } from "@repro/seed";
import { describe, expect, it } from "vitest";

import { drawOf } from "./distribution-cases.ts";
import type { DistributionCase } from "./distribution-cases.ts";

interface StreamCase extends DistributionCase {
  readonly first: readonly number[];
  readonly digest: string;
  readonly words: number;
}

const vectors = JSON.parse(readFileSync(new URL("vectors/distribution-streams.json", import.meta.url), "utf8")) as {
  readonly seed: number;
  readonly draws: number;
  readonly cases: readonly StreamCase[];
};

/** Little-endian, whatever the machine is. */
function bytesOf(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (const [index, value] of values.entries()) view.setFloat64(8 * index, value, true);
  return new Uint8Array(view.buffer);
}

describe("the Python implementation agrees on every bit and word", () => {
  it.each(vectors.cases)("of $sampler $arguments", (vector) => {
    const rng = createStream(createSeed(vectors.seed), "peer", vector.sampler);
    const draw = drawOf(vector);
    const drawn = Array.from({ length: vectors.draws }, () => draw(rng));
    expect(drawn.slice(0, vector.first.length)).toEqual(vector.first);
    expect([hashBytes(bytesOf(drawn)), rng.draws]).toEqual([vector.digest, vector.words]);
  });
});
