const PARITY = 0x1bd1_1bda;

/**
 * Threefry-2x32 with 20 rounds: encrypts the counter (x0, x1) under a key, and puts the two words into `out`.
 *
 * Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC '11, doi:10.1145/2063384.2063405.
 */
export function threefry2x32(key: readonly [number, number], x0: number, x1: number, out: Uint32Array): void {
  const [k0, k1] = key;
  const k2 = k0 ^ k1 ^ PARITY;
  let a = (x0 + k0) | 0;
  let b = (x1 + k1) | 0;
  const turn = (by: number): void => {
    a = (a + b) | 0;
    b = ((b << by) | (b >>> (32 - by))) ^ a;
  };
  const turnEven = (): void => {
    turn(13);
    turn(15);
    turn(26);
    turn(6);
  };
  const turnOdd = (): void => {
    turn(17);
    turn(29);
    turn(16);
    turn(24);
  };
  const inject = (first: number, second: number, round: number): void => {
    a = (a + first) | 0;
    b = (b + second + round) | 0;
  };
  turnEven();
  inject(k1, k2, 1);
  turnOdd();
  inject(k2, k0, 2);
  turnEven();
  inject(k0, k1, 3);
  turnOdd();
  inject(k1, k2, 4);
  turnEven();
  inject(k2, k0, 5);
  out[0] = a;
  out[1] = b;
}
