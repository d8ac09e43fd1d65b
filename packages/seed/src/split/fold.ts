import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { permutation, shuffle } from "../samplers/shuffle.ts";
import { drawPurely } from "../stream/stream.ts";
import { ascending, checkSize } from "./fractions.ts";
import { keyedGroups } from "./group.ts";
import { checkColumn, rowsByLabel } from "./label.ts";

/**
 * One round of a cross-validation.
 *
 * @public
 */
export interface Fold {
  /** Indices of the rows to train on, ascending. */
  readonly train: Uint32Array;
  /** Indices of the rows to test on, ascending; none of them is in `train`. */
  readonly test: Uint32Array;
}

/**
 * How {@link kFold} makes its folds.
 *
 * @public
 */
export interface KFoldOptions {
  /** Number of folds, an integer in [2, size]; with `groups`, at most as many as there are groups. */
  readonly folds: number;
  /** Class of each row, a text or an unsigned safe integer: each fold gets its share of each class. Not together with `groups`. */
  readonly labels?: readonly SeedPathElement[];
  /** Group of each row, a text or an unsigned safe integer: no group is divided between folds. Not together with `labels`. */
  readonly groups?: readonly SeedPathElement[];
}

/**
 * Makes the folds of a cross-validation: a pure function of its arguments, `kFold@1`. Asking twice is no reuse.
 *
 * - Alone: a permutation from the path `"kFold"`; row `i` of it is tested in fold `i mod folds`.
 * - With `labels`: each class is shuffled by a stream of its own, `"kFold", label`, and the classes follow one another in the
 *   order of their first rows; then dealt in the same way. A class that first appears after all others leaves theirs where
 *   they are. A class with fewer rows than folds is missing in some.
 * - With `groups`: the largest first, each into the fold that has the fewest rows so far, the first on a tie. Groups of equal
 *   size come in the order of their keys `"kFold", group`; where all sizes differ, the seed changes nothing.
 *
 * @param size - Number of rows, an integer in [0, 2^32 - 1].
 * @returns `folds` folds. Each row is tested in exactly one and trained on in all others. Without `groups`, test sets differ in
 *   size by at most 1, and the rows of each class in them as well; with `groups`, by at most the size of the largest group.
 * @throws RangeError when `size` or `folds` is outside, `labels` or `groups` has not one entry for each row, both are given, or
 *   one of them holds a number that is no unsigned safe integer, or a text with a lone surrogate.
 * @throws TypeError when a label or a group is neither string nor number.
 * @throws ReproError `SEED_PATH_REUSED` when one of the paths has been opened by {@link createStream}.
 * @remarks Greedy by size: Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17(2), 1969.
 * @example
 * ```ts
 * const folds = kFold(createSeed(42), 6, { folds: 3 });
 * folds.map(({ train, test }) => [[...train], [...test]]); // => [[[0, 1, 2, 3], [4, 5]], [[0, 2, 4, 5], [1, 3]], [[1, 3, 4, 5], [0, 2]]]
 * ```
 * @public
 */
export function kFold(seed: Seed, size: number, options: KFoldOptions): readonly Fold[] {
  const { folds, labels, groups } = options;
  checkSize("kFold", size);
  checkFolds("kFold", folds, size);
  if (labels !== undefined && groups !== undefined) {
    throw new RangeError('kFold: "labels" and "groups" must not be given together');
  }
  if (groups !== undefined) {
    checkColumn("kFold", "groups", groups, size);
    return foldsOf(groupedTests(seed, groups, folds), size);
  }
  if (labels === undefined) {
    return foldsOf(
      dealtTests(
        drawPurely(seed, ["kFold"], (rng) => permutation(rng, size)),
        folds,
      ),
      size,
    );
  }
  checkColumn("kFold", "labels", labels, size);
  return foldsOf(dealtTests(classAfterClass(seed, labels), folds), size);
}

/** Refuses a number of folds of which one would be empty. */
export function checkFolds(name: string, folds: number, most: number): void {
  if (Number.isInteger(folds) && folds >= 2 && folds <= most) return;
  throw new RangeError(`${name}: "folds" must be an integer in [2, ${most}], got ${folds}`);
}

function classAfterClass(seed: Seed, labels: readonly SeedPathElement[]): readonly number[] {
  const classes = rowsByLabel("kFold", "labels", labels);
  return Array.from(classes, ([label, rows]) => drawPurely(seed, ["kFold", label], (rng) => shuffle(rng, rows))).flat();
}

/** Dealt like cards: consecutive rows of an order, so of a class as well, are spread evenly. */
function dealtTests(order: ArrayLike<number>, folds: number): readonly (readonly number[])[] {
  const tests: number[][] = Array.from({ length: folds }, () => []);
  for (let place = 0; place < order.length; place += 1) tests[place % folds]?.push(order[place] as number);
  return tests;
}

function groupedTests(seed: Seed, groups: readonly SeedPathElement[], folds: number): readonly (readonly number[])[] {
  const rowsOf = rowsByLabel("kFold", "groups", groups);
  if (folds > rowsOf.size) {
    throw new RangeError(`kFold: "folds" must be at most ${rowsOf.size}, the number of groups, got ${folds}`);
  }
  const tests = Array.from({ length: folds }, () => ({ size: 0, groups: [] as (readonly number[])[] }));
  // The sort is stable: groups of equal size stay in the order of their keys.
  for (const { rows } of keyedGroups(seed, "kFold", rowsOf).toSorted((a, b) => b.rows.length - a.rows.length)) {
    const lightest = tests.reduce((least, test) => (test.size < least.size ? test : least));
    lightest.size += rows.length;
    lightest.groups.push(rows);
  }
  return tests.map((test) => test.groups.flat());
}

function foldsOf(tests: readonly (readonly number[])[], size: number): readonly Fold[] {
  const foldOf = new Uint32Array(size);
  for (const [fold, rows] of tests.entries()) for (const row of rows) foldOf[row] = fold;
  return tests.map((rows, fold) => {
    const train = new Uint32Array(size - rows.length);
    let filled = 0;
    for (let row = 0; row < size; row += 1) {
      if (foldOf[row] === fold) continue;
      train[filled] = row;
      filled += 1;
    }
    return Object.freeze({ train, test: ascending(rows) });
  });
}
