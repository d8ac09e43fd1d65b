import { bytesOfPath, pathOfBytes } from "../files.ts";

/** RFC 1924's digits, which git's binary patches use too. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/**
 * Writes each four bytes as five digits, the highest first; missing bytes at the end count as zeros.
 *
 * @remarks RFC 1924, section 4.2, for the digits.
 */
export function encodeBase85(bytes: Uint8Array): string {
  const digits = bytesOfPath(DIGITS);
  const written = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 5);
  for (let at = 0, start = 0; at < bytes.byteLength; at += 4, start += 5) {
    let word = 0;
    for (let byte = at; byte < at + 4; byte += 1) word = word * 256 + (bytes[byte] ?? 0);
    for (let place = start + 4; place >= start; place -= 1) {
      written[place] = digits[word % 85] ?? 0;
      word = Math.floor(word / 85);
    }
  }
  return pathOfBytes(written);
}

/**
 * Undoes {@link encodeBase85}.
 *
 * @param sizeBytes - How many bytes were written, up to three less than the digits hold.
 * @returns `null` when the text is not what is written for so many bytes.
 */
export function decodeBase85(text: string, sizeBytes: number): Uint8Array | null {
  if (text.length !== Math.ceil(sizeBytes / 4) * 5) return null;
  const bytes = new Uint8Array(Math.ceil(sizeBytes / 4) * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at += 5) {
    let word = 0;
    for (let place = at; place < at + 5; place += 1) {
      const digit = DIGITS.indexOf(text.charAt(place));
      if (digit === -1) return null;
      word = word * 85 + digit;
    }
    if (word >= 2 ** 32) return null;
    view.setUint32((at / 5) * 4, word);
  }
  return bytes.subarray(sizeBytes).every((byte) => byte === 0) ? bytes.subarray(0, sizeBytes) : null;
}
