// node words.mjs <words> <opener> <streams> [<words of each>]: raw 32-bit words, little-endian, to standard output.
//
// A word of each of <streams> adjacent streams in turn, again and again: the first words of all, the second words … Where
// <words of each> is given, each stream gives only so many, and the next <streams> follow: nothing but starts.
import { writeSync } from "node:fs";

import { createCounterStream, createSeed, createStream } from "@repro/seed";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const FIRST_SEED = 42;
const root = createSeed(FIRST_SEED);

/** How the streams of neighbours are opened. */
const OPENERS = {
  seeds: (index) => createStream(createSeed(FIRST_SEED + index)),
  children: (index) => createStream(root, index),
  counters: (index) => createCounterStream(root, index),
  nested: (index) => createStream(root, "a", Math.floor(index / 100), Math.floor(index / 10) % 10, index % 10),
  /** What must fail: pure-rand's own seeding, with a worker's number added to the seed. */
  naive: (index) => xoroshiro128plus(FIRST_SEED + index),
};

const [total, opener, streams, each = Number.POSITIVE_INFINITY] = process.argv
  .slice(2)
  .map((text) => OPENERS[text] ?? Number(text));
const words = new Uint32Array(1 << 16);
const bytes = new DataView(words.buffer);
let filled = 0;
let left = total;

for (let group = 0; left > 0; group += 1) {
  const members = Array.from({ length: streams }, (_, index) => opener(group * streams + index));
  for (let round = 0; round < each && left > 0; round += 1) {
    for (let index = 0; index < streams && left > 0; index += 1) {
      bytes.setUint32(4 * filled, members[index].next(), true);
      filled += 1;
      left -= 1;
      if (filled === words.length || left === 0) flush();
    }
  }
}

function flush() {
  for (let start = 0; start < 4 * filled;) start += writeSync(1, bytes, start, 4 * filled - start);
  filled = 0;
}
