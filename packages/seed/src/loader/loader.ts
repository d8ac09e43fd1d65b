import type { Seed } from "../key/key.ts";
import { createStream } from "../stream/stream.ts";
import type { Batch, JobSource } from "./epoch.ts";
import { batchesOf, deliver, orderOf, planEpoch } from "./epoch.ts";
import { loaderClosed } from "./failure.ts";
import { epochSeed, openCallingThread } from "./job.ts";
import type { CheckedOptions, EpochOptions, LoaderOptions } from "./options.ts";
import { checkInteger, checkOptions, checkSeed } from "./options.ts";
import { openWorkers } from "./pool.ts";

/**
 * A dataset that has been opened, in the calling thread or in workers.
 *
 * @public
 */
export interface Loader<B = readonly unknown[]> extends AsyncDisposable {
  /** Number of samples. */
  readonly size: number;
  /** Batches in a whole epoch. */
  readonly batches: number;
  /**
   * The batches of an epoch, in order: a pure function of the seed, the epoch and the options that {@link LoaderOptions} names.
   *
   * Nothing is loaded before the first is asked for. Leaving the loop stops what is being loaded; the workers remain for the
   * next epoch. Several iterations may run at the same time, and share the workers.
   *
   * @param epoch - Number of the epoch, an unsigned safe integer.
   * @throws RangeError or TypeError when `epoch` or `from` is outside.
   * @throws ReproError from the iteration: `SEED_SAMPLE_FAILED` in place of the batch whose sample fails, after all batches
   *   before it, `data: { epoch, position, index }`, the error of `load` as the cause; `SEED_LOADER_WORKER_LOST` in place of the
   *   batch that a worker was at when it ended, `data` with its `exitCode`; `SEED_LOADER_CLOSED` when the loader has been
   *   disposed of; `SEED_PATH_REUSED` as `epochOrder`.
   */
  epoch(epoch: number, options?: EpochOptions): AsyncIterableIterator<Batch<B>>;
}

/**
 * Opens a dataset for loading in batches, which are the same for any number of workers.
 *
 * The order of an epoch is that of `epochOrder`; what a sample draws comes from the stream `"loader", epoch, index`,
 * never from the worker that happens to load it. So the batches do not change with `workers` and `prefetch`, however long a
 * sample takes. A training that was interrupted needs two integers, the epoch and the position in it ({@link Batch.end}),
 * and no state of a generator. Two loaders of one seed draw the same: derive a seed for each, `deriveSeed(seed, "train")`.
 *
 * Samples of a module are cloned (HTML, structured clone) on their way, with `workers: 0` as well: classes become plain
 * objects, and a change to a sample does not reach the dataset. Workers do not keep the process alive while nobody waits for
 * a batch; `await using` ends them in order, within half a second each.
 *
 * @param seed - Its ledger counts the order of each epoch, not the streams of the samples.
 * @returns The loader, once each worker has opened the dataset.
 * @throws TypeError or RangeError when the seed or an option is not as described, before a worker is started.
 * @throws ReproError `SEED_DATASET_INVALID` when the module cannot be imported or opened, with what happened as the cause, or
 *   does not give a dataset, or one of another size in another worker; `SEED_LOADER_WORKER_LOST` when a worker ends meanwhile.
 * @throws The reason of `signal` when that is aborted first.
 * @example
 * ```ts
 * import { openLoader } from "@repro/seed/loader";
 *
 * const dataset = new URL("data:text/javascript,export const size = 5; export const load = (index) => index * 10;");
 * await using loader = await openLoader<number>(createSeed(42), { dataset, batchSize: 2, workers: 2 });
 * const seen = [];
 * for await (const batch of loader.epoch(0)) seen.push(batch.samples);
 * seen; // => [[20, 10], [30, 40], [0]]
 * (await loader.epoch(0, { from: 2 }).next()).value.samples; // => [30, 40]
 * ```
 * @public
 */
export async function openLoader<S = unknown, B = readonly S[]>(
  seed: Seed,
  options: LoaderOptions<S, B>,
): Promise<Loader<B>> {
  checkSeed(seed);
  const checked = checkOptions(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const source = await openSource(seed, checked, signal);
  if (signal?.aborted === true) await source.close(signal.reason);
  signal?.throwIfAborted();
  const abort = (): void => void source.close(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  return Object.freeze({
    size: source.size,
    batches: batchesOf(planEpoch({ ...checked, size: source.size }, 0, 0)),
    epoch: (epoch: number, from: EpochOptions = {}) => iterate(seed, source, checked, options, epoch, from),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      signal?.removeEventListener("abort", abort);
      await source.close(loaderClosed());
    },
  });
}

async function openSource(seed: Seed, options: CheckedOptions, signal: AbortSignal | undefined): Promise<JobSource> {
  const { dataset, workers } = options;
  return typeof dataset === "string" && workers > 0
    ? openWorkers(seed, dataset, options, signal)
    : openCallingThread(seed, options, signal);
}

function iterate<S, B>(
  seed: Seed,
  source: JobSource,
  checked: CheckedOptions,
  options: LoaderOptions<S, B>,
  epoch: number,
  { from = 0 }: EpochOptions,
): AsyncIterableIterator<Batch<B>> {
  const { size } = source;
  checkInteger('epoch: "epoch"', epoch, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('epoch: "from"', from, 0, size);
  const plan = planEpoch({ ...checked, size }, epoch, from);
  return collated(seed, options, () => deliver(source, { plan, order: orderOf(seed, epoch, size, checked.shuffle) }));
}

async function* collated<S, B>(
  seed: Seed,
  { collate }: LoaderOptions<S, B>,
  open: () => AsyncGenerator<Batch>,
): AsyncGenerator<Batch<B>, undefined, undefined> {
  for await (const batch of open()) {
    const { epoch, indices, position } = batch;
    const samples = batch.samples as readonly S[]; // what the dataset gives is for the caller to say
    if (collate === undefined) {
      yield Object.freeze({ ...batch, samples: samples as B }); // B is readonly S[] then
      continue;
    }
    const rng = createStream(epochSeed(seed, epoch), "batch", position);
    yield Object.freeze({ ...batch, samples: await collate(samples, { epoch, indices, rng }) });
  }
  return undefined;
}
