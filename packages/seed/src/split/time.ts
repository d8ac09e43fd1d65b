import { ascending } from "../samplers/ascending.ts";
import { checkFolds } from "./fold.ts";
import type { Fold } from "./fold.ts";
import { checkSize } from "./fractions.ts";

/**
 * The windows of {@link timeSplit}.
 *
 * @public
 */
export interface TimeSplitOptions {
  /** Number of folds, an integer in [2, size - 1]. */
  readonly folds: number;
  /** Rows left out between training and test, an integer of at least 0; 0 when omitted. */
  readonly gap?: number;
  /** Rows of each test set, an integer of at least 1; `floor(size / (folds + 1))` when omitted. */
  readonly testSize?: number;
  /** Most rows to train on, an integer of at least 1: the window rolls. It expands from row 0 when omitted. */
  readonly maxTrain?: number;
}

/**
 * Makes the folds of a cross-validation in time: each is tested on rows that come after all it was trained on.
 *
 * A pure function of sizes: it draws nothing. The test sets are the last `folds * testSize` rows, one after the other; each is
 * preceded by `gap` rows that are not used, and these by the rows to train on.
 *
 * Rows must stand in the order of time. Rows of the same time can fall on both sides of a cut: use `gap` or whole periods where
 * that tells too much.
 *
 * @param size - Number of rows, an integer in [0, 2^32 - 1].
 * @returns `folds` folds in the order of time.
 * @throws RangeError when `size` or an option is outside, or when nothing is left to train on:
 *   `size <= folds * testSize + gap`.
 * @remarks The same folds as TimeSeriesSplit of scikit-learn 1.9.
 * @example
 * ```ts
 * const folds = timeSplit(6, { folds: 2, maxTrain: 3 });
 * folds.map(({ train, test }) => [[...train], [...test]]); // => [[[0, 1], [2, 3]], [[1, 2, 3], [4, 5]]]
 * ```
 * @public
 */
export function timeSplit(size: number, options: TimeSplitOptions): readonly Fold[] {
  const { folds, gap = 0, maxTrain = size } = options;
  checkSize("timeSplit", size);
  checkFolds("timeSplit", folds, size - 1);
  const { testSize = Math.floor(size / (folds + 1)) } = options;
  checkRows("gap", gap, 0);
  checkRows("testSize", testSize, 1);
  checkRows("maxTrain", maxTrain, 1);
  const first = size - folds * testSize;
  if (first - gap < 1) {
    throw new RangeError(
      `timeSplit: "size" must be above folds * testSize + gap = ${folds * testSize + gap}, got ${size}`,
    );
  }
  return Array.from({ length: folds }, (_, fold) => {
    const start = first + fold * testSize;
    const end = start - gap;
    return Object.freeze({
      train: ascending(Math.max(0, end - maxTrain), end),
      test: ascending(start, start + testSize),
    });
  });
}

function checkRows(parameter: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`timeSplit: "${parameter}" must be an integer of at least ${least}, got ${value}`);
}
