import fc from "fast-check";
import { expect, it } from "vitest";

import {
  canonicalText,
  compareCodePoints,
  diffJson,
  encodeCanonical,
  hashBytes,
  hashCanonical,
  parseJson,
} from "@repro/core";
import type { JsonValue } from "@repro/core";

/** Any JSON value that can be written: whole strings, finite numbers. */
const json = fc.jsonValue({ stringUnit: "binary" }).filter((value) => isWellFormed(value)) as fc.Arbitrary<JsonValue>;

function isWellFormed(value: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(value).replaceAll(/\\ud[89a-f][0-9a-f]{2}/g, "");
}

it("parse(encode(x)) = x, up to the sign of zero", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalText(value);
      expect(canonicalText(parseJson(text, { what: "t" }))).toBe(text);
      expect(diffJson(JSON.parse(JSON.stringify(value)) as JsonValue, parseJson(text, { what: "t" }))).toEqual([]);
    }),
  );
});

it("the digest is that of the bytes", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(hashCanonical(value)).toBe(hashBytes(encodeCanonical(value)));
    }),
  );
});

it("two values have one text only when they do not differ", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const [x, y] = [parseJson(canonicalText(a), { what: "a" }), parseJson(canonicalText(b), { what: "b" })];
      expect(canonicalText(a) === canonicalText(b)).toBe(diffJson(x, y).length === 0);
    }),
  );
});

it("compareCodePoints is the order of UTF-8 bytes", () => {
  const whole = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(whole, whole, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
