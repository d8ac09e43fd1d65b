import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { fillNormal } from "../samplers/normal.ts";
import type { WordSource } from "../stream/ahead.ts";
import { readAhead } from "../stream/ahead.ts";
import type { CounterStream } from "../stream/counter.ts";
import { startXoroshiro } from "../stream/engine.ts";
import type { Stream } from "../stream/stream.ts";
import { resumeStream } from "../stream/stream.ts";

/** Words of a layer's stream that each step has: a key of 32 bytes. */
const STEP_WORDS = 8;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * The stream of a layer's noise in one step: `stepNoise@1`.
 *
 * A function of the layer's path and the step, at the same cost for every step: words 8 step to 8 step + 7 of the layer's
 * counter stream, little-endian, are the key of a sequential stream. That one is several times faster where every element
 * takes a word, and has no end that a large input could reach.
 *
 * @param step - An integer in [0, 2^31).
 */
export function streamOfStep(layer: CounterStream, step: number): Stream {
  const words = layer.at(STEP_WORDS * step);
  const key = new Uint8Array(4 * STEP_WORDS);
  const view = new DataView(key.buffer);
  for (let index = 0; index < STEP_WORDS; index += 1) view.setInt32(4 * index, words.next(), true);
  const identity = { path: [...layer.path, step], engine: "xoroshiro128plus@1", key } as const;
  return resumeStream(identity, startXoroshiro(key).getState(), { draws: 0 });
}

/**
 * Chooses what dropout drops: `dropoutMask@1`, one word for each element, in their order.
 *
 * An element is dropped when its word is below `rate * 2^32`, rounded to an integer: the rate is met to 2^-33.
 *
 * @param rate - In [0, 1).
 * @returns `out`, with `dropped` or `kept` for each element.
 */
function fillMask(
  rng: RandomGenerator,
  out: Float32Array,
  rate: number,
  values: { readonly dropped: number; readonly kept: number },
): Float32Array {
  const threshold = Math.min(TWO_TO_32 - 1, Math.floor(rate * TWO_TO_32 + 0.5)) | 0;
  const choice = Float32Array.of(values.kept, values.dropped);
  const fill = (source: WordSource): void => {
    for (let index = 0; index < out.length; index += 1) {
      const word = source.next();
      // The sign of this is the borrow of word - threshold, both unsigned: a branch would be missed every other time.
      const borrow = (~word & threshold) | ((~word | threshold) & (word - threshold));
      out[index] = choice[borrow >>> 31] as number; // 0 or 1
    }
  };
  if (!readAhead(rng, out.length, fill)) fill(rng);
  return out;
}

/** What dropout multiplies with: 0, or 1 / (1 - rate) so that the mean stays. */
export function dropoutMask(rng: RandomGenerator, size: number, rate: number): Float32Array {
  return fillMask(rng, new Float32Array(size), rate, { dropped: 0, kept: 1 / (1 - rate) });
}

/** What Gaussian dropout multiplies with: normal, mean 1, the variance of dropout, rate / (1 - rate). */
export function gaussianMask(rng: RandomGenerator, size: number, rate: number): Float32Array {
  return fillNormal(rng, new Float32Array(size), { mean: 1, sd: Math.sqrt(rate / (1 - rate)) });
}

/** What Gaussian noise adds. */
export function gaussianNoise(rng: RandomGenerator, size: number, stddev: number): Float32Array {
  return fillNormal(rng, new Float32Array(size), { mean: 0, sd: stddev });
}

/** What SELU tends to at minus infinity: -scale * alpha of Klambauer et al. */
const SATURATION = -1.0507009873554805 * 1.6732632423543772;

/**
 * What alpha dropout multiplies with, and adds: `a` and `b` where an element is kept, 0 and `a * saturation + b` where it is
 * dropped. `a` and `b` keep mean 0 and variance 1.
 *
 * @remarks Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, NeurIPS 2017, section 2.
 */
export function alphaMask(
  rng: RandomGenerator,
  size: number,
  rate: number,
): { readonly factor: Float32Array; readonly offset: Float32Array } {
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SATURATION * SATURATION));
  const b = -a * SATURATION * rate;
  const factor = fillMask(rng, new Float32Array(size), rate, { dropped: 0, kept: a });
  const offset = new Float32Array(size);
  const [dropped, kept] = [a * SATURATION + b, b];
  for (let index = 0; index < size; index += 1) offset[index] = factor[index] === 0 ? dropped : kept;
  return { factor, offset };
}
