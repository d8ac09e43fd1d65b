import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { fillWords, skipWords } from "./kernel.ts";
import { drawByState } from "./stream.ts";
import { WIDE_WORDS, fillWideWords } from "./wide.ts";

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
  readonly words: Int32Array;
  place = 0;
  end = 0;
  /** How often it was filled. */
  rounds = 0;
  /** Behind the words of the block. */
  readonly #state: Int32Array;
  /** Before them. */
  readonly #start: Int32Array;
  /** Words of earlier blocks. */
  #before = 0;
  readonly #expected: number;

  constructor(state: Int32Array, expected: number) {
    this.words = new Int32Array(expected >= WIDE_WORDS ? WIDE_WORDS : Math.min(expected, BLOCK));
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
    this.#state.set(this.#start);
    skipWords(this.#state, this.place);
    return this.#before + this.place;
  }

  #refill(): void {
    this.rounds += 1;
    this.#before += this.end;
    this.#start.set(this.#state);
    this.place = 0;
    // The last words come in small blocks, so that few of them are computed in vain.
    if (this.#expected - this.#before >= WIDE_WORDS && fillWideWords(this.#state, this.words)) {
      this.end = WIDE_WORDS;
    } else {
      this.end = Math.min(this.words.length, BLOCK);
      fillWords(this.#state, this.words.subarray(0, this.end));
    }
  }
}
