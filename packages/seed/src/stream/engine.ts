import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** Name of the engine in records: xoroshiro128+ of 2018 (rotations 24, 16, 37), 32 low bits a step, states as below. */
export const ENGINE = "xoroshiro128plus@1";

/**
 * Starts the engine from a key, never from pure-rand's own seeding: that mixes nothing, so that the streams of seeds 1, 2,
 * 3… begin with nearly the same numbers.
 *
 * State: s[0] and s[1] of Blackman and Vigna are the key's first two 64-bit words, little-endian.
 *
 * @param key - 32 bytes. The engine cannot leave the all-zero state; the second half of the key stands in for it.
 */
export function startEngine(key: Uint8Array): RandomGenerator {
  const first = key.subarray(0, 16);
  const half = first.every((byte) => byte === 0) ? key.subarray(16, 32) : first;
  const view = new DataView(half.buffer, half.byteOffset, 16);
  const word = (index: number): number => view.getInt32(4 * index, true);
  return xoroshiro128plusFromState([word(1), word(0), word(3), word(2)]);
}
