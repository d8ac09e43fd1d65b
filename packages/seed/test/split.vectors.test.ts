import { readFileSync } from "node:fs";

import { createSeed, createStream, stratifiedSplit } from "@repro/seed";
import type { SeedPathElement, Stream } from "@repro/seed";
import { describe, expect, it } from "vitest";

import { bootstrap } from "../src/samplers/bootstrap.ts";
import { choice } from "../src/samplers/choice.ts";
import { kFold } from "../src/split/fold.ts";
import type { Fold } from "../src/split/fold.ts";
import { groupSplit } from "../src/split/group.ts";
import { createIndexPermutation, permuteIndex } from "../src/split/permute-index.ts";
import { split } from "../src/split/random.ts";
import { stableSplit } from "../src/split/stable.ts";
import { timeSplit } from "../src/split/time.ts";
import type { TimeSplitOptions } from "../src/split/time.ts";

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), "utf8"));
}

type Rows = readonly number[];

interface Case {
  readonly seed: number | string;
  readonly choice: readonly { n: number; count: number; replace: boolean; chosen: Rows }[];
  readonly weighted: readonly { weights: Rows; count: number; replace: boolean; chosen: Rows }[];
  readonly bootstrap: readonly { replicate: number; size: number; rows: Rows }[];
  readonly splits: readonly {
    readonly fractions: Rows;
    readonly split: readonly Rows[];
    readonly stratifiedSplit: readonly Rows[];
    readonly groupSplit: readonly Rows[];
    readonly stableSplit: Rows;
    readonly stableSplitOfBytes: Rows;
  }[];
  readonly kFold: readonly { folds: number; alone: Rows[]; labels: Rows[]; groups: Rows[] }[];
  readonly permuteIndex: readonly { size: number; elements: Readonly<Record<string, number>> }[];
}

interface Vectors {
  readonly labels: readonly SeedPathElement[];
  readonly ids: readonly (string | number)[];
  readonly cases: readonly Case[];
}

const lists = (parts: readonly Uint32Array[]): number[][] => parts.map((part) => [...part]);
const tests = (folds: readonly Fold[]): number[][] => lists(folds.map(({ test }) => test));

const { labels, ids, cases } = read("splits.json") as Vectors;

// Both files pin the outputs as well: they change only in a major.
describe.each(cases)("the Python implementation agrees for seed $seed", (vector) => {
  const seed = createSeed(vector.seed);
  const stream = (): Stream => createStream(seed, "choice");

  it("on choices", () => {
    for (const { n, chosen, ...options } of vector.choice) expect(choice(stream(), n, options)).toEqual(chosen);
    for (const { chosen, ...options } of vector.weighted) {
      expect(choice(stream(), options.weights.length, options)).toEqual(chosen);
    }
    for (const { rows, ...options } of vector.bootstrap) expect([...bootstrap(seed, options)]).toEqual(rows);
  });

  it("on splits", () => {
    const bytes = [
      new Uint8Array(),
      Uint8Array.of(7),
      Uint8Array.from({ length: 18 }, (_, index) => 255 * (index % 2)),
    ];
    for (const { fractions, ...made } of vector.splits) {
      expect(lists(split(seed, labels.length, fractions))).toEqual(made.split);
      expect(lists(stratifiedSplit(seed, labels, fractions))).toEqual(made.stratifiedSplit);
      expect(lists(groupSplit(seed, labels, fractions))).toEqual(made.groupSplit);
      expect(ids.map((id) => stableSplit(seed, id, fractions))).toEqual(made.stableSplit);
      expect(bytes.map((id) => stableSplit(seed, id, fractions))).toEqual(made.stableSplitOfBytes);
    }
  });

  it("on folds", () => {
    for (const { folds, ...made } of vector.kFold) {
      expect(tests(kFold(seed, labels.length, { folds }))).toEqual(made.alone);
      expect(tests(kFold(seed, labels.length, { folds, labels }))).toEqual(made.labels);
      expect(tests(kFold(seed, labels.length, { folds, groups: labels }))).toEqual(made.groups);
    }
  });

  it("on computed orders", () => {
    for (const { size, elements } of vector.permuteIndex) {
      const order = createIndexPermutation(seed, { size });
      for (const [index, element] of Object.entries(elements)) expect(permuteIndex(order, Number(index))).toBe(element);
    }
  });
});

interface Sklearn {
  readonly time: readonly { size: number; options: TimeSplitOptions; ends: readonly [Rows, Rows][] | null }[];
  readonly sizes: readonly { size: number; folds: number; tests: Rows }[];
  readonly classes: readonly { folds: number; labels: string; a: Rows }[];
  readonly groups: readonly { folds: number; groups: Rows; tests: Rows }[];
}

describe("scikit-learn agrees", () => {
  const seed = createSeed(1);
  const sklearn = read("sklearn-folds.json") as Sklearn;
  const sizes = (folds: readonly Fold[]): number[] => folds.map(({ test }) => test.length);
  const sorted = (counts: Rows): number[] => counts.toSorted((a, b) => a - b);

  it("on every window of TimeSeriesSplit, and on what has none", () => {
    for (const { size, options, ends } of sklearn.time) {
      if (ends === null) expect(() => timeSplit(size, options)).toThrow(RangeError);
      else {
        const made = timeSplit(size, options).map(({ train, test }) => [train, test]);
        expect(made.map((fold) => fold.map((part) => [part[0], part.at(-1)]))).toEqual(ends);
      }
    }
  });

  it("on the sizes of KFold, in order", () => {
    for (const { size, folds, tests } of sklearn.sizes) expect(sizes(kFold(seed, size, { folds }))).toEqual(tests);
  });

  it("on the class counts of StratifiedKFold and the sizes of GroupKFold", () => {
    for (const { folds, labels, a } of sklearn.classes) {
      const made = kFold(seed, labels.length, { folds, labels: labels.split("") });
      expect(sorted(made.map(({ test }) => [...test].filter((row) => labels[row] === "a").length))).toEqual(a);
    }
    for (const { folds, groups, tests } of sklearn.groups) {
      expect(sorted(sizes(kFold(seed, groups.length, { folds, groups })))).toEqual(tests);
    }
  });
});
