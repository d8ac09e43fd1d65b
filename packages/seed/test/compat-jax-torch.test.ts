import { createSeed, createStream } from "@repro/seed";
import {
  createNumpyGenerator,
  createNumpyRandomState,
  createTorchGenerator,
  jaxBits,
  jaxBits64,
  jaxFoldIn,
  jaxKey,
  jaxPermutation,
  jaxRandint,
  jaxSplit,
  jaxUniform,
  torchRand,
  torchRandint,
  torchRandperm,
} from "@repro/seed/compat";
import type { JaxKey, TorchGenerator } from "@repro/seed/compat";
import fc from "fast-check";
import { mersenne } from "pure-rand/generator/mersenne";
import { describe, expect, it } from "vitest";

import { threefry2x32 } from "../src/compat/jax/threefry.ts";

const BAD_SIZES = [-1, 0.5, Number.NaN, Infinity, 2 ** 32, 2 ** 53];
const key = jaxKey(0);
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const anyKey = fc.tuple(word, word);

describe("Threefry-2x32", () => {
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b20_0159, 0x99ba_4efe],
    ],
    [
      [0xffff_ffff, 0xffff_ffff],
      [0xffff_ffff, 0xffff_ffff],
      [0x1cb9_96fc, 0xbb00_2be7],
    ],
    [
      [0x1319_8a2e, 0x0370_7344],
      [0x243f_6a88, 0x85a3_08d3],
      [0xc492_3a9c, 0x483d_f7a0],
    ],
  ] as [JaxKey, JaxKey, JaxKey][])("gives Random123's known answer for key %o", (known, [x0, x1], answer) => {
    const out = new Uint32Array(2);
    threefry2x32(known, x0, x1, out);
    expect([...out]).toEqual(answer);
  });
});

describe("JAX's keys", () => {
  it("are frozen", () => {
    expect([key, jaxFoldIn(key, 1), jaxSplit(key), ...jaxSplit(key)].every(Object.isFrozen)).toBe(true);
  });

  it("split into what fold-in gives, where JAX can cut the work for devices", () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 0, max: 40 }), (parent, count) => {
        expect(jaxSplit(parent, count)).toEqual(Array.from({ length: count }, (_, index) => jaxFoldIn(parent, index)));
      }),
    );
  });

  it("keep their first values when more are drawn, where JAX can cut the work for devices", () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 0, max: 40 }), (parent, size) => {
        expect([...jaxBits(parent, 50).subarray(0, size)]).toEqual([...jaxBits(parent, size)]);
      }),
    );
  });

  it("read a seed modulo 2^32 without 64 bits, and whole with them", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (seed) => {
        expect(jaxKey(seed)).toEqual([0, Number(BigInt.asUintN(32, seed))]);
        const [high, low] = jaxKey(seed, { x64: true });
        expect(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))).toBe(seed);
      }),
    );
  });

  it.each([
    [0.5, RangeError],
    [Number.NaN, RangeError],
    [2 ** 53, RangeError],
    [2n ** 63n, RangeError],
    [-(2n ** 63n) - 1n, RangeError],
    ["1", TypeError],
    [undefined, TypeError],
  ])("refuse %s as a seed", (seed, kind) => {
    expect(() => jaxKey(seed as number)).toThrow(kind);
  });

  it.each([[[0]], [[0, -1]], [[0, 2 ** 32]], [[0.5, 0]], [[0, 0, 0]], [["0", 0]], [undefined], ["00"]])(
    "%o is none",
    (bad) => {
      const wrong = bad as unknown as JaxKey;
      for (const use of [jaxSplit, jaxBits, jaxBits64, jaxUniform, jaxPermutation, jaxFoldIn]) {
        expect(() => (use as (k: JaxKey, n: number) => unknown)(wrong, 1)).toThrow(RangeError);
      }
      expect(() => jaxRandint(wrong, 1, 0, 2)).toThrow(RangeError);
    },
  );
});

