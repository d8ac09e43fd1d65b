/** The bytes of lower-case hexadecimal digits, two each. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (digitOf(hex.charCodeAt(2 * index)) << 4) | digitOf(hex.charCodeAt(2 * index + 1));
  }
  return bytes;
}

/** Value of a digit: "0" is 0x30, "a" is 0x61. */
function digitOf(unit: number): number {
  return unit < 0x61 ? unit - 0x30 : unit - 0x61 + 10;
}

/** Bytes as lower-case hexadecimal digits, two each. */
export function hexOfBytes(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += (byte < 16 ? "0" : "") + byte.toString(16);
  return hex;
}
