import {
  createSeed,
  createSeedLedger,
  createStream,
  fillInt,
  fillNormal,
  fillUniform,
  int,
  shuffle,
} from "@repro/seed";
import type { Stream } from "@repro/seed";
import { runInNewContext } from "node:vm";

import fc from "fast-check";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { afterEach, describe, expect, it, vi } from "vitest";

import { compileUniform } from "../wasm/build.mjs";
import { exp } from "../src/samplers/logarithm.ts";
import { readAhead } from "../src/stream/ahead.ts";
import { fillFloat32, fillFloat64, fillWords, skipWords } from "../src/stream/kernel.ts";
import { WIDE_CODE } from "../src/stream/wide-code.ts";
import { WIDE_WORDS, fillWideFloat64, fillWideWords, openWide } from "../src/stream/wide.ts";

const state = fc
  .tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer())
  .filter((words) => words.some((word) => word !== 0));

/** The words of pure-rand itself. */
function wordsOf(rng: RandomGenerator, count: number): Int32Array {
  return Int32Array.from({ length: count }, () => rng.next());
}

describe("the loops of xoroshiro128+", () => {
  it("give the words of pure-rand, and end in its state", () => {
    fc.assert(
      fc.property(state, fc.nat(300), (start, count) => {
        const rng = xoroshiro128plusFromState(start);
        const mine = Int32Array.from(start);
        const out = new Int32Array(count);
        fillWords(mine, out);
        expect(out).toEqual(wordsOf(rng, count));
        expect([...mine]).toEqual(rng.getState());
        skipWords(mine, 7);
        wordsOf(rng, 7);
        expect([...mine]).toEqual(rng.getState());
      }),
    );
  });

  it("give its doubles and float32 values", () => {
    fc.assert(
      fc.property(state, fc.nat(100), (start, from) => {
        const mine = Int32Array.from(start);
        const doubles = new Float64Array(100);
        fillFloat64(mine, doubles, from);
        const floats = new Float32Array(50);
        fillFloat32(mine, floats);
        const rng = xoroshiro128plusFromState(start);
        const words = Array.from({ length: 2 * (100 - from) + 50 }, () => rng.next() >>> 0);
        for (let index = from; index < 100; index += 1) {
          const [first = 0, second = 0] = words.slice(2 * (index - from));
          expect(doubles[index]).toBe(Number((BigInt(first >>> 5) << 26n) | BigInt(second >>> 6)) / 2 ** 53);
        }
        expect([...floats]).toEqual(words.slice(-50).map((word) => (word >>> 8) / 2 ** 24));
        expect([...mine]).toEqual(rng.getState());
      }),
    );
  });
});

describe("WebAssembly", () => {
  it("is compiled from the source beside it", async () => {
    expect(await compileUniform()).toBe(WIDE_CODE);
  });

  it("gives the same bits, and ends in the same state", () => {
    fc.assert(
      fc.property(state, (start) => {
        const [wide, narrow] = [Int32Array.from(start), Int32Array.from(start)];
        const [a, b] = [new Int32Array(WIDE_WORDS), new Int32Array(WIDE_WORDS)];
        fillWideWords(openWide()!, wide);
        a.set(openWide()!.words);
        fillWords(narrow, b);
        expect(a).toEqual(b);
        expect(wide).toEqual(narrow);
        const [x, y] = [new Float64Array(70_000), new Float64Array(70_000)];
        expect(fillWideFloat64(wide, x)).toBe(65_536);
        fillFloat64(narrow, y.subarray(0, 65_536), 0);
        expect(x).toEqual(y);
        expect(wide).toEqual(narrow);
      }),
      { numRuns: 20 },
    );
  });

  it("decides the wedge of a normal as exp does, down to the last bit", () => {
    const { isBelowExp } = openWide() as unknown as { isBelowExp: (y: number, x: number) => number };
    const near = fc.oneof(fc.constantFrom(0, 1, -1, 2, -2), fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }));
    fc.assert(
      fc.property(fc.double({ min: -20, max: 0, noNaN: true }), near, (x, ulps) => {
        const y = exp(x) * (1 + ulps * Number.EPSILON);
        expect(isBelowExp(y, x)).toBe(Number(y < exp(x)));
      }),
      { numRuns: 10_000 },
    );
  });

  it("makes every bit of every double come from its place in the words", () => {
    const doubles = new Float64Array(32_768);
    fillWideFloat64(Int32Array.of(0, 1, 0, 0), doubles);
    const seen = doubles.reduce((bits, value) => bits | BigInt(value * 2 ** 53), 0n);
    expect(seen).toBe(2n ** 53n - 1n);
  });

  describe("where there is none", () => {
    let attempts = 0;
    afterEach(() => {
      vi.unstubAllGlobals();
      vi.resetModules();
    });

    it.each([
      ["the engine", undefined],
      [
        "a policy",
        {
          Module: function refuse() {
            attempts += 1;
            throw new Error("refused by Content-Security-Policy");
          },
        },
      ],
    ])("because of %s, fills are the same", async (_why, replacement) => {
      const expected = fillUniform(createStream(createSeed(1), "u"), new Float64Array(40_000));
      vi.stubGlobal("WebAssembly", replacement);
      vi.resetModules();
      const fresh = await import("@repro/seed");
      const { openWide: reopen } = await import("../src/stream/wide.ts");
      expect(reopen()).toBe(null);
      const rng = fresh.createStream(fresh.createSeed(1), "u");
      expect(fresh.fillUniform(rng, new Float64Array(40_000))).toEqual(expected);
      expect(rng.draws).toBe(80_000);
      expect(attempts).toBeLessThanOrEqual(1);
    });
  });
});

