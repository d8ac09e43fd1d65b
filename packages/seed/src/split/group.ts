import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { deriveKey } from "../key/key.ts";
import { childKey } from "../key/derive.ts";
import { hexOfBytes } from "../key/hex.ts";
import type { SplitParts } from "./fractions.ts";
import { ascending, checkFractions, partAt, partEnds } from "./fractions.ts";
import { rowsByLabel } from "./label.ts";

/**
 * Splits rows into parts without dividing a group: a pure function of its arguments, `groupSplit@1`.
 *
 * The groups are laid end to end in an order of their own, that of their keys `"groupSplit", group`, each as long as it has
 * rows. The line is cut where the fractions say, and a group belongs to the part in which its middle lies.
 *
 * So a part's size differs from its share by at most half of the group that lies across each of its ends. The order of the
 * rows does not matter. A group of `s` rows that is added, or `s` rows more in a group, can move only groups whose middle lies
 * within `s` rows of a cut; all others stay. Where nothing at all may move, give each row the part of its group by
 * {@link stableSplit}, which keeps to the fractions only on average.
 *
 * @param groups - Group of each row (the patient, the customer): texts or unsigned safe integers; 1 and `"1"`
 *   are two groups.
 * @param fractions - Share of each part, in [0, 1]; they add up to 1 within 1e-9.
 * @returns For each part the indices of its rows, ascending. A part can be empty when there are few groups.
 * @throws RangeError when `fractions` is empty, one is outside [0, 1], or they do not add up to 1; when
 *   a group is a number that is no unsigned safe integer, or a text with a lone surrogate.
 * @throws TypeError when a group is neither string nor number.
 * @remarks Uses keys, and draws from no stream: nothing is counted in a ledger.
 * @example
 * ```ts
 * const patients = ["ann", "bob", "ann", "cas", "bob", "dee"];
 * const [train, test] = groupSplit(createSeed(42), patients, [2 / 3, 1 / 3]);
 * [...train]; // => [1, 3, 4, 5]
 * [...test]; // => [0, 2]
 * ```
 * @public
 */
export function groupSplit<const F extends readonly number[]>(
  seed: Seed,
  groups: readonly SeedPathElement[],
  fractions: F,
): SplitParts<F> {
  checkFractions("groupSplit", fractions);
  const ends = partEnds(fractions);
  const parts: (readonly number[])[][] = fractions.map(() => []);
  let start = 0;
  for (const { rows } of keyedGroups(seed, "groupSplit", rowsByLabel("groupSplit", "groups", groups))) {
    const middle = (start + rows.length / 2) / groups.length;
    parts[partAt(ends, middle)]?.push(rows);
    start += rows.length;
  }
  const sorted = parts.map((part) => ascending(part.flat()));
  return sorted as unknown as SplitParts<F>; // one for each fraction
}

/** A group with its place in the seed's order of all groups that there could be. */
interface KeyedGroup {
  /** Hexadecimal digits: they sort as the bytes do. */
  readonly key: string;
  readonly rows: readonly number[];
}

/** Groups in the order of their keys: that of any two depends on their labels only, not on the rows or the other groups. */
export function keyedGroups(
  seed: Seed,
  purpose: string,
  groups: ReadonlyMap<SeedPathElement, readonly number[]>,
): readonly KeyedGroup[] {
  const parent = deriveKey(seed, [purpose]);
  return Array.from(groups, ([label, rows]) => ({ key: hexOfBytes(childKey(parent, label)), rows })).toSorted((a, b) =>
    a.key < b.key ? -1 : 1,
  );
}
