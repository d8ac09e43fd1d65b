import { isReproError } from "@repro/core";
import { createCounterStream, createSeed, createSeedLedger, createStream, deriveSeed, parseSeed } from "@repro/seed";
import type { SeedPathElement } from "@repro/seed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { startXoroshiro } from "../src/stream/engine.ts";
import { comparePaths } from "../src/key/path.ts";
import { describeSeedInput, readSeedText, writeSeedText } from "../src/key/value.ts";

const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((value) => !value.includes("\0"));
const label = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((value) => !value.includes("/"));
const element: fc.Arbitrary<SeedPathElement> = fc.oneof(label, fc.maxSafeNat());
const path = fc.array(element, { maxLength: 4 });

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

describe("createSeed", () => {
  it("takes 0 as a seed", () => {
    expect(createSeed(0).root).toEqual({ type: "integer", value: "0" });
    expect(createSeed(-0).key).toBe(createSeed(0).key);
    expect(createSeed(0).key).not.toBe(createSeed(1).key);
  });

  it("takes a number and a bigint of the same value as the same seed", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (n) => createSeed(n).key === createSeed(BigInt(n)).key));
  });

  it("keeps integers, texts and bytes apart", () => {
    const keys = [createSeed(42), createSeed("42"), createSeed(Uint8Array.of(0x34, 0x32))].map((seed) => seed.key);
    expect(new Set(keys).size).toBe(3);
  });

  it.each([Number.NaN, 0.5, -1, Infinity, 2 ** 53, "", new Uint8Array(), "\uD800", "a\0b"])("refuses %j", (value) => {
    expect(() => createSeed(value)).toThrow(RangeError);
  });

  it("refuses negative integers of any size", () => {
    expect(() => createSeed(-1n)).toThrow(RangeError);
    expect(() => createSeed(-(2n ** 80n))).toThrow(RangeError);
  });

  it("refuses values of other types", () => {
    for (const value of [undefined, null, true, {}, [1]]) expect(() => createSeed(value as never)).toThrow(TypeError);
  });
});

describe("parseSeed", () => {
  it("reads canonical decimal text as that integer, of any size", () => {
    expect(parseSeed("42").key).toBe(createSeed(42).key);
    expect(parseSeed("1208925819614629174706176").key).toBe(createSeed(2n ** 80n).key);
  });

  it.each(["007", "1.2.3", "-", ".", "1e", "e3", "fold-3", " fold"])("reads %j as a text", (value) => {
    expect(parseSeed(value).key).toBe(createSeed(value).key);
  });

  it("reads prefixed text and bytes", () => {
    expect(parseSeed("text:42").key).toBe(createSeed("42").key);
    expect(parseSeed("bytes:00ff").key).toBe(createSeed(Uint8Array.of(0, 255)).key);
  });

  it("refuses an empty seed as missing", () => {
    expect(codeOf(() => parseSeed(""))).toBe("SEED_MISSING");
  });

  it.each([
    "bytes:",
    "bytes:0",
    "bytes:FF",
    "text:",
    "a\0b",
    "\uDC00",
    "-7",
    "+1",
    "-0",
    "1.0",
    "0.5",
    ".5",
    "1e3",
    "-1e5",
    "1.5e3",
    " 42",
    "42\n",
  ])("refuses %j as invalid", (value) => {
    expect(codeOf(() => parseSeed(value))).toBe("SEED_INVALID");
  });

  it("reads back what is written for a command, whatever the seed", () => {
    const input = fc.oneof(
      text,
      fc.constantFrom("42", "text:", "text:42", "bytes:00", "bytes:", "-1"),
      fc.bigInt({ min: 0n }),
      fc.uint8Array({ minLength: 1 }),
    );
    fc.assert(
      fc.property(input, (value) => {
        const seed = describeSeedInput(value);
        expect(readSeedText(writeSeedText(seed))).toEqual(seed);
      }),
    );
  });
});

describe("deriveSeed", () => {
  it("goes the same way in one step or in many", () => {
    fc.assert(
      fc.property(path, path, (a, b) => {
        const root = createSeed(42);
        expect(deriveSeed(deriveSeed(root, ...a), ...b)).toEqual(deriveSeed(root, ...a, ...b));
      }),
    );
  });

  it("gives different paths different keys", () => {
    fc.assert(
      fc.property(path, path, (a, b) => {
        const same = comparePaths(a, b) === 0;
        expect(deriveSeed(createSeed(1), ...a).key === deriveSeed(createSeed(1), ...b).key).toBe(same);
      }),
    );
  });

  it('keeps 1 and "1" apart, and does not run labels together', () => {
    const root = createSeed(1);
    expect(deriveSeed(root, 1).key).not.toBe(deriveSeed(root, "1").key);
    expect(deriveSeed(root, "a", "b").key).not.toBe(deriveSeed(root, "ab").key);
  });

  it("hands the ledger down and freezes what it returns", () => {
    const ledger = createSeedLedger();
    const seed = deriveSeed(createSeed(1, { ledger }), "a");
    expect(seed.ledger).toBe(ledger);
    expect(Object.isFrozen(seed) && Object.isFrozen(seed.path) && Object.isFrozen(seed.root)).toBe(true);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, "", "a/b", "/", "\uD800"])("refuses the step %j", (step) => {
    for (const open of [deriveSeed, createStream, createCounterStream]) {
      expect(() => open(createSeed(1), "a", step)).toThrow(RangeError);
    }
  });

  it("refuses steps of other types", () => {
    expect(() => deriveSeed(createSeed(1), 1n as never)).toThrow(TypeError);
  });
});

describe("comparePaths", () => {
  it("is a total order with integers before labels and prefixes first", () => {
    fc.assert(
      fc.property(path, path, path, (a, b, c) => {
        expect(Math.sign(comparePaths(a, b))).toBe(-Math.sign(comparePaths(b, a)) + 0);
        if (comparePaths(a, b) <= 0 && comparePaths(b, c) <= 0) expect(comparePaths(a, c)).toBeLessThanOrEqual(0);
      }),
    );
    const sorted = [["b"], ["a", 1], [10], ["a"], [9, "z"], []].toSorted(comparePaths);
    expect(sorted).toEqual([[], [9, "z"], [10], ["a"], ["a", 1], ["b"]]);
  });
});

describe("createStream", () => {
  it("gives the same words whatever else is opened and drawn", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 40 }), (calls) => {
        const streams = new Map(["c", "b", "a"].map((name) => [name, createStream(createSeed(7), name)]));
        const drawn = new Map<string, number[]>();
        for (const name of calls) drawn.set(name, [...(drawn.get(name) ?? []), streams.get(name)!.next()]);
        for (const [name, words] of drawn) {
          const alone = createStream(createSeed(7), name);
          expect(words.map(() => alone.next())).toEqual(words);
        }
      }),
    );
  });

  it("clones where it stands, and counts both together", () => {
    const stream = createStream(createSeed(7));
    stream.next();
    const copy = stream.clone();
    expect(copy.getState()).toEqual(stream.getState());
    expect([copy.next(), copy.next()]).toEqual([stream.next(), stream.next()]);
    expect([stream.draws, copy.draws, copy.path]).toEqual([5, 5, []]);
  });

  it("never starts in the state that the engine cannot leave", () => {
    const key = new Uint8Array(32);
    key[16] = 1;
    expect(startXoroshiro(key).getState()).toEqual([0, 1, 0, 0]);
    key[15] = 0x80;
    expect(startXoroshiro(key).getState()).toEqual([0, 0, -0x8000_0000, 0]);
  });
});
