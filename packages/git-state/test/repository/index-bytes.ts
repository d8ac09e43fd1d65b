import { createHash } from "node:crypto";

/** Bytes of an index with a checksum that fits, as one who means harm would write them. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - 20));
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}
