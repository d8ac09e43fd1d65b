import { createSeed, stratifiedSplit } from "@repro/seed";
import type { Seed } from "@repro/seed";
import type { SeedPathElement } from "@repro/seed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { kFold } from "../src/split/fold.ts";
import type { Fold } from "../src/split/fold.ts";
import { groupSplit } from "../src/split/group.ts";
import { split } from "../src/split/random.ts";
import { stableSplit } from "../src/split/stable.ts";
import { timeSplit } from "../src/split/time.ts";

const seed = fc.maxSafeNat().map((value) => createSeed(value));
const fractions = fc
  .array(fc.nat(20), { minLength: 1, maxLength: 5 })
  .filter((parts) => parts.some((part) => part > 0))
  .map((parts) => parts.map((part) => part / parts.reduce((sum, other) => sum + other, 0)));
const label: fc.Arbitrary<SeedPathElement> = fc.oneof(
  fc.nat(6),
  fc.constantFrom("a", "b", "1", "2", "", "a/b", "é😀", "__proto__", "constructor"),
);
const labels = fc.array(label, { maxLength: 120 });

const numbers = (size: number): number[] => [...Array(size).keys()];

function expectPartition(parts: readonly Uint32Array[], size: number): void {
  const together = parts.flatMap((part) => [...part]);
  expect(together.toSorted((a, b) => a - b)).toEqual(numbers(size));
  for (const part of parts) expect([...part]).toEqual([...part].toSorted((a, b) => a - b));
}

/** Part of each row. */
function partOf(parts: readonly Uint32Array[], size: number): readonly number[] {
  const of = Array.from({ length: size }, () => -1);
  for (const [index, part] of parts.entries()) for (const row of part) of[row] = index;
  return of;
}

function count<T>(items: readonly T[], wanted: T): number {
  return items.filter((item) => item === wanted).length;
}

function spread(sizes: readonly number[]): number {
  return Math.max(...sizes) - Math.min(...sizes);
}

/** Rows of each label. */
function sizesOf(groups: readonly SeedPathElement[]): ReadonlyMap<SeedPathElement, number> {
  return new Map(groups.map((group) => [group, count(groups, group)]));
}

describe("split", () => {
  it("gives disjoint parts that cover all rows, each its share rounded up or down", () => {
    fc.assert(
      fc.property(seed, fc.nat(300), fractions, (seed, size, fractions) => {
        const parts = split(seed, size, fractions);
        expectPartition(parts, size);
        for (const [index, part] of parts.entries()) {
          expect(Math.abs(part.length - size * fractions[index]!)).toBeLessThan(1);
        }
      }),
    );
  });
});

describe("stratifiedSplit", () => {
  it("gives each part its share of each class, rounded up or down", () => {
    fc.assert(
      fc.property(seed, labels, fractions, (seed, labels, fractions) => {
        const parts = stratifiedSplit(seed, labels, fractions);
        expectPartition(parts, labels.length);
        for (const [index, part] of parts.entries()) {
          const inPart = [...part].map((row) => labels[row]!);
          for (const [name, total] of sizesOf(labels)) {
            expect(Math.abs(count(inPart, name) - total * fractions[index]!)).toBeLessThan(1);
          }
        }
      }),
    );
  });

  it("leaves the samples of all classes where they are when one is added", () => {
    fc.assert(
      fc.property(seed, labels, fractions, fc.integer({ min: 1, max: 9 }), (seed, labels, fractions, added) => {
        const more = [...labels, ...Array.from({ length: added }, () => "another")];
        const before = partOf(stratifiedSplit(seed, labels, fractions), labels.length);
        expect(partOf(stratifiedSplit(seed, more, fractions), labels.length + added).slice(0, labels.length)).toEqual(
          before,
        );
      }),
    );
  });
});

