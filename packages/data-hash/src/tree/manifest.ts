import { canonicalText } from "@repro/core";

import type { Hashing, HexDigits } from "../hasher.ts";

/** A file of a tree, by its path in it and the digits of its bytes. */
export interface ManifestEntry {
  readonly relpath: string;
  readonly digits: HexDigits;
}

/**
 * Writes what is hashed for a tree; entries are in code-point order of `relpath`.
 *
 * MD5, and the legacy MD5, hash what DVC stores as `.dir`; the others hash our own layout, `repro/tree/v1`.
 */
export function encodeManifest(entries: readonly ManifestEntry[], hashing: Hashing): Uint8Array {
  const isDvc = hashing === "md5" || hashing === "md5-dos2unix";
  return new TextEncoder().encode(isDvc ? dvcText(entries, hashing) : treeText(entries, hashing));
}

/** As Python's `json.dumps(entries, sort_keys=True)` writes it. */
function dvcText(entries: readonly ManifestEntry[], hashing: Hashing): string {
  const items = entries.map(
    ({ relpath, digits }) => `{"md5": "${digits[hashing] ?? ""}", "relpath": ${ascii(relpath)}}`,
  );
  return `[${items.join(", ")}]`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** A Python string in JSON: everything outside of printable ASCII is escaped, DEL too, by UTF-16 code unit. */
function ascii(text: string): string {
  const escaped = text.replaceAll(/["\\]|[^ -~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** `repro/tree/v1` and a line feed; then for each file the RFC 8785 text of its entry and a line feed. */
function treeText(entries: readonly ManifestEntry[], hashing: Hashing): string {
  const lines = entries.map(
    ({ relpath, digits }) => `${canonicalText({ relpath, [hashing]: digits[hashing] ?? "" })}\n`,
  );
  return `repro/tree/v1\n${lines.join("")}`;
}
