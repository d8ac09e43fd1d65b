import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Multipliers of the two halves of a counter, and what each round adds to the two words of the key. */
const MULTIPLIER_0 = 0xd251_1f53;
const MULTIPLIER_1 = 0xcd9e_8d57;
const WEYL_0 = 0x9e37_79b9; // golden ratio
const WEYL_1 = 0xbb67_ae85; // √3 - 1
const ROUNDS = 10;

/**
 * Philox4x32-10: four words that are a function of a counter and a key, with no state in between.
 *
 * For one key it is a bijection of counters: two counters never give the same four words.
 *
 * @param counter - Four 32-bit words, the least significant first.
 * @param key - Two 32-bit words.
 * @param out - Takes the four words, at 0 to 3.
 * @remarks Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC '11, doi:10.1145/2063384.2063405.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array | Int32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = upperProduct(c0, MULTIPLIER_0);
    const low0 = Math.imul(c0, MULTIPLIER_0);
    const high1 = upperProduct(c2, MULTIPLIER_1);
    const low1 = Math.imul(c2, MULTIPLIER_1);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the 64-bit product of two unsigned words, from products of their halves. */
function upperProduct(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const cross0 = Math.imul(a0, b1) >>> 0;
  const cross1 = Math.imul(a1, b0) >>> 0;
  const carry = (Math.imul(a0, b0) >>> 16) + (cross0 & 0xffff) + (cross1 & 0xffff);
  return (Math.imul(a1, b1) + (cross0 >>> 16) + (cross1 >>> 16) + (carry >>> 16)) | 0;
}

const BLOCK_WORDS = 4;
const TWO_TO_32 = 0x1_0000_0000;

/** The words of one key in order, from any place. */
export class PhiloxEngine implements RandomGenerator {
  readonly #words: readonly [number, number, number, number];
  readonly #block: Int32Array = new Int32Array(BLOCK_WORDS);
  #position: number;

  /**
   * @param words - The key's two words, then the upper two of the counter.
   * @param position - Place of the next word, an unsigned safe integer.
   */
  constructor(words: readonly [number, number, number, number], position: number) {
    this.#words = words;
    this.#position = position;
    if (position % BLOCK_WORDS !== 0) this.#fill();
  }

  get position(): number {
    return this.#position;
  }

  next(): number {
    const place = this.#position % BLOCK_WORDS;
    if (place === 0) this.#fill();
    this.#position += 1;
    return this.#block[place] as number; // place is below 4
  }

  at(position: number): PhiloxEngine {
    return new PhiloxEngine(this.#words, position);
  }

  clone(): PhiloxEngine {
    return this.at(this.#position);
  }

  getState(): readonly number[] {
    return [...this.#words, Math.floor(this.#position / TWO_TO_32), this.#position | 0];
  }

  #fill(): void {
    if (this.#position > Number.MAX_SAFE_INTEGER) throw new RangeError("next: the stream ends after 2^53 words");
    const [key0, key1, counter2, counter3] = this.#words;
    const block = Math.floor(this.#position / BLOCK_WORDS);
    philox4x32([block | 0, Math.floor(block / TWO_TO_32), counter2, counter3], [key0, key1], this.#block);
  }
}
