/**
 * Compares two strings by Unicode code point, which is the order of their UTF-8 bytes: the order of paths in records.
 *
 * JavaScript's own comparison is by UTF-16 code unit and puts U+FF5E after U+1F600.
 *
 * @returns Negative, zero or positive, as `Array.prototype.sort` wants it.
 * @example
 * ```ts
 * ["a/b", "a-b", "\u{1F600}", "\uFF5E"].toSorted(compareCodePoints); // => ["a-b", "a/b", "\uFF5E", "\u{1F600}"]
 * ```
 * @public
 */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above U+E000–U+FFFF, where the code points they stand for belong. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
