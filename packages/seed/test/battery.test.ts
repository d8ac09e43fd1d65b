import { createCounterStream, createSeed, createStream, deriveSeed } from "@repro/seed";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { describe, expect, it } from "vitest";

import { keyBytes } from "../src/key/key.ts";

/*
 * Whether streams know of each other: for each design of splitting the same statistics, and one design that must fail
 * them all. A statistic is a number of standard deviations, |z|; seeds are fixed, so that it is the same in every run.
 *
 * Two streams of length L among n overlap with a probability of about n² L / 2^128, since all lie on one cycle: for 2^20
 * streams of 2^40 words that is 2^-48, too seldom for a test to see.
 */

/** Raised by SLOW=1, for the nightly run. */
const SCALE = process.env["SLOW"] === "1" ? 8 : 1;

/** How the stream of a neighbour is opened. */
type Open = (index: number) => RandomGenerator;

const root = createSeed("battery");
const DESIGNS: Readonly<Record<string, Open>> = {
  seeds: (index) => createStream(createSeed(42 + index)),
  siblings: (index) => createStream(root, index),
  labels: (index) => createStream(root, `worker-${index}`),
  counters: (index) => createCounterStream(root, index),
  nested: (index) => createStream(root, "a", index >>> 8, index & 0xff),
};
/** pure-rand's own seeding, with a worker's number added to the seed. */
const NAIVE: Open = (index) => xoroshiro128plus(42 + index);

const STREAMS = 20_000 * SCALE;
/** Words of each stream that are looked at. */
const WORDS = 4;
const LIMIT = 5;

/** The first words of all streams, then the second words …: unsigned. */
function transpose(open: Open): readonly Uint32Array[] {
  const columns = Array.from({ length: WORDS }, () => new Uint32Array(STREAMS));
  for (let index = 0; index < STREAMS; index += 1) {
    const stream = open(index);
    for (const column of columns) column[index] = stream.next();
  }
  return columns;
}

