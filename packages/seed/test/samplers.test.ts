import {
  bool,
  createSeed,
  createStream,
  epochOrder,
  fillInt,
  fillNormal,
  fillUniform,
  int,
  normal,
  permutation,
  shuffle,
  uniform,
  uniformFloat32,
} from "@repro/seed";
import type { Stream } from "@repro/seed";
import fc from "fast-check";
import { mersenne } from "pure-rand/generator/mersenne";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { describe, expect, it } from "vitest";

const seed = fc.maxSafeNat();
const length = fc.nat({ max: 300 });

function stream(value: number): Stream {
  return createStream(createSeed(value), "samplers");
}

/** Words chosen by the test; fails when a sampler asks for more. */
function scripted(...words: readonly number[]): RandomGenerator {
  let index = 0;
  return {
    next: () => {
      const word = words[index];
      if (word === undefined) throw new Error("the sampler drew more words than the test foresees");
      index += 1;
      return word | 0;
    },
    clone: () => scripted(...words.slice(index)),
    getState: () => words.slice(index),
  };
}

describe("uniform", () => {
  it("stays in [low, high)", () => {
    const end = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(seed, end, end, (value, a, b) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        const drawn = uniform(stream(value), low, high);
        expect(drawn >= low && drawn < high).toBe(true);
      }),
    );
  });

  it("draws again where rounding would reach the upper end", () => {
    const low = 2 ** 52;
    expect(uniform(scripted(-1, -1, 0, 0), low, low + 1)).toBe(low);
  });

  it("has 53 bits, the upper ones of its words", () => {
    expect(uniform(scripted(-1, -1))).toBe(1 - 2 ** -53);
    expect(uniform(scripted(0, 64))).toBe(2 ** -53);
    expect(uniform(scripted(31, 63))).toBe(0);
  });

  it("gives a MT19937 of pure-rand NumPy's random_sample", () => {
    // numpy.random.RandomState(42).random_sample(2), NumPy 1.24
    const rng = mersenne(42);
    expect([uniform(rng), uniform(rng)]).toEqual([0.3745401188473625, 0.9507143064099162]);
  });

  it.each([
    [1, 1],
    [1, 0],
    [Number.NaN, 1],
    [0, Infinity],
    [-1e308, 1e308],
  ])("refuses the range %f, %f", (low, high) => {
    expect(() => uniform(stream(1), low, high)).toThrow(RangeError);
    expect(() => fillUniform(stream(1), new Float64Array(1), { low, high })).toThrow(RangeError);
  });
});

describe("uniformFloat32", () => {
  it("gives multiples of 2^-24 below 1", () => {
    expect(uniformFloat32(scripted(-1))).toBe(1 - 2 ** -24);
    expect(uniformFloat32(scripted(255))).toBe(0);
    fc.assert(fc.property(seed, (value) => Number.isInteger(uniformFloat32(stream(value)) * 2 ** 24)));
  });
});

describe("bool", () => {
  it("is never true for 0 and always for 1", () => {
    fc.assert(fc.property(seed, (value) => !bool(stream(value), 0) && bool(stream(value), 1)));
  });

  it("is true exactly below the probability", () => {
    expect(bool(scripted(0x7fff_ffff, -1))).toBe(true);
    expect(bool(scripted(0x8000_0000, 0))).toBe(false);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses the probability %f", (probability) => {
    expect(() => bool(stream(1), probability)).toThrow(RangeError);
  });
});

describe("int", () => {
  it("stays in [0, n)", () => {
    fc.assert(
      fc.property(seed, fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.maxSafeNat()), (value, bound) => {
        const n = Math.max(1, bound);
        const drawn = int(stream(value), n);
        expect(Number.isSafeInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
      }),
    );
  });

  it("is the upper half of the 64-bit product, for every word and n that is not rejected", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 2 ** 32 }), (drawn, n) => {
        const product = BigInt(drawn) * BigInt(n);
        fc.pre(product % 2n ** 32n >= 2n ** 32n % BigInt(n));
        expect(int(scripted(drawn), n)).toBe(Number(product >> 32n));
      }),
    );
  });

  it("rejects the words that would favour some values", () => {
    // 2^32 mod 3 is 1: the word 0 is one too many.
    expect(int(scripted(0, 1), 3)).toBe(0);
    expect(() => int(scripted(0), 3)).toThrow("more words");
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 53 + 2])("refuses n = %f", (n) => {
    expect(() => int(stream(1), n)).toThrow(RangeError);
    expect(() => fillInt(stream(1), new Float64Array(1), n)).toThrow(RangeError);
  });
});

