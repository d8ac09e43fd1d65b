import type { Seed } from "../key/key.ts";
import { drawPurely } from "../stream/stream.ts";
import { fillInt } from "./integer.ts";

/**
 * Which replicate of a bootstrap is asked for.
 *
 * @public
 */
export interface BootstrapOptions {
  /** Number of the replicate, an unsigned safe integer. */
  readonly replicate: number;
  /** Number of rows, and of draws: an integer in [0, 2^32 - 1]. */
  readonly size: number;
}

/**
 * Draws one replicate of a bootstrap, `size` rows of `size` with replacement: a pure function of its arguments, `bootstrap@1`.
 *
 * Replicate 837 of a thousand can be drawn again alone, and replicates in any order or on any worker are the same. Asking twice
 * is no reuse.
 *
 * @returns Indices of the rows in the order drawn, each `int(rng, size)` from the path `"bootstrap", replicate`.
 * @throws RangeError when `replicate` or `size` is outside.
 * @throws ReproError `SEED_PATH_REUSED` when that path has been opened by {@link createStream}.
 * @remarks Efron, Bootstrap methods: another look at the jackknife, Ann. Statist. 7(1), 1979, doi:10.1214/aos/1176344552.
 * @example
 * ```ts
 * [...bootstrap(createSeed(42), { replicate: 837, size: 6 })]; // => [3, 1, 4, 1, 0, 5]
 * ```
 * @public
 */
export function bootstrap(seed: Seed, options: BootstrapOptions): Uint32Array {
  const { replicate, size } = options;
  if (!Number.isSafeInteger(replicate) || replicate < 0) {
    throw new RangeError(`bootstrap: "replicate" must be an unsigned safe integer, got ${replicate}`);
  }
  if (!Number.isInteger(size) || size < 0 || size > 0xffff_ffff) {
    throw new RangeError(`bootstrap: "size" must be an integer in [0, 2^32 - 1], got ${size}`);
  }
  if (size === 0) return new Uint32Array();
  return drawPurely(seed, ["bootstrap", replicate], (rng) => fillInt(rng, new Uint32Array(size), size));
}
