/** The bytes of lower-case hexadecimal digits, two each. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (digitOf(hex.charCodeAt(2 * index)) << 4) | digitOf(hex.charCodeAt(2 * index + 1));
  }
  return bytes;
}

/** Value of a digit: "0" to "9" are 0x30 to 0x39, "a" to "f" are 0x61 to 0x66. */
function digitOf(unit: number): number {
  return (unit & 0xf) + 9 * (unit >> 6);
}

/** Bytes as lower-case hexadecimal digits, two each. */
export function hexOfBytes(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += (byte < 16 ? "0" : "") + byte.toString(16);
  return hex;
}
