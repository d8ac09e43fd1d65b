import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { checkPath } from "../key/path.ts";
import type { DrawCount, StreamIdentity } from "../record/ledger.ts";
import { startPhilox } from "./engine.ts";
import type { PhiloxEngine } from "./philox.ts";
import type { Stream } from "./stream.ts";
import { identify } from "./stream.ts";

/**
 * A stream that can be read from any place: word `i` is a function of the path and `i`, at the same cost for every `i`.
 *
 * @public
 */
export interface CounterStream extends Stream {
  /** Name of the engine. */
  readonly engine: "philox4x32-10@1";
  /** Place of the next word: 0 is the first of the path. */
  readonly position: number;
  /**
   * The stream of the same path from another place; this one stays where it is.
   *
   * @param position - In words, an integer in [0, 2^53 - 1].
   * @throws RangeError when it is outside.
   */
  at(position: number): CounterStream;
  /** Copies the stream where it stands. */
  clone(): CounterStream;
  /** `[key 0, key 1, counter 2, counter 3, position high, position low]`, each a signed 32-bit word. */
  getState(): readonly number[];
}

/**
 * Opens a stream with random access: for what is drawn by many hands in no order, such as one mask for each step.
 *
 * The path is as for {@link createStream}, and the same path gives other words there: name each purpose once.
 *
 * @throws RangeError, TypeError or ReproError `SEED_PATH_REUSED` as {@link createStream}.
 * @remarks `philox4x32-10@1`: Philox4x32-10 of Salmon et al., SC '11, doi:10.1145/2063384.2063405. Its key is the first 8
 *   bytes of the path's key as two little-endian words, the upper half of its counter the next 8; the lower half counts
 *   blocks of four words.
 * @example
 * ```ts
 * const rng = createCounterStream(createSeed(42), "mask");
 * const third = [rng.next(), rng.next(), rng.next()][2];
 * rng.at(2).next() === third; // => true
 * ```
 * @public
 */
export function createCounterStream(seed: Seed, ...path: readonly SeedPathElement[]): CounterStream {
  checkPath("createCounterStream", path);
  const stream = identify(seed, path, "philox4x32-10@1");
  return resumeCounterStream(stream, 0, seed.ledger?.open(stream) ?? { draws: 0 });
}

/** The counter stream that has come to a place. */
export function resumeCounterStream(stream: StreamIdentity, position: number, count: DrawCount): CounterStream {
  return new KeyedCounterStream(stream, startPhilox(stream.key).at(position), count);
}

class KeyedCounterStream implements CounterStream {
  readonly engine = "philox4x32-10@1";
  readonly path: readonly SeedPathElement[];
  readonly #identity: StreamIdentity;
  readonly #engine: PhiloxEngine;
  readonly #count: DrawCount;

  constructor(identity: StreamIdentity, engine: PhiloxEngine, count: DrawCount) {
    this.path = identity.path;
    this.#identity = identity;
    this.#engine = engine;
    this.#count = count;
  }

  get draws(): number {
    return this.#count.draws;
  }

  get position(): number {
    return this.#engine.position;
  }

  next(): number {
    this.#count.draws += 1;
    return this.#engine.next();
  }

  at(position: number): CounterStream {
    if (!Number.isSafeInteger(position) || position < 0) {
      throw new RangeError(`at: "position" must be an integer in [0, 2^53 - 1], got ${position}`);
    }
    return new KeyedCounterStream(this.#identity, this.#engine.at(position), this.#count);
  }

  clone(): CounterStream {
    return this.at(this.position);
  }

  getState(): readonly number[] {
    return this.#engine.getState();
  }

  /** What the stream is; not in the interface, because it holds the key. */
  identity(): StreamIdentity {
    return this.#identity;
  }
}

/** What a stream of {@link createCounterStream} is; `undefined` for every other generator. */
export function counterIdentityOf(rng: RandomGenerator): StreamIdentity | undefined {
  return rng instanceof KeyedCounterStream ? rng.identity() : undefined;
}
