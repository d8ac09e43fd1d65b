import type { Seed } from "../key/key.ts";
import { ascending } from "../samplers/ascending.ts";
import { epochOrder } from "../split/epoch.ts";

/**
 * Some samples of one epoch, in its order. Frozen.
 *
 * @public
 */
export interface Batch<B = readonly unknown[]> {
  /** Number of the epoch. */
  readonly epoch: number;
  /** Place of the first sample in the order of the epoch, counted from 0. */
  readonly position: number;
  /** Place behind the last one: `loader.epoch(batch.epoch, { from: batch.end })` goes on from here. */
  readonly end: number;
  /** Numbers of the samples: what the order of the epoch holds in [position, end). */
  readonly indices: Uint32Array;
  /** The samples, or what `collate` made of them. */
  readonly samples: B;
}

/** Which samples of an epoch belong to which batch, and to which job. A job is what a thread loads at a time. */
export interface EpochPlan {
  readonly epoch: number;
  /** Position of the first sample. */
  readonly from: number;
  /** Position behind the last sample. */
  readonly end: number;
  /** Samples in a whole batch. */
  readonly batchSize: number;
  /** Samples in a whole job, at most {@link JOB_SAMPLES}. */
  readonly jobSize: number;
}

/** A part of an epoch's order. */
export interface Range {
  /** Position of its first sample. */
  readonly position: number;
  /** Position behind its last sample. */
  readonly end: number;
}

/**
 * Most samples of a job. A larger batch is shared among the workers; a smaller one goes to one of them whole, since a
 * message costs some 20 µs.
 */
const JOB_SAMPLES = 32;

/** What decides an epoch's batches. */
export interface EpochShape {
  readonly size: number;
  readonly batchSize: number;
  readonly dropLast: boolean;
}

/** Plans an epoch. Nothing of it depends on how many threads there are. */
export function planEpoch({ size, batchSize, dropLast }: EpochShape, epoch: number, from: number): EpochPlan {
  const left = size - from;
  const end = dropLast ? size - (left % batchSize) : size;
  const largest = Math.max(1, Math.min(batchSize, left));
  return { epoch, from, end, batchSize, jobSize: Math.ceil(largest / Math.ceil(largest / JOB_SAMPLES)) };
}

/** Number of batches. */
export function batchesOf({ from, end, batchSize }: EpochPlan): number {
  return Math.ceil((end - from) / batchSize);
}

/** Number of jobs in the first `batches` batches: a batch begins with a job of its own. */
export function jobsIn(plan: EpochPlan, batches: number): number {
  const { from, end, batchSize, jobSize } = plan;
  const whole = Math.min(batches, Math.floor((end - from) / batchSize));
  const rest = batches > whole ? (end - from) % batchSize : 0;
  return whole * Math.ceil(batchSize / jobSize) + Math.ceil(rest / jobSize);
}

/** The samples of a batch. */
export function rangeOfBatch({ from, end, batchSize }: EpochPlan, batch: number): Range {
  const position = from + batch * batchSize;
  return { position, end: Math.min(end, position + batchSize) };
}

/** The samples of a job. */
export function rangeOfJob(plan: EpochPlan, job: number): Range {
  const perBatch = Math.ceil(plan.batchSize / plan.jobSize);
  const batch = rangeOfBatch(plan, Math.floor(job / perBatch));
  const position = batch.position + (job % perBatch) * plan.jobSize;
  return { position, end: Math.min(batch.end, position + plan.jobSize) };
}

/** The job that loads what stands at a position. */
export function jobAt(plan: EpochPlan, position: number): number {
  const offset = position - plan.from;
  const batch = Math.floor(offset / plan.batchSize);
  return batch * Math.ceil(plan.batchSize / plan.jobSize) + Math.floor((offset % plan.batchSize) / plan.jobSize);
}

/** The order of an epoch's samples. */
export function orderOf(seed: Seed, epoch: number, size: number, shuffle: boolean): Uint32Array {
  return shuffle ? epochOrder(seed, { epoch, size }) : ascending(0, size);
}

/** An epoch that is to be loaded. */
export interface EpochTask {
  readonly plan: EpochPlan;
  /** Numbers of the samples by position. */
  readonly order: Uint32Array;
}

/** Where jobs are loaded: the calling thread, or workers. */
export interface JobSource {
  /** Number of samples. */
  readonly size: number;
  /** Batches that may be loaded ahead of the one that is being used. */
  readonly ahead: number;
  /** Prepares an epoch. */
  start(task: EpochTask): JobRun;
  /** Ends it: whoever waits, or asks later, gets the reason. Resolves when nothing is left that keeps a process alive. */
  close(reason: unknown): Promise<void>;
}

/** The jobs of one epoch. */
export interface JobRun {
  /** Allows the first `jobs` jobs to be loaded. */
  allow(jobs: number): void;
  /** The samples of a job; ask for each once, in order. Rejects where loading fails, with the error of the first that does. */
  take(job: number): Promise<readonly unknown[]>;
  /** Gives up what has not been taken. */
  stop(): void;
}

/** The batches of an epoch, as arrays of samples. */
export async function* deliver(source: JobSource, task: EpochTask): AsyncGenerator<Batch, undefined, undefined> {
  const { plan, order } = task;
  const batches = batchesOf(plan);
  const run = source.start(task);
  try {
    run.allow(jobsIn(plan, Math.min(batches, source.ahead)));
    for (let batch = 0; batch < batches; batch += 1) {
      const samples: unknown[] = [];
      for (let job = jobsIn(plan, batch); job < jobsIn(plan, batch + 1); job += 1) {
        for (const sample of await run.take(job)) samples.push(sample);
      }
      run.allow(jobsIn(plan, Math.min(batches, batch + 1 + source.ahead)));
      const { position, end } = rangeOfBatch(plan, batch);
      yield { epoch: plan.epoch, position, end, indices: order.slice(position, end), samples };
    }
  } finally {
    run.stop();
  }
  return undefined;
}
