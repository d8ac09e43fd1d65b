/*
 * xoroshiro128+ in loops, for many words at once: what pure-rand's generator gives word by word, without a call for each.
 * A state is [s0 high, s0 low, s1 high, s1 low], as the generator's getState() has it. Each loop keeps it in variables and
 * leaves it behind the last word. A step is written out in each, because a shared function costs half of the speed:
 *   t = s0 ^ s1;  s0 = rotl(s0, 24) ^ t ^ (t << 16);  s1 = rotl(t, 37)
 */

const TWO_TO_26 = 0x400_0000;
const TWO_TO_MINUS_24 = 5.960464477539063e-8;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/** Writes the next words over a whole array. */
export function fillWords(state: Int32Array, out: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let index = 0; index < out.length; index += 1) {
    out[index] = b + d;
    const high = a ^ c;
    const low = b ^ d;
    c = (low << 5) | (high >>> 27);
    d = (high << 5) | (low >>> 27);
    const turned = (a << 24) | (b >>> 8);
    b = ((b << 24) | (a >>> 8)) ^ low ^ (low << 16);
    a = turned ^ high ^ ((high << 16) | (low >>> 16));
  }
  state.set([a, b, c, d]);
}

/** Leaves out the next words. */
export function skipWords(state: Int32Array, count: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let index = 0; index < count; index += 1) {
    const high = a ^ c;
    const low = b ^ d;
    c = (low << 5) | (high >>> 27);
    d = (high << 5) | (low >>> 27);
    const turned = (a << 24) | (b >>> 8);
    b = ((b << 24) | (a >>> 8)) ^ low ^ (low << 16);
    a = turned ^ high ^ ((high << 16) | (low >>> 16));
  }
  state.set([a, b, c, d]);
}

/** Writes doubles in [0, 1) from `from` on, two words each: the upper 27 bits of one, then the upper 26 of the next. */
export function fillFloat64(state: Int32Array, out: Float64Array, from: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let index = from; index < out.length; index += 1) {
    const upper = (b + d) >>> 5;
    let high = a ^ c;
    let low = b ^ d;
    c = (low << 5) | (high >>> 27);
    d = (high << 5) | (low >>> 27);
    let turned = (a << 24) | (b >>> 8);
    b = ((b << 24) | (a >>> 8)) ^ low ^ (low << 16);
    a = turned ^ high ^ ((high << 16) | (low >>> 16));
    out[index] = (upper * TWO_TO_26 + ((b + d) >>> 6)) * TWO_TO_MINUS_53;
    high = a ^ c;
    low = b ^ d;
    c = (low << 5) | (high >>> 27);
    d = (high << 5) | (low >>> 27);
    turned = (a << 24) | (b >>> 8);
    b = ((b << 24) | (a >>> 8)) ^ low ^ (low << 16);
    a = turned ^ high ^ ((high << 16) | (low >>> 16));
  }
  state.set([a, b, c, d]);
}

/** Writes float32 values in [0, 1) over a whole array: the upper 24 bits of one word each. */
export function fillFloat32(state: Int32Array, out: Float32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let index = 0; index < out.length; index += 1) {
    out[index] = ((b + d) >>> 8) * TWO_TO_MINUS_24;
    const high = a ^ c;
    const low = b ^ d;
    c = (low << 5) | (high >>> 27);
    d = (high << 5) | (low >>> 27);
    const turned = (a << 24) | (b >>> 8);
    b = ((b << 24) | (a >>> 8)) ^ low ^ (low << 16);
    a = turned ^ high ^ ((high << 16) | (low >>> 16));
  }
  state.set([a, b, c, d]);
}
