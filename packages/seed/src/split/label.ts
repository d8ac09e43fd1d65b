import type { SeedPathElement } from "../key/path.ts";

/**
 * Rows of each label, in the order in which the labels first appear; a label's rows ascend.
 *
 * @param name - The function that was called, and `parameter` what it calls these labels.
 * @throws RangeError and TypeError for what has no key.
 */
export function rowsByLabel(
  name: string,
  parameter: string,
  labels: readonly SeedPathElement[],
): ReadonlyMap<SeedPathElement, number[]> {
  const rows = new Map<SeedPathElement, number[]>();
  for (const [index, label] of labels.entries()) {
    const known = rows.get(label);
    if (known === undefined) {
      checkLabel(name, parameter, label);
      rows.set(label, [index]);
    } else known.push(index);
  }
  return rows;
}

/** Refuses what has no key, by the caller's own names: labels are data here, and may be empty or hold a "/". */
export function checkLabel(name: string, parameter: string, label: unknown): void {
  const where = `${name}: "${parameter}" must be`;
  if (typeof label === "string") {
    if (/\p{Cs}/u.test(label)) throw new RangeError(`${where} text without lone surrogates`);
  } else if (typeof label !== "number") {
    throw new TypeError(`${where} strings and unsigned integers, got ${label === null ? "null" : typeof label}`);
  } else if (!Number.isSafeInteger(label) || label < 0) {
    throw new RangeError(`${where} strings and unsigned safe integers, got ${label}`);
  }
}

/** Refuses a column that has not one entry for each row. */
export function checkColumn(name: string, parameter: string, column: ArrayLike<unknown>, size: number): void {
  if (column.length === size) return;
  throw new RangeError(`${name}: "${parameter}" must have one entry for each of ${size} rows, got ${column.length}`);
}
