import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { shuffle } from "../samplers/shuffle.ts";
import { drawPurely } from "../stream/stream.ts";

/**
 * Splits samples into parts, each with the same mix of classes: a pure function of its arguments.
 *
 * Each class is shuffled by a stream of its own, `"stratifiedSplit", label`, and dealt out by largest remainder: a class
 * that is added leaves the others' samples where they are. Asking twice is no reuse.
 *
 * @param labels - Class of each sample: labels or unsigned safe integers, as in a path; 1 and `"1"` are two classes.
 * @param fractions - Share of each part, in [0, 1]; they add up to 1 within 1e-9.
 * @returns For each part the indices of its samples, ascending.
 * @throws RangeError when `fractions` is empty, one is outside [0, 1], or they do not add up to 1; for labels as {@link deriveSeed}.
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
): { readonly [K in keyof F]: Uint32Array } {
  checkFractions(fractions);
  const parts: number[][] = fractions.map(() => []);
  for (const [label, members] of classesOf(labels)) {
    drawPurely(seed, ["stratifiedSplit", label], (rng) => shuffle(rng, members));
    let start = 0;
    for (const [index, count] of largestRemainder(members.length, fractions).entries()) {
      parts[index] = (parts[index] ?? []).concat(members.slice(start, start + count));
      start += count;
    }
  }
  const sorted = parts.map((part) => Uint32Array.from(part).sort()); // a typed array sorts by value
  return sorted as unknown as { readonly [K in keyof F]: Uint32Array }; // one for each fraction
}

function classesOf(labels: readonly SeedPathElement[]): ReadonlyMap<SeedPathElement, number[]> {
  const classes = new Map<SeedPathElement, number[]>();
  for (const [index, label] of labels.entries()) {
    const members = classes.get(label);
    if (members === undefined) classes.set(label, [index]);
    else members.push(index);
  }
  return classes;
}

/** Whole shares of `total` that add up to it: each rounded down, then one more for the largest remainders, the first on a tie. */
function largestRemainder(total: number, fractions: readonly number[]): readonly number[] {
  const counts = fractions.map((fraction) => Math.floor(total * fraction));
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  const remainder = (index: number): number => total * (fractions[index] ?? 0) - (counts[index] ?? 0);
  const order = [...counts.keys()].toSorted((a, b) => remainder(b) - remainder(a) || a - b);
  for (const index of order.slice(0, left)) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

function checkFractions(fractions: readonly number[]): void {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (fractions.every((fraction) => fraction >= 0 && fraction <= 1) && Math.abs(sum - 1) <= 1e-9) return;
  throw new RangeError(
    `stratifiedSplit: "fractions" must be numbers in [0, 1] that add up to 1, got [${fractions.join(", ")}]`,
  );
}
