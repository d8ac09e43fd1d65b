import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fusedMultiplyAdd, fusedMultiplyAdd32 } from "../src/compat/fused.ts";
import { log1pNegative } from "../src/compat/logarithm.ts";
import { HEIGHT, INSIDE, WIDTH } from "../src/compat/numpy/ziggurat.ts";
import { multiplyHigh, multiplyLow } from "../src/compat/words.ts";
import { floatOf, floatText } from "./compat-replay.ts";

function casesOf(name: string): readonly unknown[] {
  const file = new URL(`vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly unknown[] }).cases;
}

/** Every double of the tests as an integer over 2^600: sums and products of them are exact. */
const SCALE = 600n;

function exact(x: number): bigint {
  const bits = BigInt.asUintN(64, new BigInt64Array(Float64Array.of(x).buffer)[0]!);
  const exponent = (bits >> 52n) & 0x7ffn;
  if (exponent === 0n) return 0n;
  const size = ((bits & 0xf_ffff_ffff_ffffn) | 0x10_0000_0000_0000n) << (exponent - 1075n + SCALE);
  return x < 0 ? -size : size;
}

/** The number of so many significant bits nearest to an integer over 2^1200, a tie going to the even one. */
function nearest(value: bigint, bits: number): number {
  const size = value < 0n ? -value : value;
  const drop = BigInt(Math.max(0, size.toString(2).length - bits));
  const kept = size >> drop;
  const rest = size - (kept << drop);
  const half = drop === 0n ? 1n : 1n << (drop - 1n);
  const rounded = rest > half || (rest === half && drop > 0n && (kept & 1n) === 1n) ? kept + 1n : kept;
  const result = Number(rounded) * 2 ** (Number(drop) - 1200);
  return value < 0n ? -result : result;
}

const double = fc
  .tuple(fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }), fc.integer({ min: -60, max: 60 }), fc.boolean())
  .map(([significand, exponent, negative]) => (negative ? -significand : significand) * 2 ** exponent);
const single = double.map((x) => Math.fround(Math.sign(x) * Math.abs(x) ** 0.5)); // products and sums stay below 2^127
const word = fc.integer({ min: 0, max: 0xffff_ffff });

describe("arithmetic that C has and JavaScript lacks", () => {
  it("a fused multiply-add rounds the exact value once", () => {
    fc.assert(
      fc.property(double, double, double, (a, b, c) => {
        expect(fusedMultiplyAdd(a, b, c)).toBe(nearest(exact(a) * exact(b) + (exact(c) << SCALE), 53) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("also where the sum nearly cancels, or lies next to the middle of two doubles", () => {
    fc.assert(
      fc.property(
        double,
        double,
        fc.integer({ min: -4, max: 4 }),
        fc.integer({ min: -110, max: 2 }),
        (a, b, ulps, shift) => {
          const product = a * b;
          const near = -product * (1 + ulps * 2 ** -52);
          const far = product * 2 ** shift;
          for (const c of [near, far, product * 2 ** -53, product * 1.5 * 2 ** 53]) {
            expect(fusedMultiplyAdd(a, b, c)).toBe(nearest(exact(a) * exact(b) + (exact(c) << SCALE), 53) + 0);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("of float32 it rounds the exact value once to float32", () => {
    fc.assert(
      fc.property(single, single, single, fc.integer({ min: -30, max: 30 }), (a, b, c, shift) => {
        for (const addend of [c, Math.fround(a * b) * 2 ** shift]) {
          expect(fusedMultiplyAdd32(a, b, addend)).toBe(
            nearest(exact(a) * exact(b) + (exact(addend) << SCALE), 24) + 0,
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("two words multiply to 64 bits", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const product = BigInt(a) * BigInt(b);
        expect([multiplyHigh(a, b), multiplyLow(a, b)]).toEqual([
          Number(product >> 32n),
          Number(product & 0xffff_ffffn),
        ]);
      }),
    );
    expect(multiplyHigh(0xffff_ffff, 0xffff_ffff)).toBe(0xffff_fffe);
  });
});

describe("what NumPy's normals are made of", () => {
  it("its tables are ours", () => {
    const [tables] = casesOf("compat-ziggurat");
    expect({ width: WIDTH, height: HEIGHT, inside: INSIDE }).toEqual(tables);
  });

  it("log1p has the bits of the C library", () => {
    for (const [u, logarithm] of casesOf("compat-log1p") as readonly (readonly [string, string])[]) {
      expect(floatText(log1pNegative(floatOf(u)) + 0), u).toBe(floatText(floatOf(logarithm) + 0));
    }
  });
});
