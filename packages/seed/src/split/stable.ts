import type { Seed } from "../key/key.ts";
import { hexOfBytes } from "../key/hex.ts";
import { deriveKey } from "../key/key.ts";
import { checkFractions, partAt, partEnds } from "./fractions.ts";
import { checkLabel } from "./label.ts";

const TWO_TO_21 = 0x20_0000;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/**
 * Tells the part of one row from its id alone: a pure function of its arguments, `stableSplit@1`.
 *
 * Rows that are added, removed or reordered never move another row. Sizes are met on average: a part with the share `f` of
 * `n` rows has `n f` ± about `2 √(n f (1 - f))`. Where the fractions change, rows
 * move only across the cuts that move.
 *
 * @param id - What names the row for ever: a text, an unsigned safe integer, or bytes. 7, `"7"` and the byte 7 are three ids:
 *   read them in the same way every time. A larger integer goes in as text.
 * @param fractions - Share of each part, in [0, 1]; they add up to 1 within 1e-9.
 * @returns Index of the part, in [0, fractions.length - 1].
 * @throws RangeError when `fractions` is empty, one is outside [0, 1], or they do not add up to 1; when
 *   `id` is a number that is no unsigned safe integer, or a text with a lone surrogate.
 * @throws TypeError when `id` is neither string, number nor `Uint8Array`.
 * @remarks The upper 53 bits of the key `"stableSplit", id`, divided by 2^53, are compared with the sums of the fractions. For
 *   bytes the key is `"stableSplit", "bytes", hex` with their lower-case hexadecimal digits. Uses keys, and draws from no
 *   stream: nothing is counted in a ledger.
 * @example
 * ```ts
 * const rows = ["c-1001", "c-1002", "c-1003", "c-1004", "c-1005"];
 * rows.filter((id) => stableSplit(createSeed(42), id, [0.8, 0.2]) === 1); // => ["c-1003"]
 * ```
 * @public
 */
export function stableSplit(seed: Seed, id: string | number | Uint8Array, fractions: readonly number[]): number {
  checkFractions("stableSplit", fractions);
  if (!(id instanceof Uint8Array)) checkLabel("stableSplit", "id", id);
  const path = id instanceof Uint8Array ? ["bytes", hexOfBytes(id)] : [id];
  return partAt(partEnds(fractions), unitOf(deriveKey(seed, ["stableSplit", ...path])));
}

/** The upper 53 bits of a key as a number in [0, 1). */
function unitOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset);
  return (view.getUint32(0) * TWO_TO_21 + (view.getUint32(4) >>> 11)) * TWO_TO_MINUS_53;
}
