import { createCounterStream, createSeed, createSeedLedger, createStream, deriveSeed } from "@repro/seed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createIndexPermutation, permuteIndex, unpermuteIndex } from "../src/split/permute-index.ts";
import type { IndexPermutation } from "../src/split/permute-index.ts";
import { chiSquareScore } from "./chi-square.ts";

const SLOW = process.env["SLOW"] === "1";
const SCALE = SLOW ? 16 : 1;

function orderOf(value: number, size: number): IndexPermutation {
  return createIndexPermutation(createSeed(value), { size });
}

function listed(order: IndexPermutation): number[] {
  return Array.from({ length: order.size }, (_, index) => permuteIndex(order, index));
}

const identity = (size: number): number[] => [...Array(size).keys()];

describe("a computed order", () => {
  it("is a bijection for every size to 2000", () => {
    // Each size with SLOW=1; otherwise all small ones, all around squares and around the change of rounds, and every 37th.
    const near = (size: number): boolean =>
      size <= 130 || Math.abs(Math.sqrt(size) - Math.round(Math.sqrt(size))) < 1 / size || Math.abs(size - 1024) < 3;
    for (let size = 1; size <= 2000; size += 1) {
      if (!SLOW && !near(size) && size % 37 !== 0) continue;
      const seen = new Uint8Array(size);
      for (const element of listed(orderOf(size, size))) seen[element] = 1;
      if (seen.includes(0)) throw new Error(`not a bijection of [0, ${size})`);
    }
  });

  it("is inverted by unpermuteIndex, at any size", () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 2 ** 32 }), fc.maxSafeNat());
    const place = fc.double({ noNaN: true, min: 0, max: 1, maxExcluded: true });
    fc.assert(
      fc.property(fc.maxSafeNat(), size, place, (value, drawn, at) => {
        const order = orderOf(value, Math.max(1, drawn));
        const index = Math.floor(at * order.size);
        const element = permuteIndex(order, index);
        expect(Number.isSafeInteger(element) && element >= 0 && element < order.size).toBe(true);
        expect(unpermuteIndex(order, element)).toBe(index);
        expect(permuteIndex(order, unpermuteIndex(order, index))).toBe(index);
      }),
    );
  });

  it.each([2 ** 32, 2 ** 53 - 1, 2 ** 53])("never gives an element twice among %d", (size) => {
    const order = orderOf(1, size);
    const ends = [...identity(1500), ...identity(1500).map((index) => size - 1 - index)];
    expect(new Set(ends.map((index) => permuteIndex(order, index))).size).toBe(3000);
    for (const index of ends.slice(0, 100)) expect(unpermuteIndex(order, permuteIndex(order, index))).toBe(index);
  });

  it("is a value: frozen, JSON, and the same for everybody who makes it", () => {
    const order = orderOf(7, 1000);
    const read = JSON.parse(JSON.stringify(order)) as IndexPermutation;
    expect(listed(read)).toEqual(listed(orderOf(7, 1000)));
    expect(Object.isFrozen(order) && Object.isFrozen(order.words)).toBe(true);
    expect(listed(orderOf(8, 1000))).not.toEqual(listed(order));
    const epochs = [0, 1].map((epoch) =>
      createIndexPermutation(deriveSeed(createSeed(7), "order", epoch), { size: 1000 }),
    );
    expect(listed(epochs[0]!)).not.toEqual(listed(epochs[1]!));
  });

  it("counts no words in a ledger, which refuses a stream of the same path", () => {
    const ledger = createSeedLedger();
    const seed = createSeed(1, { ledger });
    permuteIndex(createIndexPermutation(seed, { size: 10 }), 3);
    permuteIndex(createIndexPermutation(seed, { size: 10 }), 3); // asking twice is no reuse
    expect(ledger.streams()).toEqual([]);
    const reuse = expect.objectContaining({ code: "SEED_PATH_REUSED" });
    expect(() => createCounterStream(seed, "permuteIndex")).toThrow(reuse);
    createStream(seed, "epoch", "permuteIndex");
    expect(() => createIndexPermutation(deriveSeed(seed, "epoch"), { size: 10 })).toThrow(reuse);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53 + 2])("refuses the size %d", (size) => {
    expect(() => orderOf(1, size)).toThrow(RangeError);
    expect(() => orderOf(1, size)).toThrow('createIndexPermutation: "size" must be an integer in [1, 2^53]');
  });

  it.each([-1, 10, 0.5, Number.NaN])("refuses the place %d of 10", (index) => {
    expect(() => permuteIndex(orderOf(1, 10), index)).toThrow(/permuteIndex: "index" must be an integer in \[0, 9\]/);
    expect(() => unpermuteIndex(orderOf(1, 10), index)).toThrow(/unpermuteIndex: "element" must be/);
  });
});

