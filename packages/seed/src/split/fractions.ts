/**
 * Parts of a split, one for each fraction: a tuple of fractions gives a tuple of parts.
 *
 * @public
 */
export type SplitParts<F extends readonly number[]> = { readonly [K in keyof F]: Uint32Array };

/** Refuses fractions that are no shares of a whole; `name` is the function that was called. */
export function checkFractions(name: string, fractions: readonly number[]): void {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (fractions.every((fraction) => fraction >= 0 && fraction <= 1) && Math.abs(sum - 1) <= 1e-9) return;
  throw new RangeError(
    `${name}: "fractions" must be numbers in [0, 1] that add up to 1, got [${fractions.join(", ")}]`,
  );
}

/** Refuses a number of rows whose indices a `Uint32Array` cannot hold. */
export function checkSize(name: string, size: number): void {
  if (Number.isInteger(size) && size >= 0 && size <= 0xffff_ffff) return;
  throw new RangeError(`${name}: "size" must be an integer in [0, 2^32 - 1], got ${size}`);
}

/** Whole shares of `total` that add up to it: each rounded down, then one more for the largest remainders, the first on a tie. */
export function largestRemainder(total: number, fractions: readonly number[]): readonly number[] {
  const counts = fractions.map((fraction) => Math.floor(total * fraction));
  const left = total - counts.reduce((sum, count) => sum + count, 0);
  if (left < 0 || left > counts.length) return largestRemainder(total, normalized(fractions));
  const remainder = (index: number): number => total * (fractions[index] ?? 0) - (counts[index] ?? 0);
  const order = [...counts.keys()].toSorted((a, b) => remainder(b) - remainder(a) || a - b);
  for (const index of order.slice(0, left)) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

/** An error of 1e-9 in the fractions' sum, which is allowed, is several rows of 2^32. */
function normalized(fractions: readonly number[]): readonly number[] {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  return fractions.map((fraction) => fraction / sum);
}

/** Consecutive runs of `rows`, one for each count. */
export function deal(rows: number[] | Uint32Array, counts: readonly number[]): readonly (number[] | Uint32Array)[] {
  let start = 0;
  return counts.map((count) => {
    start += count;
    return rows.slice(start - count, start);
  });
}

/** Indices in ascending order: a typed array sorts by value. */
export function ascending(indices: Iterable<number>): Uint32Array {
  return Uint32Array.from(indices).sort();
}

/**
 * Upper ends of the parts on the unit interval, which starts at 0: sums of the fractions.
 *
 * The last part that has a share ends at Infinity, whatever the sum was rounded to.
 */
export function partEnds(fractions: readonly number[]): readonly number[] {
  const last = fractions.findLastIndex((fraction) => fraction > 0);
  let end = 0;
  return fractions.map((fraction, index) => {
    end += fraction;
    return index < last ? end : Infinity;
  });
}

/** The part in which a place of [0, 1) lies. */
export function partAt(ends: readonly number[], place: number): number {
  return ends.findIndex((end) => place < end);
}
