import { mersenne } from "pure-rand/generator/mersenne";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exactInteger } from "../words.ts";

/**
 * Makes the generator that `torch.manual_seed(seed)` resets on the CPU: MT19937.
 *
 * {@link torchRand}, {@link torchRandint} and {@link torchRandperm} draw from it what torch's functions of that name draw on
 * the CPU. `torch.randn` is not offered: its logarithm and cosine differ between processors. Neither are torch's GPU
 * generators, whose streams depend on how a kernel is launched.
 *
 * @param seed - Integer in [-2^63, 2^64), a bigint beyond the safe integers. As in torch, only its lower 32 bits count.
 * @throws TypeError when `seed` is no integer, RangeError when it is fractional, unsafe or outside: torch refuses it too.
 * @remarks Matsumoto and Nishimura, Mersenne Twister, ACM TOMACS 8(1), 1998. Checked against torch 1.13, 2.6, 2.7 and 2.15.
 * @example
 * ```ts
 * import { createTorchGenerator } from "@repro/seed/compat";
 * createTorchGenerator(42).next() >>> 0; // => 1608637542
 * ```
 * @public
 */
export function createTorchGenerator(seed: number | bigint): RandomGenerator {
  const integer = exactInteger("createTorchGenerator", "seed", seed);
  if (integer < -(2n ** 63n) || integer >= 2n ** 64n) {
    throw new RangeError(`createTorchGenerator: "seed" must be in [-2^63, 2^64), got ${integer}`);
  }
  return mersenne(Number(BigInt.asIntN(32, integer)));
}
