import type { Seed } from "../key/key.ts";
import { permutation } from "../samplers/shuffle.ts";
import { drawPurely } from "../stream/stream.ts";
import { checkSize } from "./fractions.ts";

/**
 * Which epoch's order of how many samples is asked for.
 *
 * @public
 */
export interface EpochOrderOptions {
  /** Number of the epoch, an unsigned safe integer. */
  readonly epoch: number;
  /** Number of samples, an integer in [0, 2^32 - 1]. */
  readonly size: number;
}

/**
 * The order of the samples in one epoch: a pure function of its arguments.
 *
 * A training that is resumed needs two integers, the epoch and the position in it, and no state of a generator. Asking
 * twice is no reuse.
 *
 * @returns A permutation of [0, size), drawn from the path `"epochOrder", epoch`.
 * @throws RangeError when `epoch` or `size` is outside.
 * @throws ReproError `SEED_PATH_REUSED` when that path has been opened by {@link createStream}.
 * @example
 * ```ts
 * [...epochOrder(createSeed(42), { epoch: 0, size: 5 })]; // => [2, 1, 3, 4, 0]
 * ```
 * @public
 */
export function epochOrder(seed: Seed, options: EpochOrderOptions): Uint32Array {
  const { epoch, size } = options;
  checkSize("epochOrder", size);
  if (!(Number.isSafeInteger(epoch) && epoch >= 0)) {
    throw new RangeError(`epochOrder: "epoch" must be an unsigned safe integer, got ${epoch}`);
  }
  return drawPurely(seed, ["epochOrder", epoch], (rng) => permutation(rng, size));
}
