import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { runGuarded } from "../guard/patch.ts";
import { RANDOM_PATH } from "../guard/scope.ts";
import type { Guards } from "../guard/watch.ts";
import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import type { Stream } from "../stream/stream.ts";
import { createStream } from "../stream/stream.ts";
import { datasetInvalid } from "./failure.ts";
import { importModule } from "./host.ts";

/**
 * What {@link Dataset.load} is told beside the index and the stream.
 *
 * @public
 */
export interface SampleContext {
  /** Number of the epoch that the sample is loaded for. */
  readonly epoch: number;
  /**
   * Gives the memory of an array away with the sample, so that it is moved out of the worker and not copied.
   *
   * It pays for large arrays: at 150 kB each, samples came twice as fast; at 4 kB, no faster.
   *
   * Only for arrays that `load` made for this sample: the worker's own are empty afterwards. An array that the dataset keeps
   * (a cache, the whole file in memory) must not be given away; without a call it is copied. A view of a part of a larger
   * buffer (each small node `Buffer` is one) is copied all the same. Where no worker is between, this does nothing.
   *
   * @returns The same array.
   * @throws TypeError when it has been given away with an earlier batch, so that nothing is left in it.
   */
  transfer<T extends ArrayBuffer | ArrayBufferView>(array: T): T;
}

/**
 * Samples by number. Each must depend on the arguments of `load` alone: not on what was loaded before, and not on the thread.
 *
 * @public
 */
export interface Dataset<S = unknown> {
  /** Number of samples, an integer in [0, 2^32 - 1]. */
  readonly size: number;
  /**
   * Loads one sample, and augments it with draws from `rng`.
   *
   * @param index - Which sample, an integer in [0, size).
   * @param rng - The stream `"loader", epoch, index` of the loader's seed. `Math.random` is redirected meanwhile, to the
   *   stream `"loader", epoch, index, "math.random"`, for libraries that know no other.
   */
  load(index: number, rng: Stream, context: SampleContext): S | Promise<S>;
}

/**
 * What a dataset module exports: `size` and `load`, or `openDataset`, which makes them from the loader's `data`.
 *
 * Each worker imports the module for itself. What it draws from `Math.random` while it is imported and opened is the same in
 * each of them; a module that the calling thread has imported before is not evaluated again for `workers: 0`.
 *
 * @public
 */
export interface DatasetModule<S = unknown> {
  /** As {@link Dataset.size}. */
  readonly size?: number;
  /** As {@link Dataset.load}. */
  load?(index: number, rng: Stream, context: SampleContext): S | Promise<S>;
  /** Opens files, reads an index …; called once in each thread, before any sample is loaded. */
  openDataset?(data: unknown): Dataset<S> | Promise<Dataset<S>>;
}

/** Path of everything that a loader draws for its samples. */
export const LOADER_PATH = "loader";

/** `Math.random` redirected to one stream after the other. */
export interface Redirection {
  readonly guards: Guards;
  /** Goes on with the stream of another path. It is made when somebody first draws: most samples never do. */
  turnTo(...path: readonly SeedPathElement[]): void;
}

/** Redirects `Math.random` to streams below a seed. */
export function redirectBelow(seed: Seed, ...first: readonly SeedPathElement[]): Redirection {
  let path = first;
  let made: Stream | undefined;
  const stream = (): Stream => (made ??= createStream(seed, ...path, RANDOM_PATH));
  return {
    guards: guardRandom({
      next: () => stream().next(),
      clone: () => stream().clone(),
      getState: () => stream().getState(),
    }),
    turnTo: (...next) => {
      path = next;
      made = undefined;
    },
  };
}

/**
 * Keeps the replacement of `Math.random` in place until the function that comes back is called, and lets everything through.
 *
 * It saves putting it in and out for each sample, and a reference that the dataset takes while it is opened stays redirected.
 */
export function holdRandom(): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  void runGuarded(guardRandom(undefined), () => held);
  return release;
}

function guardRandom(stream: RandomGenerator | undefined): Guards {
  return { random: { open: true, stream, frozenAt: undefined, note: () => undefined } };
}

/** Imports a dataset module and opens what it exports. */
export async function openDataset(seed: Seed, href: string, data: unknown): Promise<Dataset> {
  const { guards } = redirectBelow(seed, LOADER_PATH, "open");
  const opened = await runGuarded(guards, () => openModule(href, data)).catch((cause: unknown) => {
    throw datasetInvalid(href, "cannot be opened", cause);
  });
  const fault = faultOfDataset(opened);
  if (fault !== undefined) throw datasetInvalid(href, fault.message, fault);
  return opened as Dataset;
}

async function openModule(href: string, data: unknown): Promise<unknown> {
  const module = await importModule(href);
  const open = module["openDataset"];
  return typeof open === "function" ? (open as (data: unknown) => unknown)(data) : module;
}

/** What keeps a value from being a dataset. */
export function faultOfDataset(value: unknown): TypeError | RangeError | undefined {
  const { size, load } = Object(value) as { readonly size?: unknown; readonly load?: unknown };
  if (typeof load !== "function") return new TypeError(`must have a function "load", got ${typeof load}`);
  if (typeof size !== "number") return new TypeError(`must have a number "size", got ${typeof size}`);
  if (Number.isInteger(size) && size >= 0 && size <= 0xffff_ffff) return undefined;
  return new RangeError(`must have a "size" that is an integer in [0, 2^32 - 1], got ${size}`);
}