/** (χ² - k) / √(2k) for equal expectations. */
function chiSquareScore(counts: Float64Array, total: number): number {
  const expected = total / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return Math.abs(chi - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

/** The bytes of neighbours' words are spread evenly: those at one place, of 256 kinds. */
function uniformity(column: Uint32Array, shift: number): number {
  const counts = new Float64Array(256);
  for (const word of column) counts[(word >>> shift) & 0xff]! += 1;
  return chiSquareScore(counts, column.length);
}

/** Pairs of neighbours' upper four bits are spread evenly; pairs do not overlap. */
function serial(column: Uint32Array): number {
  const counts = new Float64Array(256);
  for (let index = 0; index + 1 < column.length; index += 2) {
    counts[((column[index]! >>> 28) << 4) | (column[index + 1]! >>> 28)]! += 1;
  }
  return chiSquareScore(counts, column.length / 2);
}

/** Runs above and below the middle, as Wald and Wolfowitz count them: n/2 of them, with a variance of n/4. */
function runs(column: Uint32Array): number {
  let count = 1;
  for (let index = 1; index < column.length; index += 1) {
    if (column[index]! >>> 31 !== column[index - 1]! >>> 31) count += 1;
  }
  return Math.abs(count - column.length / 2) / Math.sqrt(column.length / 4);
}

/** Peaks and valleys, as Bienaymé counts them: (2n - 4) / 3 of them, with a variance of (16n - 29) / 90. */
function turningPoints(column: Uint32Array): number {
  let count = 0;
  for (let index = 1; index + 1 < column.length; index += 1) {
    const [before, here, after] = [column[index - 1]!, column[index]!, column[index + 1]!];
    const isPeak = here > before && here > after;
    if (isPeak || (here < before && here < after)) count += 1;
  }
  const n = column.length;
  return Math.abs(count - (2 * n - 4) / 3) / Math.sqrt((16 * n - 29) / 90);
}

/** |r| √n between word j of one stream and word k of the stream `lag` further on. */
function correlation(x: Uint32Array, y: Uint32Array, lag: number): number {
  const n = x.length - lag;
  let [sx, sy, xy, xx, yy] = [0, 0, 0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    const [a, b] = [x[index]! / 2 ** 32 - 0.5, y[index + lag]! / 2 ** 32 - 0.5];
    sx += a;
    sy += b;
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  return (Math.abs(xy - (sx * sy) / n) / Math.sqrt((xx - (sx * sx) / n) * (yy - (sy * sy) / n))) * Math.sqrt(n);
}

/** Every statistic by name, the largest of its kind. */
function scores(open: Open): Readonly<Record<string, number>> {
  const columns = transpose(open);
  const worst = (of: (column: Uint32Array) => number): number => Math.max(...columns.map(of));
  return {
    "first byte": worst((column) => uniformity(column, 24)),
    "last byte": worst((column) => uniformity(column, 0)),
    serial: worst(serial),
    runs: worst(runs),
    "turning points": worst(turningPoints),
    correlation: worst((x) => Math.max(...columns.flatMap((y) => [1, 2, 3, 8].map((lag) => correlation(x, y, lag))))),
  };
}

describe("streams of neighbours, transposed", () => {
  it.each(Object.entries(DESIGNS))("of %s do not know of each other", (_, open) => {
    const failed = Object.entries(scores(open)).filter(([, score]) => !(score < LIMIT));
    expect(failed).toEqual([]);
  });

  it("of consecutive seeds of pure-rand do, and every statistic shows it", () => {
    const passed = Object.entries(scores(NAIVE)).filter(([, score]) => !(score > 2 * LIMIT));
    expect(passed).toEqual([]);
  });
});

/** The 128 bits that an engine starts from. */
function stateOf(stream: RandomGenerator): Uint32Array {
  return Uint32Array.from(stream.getState());
}

/** How often each bit of the state changes when bit after bit of the seed does, as |z|; the worst of them. */
function avalanche(open: Open, trials: number): number {
  const changes = new Float64Array(128 * 31);
  for (let trial = 0; trial < trials; trial += 1) {
    const base = trial * 1001;
    const before = stateOf(open(base));
    for (let bit = 0; bit < 31; bit += 1) {
      const after = stateOf(open((base ^ (1 << bit)) >>> 0));
      for (let place = 0; place < 128; place += 1) {
        changes[128 * bit + place]! += ((before[place >>> 5]! ^ after[place >>> 5]!) >>> (place & 31)) & 1;
      }
    }
  }
  return changes.reduce((worst, count) => Math.max(worst, Math.abs(count - trials / 2)), 0) / Math.sqrt(trials / 4);
}

describe("a bit of the seed", () => {
  // 3,968 pairs of an input and an output bit: the worst of so many is 3.7 on average.
  it.each([
    ["seed", DESIGNS["seeds"]!],
    ["number", DESIGNS["siblings"]!],
  ])("changes each bit of the state in half of all cases: %s", (_, open) => {
    expect(avalanche((index) => open(index), 200 * SCALE)).toBeLessThan(LIMIT);
  });

  it("changes two bits in pure-rand's seeding, and the check finds it", () => {
    expect(avalanche((index) => xoroshiro128plus(index | 0), 200)).toBeGreaterThan(10);
  });
});

/** How many of sorted numbers equal their neighbour. */
function collisions(sorted: Uint32Array | Float64Array): number {
  let count = 0;
  for (let index = 1; index < sorted.length; index += 1) if (sorted[index] === sorted[index - 1]) count += 1;
  return count;
}

/** Collisions among n values of 2^32 are n² / 2^33 on average, and as many is their variance: |z|. */
function birthdayScore(words: Uint32Array): number {
  const expected = words.length ** 2 / 2 ** 33;
  return Math.abs(collisions(words.toSorted()) - expected) / Math.sqrt(expected);
}

describe("many states", () => {
  const COUNT = 2 ** 20 * (SCALE === 1 ? 1 : 4);

  it("collide in 32 of their bits as often as chance has it, and never in 53", () => {
    const low = new Uint32Array(COUNT);
    const wide = new Float64Array(COUNT);
    for (let index = 0; index < COUNT; index += 1) {
      const view = new DataView(keyBytes(deriveSeed(root, index)).buffer);
      low[index] = view.getUint32(12, true);
      wide[index] = view.getUint32(0, true) * 2 ** 21 + (view.getUint32(4, true) >>> 11);
    }
    expect(birthdayScore(low)).toBeLessThan(LIMIT); // 128 are expected
    expect(collisions(wide.toSorted())).toBe(0); // 0.0001 are
  }, 300_000);

  it("of pure-rand's seeding do not collide by chance: it knows 2^32 of them, in order, and then the same again", () => {
    const state = (seed: number): readonly number[] => xoroshiro128plus(seed).getState();
    expect(state(42 + 2 ** 32)).toEqual(state(42));
    const low = Uint32Array.from({ length: 2 ** 20 }, (_, seed) => state(seed)[1]!);
    expect(birthdayScore(low)).toBeGreaterThan(2 * LIMIT);
    const words = (seed: number): number => createStream(createSeed(seed)).next();
    expect(words(42 + 2 ** 32)).not.toBe(words(42));
  });
});
