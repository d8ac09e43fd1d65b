import { compareCodePoints } from "@repro/core";

/**
 * One step down the key tree: a label, or an unsigned safe integer. `1` and `"1"` are different steps.
 *
 * @public
 */
export type SeedPathElement = string | number;

/**
 * Refuses a path that a program must not name a stream by.
 *
 * @throws RangeError when a number is no unsigned safe integer, or a label is empty, or has a "/" or a lone surrogate.
 * @throws TypeError when an element is neither string nor number.
 */
export function checkPath(who: string, path: readonly SeedPathElement[]): void {
  for (const element of path) {
    checkElement(who, element);
    if (element === "") throw new RangeError(`${who}: "path" must not hold an empty label`);
    // Paths are read by people as "a/b": two steps and one label must not look alike.
    if (typeof element === "string" && element.includes("/")) {
      throw new RangeError(
        `${who}: "path" must not hold a label with "/", got "${element.slice(0, 100)}"; give two labels`,
      );
    }
  }
}

/**
 * Refuses what has no key: for labels that are data, such as the classes of a split, which may be empty and hold a "/".
 *
 * @throws RangeError or TypeError as {@link checkPath}.
 */
export function checkElement(who: string, element: SeedPathElement): void {
  if (typeof element === "string") {
    // UTF-8 has no lone surrogates: an encoder would give every one of them the same bytes, and so the same stream.
    if (/\p{Cs}/u.test(element)) throw new RangeError(`${who}: "path" must not hold a label with a lone surrogate`);
  } else if (typeof element !== "number") {
    throw new TypeError(`${who}: "path" must hold strings and unsigned integers, got ${typeof element}`);
  } else if (!Number.isSafeInteger(element) || element < 0) {
    throw new RangeError(`${who}: "path" must hold unsigned safe integers, got ${element}`);
  }
}

/** One path after the other, frozen. */
export function joinPaths(a: readonly SeedPathElement[], b: readonly SeedPathElement[]): readonly SeedPathElement[] {
  return Object.freeze(a.length === 0 ? [...b] : [...a, ...b]);
}

/** Orders paths element by element: integers first, by value; then labels, by code point. A prefix comes before its continuations. */
export function comparePaths(a: readonly SeedPathElement[], b: readonly SeedPathElement[]): number {
  for (const [index, x] of a.entries()) {
    const y = b[index];
    if (y === undefined) return 1;
    const order = compareElements(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareElements(a: SeedPathElement, b: SeedPathElement): number {
  if (typeof a === "number") return typeof b === "number" ? a - b : -1;
  return typeof b === "number" ? 1 : compareCodePoints(a, b);
}
