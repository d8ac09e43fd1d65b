import {
  createNumpyGenerator,
  createNumpyRandomState,
  createNumpySeedSequence,
  numpyChoice,
  numpyGenerateState,
  numpyIntegers,
  numpyPermutation,
  numpyRandint,
  numpyRandom,
  numpyRandomFloat32,
  numpyRandomRaw,
  numpyShuffle,
  numpySpawn,
  numpyStandardNormal,
} from "@repro/seed/compat";
import type { NumpyGenerator, NumpyRandomState } from "@repro/seed/compat";
import fc from "fast-check";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { describe, expect, it } from "vitest";

const generator = (): NumpyGenerator => createNumpyGenerator(42);
const state = (): NumpyRandomState => createNumpyRandomState(42);
/** For values that the types refuse, too. */
const untyped = (draw: unknown): ((...values: unknown[]) => unknown) => draw as (...values: unknown[]) => unknown;

describe("a seed sequence", () => {
  it("is frozen plain data that survives JSON", () => {
    const sequence = createNumpySeedSequence([1, 2n ** 70n], { spawnKey: [3] });
    expect(Object.isFrozen(sequence) && Object.isFrozen(sequence.entropy) && Object.isFrozen(sequence.spawnKey)).toBe(
      true,
    );
    const again = JSON.parse(JSON.stringify(sequence)) as typeof sequence;
    expect([...numpyGenerateState(again, 8)]).toEqual([...numpyGenerateState(sequence, 8)]);
    expect(createNumpyGenerator(again).getState()).toEqual(createNumpyGenerator(sequence).getState());
  });

  it("spawns the same child for the same index, whatever was spawned before", () => {
    const root = createNumpySeedSequence(7);
    const first = numpySpawn(root, 1);
    numpySpawn(root, 0);
    expect(numpySpawn(root, 1)).toEqual(first);
    expect(numpySpawn(numpySpawn(root, 1), 0)).toEqual(createNumpySeedSequence(7, { spawnKey: [1, 0] }));
  });

  it("takes numbers and bigints alike", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (entropy) => {
        expect(createNumpySeedSequence(entropy)).toEqual(createNumpySeedSequence(BigInt(entropy)));
      }),
    );
  });

  it.each([
    [-1, RangeError],
    [-1n, RangeError],
    [0.5, RangeError],
    [Number.NaN, RangeError],
    [Infinity, RangeError],
    [2 ** 53, RangeError],
    [[1, -1], RangeError],
    [["1"], TypeError],
    [[[1]], TypeError],
    ["1", TypeError],
    [undefined, TypeError],
    [true, TypeError],
  ])("refuses %s as entropy", (entropy, kind) => {
    expect(() => createNumpySeedSequence(entropy as number)).toThrow(kind);
    expect(() => createNumpyGenerator(entropy as number)).toThrow(kind);
  });

  it.each([
    [{ entropy: [-1], spawnKey: [] }, RangeError],
    [{ entropy: [0.5], spawnKey: [] }, RangeError],
    [{ entropy: [1], spawnKey: [2 ** 32] }, RangeError],
    [{ entropy: ["1"], spawnKey: [] }, RangeError],
    [{ entropy: [1] }, TypeError],
    [{ entropy: "1", spawnKey: [] }, TypeError],
    [{}, TypeError],
    [null, TypeError],
  ])("%o, read from a file, is none", (read, kind) => {
    expect(() => createNumpyGenerator(read as never)).toThrow(kind);
  });

  it("refuses counts and indices outside", () => {
    const sequence = createNumpySeedSequence(0);
    for (const count of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => numpyGenerateState(sequence, count)).toThrow(RangeError);
    }
    expect(() => numpyGenerateState(sequence, 1, "uint16" as "uint32")).toThrow(TypeError);
    for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => numpySpawn(sequence, index)).toThrow(RangeError);
  });
});