describe("normal", () => {
  it("is scaled and shifted", () => {
    fc.assert(
      fc.property(seed, (value) => {
        expect(normal(stream(value), 3, 2)).toBe(3 + 2 * normal(stream(value)));
        expect(normal(stream(value), 3, 0)).toBe(3);
      }),
    );
  });

  it("draws the tail when the base layer's place lies beyond its edge", () => {
    expect(normal(scripted(0x007f_ffe0, -1, 0x8000_0000, 0, 0, 0))).toBeGreaterThan(3.654152885361009);
    expect(normal(scripted(0x00ff_ffe0, -1, 0x8000_0000, 0, 0, 0))).toBeLessThan(-3.654152885361009);
  });

  it("draws again when the place lies above the curve", () => {
    const above = [0x017f_ffe0, -1, -1, -1]; // layer 1, far right, top of the wedge
    expect(normal(scripted(...above, 0x0100_0000, 0))).toBeGreaterThan(0);
  });

  it.each([
    [Number.NaN, 1],
    [Infinity, 1],
    [0, -1],
    [0, Number.NaN],
    [0, Infinity],
  ])("refuses the mean %f with the standard deviation %f", (mean, sd) => {
    expect(() => normal(stream(1), mean, sd)).toThrow(RangeError);
    expect(() => fillNormal(stream(1), new Float64Array(1), { mean, sd })).toThrow(RangeError);
  });
});

describe("fills", () => {
  it("give what the samplers give one by one, and leave the stream where they would", () => {
    fc.assert(
      fc.property(seed, length, fc.integer({ min: 1, max: 2 ** 40 }), (value, size, n) => {
        const scalar = stream(value);
        const bulk = stream(value);
        const check = (filled: ArrayLike<number>, draw: () => number): void => {
          expect(Array.from(filled)).toEqual(Array.from({ length: size }, draw));
          expect(bulk.getState()).toEqual(scalar.getState());
        };
        check(fillUniform(bulk, new Float64Array(size)), () => uniform(scalar));
        check(fillUniform(bulk, new Float64Array(size), { low: -1, high: 2 }), () => uniform(scalar, -1, 2));
        check(fillUniform(bulk, new Float32Array(size)), () => uniformFloat32(scalar));
        check(fillNormal(bulk, new Float64Array(size), { mean: 1, sd: 3 }), () => normal(scalar, 1, 3));
        check(fillNormal(bulk, new Float32Array(size)), () => Math.fround(normal(scalar)));
        check(fillInt(bulk, new Float64Array(size), n), () => int(scalar, n));
        check(fillInt(bulk, new Uint32Array(size), 10), () => int(scalar, 10));
      }),
    );
  });

  it("refuse a bound that the array cannot hold, and a range for float32", () => {
    expect(() => fillInt(stream(1), new Int32Array(1), 2 ** 31 + 1)).toThrow(RangeError);
    expect(() => fillInt(stream(1), new Uint32Array(1), 2 ** 32 + 1)).toThrow(RangeError);
    expect(() => fillUniform(stream(1), new Float32Array(1), { high: 2 })).toThrow(RangeError);
  });
});

describe("epochOrder", () => {
  it.each([
    [{ epoch: -1, size: 3 }, "epoch"],
    [{ epoch: "0" as never, size: 3 }, "epoch"],
    [{ epoch: 0, size: -3 }, "size"],
    [{ epoch: 0, size: 2 ** 32 }, "size"],
  ])("names what it refuses: %j", (options, name) => {
    expect(() => epochOrder(createSeed(1), options)).toThrow(`epochOrder: "${name}"`);
  });
});

describe("shuffle and permutation", () => {
  it("keep every element", () => {
    fc.assert(
      fc.property(seed, length, (value, size) => {
        expect([...permutation(stream(value), size)].toSorted((a, b) => a - b)).toEqual([...Array(size).keys()]);
      }),
    );
  });

  it("agree, whatever kind of array holds the elements", () => {
    fc.assert(
      fc.property(seed, fc.nat({ max: 100 }), (value, size) => {
        const order = [...permutation(stream(value), size)];
        const items = [...Array(size).keys()];
        expect(shuffle(stream(value), items)).toBe(items);
        expect(items).toEqual(order);
        expect([
          ...shuffle(
            stream(value),
            Float32Array.from({ length: size }, (_, index) => index),
          ),
        ]).toEqual(order);
      }),
    );
  });

  it("make all six orders of three about equally often", () => {
    const rng = stream(5);
    const counts = new Map<string, number>();
    for (let index = 0; index < 6_000; index += 1) {
      const order = permutation(rng, 3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(1000));
  });

  it("draw nothing for one element or none", () => {
    const rng = stream(5);
    expect([shuffle(rng, []), shuffle(rng, ["a"]), rng.draws]).toEqual([[], ["a"], 0]);
  });

  it.each([-1, 0.5, 2 ** 32])("refuse a permutation of %f", (n) => {
    expect(() => permutation(stream(1), n)).toThrow(RangeError);
  });
});