describe("reading ahead", () => {
  it("gives the words one by one gives, and leaves the stream where that would", () => {
    const sizes = fc.oneof(fc.integer({ min: 64, max: 3000 }), fc.constantFrom(8191, 8192, 8193, 20_000));
    fc.assert(
      fc.property(sizes, fc.nat(25_000), (expected, taken) => {
        const ledger = createSeedLedger();
        const [one, two] = [createStream(createSeed(1), "a"), createStream(createSeed(1, { ledger }), "a")];
        const words = wordsOf(one, taken);
        const read = new Int32Array(taken);
        const did = readAhead(two, expected, (block) => {
          for (let index = 0; index < taken; index += 1) read[index] = block.next();
        });
        expect(did).toBe(true);
        expect(read).toEqual(words);
        expect(two.getState()).toEqual(one.getState());
        expect([two.draws, ledger.streams()[0]?.draws ?? 0]).toEqual([taken, taken]);
      }),
    );
  });

  it("leaves few words, and generators of others, to whoever asked", () => {
    const none = (): never => {
      throw new Error("was called");
    };
    expect(readAhead(createStream(createSeed(1)), 63, none)).toBe(false);
    expect(readAhead(xoroshiro128plusFromState([1, 2, 3, 4]), 10_000, none)).toBe(false);
  });

  it("is over before code of others can run: a list that watches its elements may draw meanwhile", () => {
    const size = 20_000;
    const plain = shuffle(
      createStream(createSeed(1), "order"),
      Array.from({ length: size }, (_, index) => index),
    );
    const noise = createStream(createSeed(1), "noise");
    const rng = createStream(createSeed(1), "order");
    const watched = new Proxy(
      Array.from({ length: size }, (_, index) => index),
      {
        set: (list, key, value) => {
          if (Number(key) % 5000 === 0) fillNormal(noise, new Float64Array(10_000));
          return Reflect.set(list, key, value);
        },
      },
    );
    shuffle(rng, watched);
    expect([...watched]).toEqual(plain);
    expect(noise.draws).toBeGreaterThan(0);
  });

  it.each([
    () => fillUniform(createStream(createSeed(1)), new Uint8Array(4) as never),
    () => fillInt(createStream(createSeed(1)), new Uint8Array(4) as never, 10),
    () => fillNormal(createStream(createSeed(1)), [0, 0] as never),
  ])("refuses what it cannot fill: %s", (fill) => {
    expect(fill).toThrow(TypeError);
  });

  it("fills arrays of another realm alike", () => {
    const foreign = runInNewContext("new Float32Array(5)") as Float32Array;
    const own = fillUniform(createStream(createSeed(1)), new Float32Array(5));
    expect([...fillUniform(createStream(createSeed(1)), foreign)]).toEqual([...own]);
    const signed = runInNewContext("new Int32Array(5)") as Int32Array;
    expect(() => fillInt(createStream(createSeed(1)), signed, 2 ** 32)).toThrow(RangeError);
  });

  // A generator of pure-rand in the same state has no bulk path.
  const plain = (rng: Stream): RandomGenerator => xoroshiro128plusFromState(rng.getState());
  const length = fc.oneof(fc.nat(200), fc.constantFrom(1023, 8191, 8192, 8193, 33_000, 70_000));

  it.each<[string, (rng: RandomGenerator, size: number) => ArrayLike<unknown>]>([
    ["fillUniform", (rng, size) => fillUniform(rng, new Float64Array(size))],
    ["fillUniform of a range", (rng, size) => fillUniform(rng, new Float64Array(size), { low: -1, high: 3 })],
    ["fillUniform of float32", (rng, size) => fillUniform(rng, new Float32Array(size))],
    ["fillInt", (rng, size) => fillInt(rng, new Uint32Array(size), 3_000_000_000)],
    ["fillInt that draws often again", (rng, size) => fillInt(rng, new Float64Array(size), 2 ** 31 + 1)],
    ["fillInt of 2^32", (rng, size) => fillInt(rng, new Uint32Array(size), 2 ** 32)],
    ["fillInt of 1", (rng, size) => fillInt(rng, new Int32Array(size), 1)],
    ["fillInt beyond 2^32", (rng, size) => fillInt(rng, new Float64Array(size), 2 ** 52 + 1)],
    ["fillNormal", (rng, size) => fillNormal(rng, new Float64Array(size), { mean: 1, sd: 2 })],
    ["fillNormal of float32", (rng, size) => fillNormal(rng, new Float32Array(size))],
    [
      "shuffle",
      (rng, size) =>
        shuffle(
          rng,
          Uint32Array.from({ length: size }, (_, index) => index),
        ),
    ],
    [
      "shuffle of an array",
      (rng, size) =>
        shuffle(
          rng,
          Array.from({ length: size }, (_, index) => index),
        ),
    ],
  ])("makes no difference to %s, whatever is drawn afterwards", (_name, draw) => {
    fc.assert(
      fc.property(fc.maxSafeNat(), length, (seed, size) => {
        const rng = createStream(createSeed(seed), "bulk");
        const peer = plain(rng);
        expect(draw(rng, size)).toEqual(draw(peer, size));
        expect(rng.getState()).toEqual(peer.getState());
        expect(int(rng, 1000)).toBe(int(peer, 1000));
      }),
      { numRuns: 30 },
    );
  });
});