describe("computed orders", () => {
  it.each([2, 3, 4, 5, 6])("of %d elements come all equally often", (size) => {
    const orders = [1, 2, 3, 4, 5, 6].slice(0, size).reduce((product, factor) => product * factor, 1);
    const counts = new Map<string, number>();
    const root = createSeed(3);
    for (let index = 0; index < 6_000 * SCALE; index += 1) {
      const name = listed(createIndexPermutation(deriveSeed(root, index), { size })).join("");
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const never = Array.from({ length: orders - counts.size }, () => 0);
    expect(Math.abs(chiSquareScore([...counts.values(), ...never]))).toBeLessThan(4);
  });

  it.each([10, 33, 1024, 1500])("of %d put each element at each place equally often, neighbours included", (size) => {
    // Cells: places in up to 10 strips, for the first element, its neighbour, and the one below it in the square.
    const strips = Math.min(size, 10);
    const below = Math.ceil(Math.sqrt(size));
    const single = Array.from({ length: strips }, () => 0);
    const expected = Array.from({ length: strips * strips }, () => 0);
    const [pairs, columns] = [expected.slice(), expected.slice()];
    const strip = (element: number): number => Math.floor((element * strips) / size);
    const inStrip = single.map((_, wanted) => identity(size).filter((element) => strip(element) === wanted).length);
    const times = 4_000 * SCALE;
    for (let index = 0; index < times; index += 1) {
      const order = createIndexPermutation(deriveSeed(createSeed(4), index), { size });
      const [first, second, third] = [0, 1, below].map((at) => strip(permuteIndex(order, at))) as [
        number,
        number,
        number,
      ];
      single[first]! += 1;
      pairs[first * strips + second]! += 1;
      columns[first * strips + third]! += 1;
    }
    for (const [cell] of expected.entries()) {
      const [a, b] = [Math.floor(cell / strips), cell % strips];
      expected[cell] = (times * inStrip[a]! * (inStrip[b]! - (a === b ? 1 : 0))) / (size * (size - 1));
    }
    expect(
      Math.abs(
        chiSquareScore(
          single,
          inStrip.map((count) => (times * count) / size),
        ),
      ),
    ).toBeLessThan(4);
    expect(Math.abs(chiSquareScore(pairs, expected))).toBeLessThan(4);
    expect(Math.abs(chiSquareScore(columns, expected))).toBeLessThan(4);
    // A rotation by a random distance spreads each element evenly as well, but not pairs: the check finds it.
    const rotated = expected.map(() => 0);
    for (let index = 0; index < times; index += 1) {
      const first = permuteIndex(createIndexPermutation(deriveSeed(createSeed(5), index), { size }), 0);
      rotated[strip(first) * strips + strip((first + 1) % size)]! += 1;
    }
    expect(chiSquareScore(rotated, expected)).toBeGreaterThan(100);
  });

  it("tear neighbours apart in the square that the rounds work on, where half as many rounds would not", () => {
    // 1024 = 32 · 32, and 8 rounds. Elements 0 and 1 are in one row: after 2 rounds always, and after 4 often, they still are
    // neighbours in their columns. 4 rounds score 47 here.
    const size = 1024;
    const times = 12_000 * SCALE;
    const distances = Array.from({ length: 32 }, () => 0);
    for (let index = 0; index < times; index += 1) {
      const order = createIndexPermutation(deriveSeed(createSeed(7), index), { size });
      distances[(permuteIndex(order, 1) - permuteIndex(order, 0) + size) % 32]! += 1;
    }
    const expected = distances.map((_, distance) => (times * (distance === 0 ? 31 : 32)) / 1023);
    expect(Math.abs(chiSquareScore(distances, expected))).toBeLessThan(4);
  });

  it("of one seed have no memory along a walk: neighbours do not correlate", () => {
    const size = 1e9;
    const order = orderOf(6, size);
    let sum = 0;
    const steps = 5_000 * SCALE;
    let before = permuteIndex(order, 0) / size - 0.5;
    for (let index = 1; index <= steps; index += 1) {
      const now = permuteIndex(order, index) / size - 0.5;
      sum += before * now * 12; // each has the variance 1/12
      before = now;
    }
    expect(Math.abs(sum) / Math.sqrt(steps)).toBeLessThan(4);
  });
});
