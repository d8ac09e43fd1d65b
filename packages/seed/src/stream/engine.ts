import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

import { PhiloxEngine } from "./philox.ts";

/**
 * Frozen names of the engines behind streams, as records have them.
 *
 * `xoroshiro128plus@1` is xoroshiro128+ of 2018 (rotations 24, 16, 37), the low 32 bits of each step; `philox4x32-10@1` is
 * Philox4x32 with 10 rounds, its four words in order.
 *
 * @public
 */
export type EngineName = "xoroshiro128plus@1" | "philox4x32-10@1";

/** The engine of a key at its first word. */
export function startEngine(name: EngineName, key: Uint8Array): RandomGenerator {
  return name === "philox4x32-10@1" ? startPhilox(key) : startXoroshiro(key);
}

/**
 * Starts xoroshiro128+ from a key, never from pure-rand's own seeding: that mixes nothing, so that the streams of seeds 1,
 * 2, 3… begin with nearly the same numbers.
 *
 * State: s[0] and s[1] of Blackman and Vigna are the key's first two 64-bit words, little-endian.
 *
 * @param key - 32 bytes. The engine cannot leave the all-zero state; the second half of the key stands in for it.
 */
export function startXoroshiro(key: Uint8Array): RandomGenerator {
  const view = new DataView(key.buffer, key.byteOffset, 32);
  const [low0, high0, low1, high1] = wordsAt(view, 0);
  if ((low0 | high0 | low1 | high1) !== 0) return xoroshiro128plusFromState([high0, low0, high1, low1]);
  const [other0, other1, other2, other3] = wordsAt(view, 16);
  return xoroshiro128plusFromState([other1, other0, other3, other2]);
}

/** Starts Philox from a key of 32 bytes: the first 8 are its key, the next 8 the upper half of its counter. */
export function startPhilox(key: Uint8Array): PhiloxEngine {
  return new PhiloxEngine(wordsAt(new DataView(key.buffer, key.byteOffset, 32), 0), 0);
}

function wordsAt(view: DataView, offset: number): [number, number, number, number] {
  const word = (index: number): number => view.getInt32(offset + 4 * index, true);
  return [word(0), word(1), word(2), word(3)];
}
