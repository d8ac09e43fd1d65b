import { hashBytes, isReproError } from "@repro/core";
import {
  createSeed,
  createSeedLedger,
  createStream,
  deriveSeed,
  diffSeedState,
  epochOrder,
  fillNormal,
  fillUniform,
  seedLayer,
  shuffle,
  stratifiedSplit,
} from "@repro/seed";
import type { SeedState } from "@repro/seed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { mergeStreams, mergeUnseeded } from "../src/record/ledger.ts";

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isReproError(error) ? error.code : String(error);
  }
  return undefined;
}

describe("a ledger", () => {
  it("counts the words of each stream and names its first eight by digest", () => {
    const ledger = createSeedLedger();
    const root = createSeed(42, { ledger });
    const [long, short] = [createStream(root, "b"), createStream(deriveSeed(root, "a"), 1)];
    const words = Int32Array.from({ length: 20 }, () => long.next());
    const one = Int32Array.of(short.next());
    expect(ledger.streams()).toEqual([
      { path: ["a", 1], engine: "xoroshiro128plus@1", draws: 1, head: hashBytes(new Uint8Array(one.buffer)) },
      { path: ["b"], engine: "xoroshiro128plus@1", draws: 20, head: hashBytes(new Uint8Array(words.buffer, 0, 32)) },
    ]);
  });

  it("leaves out streams that nothing was drawn from", () => {
    const ledger = createSeedLedger();
    createStream(createSeed(42, { ledger }), "a");
    expect(ledger.streams()).toEqual([]);
  });

  it("reads the same whatever the order of opening and drawing", () => {
    const names = ["a", "b", "c", "d"];
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 4 }), fc.shuffledSubarray(names), (first, second) => {
        const record = (order: readonly string[], again: readonly string[]): unknown => {
          const ledger = createSeedLedger();
          const root = createSeed(42, { ledger });
          const streams = new Map(order.map((name) => [name, createStream(root, name)]));
          for (const name of [...order, ...again]) streams.get(name)!.next();
          return ledger.streams();
        };
        expect(record(first, second)).toEqual(record(names, second.toReversed()));
      }),
    );
  });

  it("refuses a stream that has been opened before", () => {
    const root = createSeed(42, { ledger: createSeedLedger() });
    createStream(root, "init", "dense");
    expect(codeOf(() => createStream(deriveSeed(root, "init"), "dense"))).toBe("SEED_PATH_REUSED");
    expect(codeOf(() => createStream(root, "init", "dense_1"))).toBeUndefined();
  });

  it("lets the same path of another seed pass", () => {
    const ledger = createSeedLedger();
    createStream(createSeed(1, { ledger }), "a");
    expect(codeOf(() => createStream(createSeed(2, { ledger }), "a"))).toBeUndefined();
  });

  it("records each opening where reuse is allowed", () => {
    const ledger = createSeedLedger({ reuse: "allow" });
    const root = createSeed(42, { ledger });
    for (const draws of [3, 1])
      for (let index = 0, rng = createStream(root, "a"); index < draws; index += 1) rng.next();
    expect(ledger.streams().map(({ draws }) => draws)).toEqual([1, 3]);
  });

  it("counts a pure function once, by its longest use", () => {
    const ledger = createSeedLedger();
    const root = createSeed(42, { ledger });
    for (const size of [10, 100, 50]) epochOrder(root, { epoch: 3, size });
    const alone = createSeedLedger();
    epochOrder(createSeed(42, { ledger: alone }), { epoch: 3, size: 100 });
    expect(ledger.streams()).toEqual(alone.streams());
    expect(ledger.streams().map(({ path }) => path)).toEqual([["epochOrder", 3]]);
  });

  it("refuses a pure function's stream to others, and theirs to it", () => {
    const root = createSeed(42, { ledger: createSeedLedger() });
    epochOrder(root, { epoch: 0, size: 10 });
    expect(codeOf(() => createStream(root, "epochOrder", 0))).toBe("SEED_PATH_REUSED");
    createStream(root, "epochOrder", 1);
    expect(codeOf(() => epochOrder(root, { epoch: 1, size: 10 }))).toBe("SEED_PATH_REUSED");
  });

  it("counts unseeded calls by place", () => {
    const ledger = createSeedLedger();
    for (const site of ["b", "a", "b"]) ledger.count("Math.random", site);
    expect(ledger.unseeded()).toEqual([
      { api: "Math.random", calls: 1, site: "a" },
      { api: "Math.random", calls: 2, site: "b" },
    ]);
  });
});

