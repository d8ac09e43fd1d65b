import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { canonicalText, hashBytes, isReproError } from "@repro/core";
import type { JsonValue } from "@repro/core";

interface Vectors {
  readonly numbers: readonly (readonly [string, string])[];
  readonly refusedNumbers: readonly string[];
  readonly texts: readonly { readonly value: JsonValue; readonly text: string }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/jcs.json", import.meta.url), "utf8")) as Vectors;

function fromBits(hex: string): number {
  return new DataView(BigUint64Array.of(BigInt(`0x${hex}`)).buffer).getFloat64(0, true);
}

it.each(vectors.numbers)("RFC 8785 appendix B: %s is %s", (bits, text) => {
  expect(canonicalText(fromBits(bits))).toBe(text);
});

it.each(vectors.refusedNumbers)("RFC 8785 appendix B: %s is refused", (bits) => {
  let thrown: unknown;
  try {
    canonicalText(fromBits(bits));
  } catch (error) {
    thrown = error;
  }
  expect(isReproError(thrown, "JSON_UNREPRESENTABLE")).toBe(true);
});

it.each(vectors.texts)("RFC 8785 section 3.2: $text", ({ value, text }) => {
  expect(canonicalText(value)).toBe(text);
});

// FIPS 180-4 examples, NIST CAVP SHA256ShortMsg.
it.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
])("FIPS 180-4: SHA-256 of %j", (text, hex) => {
  expect(hashBytes(new TextEncoder().encode(text))).toBe(`sha256:${hex}`);
});