describe("a generator", () => {
  it.each([
    ["of PCG64", generator],
    ["of MT19937", state],
  ])("%s is one of pure-rand, and its clone repeats it with what is left of a word", (_, create) => {
    const rng = create();
    rng.next();
    const clone = rng.clone();
    expect(clone.getState()).toEqual(rng.getState());
    const draw = (g: typeof rng): unknown[] => [g.next(), g.nextDouble(), g.next(), uniformInt(g, 0, 999)];
    expect(draw(clone)).toEqual(draw(rng));
  });

  it("draws signed 32-bit words, and 64-bit ones in two halves", () => {
    const rng = generator();
    const [word = 0n] = numpyRandomRaw(generator(), 1);
    rng.next64();
    expect((BigInt(rng.high >>> 0) << 32n) | BigInt(rng.low >>> 0)).toBe(word);
    expect([generator().next()]).toEqual([Number(BigInt.asIntN(32, word))]);
  });

  it("draws one by one what it draws into an array", () => {
    const one = generator();
    const many = generator();
    expect([numpyRandom(one), numpyRandom(one)]).toEqual([...numpyRandom(many, 2)]);
    expect([numpyRandomFloat32(one), numpyRandomFloat32(one)]).toEqual([...numpyRandomFloat32(many, 2)]);
    expect([numpyStandardNormal(one), numpyStandardNormal(one)]).toEqual([...numpyStandardNormal(many, 2)]);
    expect([numpyIntegers(one, 0, 9), numpyIntegers(one, 0, 9)]).toEqual([...numpyIntegers(many, 0, 9, { size: 2 })]);
    expect(numpyChoice(one, 9)).toBe(numpyChoice(many, 9, { size: 1 })[0]);
    expect(one.getState()).toEqual(many.getState());
  });

  it("is refused where another one is meant: its numbers would be wrong", () => {
    const wrong = state() as unknown as NumpyGenerator;
    for (const draw of [numpyRandomFloat32, numpyStandardNormal]) expect(() => draw(wrong)).toThrow(TypeError);
    expect(() => numpyIntegers(wrong, 0, 2)).toThrow(/createNumpyGenerator, got MT19937/);
    expect(() => numpyChoice(wrong, 2)).toThrow(TypeError);
    expect(() => numpyRandomRaw(wrong, 2)).toThrow(TypeError);
    expect(() => numpyRandint(generator() as unknown as NumpyRandomState, 0, 2)).toThrow(
      /createNumpyRandomState, got PCG64/,
    );
    for (const value of [undefined, null, {}, 1]) expect(() => numpyRandom(value as never)).toThrow(TypeError);
  });

  it("refuses sizes outside, before it draws", () => {
    for (const size of [-1, 0.5, Number.NaN, Infinity, 2 ** 32, 2 ** 53]) {
      const rng = generator();
      const before = rng.getState();
      for (const draw of [numpyRandom, numpyRandomFloat32, numpyRandomRaw, numpyStandardNormal]) {
        expect(() => (draw as (g: NumpyGenerator, n: number) => unknown)(rng, size)).toThrow(RangeError);
      }
      expect(() => numpyPermutation(rng, size)).toThrow(RangeError);
      expect(() => numpyIntegers(rng, 0, 9, { size })).toThrow(RangeError);
      expect(() => numpyChoice(rng, 9, { size })).toThrow(RangeError);
      expect(rng.getState()).toEqual(before);
    }
    expect(() => numpyRandom(generator(), "3" as unknown as number)).toThrow(TypeError);
  });

  it("of nothing draws nothing", () => {
    const rng = generator();
    const before = rng.getState();
    expect([...numpyRandom(rng, 0), ...numpyPermutation(rng, 0), ...numpyChoice(rng, 0, { size: 0 })]).toEqual([]);
    expect([...numpyPermutation(rng, 1), numpyIntegers(rng, 5, 6)]).toEqual([0, 5]);
    expect(rng.getState()).toEqual(before);
  });
});

