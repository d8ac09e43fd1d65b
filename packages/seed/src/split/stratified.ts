import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { shuffle } from "../samplers/shuffle.ts";
import { drawPurely } from "../stream/stream.ts";
import type { SplitParts } from "./fractions.ts";
import { ascending, checkFractions, deal, largestRemainder } from "./fractions.ts";
import { rowsByLabel } from "./label.ts";

/**
 * Splits samples into parts, each with the same mix of classes: a pure function of its arguments, `stratifiedSplit@1`.
 *
 * Each class is shuffled by a stream of its own, `"stratifiedSplit", label`, and dealt out by largest remainder: a class
 * that is added leaves the others' samples where they are. Asking twice is no reuse.
 *
 * @param labels - Class of each sample: texts or unsigned safe integers; 1 and `"1"` are two classes.
 * @param fractions - Share of each part, in [0, 1]; they add up to 1 within 1e-9.
 * @returns For each part the indices of its samples, ascending. Each part has its share of each class, rounded up or down.
 * @throws RangeError when `fractions` is empty, one is outside [0, 1], or they do not add up to 1; when
 *   a label is a number that is no unsigned safe integer, or a text with a lone surrogate.
 * @throws TypeError when a label is neither string nor number.
 * @throws ReproError `SEED_PATH_REUSED` when one of the paths has been opened by {@link createStream}.
 * @example
 * ```ts
 * const [train, test] = stratifiedSplit(createSeed(42), ["good", "good", "bad", "bad", "good", "bad"], [2 / 3, 1 / 3]);
 * [...train]; // => [1, 3, 4, 5]
 * [...test]; // => [0, 2]
 * ```
 * @public
 */
export function stratifiedSplit<const F extends readonly number[]>(
  seed: Seed,
  labels: readonly SeedPathElement[],
  fractions: F,
): SplitParts<F> {
  checkFractions("stratifiedSplit", fractions);
  const parts: number[][] = fractions.map(() => []);
  for (const [label, members] of rowsByLabel("stratifiedSplit", "labels", labels)) {
    drawPurely(seed, ["stratifiedSplit", label], (rng) => shuffle(rng, members));
    for (const [index, dealt] of deal(members, largestRemainder(members.length, fractions)).entries()) {
      for (const row of dealt) parts[index]?.push(row);
    }
  }
  const sorted = parts.map((part) => ascending(part));
  return sorted as unknown as SplitParts<F>; // one for each fraction
}
