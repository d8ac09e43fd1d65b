import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { EngineName } from "./engine.ts";
import { startXoroshiro } from "./engine.ts";
import type { Seed, SeedPathElement } from "../key/key.ts";
import { deriveSeed, keyBytes } from "../key/key.ts";
import type { DrawCount } from "../record/ledger.ts";

/**
 * A sequence of 32-bit words: pure-rand's generator, so that its distributions, fast-check's and ours all accept it.
 *
 * @public
 */
export interface Stream extends RandomGenerator {
  /** Frozen name of the engine: the same name, path and seed always give the same words. */
  readonly engine: EngineName;
  /** The way from the root seed to this stream. */
  readonly path: readonly SeedPathElement[];
  /** Words drawn so far, by this stream and its clones together. */
  readonly draws: number;
  /**
   * Draws one word: a signed 32-bit integer.
   *
   * Its lowest bits are linear; the samplers of this package use the upper ones.
   */
  next(): number;
  /** Copies the stream where it stands. The copy repeats what this one will draw. */
  clone(): Stream;
  /** The engine's state: `[s0 high, s0 low, s1 high, s1 low]`, as `xoroshiro128plusFromState` takes it. */
  getState(): readonly number[];
}

/**
 * Opens the stream of a path: always the same words, whatever else was opened or drawn before.
 *
 * Give each purpose its own path (`"init", "dense_1"`), not each call its own seed.
 *
 * @param path - As for {@link deriveSeed}; none for the stream of `seed` itself.
 * @throws RangeError or TypeError as {@link deriveSeed}.
 * @throws ReproError `SEED_PATH_REUSED` when the seed's ledger has seen the path: two streams would repeat each other.
 * @remarks `xoroshiro128plus@1`: pure-rand's xoroshiro128+ from the first 16 bytes of the key. Blackman and Vigna,
 *   Scrambled linear pseudorandom number generators, ACM TOMS 47(4), 2021.
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "model", "init");
 * [rng.next(), rng.next()]; // => [-1308702310, -112918212]
 * ```
 * @public
 */
export function createStream(seed: Seed, ...path: readonly SeedPathElement[]): Stream {
  const own = deriveSeed(seed, ...path);
  const count = own.ledger?.open(own, "xoroshiro128plus@1") ?? { draws: 0 };
  return new KeyedStream(startXoroshiro(keyBytes(own.key)), own.path, count);
}

/**
 * Gives a pure function the stream of a path, and notes what it drew: asking again is no reuse, since it gives the same again.
 */
export function drawPurely<T>(seed: Seed, path: readonly SeedPathElement[], draw: (rng: RandomGenerator) => T): T {
  const own = deriveSeed(seed, ...path);
  const stream = createStream({ ...own, ledger: undefined });
  const drawn = draw(stream);
  own.ledger?.note(own, stream.draws);
  return drawn;
}

/** A class, because an engine calls methods of a shape it knows several times faster than closures of an object. */
class KeyedStream implements Stream {
  readonly engine = "xoroshiro128plus@1";
  readonly path: readonly SeedPathElement[];
  readonly #engine: RandomGenerator;
  readonly #count: DrawCount;

  constructor(engine: RandomGenerator, path: readonly SeedPathElement[], count: DrawCount) {
    this.#engine = engine;
    this.path = path;
    this.#count = count;
  }

  get draws(): number {
    return this.#count.draws;
  }

  next(): number {
    this.#count.draws += 1;
    return this.#engine.next();
  }

  clone(): Stream {
    return new KeyedStream(this.#engine.clone(), this.path, this.#count);
  }

  getState(): readonly number[] {
    return this.#engine.getState();
  }
}