describe("groupSplit", () => {
  it("never divides a group, and misses no share by more than half the largest group at each end", () => {
    fc.assert(
      fc.property(seed, labels, fractions, (seed, groups, fractions) => {
        const parts = groupSplit(seed, groups, fractions);
        expectPartition(parts, groups.length);
        const of = partOf(parts, groups.length);
        const partOfGroup = new Map(groups.map((group, row) => [group, of[row]]));
        for (const [row, group] of groups.entries()) expect(of[row]).toBe(partOfGroup.get(group));
        const largest = Math.max(0, ...sizesOf(groups).values());
        for (const [index, part] of parts.entries()) {
          expect(Math.abs(part.length - groups.length * fractions[index]!)).toBeLessThanOrEqual(largest + 1e-6);
        }
        for (const end of [parts[0]!, parts.at(-1)!]) {
          const share = groups.length * fractions[parts.indexOf(end)]!;
          expect(Math.abs(end.length - share)).toBeLessThanOrEqual(largest / 2 + 1e-6);
        }
      }),
    );
  });

  it("sees neither the order of the rows nor anything in them but their groups", () => {
    const rows = fc.array(label, { maxLength: 60 }).chain((groups) =>
      fc.record({
        groups: fc.constant(groups),
        order: fc.shuffledSubarray(numbers(groups.length), { minLength: groups.length }),
      }),
    );
    fc.assert(
      fc.property(seed, rows, fractions, (seed, { groups, order }, fractions) => {
        const before = partOf(groupSplit(seed, groups, fractions), groups.length);
        const moved = order.map((row) => groups[row]!);
        expect(partOf(groupSplit(seed, moved, fractions), groups.length)).toEqual(order.map((row) => before[row]));
      }),
    );
  });

  it("moves few rows when a group is added: about its own size at each cut", () => {
    fc.assert(
      fc.property(seed, labels, fractions, fc.integer({ min: 1, max: 30 }), (seed, groups, fractions, added) => {
        const more = [...groups, ...Array.from({ length: added }, () => "another")];
        const before = partOf(groupSplit(seed, groups, fractions), groups.length);
        const after = partOf(groupSplit(seed, more, fractions), more.length);
        const moved = before.filter((part, row) => part !== after[row]).length;
        // Middles of moved groups lie within `added` rows on one side of a cut, and reach beyond by half a group at each end.
        const largest = Math.max(0, ...sizesOf(groups).values());
        expect(moved).toBeLessThanOrEqual((fractions.length - 1) * (added + largest));
      }),
    );
  });

  it("moves at most one row at each cut when each row is its own group and one is added", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 150 }), fractions, (seed, size, fractions) => {
        const before = partOf(groupSplit(seed, numbers(size), fractions), size);
        const after = partOf(groupSplit(seed, numbers(size + 1), fractions), size + 1);
        const moved = before.filter((part, row) => part !== after[row]).length;
        expect(moved).toBeLessThanOrEqual(fractions.filter((fraction) => fraction > 0).length - 1);
      }),
    );
  });
});

function expectFolds(folds: readonly Fold[], size: number): void {
  expectPartition(
    folds.map(({ test }) => test),
    size,
  );
  for (const { train, test } of folds) expectPartition([train, test], size);
}

