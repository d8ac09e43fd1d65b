import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

export const TWO_TO_32 = 0x1_0000_0000;
export const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/** The upper 32 bits of the 64-bit product of two words. JavaScript multiplies exactly up to 2^53: pieces of 16 bits. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16); // below 2^32
  const other = aLow * bHigh + (middle & 0xffff); // below 2^32
  return (aHigh * bHigh + (middle >>> 16) + (other >>> 16)) >>> 0;
}

/** The lower 32 bits of that product. */
export function multiplyLow(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

/** The integer of 64 bits with these halves. */
export function joinWords(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** Two words of a 32-bit engine as one of 64 bits, the first above. */
export function nextWordPair(rng: RandomGenerator): bigint {
  const high = rng.next();
  return joinWords(high, rng.next());
}

/** The words of a non-negative integer, lowest first; none for 0. */
export function wordsOf(value: bigint): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffff_ffffn));
  return words;
}

/** Throws unless an array of so many elements can be asked for. */
export function checkSize(name: string, size: number, label = "size"): void {
  if (typeof size !== "number") throw new TypeError(`${name}: "${label}" must be a number, got ${typeof size}`);
  if (Number.isInteger(size) && size >= 0 && size <= 0xffff_ffff) return;
  throw new RangeError(`${name}: "${label}" must be an integer in [0, 2^32 - 1], got ${size}`);
}

/** An integer as a bigint; throws unless it is one: a bigint, or a number that is a safe integer. */
export function exactInteger(name: string, label: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value !== "number") throw new TypeError(`${name}: "${label}" must be an integer, got ${typeof value}`);
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new RangeError(`${name}: "${label}" must be a safe integer or a bigint, got ${value}`);
}
