import { runGuarded } from "../guard/patch.ts";
import type { Seed } from "../key/key.ts";
import { deriveSeed } from "../key/key.ts";
import { createStream } from "../stream/stream.ts";
import type { Dataset, Redirection, SampleContext } from "./dataset.ts";
import { LOADER_PATH, holdRandom, openDataset, redirectBelow } from "./dataset.ts";
import type { EpochTask, JobRun, JobSource } from "./epoch.ts";
import { rangeOfJob } from "./epoch.ts";
import { orAborted, sampleFailed } from "./failure.ts";
import type { CheckedOptions } from "./options.ts";

/** What loads the samples of one epoch in one thread. */
export interface Loading extends EpochTask {
  readonly dataset: Dataset;
  /** Where the streams of the epoch's samples come from; without a ledger, which would hold an entry for each. */
  readonly seed: Seed;
}

/** The samples of a job and the memory that may be moved with them; the place where they fail; or nothing, when told to stop. */
export type JobOutcome =
  | { readonly samples: readonly unknown[]; readonly buffers: readonly ArrayBuffer[] }
  | { readonly position: number; readonly error: unknown }
  | undefined;

/** The seed of an epoch's samples. */
export function epochSeed(seed: Seed, epoch: number): Seed {
  return deriveSeed({ ...seed, ledger: undefined }, LOADER_PATH, epoch);
}

/**
 * Loads the samples of a job one after the other: the same code in the calling thread and in a worker.
 *
 * A scope of its own costs as much as a small sample. So samples that are loaded at once share one: nothing can run between
 * them. After the first that must be waited for, each has its own, and what a sample leaves running cannot draw from the
 * stream of another. (Only what one that was loaded at once leaves running can, from that first one's: in each run alike.)
 *
 * @param proceed - Asked before each sample, with its position.
 */
export async function loadJob(
  { dataset, seed, plan, order }: Loading,
  job: number,
  proceed: (position: number) => boolean,
): Promise<JobOutcome> {
  const samples: unknown[] = [];
  const buffers = new Set<ArrayBuffer>();
  const context: SampleContext = { epoch: plan.epoch, transfer: (array) => giveAway(array, buffers) };
  const range = rangeOfJob(plan, job);
  const at = { position: range.position, stopped: false };
  /** Loads until a sample must be waited for, and that one too. */
  const load = async (redirection: Redirection, end: number): Promise<void> => {
    let waited = false;
    while (!waited && at.position < end) {
      at.stopped = !proceed(at.position);
      if (at.stopped) return;
      const index = order[at.position] ?? 0; // the order is as long as the dataset
      redirection.turnTo(index);
      const loaded = dataset.load(index, createStream(seed, index), context);
      waited = isThenable(loaded);
      samples.push(waited ? await loaded : loaded);
      at.position += 1;
    }
  };
  try {
    for (let { end } = range; at.position < range.end && !at.stopped; end = at.position + 1) {
      const redirection = redirectBelow(seed);
      await runGuarded(redirection.guards, () => load(redirection, end));
    }
  } catch (error) {
    return { position: at.position, error };
  }
  return at.stopped ? undefined : { samples, buffers: [...buffers] };
}

/**
 * Sends samples out of a thread, with the memory that was given away.
 *
 * @param send - Clones what it is given, or throws and moves nothing.
 */
export function sendSamples<T>(
  samples: readonly unknown[],
  buffers: readonly ArrayBuffer[],
  send: (samples: readonly unknown[], buffers: readonly ArrayBuffer[]) => T,
): { readonly sent: T } | { readonly offset: number; readonly error: unknown } {
  try {
    return { sent: send(samples, buffers) };
  } catch (error) {
    const offset = samples.findIndex((sample) => !isCloneable(sample));
    if (offset !== -1) return { offset, error };
    return { sent: send(samples, []) }; // memory that the host does not let go of is copied
  }
}

/** Loads with the calling thread, each job when it is taken. */
export async function openCallingThread(
  seed: Seed,
  { dataset: given, data }: CheckedOptions,
  signal: AbortSignal | undefined,
): Promise<JobSource> {
  const release = holdRandom();
  const dataset =
    typeof given === "string"
      ? await orAborted(signal, openDataset(seed, given, data)).catch(rethrowAfter(release))
      : given;
  const closing = new AbortController();
  const start = (task: EpochTask): JobRun => {
    const loading = { ...task, dataset, seed: epochSeed(seed, task.plan.epoch) };
    let stopped = false;
    return {
      allow: () => undefined,
      take: (job) =>
        orAborted(
          closing.signal,
          takeJob(loading, job, typeof given === "string", () => !stopped && !closing.signal.aborted),
        ),
      stop: () => void (stopped = true),
    };
  };
  const close = (reason: unknown): Promise<void> => {
    release();
    closing.abort(reason);
    return Promise.resolve();
  };
  return { size: dataset.size, ahead: 0, start, close };
}

async function takeJob(
  loading: Loading,
  job: number,
  clones: boolean,
  proceed: () => boolean,
): Promise<readonly unknown[]> {
  const { plan, order } = loading;
  const fail = (position: number, cause: unknown): never => {
    throw sampleFailed({ epoch: plan.epoch, position, index: order[position] ?? 0 }, cause);
  };
  const outcome = await loadJob(loading, job, proceed);
  if (outcome === undefined) return [];
  if (!("samples" in outcome)) return fail(outcome.position, outcome.error);
  if (!clones) return outcome.samples;
  // As a worker would send them: a sample that could not come from there fails here as well, and changes to it stay outside.
  const clone = (samples: readonly unknown[], transfer: readonly ArrayBuffer[]): readonly unknown[] =>
    structuredClone(samples, { transfer: [...transfer] });
  const result = sendSamples(outcome.samples, outcome.buffers, clone);
  return "sent" in result ? result.sent : fail(rangeOfJob(plan, job).position + result.offset, result.error);
}

function giveAway<T extends ArrayBuffer | ArrayBufferView>(array: T, buffers: Set<ArrayBuffer>): T {
  const whole = ArrayBuffer.isView(array) ? array.buffer : array;
  if (!(whole instanceof ArrayBuffer)) return array; // shared memory is shared, not moved
  if (isDetached(whole)) {
    throw new TypeError(
      'load: "array" must not have been transferred before; only an array made for this sample can be',
    );
  }
  if (array.byteLength === whole.byteLength) buffers.add(whole);
  return array;
}

/** Node 20 has no `detached`: an empty buffer is gone when no view of it can be made. */
function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length > 0;
  } catch {
    return true; // that is the answer
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false; // that is the answer
  }
}

function rethrowAfter(release: () => void): (error: unknown) => never {
  return (error) => {
    release();
    throw error;
  };
}
