import { describe, expect, it } from "vitest";

import { canonicalText, encodeCanonical, hashCanonical, isReproError, MAX_JSON_DEPTH, parseJson } from "@repro/core";
import type { JsonValue } from "@repro/core";

/** Hands in what the types would refuse, as JavaScript callers can. */
const hostile = (value: unknown): JsonValue => value as JsonValue;

function codeOf(work: () => unknown): { code: string; path: unknown } {
  try {
    work();
  } catch (error) {
    if (isReproError(error)) return { code: error.code, path: error.data["path"] };
    throw error;
  }
  throw new Error("nothing was thrown");
}

function nested(depth: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe("encodeCanonical refuses what JSON cannot say", () => {
  const shared = { inside: 1 };
  class Point {
    x = 1;
  }
  it.each<[string, unknown, string]>([
    ["undefined", undefined, ""],
    ["an undefined member", { a: undefined }, "/a"],
    ["a function", { a: [() => 1] }, "/a/0"],
    ["a symbol", { a: Symbol("s") }, "/a"],
    ["a symbol key", { a: { [Symbol("s")]: 1 } }, "/a"],
    ["a bigint", { "a/b": 1n }, "/a~1b"],
    ["NaN", [Number.NaN], "/0"],
    ["infinity", [1, Number.POSITIVE_INFINITY], "/1"],
    ["a hole", hostile(Array.from({ length: 2 })), "/0"],
    ["a lone high surrogate", ["\uD800"], "/0"],
    ["a lone low surrogate in a key", { "\uDC00": 1 }, "/\uDC00"],
    ["a Date", { at: new Date(0) }, "/at"],
    ["a Map", new Map(), ""],
    ["bytes", { b: new Uint8Array(1) }, "/b"],
    ["an instance", { p: new Point() }, "/p"],
  ])("%s", (_, value, path) => {
    const thrown = codeOf(() => encodeCanonical(hostile(value)));
    expect(thrown.code).toBe("JSON_UNREPRESENTABLE");
    if (!path.includes("\uDC00")) expect(thrown.path).toBe(path);
  });

  it("takes the same object in two places, which is no cycle", () => {
    expect(canonicalText({ a: shared, b: shared })).toBe('{"a":{"inside":1},"b":{"inside":1}}');
  });

  it("takes objects without a prototype, and names like __proto__ as data", () => {
    expect(canonicalText(Object.assign(Object.create(null), { b: 1, a: 2 }) as JsonValue)).toBe('{"a":2,"b":1}');
    expect(canonicalText(parseJson('{"__proto__":{"x":1},"constructor":2}', { what: "t" }))).toBe(
      '{"__proto__":{"x":1},"constructor":2}',
    );
  });
});

describe("depth", () => {
  it("is written and read up to the limit", () => {
    const text = canonicalText(nested(MAX_JSON_DEPTH));
    expect(canonicalText(parseJson(text, { what: "t" }))).toBe(text);
  });

  it.each([MAX_JSON_DEPTH + 1, 10_000, 1_000_000])("of %i is a typed error, not a stack overflow", (depth) => {
    expect(codeOf(() => encodeCanonical(nested(depth))).code).toBe("JSON_TOO_DEEP");
    expect(codeOf(() => parseJson("[".repeat(depth) + "]".repeat(depth), { what: "t" })).code).toMatch(/^JSON_/);
  });

  it("ends a cycle", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(codeOf(() => encodeCanonical(hostile(cycle))).code).toBe("JSON_TOO_DEEP");
  });
});

describe("parseJson", () => {
  it.each(["", "{", "nul", "[1,]", '{"a":1}x', "\u00a01"])("refuses %j", (text) => {
    expect(codeOf(() => parseJson(text, { what: "a test" })).code).toBe("JSON_MALFORMED");
  });
});

it("does not depend on the order of members", () => {
  expect(hashCanonical({ b: [1, { d: 1, c: 2 }], a: "x" })).toBe(hashCanonical({ a: "x", b: [1, { c: 2, d: 1 }] }));
});
