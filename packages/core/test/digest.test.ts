import { expect, it } from "vitest";

import { isDigest, isReproError, parseDigest } from "@repro/core";

const SHA = `sha256:${"0a".repeat(32)}`;

it("accepts each algorithm with its own length", () => {
  expect(parseDigest(SHA)).toBe(SHA);
  expect(parseDigest(`md5:${"0".repeat(32)}`)).toBe(`md5:${"0".repeat(32)}`);
  expect(isDigest(SHA)).toBe(true);
  expect(isDigest(SHA, "md5")).toBe(false);
});

it.each([
  SHA.toUpperCase(),
  SHA.slice(0, -1),
  `${SHA}0`,
  `md5:${"0".repeat(64)}`,
  "0a".repeat(32),
  `${SHA}\n`,
  7,
  null,
])("refuses %j", (value) => {
  let thrown: unknown;
  try {
    parseDigest(value);
  } catch (error) {
    thrown = error;
  }
  expect(isReproError(thrown, "DIGEST_INVALID")).toBe(true);
});
