import { expect, it } from "vitest";

import { diffJson } from "@repro/core";

it("is empty for the same value", () => {
  expect(diffJson({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
});

it("names a changed leaf by its pointer, with both values", () => {
  expect(diffJson({ "a/b": { c: [1, 2] } }, { "a/b": { c: [1, 3] } }, { at: "/x", remedy: "look" })).toEqual([
    { path: "/x/a~1b/c/1", expected: 2, actual: 3, severity: "error", remedy: "look" },
  ]);
});

it("leaves out the side on which a member is missing", () => {
  expect(diffJson({ a: 1 }, { b: 2 }, { severity: "info" })).toEqual([
    { path: "/a", expected: 1, severity: "info", remedy: "" },
    { path: "/b", actual: 2, severity: "info", remedy: "" },
  ]);
});

it("tells null, absence, zero, false and the empty string apart", () => {
  const values = [null, 0, false, "", [], {}];
  for (const a of values) for (const b of values) expect(diffJson({ a }, { a: b }).length === 0).toBe(Object.is(a, b));
  expect(diffJson({ a: null }, {})).toHaveLength(1);
});

it("weighs each path as it is told", () => {
  const severities = diffJson(
    { a: 1, b: 1 },
    { a: 2, b: 2 },
    { severity: (path) => (path === "/a" ? "error" : "info") },
  );
  expect(severities.map(({ severity }) => severity)).toEqual(["error", "info"]);
});

it("compares items of long arrays in their order", () => {
  const a = Array.from({ length: 12 }, (_, index) => index);
  expect(diffJson(a, []).map(({ path }) => path)).toEqual(a.map((index) => `/${index}`));
});

it("does not mistake inherited members for own ones", () => {
  expect(diffJson({ toString: 1 }, {})).toEqual([{ path: "/toString", expected: 1, severity: "error", remedy: "" }]);
});
