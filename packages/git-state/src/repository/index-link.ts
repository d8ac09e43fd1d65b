import type { BytePath } from "../files.ts";
import type { EntryRow, IndexEntries } from "./index-entries.ts";
import { STAGE_MASK, damagedIndex } from "./index-entries.ts";

/** What a split index says of the shared one. */
export interface IndexLink {
  /** Bitmap of entries of the shared index that are gone. */
  readonly deleted: Uint8Array;
  /** Bitmap of entries of the shared index that have their path there, and the rest here. */
  readonly replaced: Uint8Array;
}

/**
 * Puts the entries of a split index in place among those of the shared one.
 *
 * @throws ReproError `GIT_UNREADABLE` when the two do not fit.
 * @remarks gitformat-index(5), "Split index".
 */
export function mergeLink(own: IndexEntries, shared: IndexEntries, link: IndexLink): readonly EntryRow[] {
  const replaced = readBitmap(link.replaced, shared.paths.length);
  const deleted = new Set(readBitmap(link.deleted, shared.paths.length));
  const replacements = new Map(replaced.map((position, at) => [position, at]));
  if (
    replaced.length > own.paths.length ||
    replaced.some((position, at) => deleted.has(position) || own.paths[at] !== "")
  ) {
    throw damagedIndex("does not fit the shared index that it names");
  }
  const kept = shared.paths.flatMap((path, position): EntryRow[] => {
    if (deleted.has(position)) return [];
    const at = replacements.get(position);
    return [at === undefined ? { from: shared, at: position, path } : { from: own, at, path }];
  });
  const added = own.paths
    .slice(replaced.length)
    .map((path, at): EntryRow => ({ from: own, at: at + replaced.length, path }));
  return mergeRows(kept, added);
}

/** Merges two sorted lists. */
function mergeRows(left: readonly EntryRow[], right: readonly EntryRow[]): readonly EntryRow[] {
  const merged: EntryRow[] = [];
  let next = 0;
  for (const row of left) {
    for (let other = right[next]; other !== undefined && isBefore(other, row); other = right[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(row);
  }
  return [...merged, ...right.slice(next)];
}

function isBefore(one: EntryRow, other: EntryRow): boolean {
  return one.path === other.path ? stageOf(one) < stageOf(other) : one.path < other.path;
}

function stageOf({ from, at }: EntryRow): number {
  return (from.flags[at] ?? 0) & STAGE_MASK;
}

/** The bitmaps of a link, which lie one behind the other; both empty when there are none. */
export function parseBitmaps(bytes: Uint8Array): IndexLink {
  if (bytes.byteLength === 0) return { deleted: bytes, replaced: bytes };
  const middle = bitmapLength(bytes);
  const deleted = bytes.subarray(0, middle);
  const replaced = bytes.subarray(middle);
  if (bitmapLength(replaced) !== replaced.byteLength) throw damagedIndex("has a bitmap of the wrong length");
  return { deleted, replaced };
}

/** Two numbers before the words, and one behind them. */
const BITMAP_FRAME_BYTES = 12;

function bitmapLength(bytes: Uint8Array): number {
  if (bytes.byteLength < BITMAP_FRAME_BYTES) throw damagedIndex("has a bitmap that is cut off");
  const length = BITMAP_FRAME_BYTES + 8 * new DataView(bytes.buffer, bytes.byteOffset + 4).getUint32(0);
  if (length > bytes.byteLength) throw damagedIndex("has a bitmap that is cut off");
  return length;
}

/**
 * Positions of the bits that are set in a compressed bitmap, ascending, all below `limit`.
 *
 * A word of 64 bits says how many words of equal bits follow, and after those how many words are written out.
 *
 * @throws ReproError `GIT_UNREADABLE` when a bit at or above the limit is set.
 * @remarks gitformat-pack(5) and the git documentation's "bitmap-format", appendix A.
 */
export function readBitmap(bytes: Uint8Array, limit: number): readonly number[] {
  const positions: number[] = [];
  const count = bytes.byteLength === 0 ? 0 : (bytes.byteLength - BITMAP_FRAME_BYTES) / 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordAt = (index: number): readonly [high: number, low: number] => [
    view.getUint32(8 + 8 * index),
    view.getUint32(12 + 8 * index),
  ];
  let position = 0;
  for (let index = 0; index < count;) {
    const [high, low] = wordAt(index);
    const run = 64 * ((high & 1) * 2 ** 31 + (low >>> 1));
    if ((low & 1) === 1) {
      if (position + run > limit) throw outsideShared();
      for (let bit = 0; bit < run; bit += 1) positions.push(position + bit);
    }
    position += run;
    const end = index + 1 + (high >>> 1);
    if (end > count) throw damagedIndex("has a bitmap that is cut off");
    for (index += 1; index < end; index += 1, position += 64) {
      const [upper, lower] = wordAt(index);
      positions.push(...setBits(lower, position), ...setBits(upper, position + 32));
    }
  }
  if ((positions.at(-1) ?? -1) >= limit) throw outsideShared();
  return positions;
}

function setBits(word: number, position: number): number[] {
  const positions: number[] = [];
  for (let bit = 0; bit < 32; bit += 1) if (((word >>> bit) & 1) === 1) positions.push(position + bit);
  return positions;
}

function outsideShared(): Error {
  return damagedIndex("names an entry that the shared index does not have");
}

/** Where the shared index of a split one lies, in the repository's folder. */
export function sharedIndexName(id: string): BytePath {
  return `sharedindex.${id}`;
}
