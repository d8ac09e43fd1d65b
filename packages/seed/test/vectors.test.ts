import { readFileSync } from "node:fs";

import { hashBytes } from "@repro/core";
import {
  createCounterStream,
  createSeed,
  createSeedLedger,
  createStream,
  fillNormal,
  int,
  normal,
  permutation,
  uniform,
} from "@repro/seed";
import type { SeedValue, Stream } from "@repro/seed";
import { describe, expect, it } from "vitest";

interface Case {
  readonly seed: SeedValue;
  readonly path: readonly (string | number)[];
  readonly key: string;
  readonly words: readonly number[];
  readonly head: string;
  readonly uniform: readonly number[];
  readonly int: Readonly<Record<string, readonly number[]>>;
  readonly normal: readonly number[];
  readonly normals100000: { readonly digest: string; readonly draws: number };
  readonly permutation: readonly number[];
  readonly counter: Readonly<Record<string, readonly number[]>>;
}

const { cases } = JSON.parse(readFileSync(new URL("vectors/streams.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

function inputOf({ type, value }: SeedValue): string | bigint | Uint8Array {
  if (type === "integer") return BigInt(value);
  return type === "text" ? value : Uint8Array.from(Buffer.from(value, "hex"));
}

function times<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}

describe.each(cases)("the Python implementation agrees for seed $seed and path $path", (vector) => {
  const stream = (): Stream => createStream(createSeed(inputOf(vector.seed)), ...vector.path);

  it("on the key and the words", () => {
    const ledger = createSeedLedger();
    const rng = createStream(createSeed(inputOf(vector.seed), { ledger }), ...vector.path);
    expect(times(8, () => rng.next() >>> 0)).toEqual(vector.words);
    expect(ledger.streams()).toMatchObject([{ path: vector.path, draws: 8, head: vector.head }]);
  });

  it("on uniform, int and permutation", () => {
    const floats = stream();
    expect(times(4, () => uniform(floats))).toEqual(vector.uniform);
    for (const [n, drawn] of Object.entries(vector.int)) {
      const rng = stream();
      expect(times(6, () => int(rng, Number(n)))).toEqual(drawn);
    }
    expect([...permutation(stream(), 12)]).toEqual(vector.permutation);
  });

  it("on the counter stream, from any place", () => {
    const rng = createCounterStream(createSeed(inputOf(vector.seed)), ...vector.path);
    for (const [position, words] of Object.entries(vector.counter)) {
      const from = rng.at(Number(position));
      expect(times(words.length, () => from.next() >>> 0)).toEqual(words);
    }
  });

  it("on normals, wedges and tails included", () => {
    const few = stream();
    expect(times(4, () => normal(few))).toEqual(vector.normal);
    const rng = stream();
    const many = fillNormal(rng, new Float64Array(100_000));
    expect(hashBytes(new Uint8Array(many.buffer))).toBe(vector.normals100000.digest);
    expect(rng.draws).toBe(vector.normals100000.draws);
  });
});
