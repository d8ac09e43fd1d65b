import type { Digest } from "@repro/core";

import type { SeedLedger } from "../record/ledger.ts";
import { childKey, rootKey } from "./derive.ts";
import { bytesOfHex, hexOfBytes } from "./hex.ts";
import type { SeedPathElement } from "./path.ts";
import { checkPath, joinPaths } from "./path.ts";
import type { SeedValue } from "./value.ts";
import { describeSeedInput, readSeedText } from "./value.ts";

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

/**
 * Makes the root of a key tree from a value that you choose. 0 is a seed like any other.
 *
 * `42` and `42n` are the same seed; `42`, `"42"` and the bytes of `"42"` are three different ones.
 *
 * @param value - An unsigned safe integer, a bigint from 0 on of any size, a text or bytes that are not empty.
 * @throws RangeError for negative numbers, NaN, fractions, unsafe integers, an empty value, and text with lone surrogates or U+0000.
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
 * @throws ReproError `SEED_MISSING` when the text is empty; `SEED_INVALID` for signed numbers and fractions, bytes that are
 *   not pairs of lower-case hexadecimal digits, lone surrogates and U+0000.
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
export function plantSeed(root: SeedValue, { ledger }: SeedOptions): Seed {
  return Object.freeze({
    root: Object.freeze({ ...root }),
    path: Object.freeze([]),
    key: digestOf(rootKey(root)),
    ledger,
  });
}

/**
 * Walks down the key tree: a pure function of the seed and the path, whoever asks, when, and in which order.
 *
 * @param path - Labels and unsigned safe integers. `deriveSeed(seed, "a", 1)` is `deriveSeed(deriveSeed(seed, "a"), 1)`.
 * @returns The key there, with the same ledger.
 * @throws RangeError when a number is no unsigned safe integer, or a label is empty, or has a "/" or a lone surrogate.
 * @throws TypeError when an element is neither string nor number.
 * @remarks Child key = SHA-256(`"repro.seed/v1\0child\0"` ‖ key ‖ enc(element)); enc as for {@link createSeed}.
 * @public
 */
export function deriveSeed(seed: Seed, ...path: readonly SeedPathElement[]): Seed {
  checkPath("deriveSeed", path);
  return Object.freeze({ ...seed, path: joinPaths(seed.path, path), key: digestOf(deriveKey(seed, path)) });
}

/** The key down a path, without {@link checkPath}: labels may be data. */
export function deriveKey(seed: Seed, path: readonly SeedPathElement[]): Uint8Array {
  let key = keyBytes(seed);
  for (const element of path) key = childKey(key, element);
  return key;
}

/** The 32 bytes of a seed's key. */
export function keyBytes({ key }: Seed): Uint8Array {
  return bytesOfHex(key.slice("sha256:".length));
}

function digestOf(key: Uint8Array): Digest {
  return `sha256:${hexOfBytes(key)}`;
}
