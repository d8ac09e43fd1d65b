import type { Stream } from "../stream/stream.ts";
import type { Dataset } from "./dataset.ts";
import { faultOfDataset } from "./dataset.ts";

/**
 * What {@link LoaderOptions.collate} is told beside the samples.
 *
 * @public
 */
export interface CollateContext {
  /** Number of the epoch. */
  readonly epoch: number;
  /** Numbers of the samples, in their order. */
  readonly indices: Uint32Array;
  /** The stream `"loader", epoch, "batch", position` of the loader's seed, for what mixes samples of a batch. */
  readonly rng: Stream;
}

/**
 * What a loader loads, and how. Only `dataset`, `batchSize`, `shuffle` and `dropLast` decide what is in the batches.
 *
 * @public
 */
export interface LoaderOptions<S = unknown, B = readonly S[]> {
  /**
   * URL of a {@link DatasetModule}, `new URL("./dataset.mjs", import.meta.url)`; or a dataset of the calling thread, for
   * `workers: 0` alone: functions cannot be passed to a worker.
   */
  readonly dataset: URL | Dataset<S>;
  /** What a module's `openDataset` is given: anything that can be cloned (HTML, structured clone). */
  readonly data?: unknown;
  /** Samples in a batch, an integer in [1, 2^32 - 1]. */
  readonly batchSize: number;
  /**
   * Worker threads, an integer in [0, 256]; 0 when omitted.
   *
   * With 0 each batch is loaded by the calling thread when it is asked for.
   */
  readonly workers?: number;
  /**
   * Batches for each worker that may be loading, or wait to be taken, an integer in [1, 1024]; 4 when omitted.
   *
   * While a batch is being used, at most `prefetch * workers` further ones have been started, however slow the user is.
   * More of them pay where a sample takes some microseconds only.
   */
  readonly prefetch?: number;
  /** Whether the samples come in the order of `epochOrder`, another one in each epoch, or by number; true when omitted. */
  readonly shuffle?: boolean;
  /** Whether a last batch of fewer samples is left out; false when omitted. */
  readonly dropLast?: boolean;
  /**
   * Makes what {@link Batch.samples} is of the samples, in the calling thread; an array of them when omitted.
   *
   * Its own errors pass through as they are. `Math.random` is not redirected; draw from `rng`.
   */
  readonly collate?: (samples: readonly S[], context: CollateContext) => B | Promise<B>;
  /** Ends the loader when it is aborted: workers stop, and whoever waits for a batch gets the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Where an epoch begins.
 *
 * @public
 */
export interface EpochOptions {
  /**
   * Samples of the epoch to leave out, an integer in [0, size]; 0 when omitted. {@link Batch.end} of the last batch that was
   * used goes on behind it, with another `batchSize` as well. Batches are cut from here on, and `dropLast` counts from here.
   */
  readonly from?: number;
}

/** Options whose numbers have been checked. */
export interface CheckedOptions {
  readonly dataset: string | Dataset;
  readonly data: unknown;
  readonly batchSize: number;
  readonly workers: number;
  readonly prefetch: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

/** Checks the seed of {@link openLoader}: only its key would be asked for, and much later. */
export function checkSeed(seed: unknown): void {
  const { root, path, key } = Object(seed) as {
    readonly root?: unknown;
    readonly path?: unknown;
    readonly key?: unknown;
  };
  if (root !== undefined && Array.isArray(path) && typeof key === "string") return;
  throw new TypeError(`openLoader: "seed" must be a seed that createSeed made, got ${typeof seed}`);
}

/** Checks the options of {@link openLoader}, before anything is done with them. */
export function checkOptions<S, B>(options: LoaderOptions<S, B>): CheckedOptions {
  const { batchSize, workers = 0, prefetch = 4, shuffle = true, dropLast = false, collate, signal } = options;
  checkInteger('openLoader: "batchSize"', batchSize, 1, 0xffff_ffff);
  checkInteger('openLoader: "workers"', workers, 0, 256);
  checkInteger('openLoader: "prefetch"', prefetch, 1, 1024);
  checkType('openLoader: "shuffle"', shuffle, "boolean");
  checkType('openLoader: "dropLast"', dropLast, "boolean");
  if (collate !== undefined) checkType('openLoader: "collate"', collate, "function");
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw new TypeError('openLoader: "signal" must be an AbortSignal');
  }
  const dataset = checkSource(options.dataset, workers);
  return { dataset, data: cloneData(options.data), batchSize, workers, prefetch, shuffle, dropLast };
}

/** Checks that a value is an integer in [low, high]. */
export function checkInteger(what: string, value: unknown, low: number, high: number): asserts value is number {
  checkType(what, value, "number");
  if (Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high) return;
  throw new RangeError(`${what} must be an integer in [${low}, ${high}], got ${String(value)}`);
}

function checkType(what: string, value: unknown, type: "number" | "boolean" | "function"): void {
  if (typeof value !== type) throw new TypeError(`${what} must be a ${type}, got ${typeof value}`);
}

function checkSource(dataset: URL | Dataset | undefined, workers: number): string | Dataset {
  // Not instanceof: a URL may come from another realm.
  if (typeof dataset === "object" && dataset !== null && "href" in dataset) return dataset.href;
  if (typeof dataset === "string") {
    throw new TypeError('openLoader: "dataset" must be a URL: new URL("./dataset.mjs", import.meta.url)');
  }
  const fault = faultOfDataset(dataset);
  if (fault instanceof RangeError) throw new RangeError(`openLoader: "dataset" ${fault.message}`);
  if (fault !== undefined) throw new TypeError(`openLoader: "dataset" ${fault.message}`);
  if (workers > 0) {
    throw new TypeError(
      'openLoader: "workers" must be 0 for a "dataset" of functions, which cannot be passed to them; give the URL of a module',
    );
  }
  return dataset as Dataset;
}

function cloneData(data: unknown): unknown {
  try {
    return structuredClone(data);
  } catch (cause) {
    throw new TypeError('openLoader: "data" must be something that structuredClone can copy', { cause });
  }
}