describe("two runs that differ by one draw", () => {
  /** A training with three streams, of which the one for dropout may be drawn from once more than it should. */
  async function run(extra: number): Promise<SeedState> {
    const opened = await seedLayer(42).open({
      root: "/",
      cwd: "/",
      env: {},
      attach: () => Promise.reject(new Error("nothing is attached")),
    });
    const [init, dropout, order] = ["init", "dropout", "order"].map((name) => createStream(opened.handle, name));
    fillNormal(init!, new Float32Array(100));
    fillUniform(dropout!, new Float32Array(50 + extra));
    shuffle(
      order!,
      Array.from({ length: 100 }, (_, index) => index),
    );
    return opened.seal();
  }

  it("name the stream that was drawn from once more, and no other", async () => {
    const [recorded, same, other] = [await run(0), await run(0), await run(1)];
    expect(diffSeedState(recorded, same)).toEqual([]);
    expect(diffSeedState(recorded, other)).toMatchObject([
      { path: "/streams/dropout", expected: [{ draws: 50 }], actual: [{ draws: 51 }], severity: "error" },
    ]);
  });
});

describe("merging ledgers", () => {
  it("does not depend on their order", () => {
    const use = fc.record({
      api: fc.constant("Math.random" as const),
      calls: fc.integer({ min: 1, max: 100 }),
      site: fc.constantFrom("a", "b", "c"),
    });
    const stream = fc.record({
      path: fc.array(fc.constantFrom("a", "b", 1, 2), { maxLength: 2 }),
      engine: fc.constantFrom("xoroshiro128plus@1" as const, "philox4x32-10@1" as const),
      draws: fc.integer({ min: 1, max: 3 }),
      head: fc.constantFrom("sha256:00", "sha256:01").map((head) => head as `sha256:${string}`),
    });
    const parts = fc.array(fc.record({ uses: fc.array(use), streams: fc.array(stream) }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, (list) => {
        const back = list.toReversed();
        expect(mergeUnseeded(list.map(({ uses }) => uses))).toEqual(mergeUnseeded(back.map(({ uses }) => uses)));
        expect(mergeStreams(list.map(({ streams }) => streams))).toEqual(
          mergeStreams(back.map(({ streams }) => streams)),
        );
      }),
    );
  });
});

describe("epochOrder", () => {
  it("gives each epoch a permutation of its own", () => {
    const root = createSeed(42);
    const orders = [0, 1, 2].map((epoch) => epochOrder(root, { epoch, size: 50 }).join());
    expect(new Set(orders).size).toBe(3);
    expect(orders[1]).toBe(epochOrder(root, { epoch: 1, size: 50 }).join());
  });

  it("refuses epochs and sizes that are none", () => {
    expect(() => epochOrder(createSeed(1), { epoch: -1, size: 1 })).toThrow(RangeError);
    expect(() => epochOrder(createSeed(1), { epoch: 0, size: 0.5 })).toThrow(RangeError);
  });
});

describe("stratifiedSplit", () => {
  const labels = fc.array(fc.constantFrom("a", "b", "c", 1), { maxLength: 60 });

  it("puts every sample into one part, and each class by its share", () => {
    fc.assert(
      fc.property(labels, (classes) => {
        const parts = stratifiedSplit(createSeed(42), classes, [0.6, 0.3, 0.1]);
        const all = parts.flatMap((part) => [...part]);
        expect(all.toSorted((a, b) => a - b)).toEqual([...classes.keys()]);
        for (const label of new Set(classes)) {
          const total = classes.filter((each) => each === label).length;
          for (const [index, share] of [0.6, 0.3, 0.1].entries()) {
            const count = [...parts[index as 0]].filter((sample) => classes[sample] === label).length;
            expect(Math.abs(count - total * share)).toBeLessThan(1);
          }
        }
      }),
    );
  });

  it("lists each part in ascending order", () => {
    fc.assert(
      fc.property(labels, (classes) => {
        for (const part of stratifiedSplit(createSeed(42), classes, [0.5, 0.5])) {
          expect([...part]).toEqual([...part].toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it("leaves the samples of other classes where they are when a class is added", () => {
    fc.assert(
      fc.property(labels, fc.integer({ min: 1, max: 20 }), (classes, added) => {
        const [before] = stratifiedSplit(createSeed(42), classes, [0.7, 0.3]);
        const [after] = stratifiedSplit(createSeed(42), [...classes, ...Array<string>(added).fill("new")], [0.7, 0.3]);
        expect([...after].filter((sample) => sample < classes.length)).toEqual([...before]);
      }),
    );
  });

  it("records one stream for each class", () => {
    const ledger = createSeedLedger();
    stratifiedSplit(createSeed(42, { ledger }), ["x", "x", "y", "y"], [0.5, 0.5]);
    expect(ledger.streams().map(({ path }) => path)).toEqual([
      ["stratifiedSplit", "x"],
      ["stratifiedSplit", "y"],
    ]);
  });

  it.each([[[]], [[0.5]], [[0.5, 0.6]], [[-0.1, 1.1]], [[Number.NaN]]])("refuses the fractions %j", (fractions) => {
    expect(() => stratifiedSplit(createSeed(1), ["a"], fractions)).toThrow(RangeError);
  });
});
