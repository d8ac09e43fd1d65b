/** Splits what git writes under `-z`. Paths stay bytes: they need not be UTF-8. */
export function splitNul(bytes: Uint8Array): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
    items.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return items;
}

/** Text of an item; bytes that are not UTF-8 become U+FFFD. */
export function itemText(item: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(item);
}

/** Joins lists of parts, each list closed by a NUL, for git's `-z --stdin`. */
export function joinNul(items: readonly (readonly (string | Uint8Array)[])[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = items.flatMap((item) => [
    ...item.map((part) => (typeof part === "string" ? encoder.encode(part) : part)),
    Uint8Array.of(0),
  ]);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
