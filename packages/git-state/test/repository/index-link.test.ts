import { isReproError } from "@repro/core";
import fc from "fast-check";
import { expect, test } from "vitest";

import { parseBitmaps, readBitmap } from "../../src/repository/index-link.ts";

/** A word that says how many words of equal bits follow, and how many are written out behind those. */
function marker(bit: 0 | 1, run: number, literals: number): bigint {
  return BigInt(bit) | (BigInt(run) << 1n) | (BigInt(literals) << 33n);
}

function bitmap(...words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(12 + 8 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, words.length);
  words.forEach((word, at) => view.setBigUint64(8 + 8 * at, word));
  return bytes;
}

function codeOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
  return undefined;
}

test("runs of equal bits, and words that are written out, follow each other", () => {
  const bytes = bitmap(marker(0, 1, 1), 0x8000_0001_0000_0003n, marker(1, 1, 0), marker(0, 0, 1), 4n);
  const run = Array.from({ length: 64 }, (_, bit) => 128 + bit);
  expect(readBitmap(bytes, 1_000)).toEqual([64, 65, 96, 127, ...run, 194]);
  expect(readBitmap(bytes, 195)).toHaveLength(69);
});

test("a bitmap may be empty, and no bit is set in it", () => {
  expect(readBitmap(new Uint8Array(), 5)).toEqual([]);
  expect(readBitmap(bitmap(marker(0, 3, 0)), 5)).toEqual([]);
});

test.each([
  ["a bit that is written out", bitmap(marker(0, 0, 1), 1n << 5n)],
  ["a run", bitmap(marker(1, 1, 0))],
  ["a run without end", bitmap(marker(1, 0xffff_ffff, 0))],
  ["a bit behind a run whose length takes 32 bits", bitmap(marker(0, 0x8000_0000, 1), 1n)],
  ["a word that is missing", bitmap(marker(0, 0, 2), 0n)],
])("a bitmap is refused for %s outside of it", (_, bytes) => {
  expect(codeOf(() => readBitmap(bytes, 5))).toBe("GIT_UNREADABLE");
});

test("two bitmaps lie behind each other, and nothing behind them", () => {
  const [deleted, replaced] = [bitmap(marker(1, 0, 1), 1n), bitmap(marker(0, 0, 1), 2n)];
  const both = new Uint8Array([...deleted, ...replaced]);
  expect(parseBitmaps(both)).toEqual({ deleted, replaced });
  for (let end = 1; end < both.byteLength; end += 1) {
    expect(codeOf(() => parseBitmaps(both.subarray(0, end)))).toBe("GIT_UNREADABLE");
  }
  expect(codeOf(() => parseBitmaps(new Uint8Array([...both, 0])))).toBe("GIT_UNREADABLE");
});

test("any bytes are a bitmap within bounds, or are refused", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 6 }), (words) => {
      let positions: readonly number[] = [];
      const code = codeOf(() => (positions = readBitmap(bitmap(...words), 300)));
      expect([undefined, "GIT_UNREADABLE"]).toContain(code);
      expect(positions.every((position, at) => position < 300 && position > (positions[at - 1] ?? -1))).toBe(true);
    }),
  );
});
