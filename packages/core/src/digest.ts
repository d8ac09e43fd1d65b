import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { encodeCanonical } from "./canonical.ts";
import { ReproError } from "./error.ts";
import type { JsonValue } from "./json.ts";

/**
 * A digest that carries its algorithm: `"sha256:"` and lower-case hexadecimal digits.
 *
 * @public
 */
export type Digest<Algorithm extends DigestAlgorithm = "sha256"> = `${Algorithm}:${string}`;

/**
 * The algorithms a {@link Digest} can name. MD5 and SHA-1 are for reading what DVC and git wrote, never for proof.
 *
 * @public
 */
export type DigestAlgorithm = "sha256" | "blake3" | "md5" | "sha1";

/** Hexadecimal digits of each algorithm. */
const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, blake3: 64, md5: 32, sha1: 40 };

/**
 * Hashes bytes with SHA-256, synchronously and without node: for canonical records, not for large files.
 *
 * @example
 * ```ts
 * hashBytes(new Uint8Array()); // => "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
 * ```
 * @public
 */
export function hashBytes(bytes: Uint8Array): Digest {
  return `sha256:${bytesToHex(sha256(bytes))}`;
}

/**
 * Hashes a JSON value by its canonical bytes.
 *
 * @throws ReproError as {@link encodeCanonical}.
 * @example
 * ```ts
 * hashCanonical({ a: 1, b: 2 }) === hashCanonical({ b: 2, a: 1 }); // => true
 * ```
 * @public
 */
export function hashCanonical(value: JsonValue): Digest {
  return hashBytes(encodeCanonical(value));
}

/**
 * Tells whether a value is a well-formed digest of one algorithm.
 *
 * @param algorithm - `"sha256"` when omitted.
 * @public
 */
export function isDigest<Algorithm extends DigestAlgorithm = "sha256">(
  value: unknown,
  algorithm?: Algorithm,
): value is Digest<Algorithm> {
  const name = algorithm ?? "sha256";
  if (typeof value !== "string" || !value.startsWith(`${name}:`)) return false;
  const hex = value.slice(name.length + 1);
  return hex.length === HEX_LENGTH[name] && /^[0-9a-f]*$/.test(hex);
}

/**
 * Checks a digest that came from outside.
 *
 * @throws ReproError `DIGEST_INVALID` when it is not `algorithm:` and its lower-case hexadecimal digits.
 * @public
 */
export function parseDigest(value: unknown): Digest<DigestAlgorithm> {
  for (const algorithm of Object.keys(HEX_LENGTH) as DigestAlgorithm[]) {
    if (isDigest(value, algorithm)) return value;
  }
  throw new ReproError<"DIGEST_INVALID">(
    `parseDigest: "value" must be an algorithm (${Object.keys(HEX_LENGTH).join(", ")}), a colon and its hexadecimal digits`,
    { code: "DIGEST_INVALID", data: { got: typeof value === "string" ? value.slice(0, 100) : typeof value } },
  );
}
