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
  if (range === 0) return () => 0; // draws nothing
  const next = bits === 32 ? (): number => rng.next() >>> 0 : cutWords(rng, bits);
  const largest = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
  if (range === largest) return next;
  return method === "masked" ? masked(next, range) : multiplied(next, range, bits, largest);
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

const LARGEST_64 = 0xffff_ffff_ffff_ffffn;

/** Draws of integers in [0, range] for dtype int64, whichever width the range needs. */
export function boundedInteger(rng: NumpyBitGenerator, range: number, method: RangeMethod): () => number {
  if (range <= 0xffff_ffff) return boundedBelow32(rng, range, 32, method);
  const draw = boundedBelow64(rng, BigInt(range), method);
  return () => Number(draw());
}

/** The pieces of words, lowest first. */
function cutWords(rng: NumpyBitGenerator, bits: 1 | 8 | 16): () => number {
  const mask = 2 ** bits - 1;
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

function masked(next: () => number, range: number): () => number {
  const mask = range === 0 ? 0 : 0xffff_ffff >>> Math.clz32(range); // the smallest of ones that covers the range
  return () => {
    for (;;) {
      const drawn = (next() & mask) >>> 0;
      if (drawn <= range) return drawn;
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

function multiplied(next: () => number, range: number, bits: DrawnBits, largest: number): () => number {
  const count = range + 1;
  const threshold = (largest - range) % count;
  if (bits === 32) {
    return () => {
      for (;;) {
        const word = next();
        if (multiplyLow(word, count) >= threshold) return multiplyHigh(word, count);
      }
    };
  }
  return () => {
    for (;;) {
      const product = next() * count; // below 2^32
      if ((product & largest) >= threshold) return product >>> bits;
    }
  };
}
