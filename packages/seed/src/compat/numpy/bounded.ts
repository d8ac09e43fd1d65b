import { joinWords, multiplyHigh, multiplyLow } from "../words.ts";
import type { NumpyBitGenerator } from "../numpy-engine/bit-generator.ts";

/** Bits that NumPy draws for an integer of a dtype: it cuts one 32-bit word into two, four or 32 of the smaller ones. */
export type DrawnBits = 1 | 8 | 16 | 32;

/**
 * How NumPy keeps integers in a range: the legacy `RandomState` masks and rejects, `Generator` multiplies (Lemire, Fast
 * random integer generation in an interval, ACM TOMACS 29(1), 2019). Its shuffles mask, too.
 */
export type RangeMethod = "masked" | "multiplied";

/**
 * Draws of integers in [0, range], for a range that fits in `bits`.
 *
 * What is left of a cut word is lost when the call of NumPy ends: take one of these for each call.
 */
export function boundedBelow32(
  rng: NumpyBitGenerator,
  range: number,
  bits: DrawnBits,
  method: RangeMethod,
): () => number {
  if (bits === 32) return method === "masked" ? () => maskedWord(rng, range) : () => multipliedWord(rng, range);
  if (range === 0) return () => 0; // draws nothing
  const next = cutWords(rng, bits);
  const largest = (1 << bits) - 1;
  if (range === largest) return next;
  return method === "masked" ? maskedPiece(next, range) : multipliedPiece(next, range, bits, largest);
}

/** One integer in [0, range], for a range up to 2^32 - 1: masked words until one is in it. */
export function maskedWord(rng: NumpyBitGenerator, range: number): number {
  if (range === 0) return 0; // draws nothing
  const mask = 0xffff_ffff >>> Math.clz32(range); // the smallest of ones that covers the range
  for (;;) {
    const drawn = (rng.next() & mask) >>> 0;
    if (drawn <= range) return drawn;
  }
}

/** One integer in [0, range], for a range up to 2^32 - 1: the upper word of a product, whose lower one is not too small. */
export function multipliedWord(rng: NumpyBitGenerator, range: number): number {
  if (range === 0) return 0; // draws nothing
  if (range === LARGEST_32) return rng.next() >>> 0;
  const count = range + 1;
  for (;;) {
    const word = rng.next() >>> 0;
    const low = multiplyLow(word, count);
    // The threshold is below the count: most words need no division.
    if (low >= count || low >= (LARGEST_32 - range) % count) return multiplyHigh(word, count);
  }
}

/** Draws of integers in [0, range], for a range in (2^32 - 1, 2^64). */
export function boundedBelow64(rng: NumpyBitGenerator, range: bigint, method: RangeMethod): () => bigint {
  const next = (): bigint => {
    rng.next64();
    return joinWords(rng.high, rng.low);
  };
  if (range === LARGEST_64) return next;
  if (method === "masked") return masked64(next, range);
  const count = range + 1n;
  const threshold = (LARGEST_64 - range) % count;
  return () => {
    for (;;) {
      const product = next() * count;
      if (BigInt.asUintN(64, product) >= threshold) return product >> 64n;
    }
  };
}

const LARGEST_32 = 0xffff_ffff;
const LARGEST_64 = 0xffff_ffff_ffff_ffffn;

/** Draws of integers in [0, range] for dtype int64, whichever width the range needs. */
export function boundedInteger(rng: NumpyBitGenerator, range: number, method: RangeMethod): () => number {
  if (range <= LARGEST_32) return boundedBelow32(rng, range, 32, method);
  const draw = boundedBelow64(rng, BigInt(range), method);
  return () => Number(draw());
}

/** The pieces of words, lowest first. */
function cutWords(rng: NumpyBitGenerator, bits: 1 | 8 | 16): () => number {
  const mask = (1 << bits) - 1;
  let word = 0;
  let left = 0;
  return () => {
    if (left === 0) {
      word = rng.next();
      left = 32;
    } else word >>>= bits;
    left -= bits;
    return word & mask;
  };
}

function maskedPiece(next: () => number, range: number): () => number {
  const mask = 0xffff_ffff >>> Math.clz32(range);
  return () => {
    for (;;) {
      const drawn = next() & mask;
      if (drawn <= range) return drawn;
    }
  };
}

function multipliedPiece(next: () => number, range: number, bits: DrawnBits, largest: number): () => number {
  const count = range + 1;
  const threshold = (largest - range) % count;
  return () => {
    for (;;) {
      const product = next() * count; // below 2^32
      if ((product & largest) >= threshold) return product >>> bits;
    }
  };
}

function masked64(next: () => bigint, range: bigint): () => bigint {
  const bits = range.toString(2).length;
  return () => {
    for (;;) {
      const drawn = BigInt.asUintN(bits, next());
      if (drawn <= range) return drawn;
    }
  };
}
