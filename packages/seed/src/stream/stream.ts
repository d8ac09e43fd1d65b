import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { EngineName } from "./engine.ts";
import { startXoroshiro } from "./engine.ts";
import type { Seed } from "../key/key.ts";
import { deriveKey } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { checkElement, checkPath, joinPaths } from "../key/path.ts";
import type { DrawCount, StreamIdentity } from "../record/ledger.ts";

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
  checkPath("createStream", path);
  return openStream(seed, path);
}

/** {@link createStream} for labels that are data, and may be empty or hold a "/". */
export function openStream(seed: Seed, path: readonly SeedPathElement[]): Stream {
  const stream = identify(seed, path, ENGINE);
  return new KeyedStream(stream, startXoroshiro(stream.key), seed.ledger?.open(stream) ?? { draws: 0 });
}

/** The sequential stream that has come to a saved state. */
export function resumeStream(stream: StreamIdentity, state: readonly number[], count: DrawCount): Stream {
  return new KeyedStream(stream, xoroshiro128plusFromState(state), count);
}

/**
 * Gives a pure function the stream of a path, and notes what it drew: asking again is no reuse, since it gives the same again.
 *
 * @param path - Labels may be data, and be empty or hold a "/".
 * @throws RangeError or TypeError for elements that have no key.
 */
export function drawPurely<T>(seed: Seed, path: readonly SeedPathElement[], draw: (rng: RandomGenerator) => T): T {
  for (const element of path) checkElement("drawPurely", element);
  const stream = identify(seed, path, ENGINE);
  const rng = new KeyedStream(stream, startXoroshiro(stream.key), { draws: 0 });
  const drawn = draw(rng);
  seed.ledger?.note(stream, rng.draws);
  return drawn;
}

/** What a stream below a seed is. */
export function identify(seed: Seed, path: readonly SeedPathElement[], engine: EngineName): StreamIdentity {
  return { path: joinPaths(seed.path, path), engine, key: deriveKey(seed, path) };
}

const ENGINE = "xoroshiro128plus@1";

/** A class, because an engine calls methods of a shape it knows several times faster than closures of an object. */
class KeyedStream implements Stream {
  readonly engine = ENGINE;
  readonly path: readonly SeedPathElement[];
  readonly #identity: StreamIdentity;
  #engine: RandomGenerator;
  readonly #count: DrawCount;

  constructor(identity: StreamIdentity, engine: RandomGenerator, count: DrawCount) {
    this.path = identity.path;
    this.#identity = identity;
    this.#engine = engine;
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
    return new KeyedStream(this.#identity, this.#engine.clone(), this.#count);
  }

  getState(): readonly number[] {
    return this.#engine.getState();
  }

  /** What the stream is; not in the interface, because it holds the key. */
  identity(): StreamIdentity {
    return this.#identity;
  }

  /** Goes on from a state that the loops of kernel.ts left behind `draws` words. */
  moveTo(state: Int32Array, draws: number): void {
    this.#engine = xoroshiro128plusFromState([...state]);
    this.#count.draws += draws;
  }
}

/** What a stream of {@link createStream} is; `undefined` for every other generator. */
export function identityOf(rng: RandomGenerator): StreamIdentity | undefined {
  return rng instanceof KeyedStream ? rng.identity() : undefined;
}

/**
 * Draws from one of our sequential streams by its state instead of word by word.
 *
 * @param draw - Moves the state on, and says by how many words.
 * @returns Whether it did: `false`, with nothing done, for every other generator.
 */
export function drawByState(rng: RandomGenerator, draw: (state: Int32Array) => number): boolean {
  if (!(rng instanceof KeyedStream)) return false;
  const state = Int32Array.from(rng.getState());
  rng.moveTo(state, draw(state));
  return true;
}
