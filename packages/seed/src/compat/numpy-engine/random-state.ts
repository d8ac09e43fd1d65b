import { mersenne, mersenneFromState } from "pure-rand/generator/mersenne";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { TWO_TO_MINUS_53 } from "../words.ts";
import type { NumpyBitGenerator } from "./bit-generator.ts";

/**
 * A `numpy.random.RandomState` where it stands: MT19937, NumPy's generator of before 1.17, frozen since.
 *
 * @public
 */
export interface NumpyRandomState extends NumpyBitGenerator {
  /** NumPy's name of the engine. */
  readonly bitGenerator: "MT19937";
  /** Copies the generator where it stands. The copy repeats what this one will draw. */
  clone(): NumpyRandomState;
  /** 625 numbers, as pure-rand's `mersenneFromState` takes them. */
  getState(): readonly number[];
}

/**
 * Makes what `numpy.random.RandomState(seed)` is, and what `numpy.random.seed(seed)` resets: `mt19937`.
 *
 * {@link numpyRandom} draws `random_sample`, {@link numpyRandint} `randint`, {@link numpyShuffle} and
 * {@link numpyPermutation} what they are called there, and `next() >>> 0` is a raw word. `randn` is not offered: it takes a
 * logarithm whose last bit differs between C libraries.
 *
 * @param seed - Integer in [0, 2^32 - 1], or a list of them that is not empty.
 * @throws RangeError when an integer is outside or the list is empty, TypeError when an element is no number: NumPy refuses it too.
 * @remarks Matsumoto and Nishimura, Mersenne Twister, ACM TOMACS 8(1), 1998; started by their `init_genrand` for an integer
 *   and `init_by_array` for a list. Checked against NumPy 2.4.
 * @example
 * ```ts
 * import { createNumpyRandomState } from "@repro/seed/compat";
 * const state = createNumpyRandomState(42);
 * [state.next() >>> 0, state.next() >>> 0]; // => [1608637542, 3421126067]
 * ```
 * @public
 */
export function createNumpyRandomState(seed: number | readonly number[]): NumpyRandomState {
  if (typeof seed === "number") return new MersenneState(mersenne(checkWord(seed)));
  if (!Array.isArray(seed)) throw new TypeError(`createNumpyRandomState: "seed" must be an integer or a list of them`);
  const key: readonly number[] = seed;
  if (key.length === 0) throw new RangeError('createNumpyRandomState: "seed" must not be empty');
  return new MersenneState(startByArray(key.map(checkWord)));
}

function checkWord(word: number): number {
  if (typeof word !== "number") {
    throw new TypeError(`createNumpyRandomState: "seed" must hold numbers, got ${typeof word}`);
  }
  if (Number.isInteger(word) && word >= 0 && word <= 0xffff_ffff) return word;
  throw new RangeError(`createNumpyRandomState: "seed" must be an integer in [0, 2^32 - 1], got ${word}`);
}

const STATE_WORDS = 624;
const ARRAY_SEED = 19_650_218;

function startByArray(key: readonly number[]): RandomGenerator {
  const words = new Uint32Array(STATE_WORDS);
  words[0] = ARRAY_SEED;
  const previous = (index: number): number => {
    const word = words[index - 1] ?? 0;
    return word ^ (word >>> 30);
  };
  for (let i = 1; i < STATE_WORDS; i += 1) words[i] = Math.imul(previous(i), 1_812_433_253) + i;
  // Positions run 1 … 623, 1 …: when they start again, word 0 repeats the last one.
  let place = 1;
  const put = (word: number): void => {
    words[place] = word;
    place += 1;
    if (place < STATE_WORDS) return;
    words[0] = words[STATE_WORDS - 1] ?? 0;
    place = 1;
  };
  for (let round = 0; round < Math.max(STATE_WORDS, key.length); round += 1) {
    const at = round % key.length;
    put(((words[place] ?? 0) ^ Math.imul(previous(place), 1_664_525)) + (key[at] ?? 0) + at);
  }
  for (let round = 1; round < STATE_WORDS; round += 1) {
    put(((words[place] ?? 0) ^ Math.imul(previous(place), 1_566_083_941)) - place);
  }
  words[0] = 0x8000_0000;
  return advance(mersenneFromState([0, ...words]));
}

/** pure-rand keeps the words of the next round: 624 draws turn these ones, which stand before the first round, into them. */
function advance(engine: RandomGenerator): RandomGenerator {
  for (let index = 0; index < STATE_WORDS; index += 1) engine.next();
  return engine;
}

/** A class, because an engine calls methods of a shape it knows several times faster than closures of an object. */
class MersenneState implements NumpyRandomState {
  readonly bitGenerator = "MT19937";
  high = 0;
  low = 0;
  readonly #engine: RandomGenerator;

  constructor(engine: RandomGenerator) {
    this.#engine = engine;
  }

  next(): number {
    return this.#engine.next();
  }

  next64(): void {
    this.high = this.#engine.next();
    this.low = this.#engine.next();
  }

  nextDouble(): number {
    this.next64();
    return ((this.high >>> 5) * 0x400_0000 + (this.low >>> 6)) * TWO_TO_MINUS_53;
  }

  clone(): NumpyRandomState {
    return new MersenneState(this.#engine.clone());
  }

  getState(): readonly number[] {
    return this.#engine.getState();
  }
}