describe("integers", () => {
  it("are the same from numbers and from bigints", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.boolean(), (a, b, endpoint) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        fc.pre(low < high);
        const numbers = numpyIntegers(generator(), low, high, { size: 4, endpoint });
        const bigints = numpyIntegers(generator(), BigInt(low), BigInt(high), { size: 4, endpoint });
        expect(Array.from(bigints, Number)).toEqual([...numbers]);
        expect([...numbers].every((n) => n >= low && (n < high || (endpoint && n === high)))).toBe(true);
        const legacy = numpyRandint(state(), low, high, { size: 4 });
        expect(Array.from(numpyRandint(state(), BigInt(low), BigInt(high), { size: 4 }), Number)).toEqual([...legacy]);
      }),
    );
  });

  it("come in the array of their dtype", () => {
    const draw = (dtype: "int8" | "uint16" | "uint32" | "bool" | "uint64") =>
      numpyIntegers(generator(), 0, 2, { size: 1, dtype });
    expect(
      [draw("int8"), draw("uint16"), draw("uint32"), draw("bool"), draw("uint64")].map((a) => a.constructor),
    ).toEqual([Int8Array, Uint16Array, Uint32Array, Uint8Array, Float64Array]);
    expect(numpyIntegers(generator(), 0n, 2n ** 64n, { size: 1, dtype: "uint64" })).toBeInstanceOf(BigUint64Array);
    expect(numpyIntegers(generator(), 0n, 2n)).toBeTypeOf("bigint");
  });

  it.each([
    [5, 5, {}],
    [6, 5, {}],
    [6, 5, { endpoint: true }],
    [0.5, 5, {}],
    [0, Number.NaN, {}],
    [0, 2 ** 53, {}],
    [0, 257, { dtype: "uint8" }],
    [-1, 5, { dtype: "uint32" }],
    [0n, 2n ** 63n + 1n, {}],
    [0n, 2n ** 64n + 1n, { dtype: "uint64" }],
  ])("from %s to %s with %o are refused", (low, high, options) => {
    expect(() => untyped(numpyIntegers)(generator(), low, high, options)).toThrow(RangeError);
    if ("endpoint" in options) return;
    expect(() => untyped(numpyRandint)(state(), low, high, options)).toThrow(RangeError);
  });

  it("of an unknown or too small type are refused", () => {
    expect(() => numpyIntegers(generator(), 0, 2, { dtype: "float64" as "int64" })).toThrow(TypeError);
    expect(() => numpyIntegers(generator(), 0, 2, { dtype: "toString" as "int64" })).toThrow(TypeError);
    expect(() => numpyIntegers(generator(), 0n, 2n, { dtype: "int8" as "int64", size: 1 })).toThrow(TypeError);
    expect(() => numpyIntegers(generator(), "0" as unknown as number, 2)).toThrow(TypeError);
    expect(() => numpyRandint(state(), 0, 2, { endpoint: true })).toThrow(RangeError);
  });
});

describe("choices", () => {
  it("without replacement are distinct, by every algorithm", () => {
    for (const [n, size, shuffle] of [
      [60, 60, true],
      [20_000, 300, true],
      [20_000, 500, true],
      [20_000, 1500, false],
      [2 ** 53, 50, true],
    ] as const) {
      const drawn = numpyChoice(generator(), n, { size, replace: false, shuffle });
      expect(new Set(drawn).size).toBe(size);
      expect(drawn.every((value) => Number.isSafeInteger(value) && value >= 0 && value < n)).toBe(true);
    }
  });

  it("never take what has no weight, and leave the weights alone", () => {
    const p = [0.5, 0, 0.25, 0, 0.25];
    const drawn = numpyChoice(generator(), 5, { size: 200, p });
    expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual([0, 2, 4]);
    expect([...numpyChoice(generator(), 5, { size: 3, p, replace: false })].toSorted((a, b) => a - b)).toEqual([
      0, 2, 4,
    ]);
    expect(p).toEqual([0.5, 0, 0.25, 0, 0.25]);
  });

  it.each([
    [0, {}],
    [-1, {}],
    [0.5, {}],
    [2 ** 53 + 2, {}],
    [3, { size: 4, replace: false }],
    [2, { p: [1] }],
    [2, { p: [0.5, 0.6] }],
    [2, { p: [1.5, -0.5] }],
    [2, { p: [Number.NaN, 1] }],
    [2, { p: [Infinity, 0] }],
    [2, { p: [1, 0], size: 2, replace: false }],
    [0, { p: [], size: 0 }],
  ])("from %s with %o are refused", (n, options) => {
    expect(() => untyped(numpyChoice)(generator(), n, options)).toThrow(RangeError);
  });
});

describe("a RandomState", () => {
  it.each([
    [-1, RangeError],
    [2 ** 32, RangeError],
    [0.5, RangeError],
    [Number.NaN, RangeError],
    [[], RangeError],
    [[1, -1], RangeError],
    [[0.5], RangeError],
    [["1"], TypeError],
    ["1", TypeError],
    [1n, TypeError],
    [undefined, TypeError],
  ])("refuses %s as a seed", (seed, kind) => {
    expect(() => createNumpyRandomState(seed as number)).toThrow(kind);
  });

  it("of a list of one is another than that of the integer", () => {
    expect(createNumpyRandomState([42]).next()).not.toBe(createNumpyRandomState(42).next());
  });
});

it("shuffles typed arrays and arrays of anything alike, in place", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const texts = items.map(String);
  expect(numpyShuffle(generator(), texts)).toBe(texts);
  expect([...numpyShuffle(generator(), Int16Array.from(items))]).toEqual(texts.map(Number));
  expect([...numpyPermutation(generator(), 50)]).toEqual(texts.map(Number));
});
