import { compareCodePoints, hashBytes } from "@repro/core";
import type { Digest } from "@repro/core";

import type { SeedLedger } from "../record/ledger.ts";
import type { SeedValue } from "./value.ts";
import { describeSeedInput, readSeedText } from "./value.ts";

/**
 * One step down the key tree: a label, or an unsigned safe integer. `1` and `"1"` are different steps.
 *
 * @public
 */
export type SeedPathElement = string | number;

/**
 * A key of the tree: where named streams and further keys come from. Frozen; the ledger is the only thing in it that changes.
 *
 * @public
 */
export interface Seed {
  /** What the tree grows from. */
  readonly root: SeedValue;
  /** The way from the root to here; `[]` at the root. */
  readonly path: readonly SeedPathElement[];
  /** The key itself: SHA-256 over the root's value and the path. */
  readonly key: Digest;
  /** Counts the streams that are opened below this key; `undefined` when nobody counts. */
  readonly ledger: SeedLedger | undefined;
}

/**
 * What a new seed can be given.
 *
 * @public
 */
export interface SeedOptions {
  /** Counts every stream opened below this seed; not counted when omitted. */
  readonly ledger?: SeedLedger;
}

const ROOT = "repro.seed/v1\0root\0";
const CHILD = "repro.seed/v1\0child\0";
const TAGS: Readonly<Record<SeedValue["type"], number>> = { integer: 0x69, text: 0x73, bytes: 0x62 }; // "i" "s" "b"

/**
 * Makes the root of a key tree from a value that you choose. 0 is a seed like any other.
 *
 * `42` and `42n` are the same seed; `42`, `"42"` and the bytes of `"42"` are three different ones.
 *
 * @param value - A safe integer, a bigint of any size, a text that is not empty, or bytes that are not empty.
 * @throws RangeError for NaN, fractions, unsafe integers, an empty value, and text with lone surrogates or U+0000.
 * @throws TypeError when it is of another type.
 * @remarks Key = SHA-256(`"repro.seed/v1\0root\0"` ‖ enc(value)), where enc is a tag byte (`i` decimal text, `s` UTF-8,
 *   `b` bytes), the length as 32 bits big-endian, and the content.
 * @example
 * ```ts
 * createSeed(42).key; // => "sha256:f19107c1dc2f49ad2a94046c42c0790ba9aaef892fb44b6439e8f751cbab3375"
 * createSeed(42).key === createSeed(42n).key; // => true
 * createSeed(42).key === createSeed("42").key; // => false
 * ```
 * @public
 */
export function createSeed(value: string | bigint | number | Uint8Array, options: SeedOptions = {}): Seed {
  return plantSeed(describeSeedInput(value), options);
}

/**
 * Reads a seed as `REPRO_SEED` and `--seed` write it.
 *
 * Canonical decimal text of any size is that integer; `text:…` is the text after the colon; `bytes:…` is the bytes whose
 * hexadecimal digits follow; anything else is the text itself. So `007` is a text, and `text:42` is the text `42`.
 *
 * @throws ReproError `SEED_MISSING` when the text is empty; `SEED_INVALID` for bytes that are not pairs of lower-case
 *   hexadecimal digits, lone surrogates and U+0000.
 * @example
 * ```ts
 * parseSeed("42").root; // => { type: "integer", value: "42" }
 * parseSeed("fold-3").root; // => { type: "text", value: "fold-3" }
 * ```
 * @public
 */
export function parseSeed(text: string, options: SeedOptions = {}): Seed {
  return plantSeed(readSeedText(text), options);
}

/** The seed of a checked value: the rest of {@link createSeed} and {@link parseSeed}. */
export function plantSeed(root: SeedValue, options: SeedOptions): Seed {
  const content = root.type === "bytes" ? bytesOfHex(root.value) : new TextEncoder().encode(root.value);
  const key = hashBytes(joinBytes(new TextEncoder().encode(ROOT), encodeElement(TAGS[root.type], content)));
  return Object.freeze({ root: Object.freeze({ ...root }), path: Object.freeze([]), key, ledger: options.ledger });
}

/**
 * Walks down the key tree: a pure function of the seed and the path, whoever asks, when, and in which order.
 *
 * @param path - Labels and unsigned safe integers. `deriveSeed(seed, "a", 1)` is `deriveSeed(deriveSeed(seed, "a"), 1)`.
 * @returns The key there, with the same ledger.
 * @throws RangeError when a number is no unsigned safe integer, or a label has a lone surrogate.
 * @throws TypeError when an element is neither string nor number.
 * @remarks Child key = SHA-256(`"repro.seed/v1\0child\0"` ‖ key ‖ enc(element)); enc as for {@link createSeed}.
 * @public
 */
export function deriveSeed(seed: Seed, ...path: readonly SeedPathElement[]): Seed {
  const prefix = new TextEncoder().encode(CHILD);
  let { key } = seed;
  for (const element of path) {
    checkElement(element);
    const tag = typeof element === "number" ? TAGS.integer : TAGS.text;
    const encoded = encodeElement(tag, new TextEncoder().encode(String(element)));
    key = hashBytes(joinBytes(prefix, keyBytes(key), encoded));
  }
  return Object.freeze({ ...seed, path: Object.freeze([...seed.path, ...path]), key });
}

/** The 32 bytes of a key. */
export function keyBytes(key: Digest): Uint8Array {
  return bytesOfHex(key.slice("sha256:".length));
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

function checkElement(element: SeedPathElement): void {
  if (typeof element === "string") {
    // UTF-8 has no lone surrogates: an encoder would give every one of them the same bytes, and so the same stream.
    if (/\p{Cs}/u.test(element)) throw new RangeError('deriveSeed: "path" must not hold a label with a lone surrogate');
  } else if (typeof element !== "number") {
    throw new TypeError(`deriveSeed: "path" must hold strings and unsigned integers, got ${typeof element}`);
  } else if (!Number.isSafeInteger(element) || element < 0) {
    throw new RangeError(`deriveSeed: "path" must hold unsigned safe integers, got ${element}`);
  }
}

function encodeElement(tag: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, tag);
  view.setUint32(1, content.length); // big-endian
  bytes.set(content, 5);
  return bytes;
}

function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (digitOf(hex.charCodeAt(2 * index)) << 4) | digitOf(hex.charCodeAt(2 * index + 1));
  }
  return bytes;
}

/** Value of a lower-case hexadecimal digit: "0" is 0x30, "a" is 0x61. */
function digitOf(unit: number): number {
  return unit < 0x61 ? unit - 0x30 : unit - 0x61 + 10;
}
