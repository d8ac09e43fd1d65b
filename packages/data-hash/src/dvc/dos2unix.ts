const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Bytes of a chunk that decide whether it is text. */
const SAMPLE_BYTES = 512;

/** Share of bytes outside {@link isTextByte} up to which a sample still is text. */
const MAX_BINARY_SHARE = 0.3;

/**
 * What DVC 2 hashed in place of a chunk: CRLF becomes LF where the chunk looks like text.
 *
 * Each chunk of 1 MiB is judged alone and by its first 512 bytes, so a CRLF across two chunks stays.
 */
export function toUnixLines(chunk: Uint8Array): Uint8Array {
  if (!chunk.includes(CARRIAGE_RETURN) || !looksLikeText(chunk.subarray(0, SAMPLE_BYTES))) return chunk;
  const lines = new Uint8Array(chunk.length);
  let length = 0;
  for (let index = 0; index < chunk.length; index += 1) {
    if (chunk[index] === CARRIAGE_RETURN && chunk[index + 1] === LINE_FEED) continue;
    lines[length] = chunk[index] ?? 0;
    length += 1;
  }
  return lines.subarray(0, length);
}

function looksLikeText(sample: Uint8Array): boolean {
  if (sample.includes(0)) return false;
  const binary = sample.reduce((count, byte) => (isTextByte(byte) ? count : count + 1), 0);
  return binary / sample.length <= MAX_BINARY_SHARE;
}

/** Printable ASCII, line feed, carriage return, tab, form feed and backspace. */
function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || (byte >= 0x08 && byte <= 0x0d && byte !== 0x0b);
}
