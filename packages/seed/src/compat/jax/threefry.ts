const PARITY = 0x1bd1_1bda;

/**
 * Threefry-2x32 with 20 rounds: encrypts the counter (x0, x1) under a key, and puts the two words into `out`.
 *
 * Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC '11, doi:10.1145/2063384.2063405.
 */
export function threefry2x32(key: readonly [number, number], x0: number, x1: number, out: Uint32Array): void {
  let [k0, k1] = key;
  let k2 = k0 ^ k1 ^ PARITY;
  let a = (x0 + k0) | 0;
  let b = (x1 + k1) | 0;
  for (let group = 1; group <= 5; group += 1) {
    if ((group & 1) === 1) {
      a = (a + b) | 0;
      b = rotate(b, 13) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 15) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 26) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 6) ^ a;
    } else {
      a = (a + b) | 0;
      b = rotate(b, 17) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 29) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 16) ^ a;
      a = (a + b) | 0;
      b = rotate(b, 24) ^ a;
    }
    a = (a + k1) | 0;
    b = (b + k2 + group) | 0;
    const first = k0;
    k0 = k1;
    k1 = k2;
    k2 = first;
  }
  out[0] = a;
  out[1] = b;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
