import type * as tfjs from "@tensorflow/tfjs";

import type { Seed } from "../key/key.ts";
import { deriveSeed } from "../key/key.ts";
import { below32 } from "../samplers/integer.ts";
import { permutation } from "../samplers/shuffle.ts";
import type { Stream } from "../stream/stream.ts";
import { createStream, identify, drawPurely } from "../stream/stream.ts";
import type { SeedSource, Tfjs } from "./peer.ts";

/**
 * Options of {@link SeededTfjs.shuffle}.
 *
 * @public
 */
export interface ShuffleOptions {
  /** Number of the epoch, an unsigned safe integer. */
  readonly epoch: number;
  /**
   * Elements to choose among, an integer in [1, 2^32]. With as many as the dataset has, every order is equally likely; with
   * fewer, an element comes at most `bufferSize - 1` places early.
   */
  readonly bufferSize: number;
}

/** A dataset in the order of an epoch: what {@link SeededTfjs.shuffle} is. */
export function shuffleDataset<T extends tfjs.TensorContainer>(
  { tf, seed }: SeedSource,
  dataset: tfjs.data.Dataset<T>,
  options: ShuffleOptions,
): tfjs.data.Dataset<T> {
  const { epoch, bufferSize } = options;
  if (!(dataset instanceof tf.data.Dataset)) {
    throw new TypeError('shuffle: "dataset" must be a dataset of the tfjs that createSeededTfjs was given');
  }
  if (!Number.isInteger(bufferSize) || bufferSize < 1 || bufferSize > 2 ** 32) {
    throw new RangeError(`shuffle: "bufferSize" must be an integer in [1, 2^32], got ${bufferSize}`);
  }
  const own = deriveSeed(seed, "datasetShuffle", epoch);
  class ShuffledDataset extends tf.data.Dataset<T> {
    override readonly size: number = dataset.size;

    override async iterator(): ReturnType<tfjs.data.Dataset<T>["iterator"]> {
      const source = await dataset.iterator();
      return tf.data.generator(() => choose(source, own, bufferSize)).iterator();
    }
  }
  return new ShuffledDataset();
}

/** `datasetShuffle@1`: fills a buffer, gives one of its elements, and puts the next one in its place; at the end, the last. */
async function* choose<T>(source: { next(): Promise<IteratorResult<T>> }, seed: Seed, room: number): AsyncGenerator<T> {
  const stream: Stream = createStream({ ...seed, ledger: undefined });
  const identity = identify(seed, [], stream.engine);
  /** Noted at once: tfjs tells nobody when an iteration is left early, as by `take`. */
  const drawBelow = (size: number): number => {
    const drawn = below32(stream, size);
    if (stream.draws > 0) seed.ledger?.note(identity, stream.draws);
    return drawn;
  };
  const buffer: T[] = [];
  for (let item = await source.next(); item.done !== true; item = await source.next()) {
    if (buffer.length < room) {
      buffer.push(item.value);
      continue;
    }
    const chosen = drawBelow(room);
    yield buffer[chosen] as T; // chosen is below the buffer's length
    buffer[chosen] = item.value;
  }
  while (buffer.length > 0) {
    const chosen = drawBelow(buffer.length);
    yield buffer[chosen] as T;
    const last = buffer.pop() as T;
    if (chosen < buffer.length) buffer[chosen] = last;
  }
}

/**
 * Options of {@link SeededTfjs.trainTestSplit}.
 *
 * @public
 */
export interface TrainTestSplitOptions {
  /** Share of the samples that are tested with, in (0, 1): `floor(samples * testFraction + 0.5)` of them. */
  readonly testFraction: number;
}

/**
 * What can be split: a tensor along its first axis, or an array.
 *
 * @public
 */
export type Splittable = tfjs.Tensor | readonly unknown[];

/**
 * Samples and their targets in two parts.
 *
 * @public
 */
export interface TrainTestSplit<X extends Splittable, Y extends Splittable> {
  /** The part to train with, in the order of the data. */
  readonly train: { readonly x: X; readonly y: Y };
  /** The part to test with, in the order of the data. */
  readonly test: { readonly x: X; readonly y: Y };
}

/** Splits samples: what {@link SeededTfjs.trainTestSplit} is. */
export function splitTrainTest<X extends Splittable, Y extends Splittable>(
  { tf, seed }: SeedSource,
  x: X,
  y: Y,
  options: TrainTestSplitOptions,
): TrainTestSplit<X, Y> {
  const { testFraction } = options;
  const size = lengthOf(tf, x, "x");
  if (lengthOf(tf, y, "y") !== size) {
    throw new RangeError(`trainTestSplit: "x" and "y" must be equally long, got ${size} and ${lengthOf(tf, y, "y")}`);
  }
  const tested = Math.floor(size * testFraction + 0.5);
  if (!(testFraction > 0 && testFraction < 1 && tested > 0 && tested < size)) {
    throw new RangeError(
      `trainTestSplit: "testFraction" must leave both parts of ${size} samples one, got ${testFraction}`,
    );
  }
  const order = drawPurely(seed, ["trainTestSplit"], (rng) => permutation(rng, size));
  const part = (indices: Uint32Array): TrainTestSplit<X, Y>["train"] => {
    const places = indices.sort(); // a typed array sorts by value
    return { x: pick(tf, x, places), y: pick(tf, y, places) };
  };
  return { train: part(order.slice(tested)), test: part(order.slice(0, tested)) };
}

function lengthOf(tf: Tfjs, data: Splittable, what: string): number {
  if (Array.isArray(data)) return data.length;
  if (data instanceof tf.Tensor && data.rank > 0) return data.shape[0] ?? 0;
  throw new TypeError(`trainTestSplit: "${what}" must be an array, or a tensor with a first axis`);
}

function pick<D extends Splittable>(tf: Tfjs, data: D, places: Uint32Array): D {
  if (data instanceof tf.Tensor) {
    return tf.tidy(() => tf.gather(data, tf.tensor1d(Int32Array.from(places), "int32"))) as tfjs.Tensor as D; // same rank and type
  }
  const items: readonly unknown[] = data;
  return Array.from(places, (place) => items[place]) as readonly unknown[] as D;
}