describe("kFold", () => {
  const shape = fc
    .array(label, { minLength: 2, maxLength: 80 })
    .chain((labels) =>
      fc.record({ labels: fc.constant(labels), folds: fc.integer({ min: 2, max: Math.min(12, labels.length) }) }),
    );

  it("tests each row once, and trains on all others; sizes differ by at most 1", () => {
    fc.assert(
      fc.property(seed, shape, (seed, { labels, folds }) => {
        const made = kFold(seed, labels.length, { folds });
        expect(made).toHaveLength(folds);
        expectFolds(made, labels.length);
        expect(spread(made.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("with labels spreads each class evenly too", () => {
    fc.assert(
      fc.property(seed, shape, (seed, { labels, folds }) => {
        const made = kFold(seed, labels.length, { folds, labels });
        expectFolds(made, labels.length);
        expect(spread(made.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
        for (const name of new Set(labels)) {
          const counts = made.map(({ test }) => [...test].filter((row) => labels[row] === name).length);
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("with labels leaves the rows of all classes where they are when one comes after them", () => {
    fc.assert(
      fc.property(seed, shape, fc.integer({ min: 1, max: 9 }), (seed, { labels, folds }, added) => {
        const more = [...labels, ...Array.from({ length: added }, () => "another")];
        const tests = (labels: readonly SeedPathElement[]): readonly number[] =>
          partOf(
            kFold(seed, labels.length, { folds, labels }).map(({ test }) => test),
            labels.length,
          );
        expect(tests(more).slice(0, labels.length)).toEqual(tests(labels));
      }),
    );
  });

  it("with groups divides none, leaves no fold empty, and balances to the largest group", () => {
    fc.assert(
      fc.property(seed, shape, (seed, { labels: groups, folds }) => {
        const sizes = sizesOf(groups);
        fc.pre(folds <= sizes.size);
        const made = kFold(seed, groups.length, { folds, groups });
        expectFolds(made, groups.length);
        const of = partOf(
          made.map(({ test }) => test),
          groups.length,
        );
        const foldOfGroup = new Map(groups.map((group, row) => [group, of[row]]));
        for (const [row, group] of groups.entries()) expect(of[row]).toBe(foldOfGroup.get(group));
        const tested = made.map(({ test }) => test.length);
        expect(Math.min(...tested)).toBeGreaterThan(0);
        expect(spread(tested)).toBeLessThanOrEqual(Math.max(...sizes.values()));
      }),
    );
  });
});

describe("timeSplit", () => {
  it("never trains on what comes at or after the test, nor on the gap", () => {
    const options = fc.record({
      folds: fc.integer({ min: 2, max: 8 }),
      gap: fc.nat(10),
      testSize: fc.integer({ min: 1, max: 12 }),
      maxTrain: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 40 }), (options, extra) => {
        const size = options.folds * options.testSize + options.gap + extra;
        const folds = timeSplit(size, options);
        const tested = folds.flatMap(({ test }) => [...test]);
        expect(tested).toEqual(numbers(size).slice(size - options.folds * options.testSize));
        for (const { train, test } of folds) {
          expect(test).toHaveLength(options.testSize);
          expect(train.length).toBeGreaterThan(0);
          expect(train.length).toBeLessThanOrEqual(options.maxTrain);
          expect(train.at(-1)! + options.gap + 1).toBe(test[0]);
          expect([...train]).toEqual(numbers(train.length).map((row) => train[0]! + row));
        }
      }),
    );
  });
});

describe("stableSplit", () => {
  const id = fc.oneof(fc.maxSafeNat(), fc.string({ unit: "grapheme" }), fc.uint8Array({ maxLength: 20 }));

  it("is a function of the id: it sees no other row", () => {
    fc.assert(
      fc.property(seed, fc.array(id, { maxLength: 20 }), fractions, (seed, ids, fractions) => {
        const forwards = ids.map((id) => stableSplit(seed, id, fractions));
        const backwards = ids.toReversed().map((id) => stableSplit(seed, id, fractions));
        expect(backwards.toReversed()).toEqual(forwards);
        for (const part of forwards) expect(fractions[part]).toBeGreaterThan(0);
      }),
    );
  });

  it("moves rows only across the cuts that move", () => {
    const cuts = fc.tuple(fc.nat(100), fc.nat(100)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    const partOf = (seed: Seed, id: string | number | Uint8Array, [a, b]: readonly [number, number]): number =>
      stableSplit(seed, id, [a / 100, (b - a) / 100, (100 - b) / 100]);
    fc.assert(
      fc.property(seed, id, cuts, cuts, (seed, id, before, after) => {
        const [from, to] = [partOf(seed, id, before), partOf(seed, id, after)];
        // A row that goes up has a cut come down below it, and the other way round.
        for (let cut = Math.min(from, to); cut < Math.max(from, to); cut += 1) {
          expect(Math.sign(after[cut]! - before[cut]!)).toBe(to > from ? -1 : 1);
        }
      }),
    );
  });
});
