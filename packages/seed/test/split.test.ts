import { createSeed, createSeedLedger, createStream, deriveSeed, stratifiedSplit } from "@repro/seed";
import { describe, expect, it } from "vitest";

import { kFold } from "../src/split/fold.ts";
import type { KFoldOptions } from "../src/split/fold.ts";
import { largestRemainder, partAt, partEnds } from "../src/split/fractions.ts";
import { groupSplit } from "../src/split/group.ts";
import { split } from "../src/split/random.ts";
import { stableSplit } from "../src/split/stable.ts";
import { timeSplit } from "../src/split/time.ts";
import type { TimeSplitOptions } from "../src/split/time.ts";
import { chiSquareScore } from "./chi-square.ts";

/** Raised by SLOW=1, for the nightly run. */
const SCALE = process.env["SLOW"] === "1" ? 16 : 1;

const seed = createSeed(42);
const lone = "\ud800";

describe("fractions", () => {
  const badFractions: readonly (readonly number[])[] = [
    [],
    [0.5],
    [0.5, 0.6],
    [1.5, -0.5],
    [-0, 0.999],
    [Number.NaN, 1],
    [Infinity, 0],
    [0.5, 0.5 + 2e-9],
  ];
  const calls = {
    split: (fractions: readonly number[]): unknown => split(seed, 4, fractions),
    stratifiedSplit: (fractions: readonly number[]): unknown => stratifiedSplit(seed, ["a", "b"], fractions),
    groupSplit: (fractions: readonly number[]): unknown => groupSplit(seed, ["a", "b"], fractions),
    stableSplit: (fractions: readonly number[]): unknown => stableSplit(seed, "a", fractions),
  };

  it.each(Object.keys(calls) as (keyof typeof calls)[])("that are no shares of a whole are refused by %s", (name) => {
    for (const fractions of badFractions) {
      expect(() => calls[name](fractions)).toThrow(RangeError);
      expect(() => calls[name](fractions)).toThrow(`${name}: "fractions" must be numbers in [0, 1] that add up to 1`);
    }
  });

  it("that add up to less than 1 within the error leave no gap above, and none is where no share is", () => {
    const places = [0, 0.5, 1 - 1e-9, 1 - 2 ** -53];
    const partsOf = (fractions: readonly number[]): number[] =>
      places.map((place) => partAt(partEnds(fractions), place));
    expect(partsOf([0.5, 0.5 - 9e-10, 0])).toEqual([0, 1, 1, 1]);
    expect(partsOf([0, 0.5, 0, 0.5])).toEqual([1, 3, 3, 3]);
    expect(partsOf([0.5 + 9e-10, 0.5])).toEqual([0, 0, 1, 1]);
  });

  it("that are off by the error allowed still give all rows, however many there are", () => {
    for (const fractions of [
      [0.5 + 9e-10, 0.5],
      [0.5 - 9e-10, 0.5],
      [1 - 9e-10, 0],
      [1 / 3, 1 / 3, 1 / 3],
    ]) {
      const counts = largestRemainder(0xffff_ffff, fractions);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(0xffff_ffff);
      for (const [index, count] of counts.entries()) {
        expect(Math.abs(count - 0xffff_ffff * fractions[index]!)).toBeLessThan(5);
      }
    }
  });
});

describe("labels and groups", () => {
  const calls = {
    'stratifiedSplit: "labels"': (label: string): unknown => stratifiedSplit(seed, ["a", label], [1]),
    'groupSplit: "groups"': (label: string): unknown => groupSplit(seed, ["a", label], [1]),
    'kFold: "labels"': (label: string): unknown => kFold(seed, 2, { folds: 2, labels: ["a", label] }),
    'kFold: "groups"': (label: string): unknown => kFold(seed, 2, { folds: 2, groups: ["a", label] }),
    'stableSplit: "id"': (label: string): unknown => stableSplit(seed, label, [1]),
  };

  it.each(Object.keys(calls) as (keyof typeof calls)[])("that no path can hold are refused: %s", (name) => {
    for (const label of [-1, 0.5, Number.NaN, 2 ** 53, lone]) {
      expect(() => calls[name](label as string)).toThrow(RangeError);
      expect(() => calls[name](label as string)).toThrow(`${name} must be`);
    }
    for (const label of [true, null, undefined, 1n, {}]) {
      expect(() => calls[name](label as string)).toThrow(TypeError);
      expect(() => calls[name](label as string)).toThrow(`${name} must be`);
    }
  });
});

