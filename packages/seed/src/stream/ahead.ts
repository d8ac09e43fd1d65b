import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { fillWords, skipWords } from "./kernel.ts";
import { drawByState } from "./stream.ts";
import type { Wide } from "./wide.ts";
import { WIDE_WORDS, fillWideWords, openWide } from "./wide.ts";

/** What a sampler draws from. */
export interface WordSource {
  /** One word: a signed 32-bit integer. */
  next(): number;
}

/** Below this many words a block is not worth its array. */
const FEW = 64;
const BLOCK = 1024;

/**
 * Draws many words in blocks, where the generator is a stream of ours. The words are those that `next()` gives one by one,
 * and the stream stands behind the last one drawn when this returns.
 *
 * @param words - About how many will be drawn.
 * @param draw - Draws from the block, and not from `rng`.
 * @returns `false`, with nothing done, where one by one is as well: few words, or another generator.
 */
export function readAhead(rng: RandomGenerator, words: number, draw: (block: WordBlock) => void): boolean {
  if (words < FEW) return false;
  return drawByState(rng, (state) => {
    const block = new WordBlock(state, words);
    draw(block);
    return block.finish();
  });
}

/**
 * The next words of a stream. A loop may read `words` from `place` on by itself, as long as it leaves `place` behind what
 * it took; `next()` goes on from there, and fetches more when it comes to `end`.
 */
export class WordBlock implements WordSource {
  /** What computes many words at once, and holds them; `null` for few of them, and where there is no WebAssembly. */
  readonly wide: Wide | null;
  readonly words: Int32Array;
  place = 0;
  end = 0;
  /** Behind the words of the block. */
  readonly #state: Int32Array;
  /** Before them. */
  readonly #start: Int32Array;
  /** Words of earlier blocks. */
  #before = 0;
  readonly #expected: number;

  constructor(state: Int32Array, expected: number) {
    // The module has room for one block, and only one is drawn from at a time.
    this.wide = expected >= WIDE_WORDS ? openWide() : null;
    this.words = this.wide?.words ?? new Int32Array(Math.min(expected, BLOCK));
    this.#state = state;
    this.#start = state.slice();
    this.#expected = expected;
  }

  next(): number {
    if (this.place === this.end) this.#refill();
    const word = this.words[this.place] as number; // the place is within the block
    this.place += 1;
    return word;
  }

  /** Moves the state back to behind the last word taken, and says how many were. */
  finish(): number {
    if (this.place < this.end) {
      this.#state.set(this.#start);
      skipWords(this.#state, this.place);
    }
    return this.#before + this.place;
  }

  #refill(): void {
    this.#before += this.end;
    this.#start.set(this.#state);
    this.place = 0;
    // The last words come in small blocks, so that few of them are computed in vain.
    if (this.wide !== null && this.#expected - this.#before >= WIDE_WORDS) {
      fillWideWords(this.wide, this.#state);
      this.end = WIDE_WORDS;
    } else {
      this.end = Math.min(this.words.length, BLOCK);
      fillWords(this.#state, this.words.subarray(0, this.end));
    }
  }
}
