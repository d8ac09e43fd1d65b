/** Normalised chi-square of counts, (χ² - k) / √(2k): nearly standard normal for many cells. Equal shares when none are given. */
export function chiSquareScore(counts: readonly number[], expected: readonly number[] = equalShares(counts)): number {
  const cells = counts.map((count, index) => ({ count, share: expected[index]! })).filter(({ share }) => share > 0);
  const chi = cells.reduce((sum, { count, share }) => sum + (count - share) ** 2 / share, 0);
  const freedom = cells.length - 1;
  return (chi - freedom) / Math.sqrt(2 * freedom);
}

function equalShares(counts: readonly number[]): readonly number[] {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.map(() => mean);
}
