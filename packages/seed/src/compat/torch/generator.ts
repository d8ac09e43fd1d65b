import { mersenne } from "pure-rand/generator/mersenne";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { exactInteger } from "../words.ts";

/**
 * A `torch.Generator` of the CPU where it stands.
 *
 * @public
 */
export interface TorchGenerator extends RandomGenerator {
  /** torch's name of the engine. */
  readonly torchGenerator: "mt19937";
  /** Draws torch's next 32-bit word: a signed 32-bit integer. */
  next(): number;
  /** Copies the generator where it stands. The copy repeats what this one will draw. */
  clone(): TorchGenerator;
  /** 625 numbers, as pure-rand's `mersenneFromState` takes them. */
  getState(): readonly number[];
}

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
export function createTorchGenerator(seed: number | bigint): TorchGenerator {
  const integer = exactInteger("createTorchGenerator", "seed", seed);
  if (integer < -(2n ** 63n) || integer >= 2n ** 64n) {
    throw new RangeError(`createTorchGenerator: "seed" must be in [-2^63, 2^64), got ${integer}`);
  }
  return new MersenneGenerator(mersenne(Number(BigInt.asIntN(32, integer))));
}

/** Throws unless a generator is torch's: another one, NumPy's MT19937 too, would give numbers that torch does not. */
export function checkTorchGenerator(name: string, rng: TorchGenerator): void {
  const found: unknown = (rng as Partial<TorchGenerator> | undefined)?.torchGenerator;
  if (found === "mt19937") return;
  throw new TypeError(`${name}: "rng" must be made by createTorchGenerator, got ${typeof rng}`);
}

/** A class, because an engine calls methods of a shape it knows several times faster than closures of an object. */
class MersenneGenerator implements TorchGenerator {
  readonly torchGenerator = "mt19937";
  readonly #engine: RandomGenerator;

  constructor(engine: RandomGenerator) {
    this.#engine = engine;
  }

  next(): number {
    return this.#engine.next();
  }

  clone(): TorchGenerator {
    return new MersenneGenerator(this.#engine.clone());
  }

  getState(): readonly number[] {
    return this.#engine.getState();
  }
}