describe("JAX's draws", () => {
  it("refuse sizes outside", () => {
    for (const size of BAD_SIZES) {
      for (const draw of [jaxSplit, jaxFoldIn, jaxBits, jaxBits64, jaxUniform, jaxPermutation]) {
        expect(() => (draw as (k: JaxKey, n: number) => unknown)(key, size)).toThrow(RangeError);
      }
      expect(() => jaxRandint(key, size, 0, 2)).toThrow(RangeError);
    }
  });

  it("of nothing are empty", () => {
    for (const partitionable of [true, false]) {
      const options = { partitionable };
      const draws = [jaxBits(key, 0, options), jaxUniform(key, 0, options), jaxPermutation(key, 0, options)];
      expect(draws.map((drawn) => drawn.length)).toEqual([0, 0, 0]);
      expect(jaxSplit(key, 0, options)).toEqual([]);
    }
  });

  it("permute", () => {
    for (const n of [1, 2, 1625, 1626, 3000]) {
      expect(Array.from(jaxPermutation(key, n).toSorted())).toEqual(Array.from({ length: n }, (_, index) => index));
    }
  });

  it("stay in their range", () => {
    fc.assert(
      fc.property(anyKey, fc.integer(), fc.integer(), (k, a, b) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(jaxRandint(k, 20, low, high).every((n) => n >= low && n < high)).toBe(true);
        expect(jaxUniform(k, 20, { minval: low, maxval: high }).every((x) => x >= Math.fround(low))).toBe(true);
      }),
    );
  });

  it.each([
    [0, 0, "int32"],
    [1, 0, "int32"],
    [0.5, 2, "int32"],
    [0, Number.NaN, "int32"],
    [-(2 ** 31) - 1, 0, "int32"],
    [0, 2 ** 31 + 1, "int32"],
    [0n, 2n ** 63n, "int64"],
  ] as const)("refuse integers from %s to %s of %s", (low, high, dtype) => {
    expect(() => jaxRandint(key, 1, low, high, { dtype })).toThrow(RangeError);
  });

  it.each([
    [0, 0],
    [1, 0],
    [Number.NaN, 1],
    [0, Infinity],
    [0, 1e-40],
    [1e-40, 1],
    [1, 1 + 2 ** -30],
    [-(2 ** 127), 2 ** 127],
  ])("refuse floats from %s to %s", (minval, maxval) => {
    expect(() => jaxUniform(key, 1, { minval, maxval })).toThrow(RangeError);
  });

  it("refuse unknown types", () => {
    expect(() => jaxUniform(key, 1, { dtype: "float16" as "float32" })).toThrow(TypeError);
    expect(() => jaxRandint(key, 1, 0, 2, { dtype: "int8" as "int32" })).toThrow(TypeError);
  });
});

describe("torch's draws", () => {
  it("count only the seed's lower 32 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (seed) => {
        expect(createTorchGenerator(seed).next()).toBe(createTorchGenerator(BigInt.asUintN(32, seed)).next());
      }),
    );
  });

  it.each([
    [0.5, RangeError],
    [Number.NaN, RangeError],
    [2 ** 53, RangeError],
    [2n ** 64n, RangeError],
    [-(2n ** 63n) - 1n, RangeError],
    ["1", TypeError],
  ])("refuse %s as a seed", (seed, kind) => {
    expect(() => createTorchGenerator(seed as number)).toThrow(kind);
  });

  it("refuse sizes, ends and types outside", () => {
    const rng = createTorchGenerator(1);
    const before = rng.getState();
    for (const size of BAD_SIZES) {
      expect(() => torchRand(rng, size)).toThrow(RangeError);
      expect(() => torchRandint(rng, 0, 2, size)).toThrow(RangeError);
      expect(() => torchRandperm(rng, size)).toThrow(RangeError);
    }
    for (const [low, high] of [
      [0, 0],
      [1, 0],
      [0.5, 2],
      [0, 2 ** 53],
      [Number.NaN, 1],
    ] as const) {
      expect(() => torchRandint(rng, low, high, 1)).toThrow(RangeError);
    }
    expect(() => torchRandperm(rng, 214_748_364)).toThrow(/\[0, 214748363\]/);
    expect(() => torchRand(rng, 1, "float16" as "float32")).toThrow(TypeError);
    expect(() => torchRandint(rng, 0, 2, 1, { version: "3" as "2.7" })).toThrow(TypeError);
    expect(rng.getState()).toEqual(before);
  });

  it("take one word below a range of 2^28, two from there on, and one up to 2^32 before version 2.7", () => {
    const wordsFor = (range: number, version: "2.6" | "2.7"): number => {
      const rng = createTorchGenerator(5);
      torchRandint(rng, 0, range, 10, { version });
      const next = rng.next();
      const plain = createTorchGenerator(5);
      let words = 0;
      while (plain.next() !== next) words += 1;
      return words;
    };
    expect([2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1, 2 ** 32].map((range) => wordsFor(range, "2.7"))).toEqual([
      10, 20, 20, 20,
    ]);
    expect([2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1, 2 ** 32].map((range) => wordsFor(range, "2.6"))).toEqual([
      10, 10, 10, 20,
    ]);
  });
});

describe("a generator of another kind", () => {
  const draws = {
    torchRand: (rng: TorchGenerator) => torchRand(rng, 2),
    torchRandint: (rng: TorchGenerator) => torchRandint(rng, 0, 10, 2),
    torchRandperm: (rng: TorchGenerator) => torchRandperm(rng, 2),
  } as const;

  it.each(["torchRand", "torchRandint", "torchRandperm"] as const)(
    "is refused by %s, a copy of torch's is not",
    (name) => {
      const others: unknown[] = [
        createNumpyGenerator(42),
        createNumpyRandomState(42),
        createStream(createSeed(42)),
        mersenne(42),
        {},
        null,
        undefined,
      ];
      for (const other of others) {
        expect(() => draws[name](other as TorchGenerator)).toThrow(TypeError);
        expect(() => draws[name](other as TorchGenerator)).toThrow(
          `${name}: "rng" must be made by createTorchGenerator`,
        );
      }
      const rng = createTorchGenerator(42);
      expect(draws[name](rng.clone())).toEqual(draws[name](rng));
    },
  );
});