describe("nothing", () => {
  it("splits into empty parts", () => {
    const empty = [new Uint32Array(), new Uint32Array()];
    expect(split(seed, 0, [0.5, 0.5])).toEqual(empty);
    expect(stratifiedSplit(seed, [], [0.5, 0.5])).toEqual(empty);
    expect(groupSplit(seed, [], [0.5, 0.5])).toEqual(empty);
  });

  it("has no folds", () => {
    expect(() => kFold(seed, 0, { folds: 2 })).toThrow('kFold: "folds" must be an integer in [2, 0], got 2');
    expect(() => timeSplit(0, { folds: 2 })).toThrow('timeSplit: "folds"');
  });
});

describe("split", () => {
  it.each([-1, 0.5, Number.NaN, Infinity, 2 ** 32])("refuses the size %d", (size) => {
    expect(() => split(seed, size, [1])).toThrow('split: "size" must be an integer in [0, 2^32 - 1]');
  });

  it("makes each choice of 2 of 5 rows equally often", () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 5_000 * SCALE; index += 1) {
      const [, test] = split(deriveSeed(seed, index), 5, [0.6, 0.4]);
      counts.set(test.join(), (counts.get(test.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    expect(Math.abs(chiSquareScore([...counts.values()]))).toBeLessThan(4);
  });

  it("is no reuse when asked twice, but is when its stream is opened", () => {
    const ledger = createSeedLedger();
    const counted = createSeed(1, { ledger });
    expect(split(counted, 10, [0.5, 0.5])).toEqual(split(counted, 10, [0.5, 0.5]));
    expect(ledger.streams()).toMatchObject([{ path: ["split"], draws: 9 }]);
    createStream(counted, "kFold");
    expect(() => kFold(counted, 3, { folds: 3 })).toThrow(expect.objectContaining({ code: "SEED_PATH_REUSED" }));
  });
});

describe("kFold", () => {
  it.each<[number, KFoldOptions, string]>([
    [3, { folds: 1 }, '"folds" must be an integer in [2, 3], got 1'],
    [3, { folds: 4 }, '"folds" must be an integer in [2, 3], got 4'],
    [3, { folds: 2.5 }, '"folds"'],
    [3, { folds: Number.NaN }, '"folds"'],
    [2 ** 32, { folds: 2 }, '"size"'],
    [3, { folds: 2, labels: ["a"] }, '"labels" must have one entry for each of 3 rows, got 1'],
    [3, { folds: 2, labels: [] }, '"labels" must have one entry for each of 3 rows, got 0'],
    [3, { folds: 2, groups: ["a", "b"] }, '"groups" must have one entry for each of 3 rows, got 2'],
    [3, { folds: 3, groups: ["a", "b", "a"] }, '"folds" must be at most 2, the number of groups, got 3'],
    [2, { folds: 2, groups: ["a", "b"], labels: ["a", "b"] }, '"labels" and "groups" must not be given together'],
  ])("of %d rows refuses %j", (size, options, message) => {
    expect(() => kFold(seed, size, options)).toThrow(RangeError);
    expect(() => kFold(seed, size, options)).toThrow(`kFold: ${message}`);
  });

  it("tests every pair of 6 rows together equally often", () => {
    const counts = Array.from({ length: 36 }, () => 0);
    for (let index = 0; index < 2_000 * SCALE; index += 1) {
      for (const { test } of kFold(deriveSeed(seed, index), 6, { folds: 3 })) counts[test[0]! * 6 + test[1]!]! += 1;
    }
    const pairs = counts.filter((_, pair) => Math.floor(pair / 6) < pair % 6);
    expect(pairs).toHaveLength(15);
    expect(Math.abs(chiSquareScore(pairs))).toBeLessThan(4);
  });

  it("keeps one huge group from emptying a fold", () => {
    const groups = [...Array.from({ length: 90 }, () => "huge"), ..."aaaaabbbbb".split("")];
    const sizes = kFold(seed, 100, { folds: 3, groups }).map(({ test }) => test.length);
    expect(sizes).toEqual([90, 5, 5]);
  });
});

describe("timeSplit", () => {
  it.each<[number, TimeSplitOptions, string]>([
    [5, { folds: 5 }, '"folds" must be an integer in [2, 4], got 5'],
    [5, { folds: 1 }, '"folds"'],
    [2 ** 32, { folds: 2 }, '"size"'],
    [Number.NaN, { folds: 2 }, '"size"'],
    [10, { folds: 2, gap: -1 }, '"gap" must be an integer of at least 0, got -1'],
    [10, { folds: 2, gap: 0.5 }, '"gap"'],
    [10, { folds: 2, testSize: 0 }, '"testSize" must be an integer of at least 1, got 0'],
    [10, { folds: 2, testSize: Number.NaN }, '"testSize"'],
    [10, { folds: 2, maxTrain: 0 }, '"maxTrain" must be an integer of at least 1, got 0'],
    [10, { folds: 2, maxTrain: Infinity }, '"maxTrain"'],
    [10, { folds: 2, testSize: 5 }, '"size" must be above folds * testSize + gap = 10, got 10'],
    [10, { folds: 2, testSize: 4, gap: 2 }, '"size" must be above folds * testSize + gap = 10, got 10'],
    [10, { folds: 2, gap: Number.MAX_SAFE_INTEGER }, '"size" must be above'],
  ])("of %d rows refuses %j", (size, options, message) => {
    expect(() => timeSplit(size, options)).toThrow(RangeError);
    expect(() => timeSplit(size, options)).toThrow(`timeSplit: ${message}`);
  });
});

describe("stableSplit", () => {
  it("gives each part its share of ids, whether they count up or are words", () => {
    const fractions = [0.5, 0.3, 0.15, 0.05];
    const total = 5_000 * SCALE;
    for (const idOf of [(index: number) => index, (index: number) => `customer-${index}`]) {
      const counts = fractions.map(() => 0);
      for (let index = 0; index < total; index += 1) counts[stableSplit(seed, idOf(index), fractions)]! += 1;
      expect(
        Math.abs(
          chiSquareScore(
            counts,
            fractions.map((share) => share * total),
          ),
        ),
      ).toBeLessThan(4);
    }
  });

  it("gives two seeds splits that are independent", () => {
    const counts = [0, 0, 0, 0];
    const total = 4_000 * SCALE;
    for (let id = 0; id < total; id += 1) {
      counts[2 * stableSplit(createSeed(1), id, [0.5, 0.5]) + stableSplit(createSeed(2), id, [0.5, 0.5])]! += 1;
    }
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
  });

  it("tells 7, the text 7 and the byte 7 apart, and bytes from their digits", () => {
    const halves = (idOf: (index: number) => string | number | Uint8Array): string =>
      Array.from({ length: 64 }, (_, index) => stableSplit(seed, idOf(index), [0.5, 0.5])).join("");
    const hex = (index: number): string => index.toString(16).padStart(2, "0");
    const kinds = [halves((index) => index), halves(String), halves((index) => Uint8Array.of(index)), halves(hex)];
    expect(new Set(kinds).size).toBe(4);
  });

  it("never uses a part without a share", () => {
    for (let id = 0; id < 500; id += 1) {
      expect([1, 3]).toContain(stableSplit(seed, id, [0, 0.5, 0, 0.5, 0]));
      expect(stableSplit(seed, id, [0, 1 - 9e-10, 0])).toBe(1);
    }
  });

  it("leaves no trace in a ledger", () => {
    const ledger = createSeedLedger();
    stableSplit(createSeed(1, { ledger }), "row", [0.5, 0.5]);
    groupSplit(createSeed(1, { ledger }), ["a", "b"], [0.5, 0.5]);
    expect(ledger.streams()).toEqual([]);
  });
});
