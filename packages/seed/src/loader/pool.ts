import type { Seed } from "../key/key.ts";
import type { Board } from "./board.ts";
import { allowJobs, createBoard, endClaims, positionOf, stopJobs, takeIdle } from "./board.ts";
import type { EpochTask, JobRun, JobSource } from "./epoch.ts";
import { batchesOf, jobAt, jobsIn } from "./epoch.ts";
import { datasetInvalid, orAborted, rebuildFailure, sampleFailed, workerLost } from "./failure.ts";
import type { SamplePlace } from "./failure.ts";
import type { WorkerThread } from "./host.ts";
import { startWorker } from "./host.ts";
import type { CheckedOptions } from "./options.ts";
import type { Answer, Order, WorkerData } from "./worker.ts";

/** One iteration over an epoch, as the calling thread sees it. */
interface Run extends EpochTask {
  readonly id: number;
  /** Number of jobs. */
  readonly jobs: number;
  readonly board: Board;
  /** What has come and has not been taken. */
  readonly arrived: Map<number, readonly unknown[]>;
  /** The first job that cannot be delivered, and why. */
  failure: Failure | undefined;
  /** Who waits for a job. */
  waiter: Waiter | undefined;
}

interface Failure {
  readonly job: number;
  readonly error: unknown;
}

interface Waiter {
  readonly job: number;
  resolve(samples: readonly unknown[]): void;
  reject(error: unknown): void;
}

interface Pool {
  readonly workers: WorkerThread[];
  readonly runs: Map<number, Run>;
  started: number;
  /** How many wait for the workers: while nobody does, they do not keep the process alive. */
  waiting: number;
  /** Why nothing can be loaded any more. */
  failure: { readonly error: unknown } | undefined;
  /** Set once it is being closed. */
  closed: Promise<void> | undefined;
}

/** Starts workers, and waits until each has opened the dataset. */
export async function openWorkers(
  seed: Seed,
  href: string,
  options: CheckedOptions,
  signal: AbortSignal | undefined,
): Promise<JobSource> {
  const pool: Pool = { workers: [], runs: new Map(), started: 0, waiting: 0, failure: undefined, closed: undefined };
  const { root, path, key } = seed;
  const ready = Array.from({ length: options.workers }, (_, worker) => {
    const data: WorkerData = {
      loader: "repro/seed/loader",
      worker,
      seed: { root, path, key },
      href,
      data: options.data,
    };
    return openWorker(pool, data);
  });
  try {
    const sizes = await waiting(pool, orAborted(signal, Promise.all(ready)));
    const [size = 0] = sizes;
    if (sizes.some((other) => other !== size)) {
      throw datasetInvalid(href, `must have the same "size" in each worker, got ${sizes.join(", ")}`);
    }
    return {
      size,
      ahead: options.prefetch * options.workers,
      start: (task) => startRun(pool, task),
      close: (reason) => closePool(pool, reason),
    };
  } catch (error) {
    await closePool(pool, error);
    throw error;
  }
}

function openWorker(pool: Pool, data: WorkerData): Promise<number> {
  return new Promise((resolve, reject) => {
    const message = (received: unknown): void => {
      const answer = received as Answer; // or a message of the dataset's own, which has no kind of ours
      if (answer?.kind === "loader:ready") resolve(answer.size);
      else if (answer?.kind === "loader:refused") reject(rebuildFailure(answer.report));
      else if (answer?.kind === "loader:samples") receive(pool, answer.run, answer.job, answer.samples);
      else if (answer?.kind === "loader:failed") receiveFailure(pool, answer);
    };
    const lost = (exitCode: number, cause: unknown): void => {
      reject(workerLost(undefined, exitCode, cause));
      losePool(pool, data.worker, exitCode, cause);
    };
    pool.workers.push(startWorker(data, { message, lost }));
  });
}

/** Keeps the process alive until a promise is settled. */
async function waiting<T>(pool: Pool, promise: Promise<T>): Promise<T> {
  pool.waiting += 1;
  if (pool.waiting === 1) for (const worker of pool.workers) worker.hold();
  try {
    return await promise;
  } finally {
    pool.waiting -= 1;
    if (pool.waiting === 0 && pool.closed === undefined) for (const worker of pool.workers) worker.release();
  }
}

function startRun(pool: Pool, { plan, order }: EpochTask): JobRun {
  const shared = new Uint32Array(new SharedArrayBuffer(order.byteLength));
  shared.set(order);
  const board = createBoard(pool.workers.length);
  const jobs = jobsIn(plan, batchesOf(plan));
  const id = (pool.started += 1);
  const run: Run = { id, plan, order, jobs, board, arrived: new Map(), failure: undefined, waiter: undefined };
  pool.runs.set(id, run);
  if (pool.failure === undefined) tell(pool, { kind: "epoch", run: id, plan, order: shared, board });
  else failRun(run, 0, pool.failure.error);
  return {
    allow: (limit) => wake(pool, run, allowJobs(board, limit)),
    take: (job) => takeJob(pool, run, job),
    stop: () => {
      stopRun(pool, run);
      pool.runs.delete(id);
    },
  };
}

function tell(pool: Pool, order: Order): void {
  for (const worker of pool.workers) worker.post(order);
}

/** Wakes as many of the workers that wait as there are jobs for them. */
function wake(pool: Pool, { id, board }: Run, jobs: number): void {
  let left = jobs;
  for (const [number, worker] of pool.workers.entries()) {
    if (left <= 0) return;
    if (!takeIdle(board, number)) continue;
    worker.post({ kind: "wake", run: id } satisfies Order);
    left -= 1;
  }
}

async function takeJob(pool: Pool, run: Run, job: number): Promise<readonly unknown[]> {
  if (run.failure !== undefined && run.failure.job <= job) throw run.failure.error;
  const samples =
    run.arrived.get(job) ??
    (await waiting(
      pool,
      new Promise<readonly unknown[]>((resolve, reject) => (run.waiter = { job, resolve, reject })),
    ));
  run.arrived.delete(job);
  return samples;
}

function receive(pool: Pool, id: number, job: number, samples: readonly unknown[]): void {
  const run = pool.runs.get(id);
  if (run === undefined) return; // it has been given up
  if (run.waiter?.job === job) settle(run)?.resolve(samples);
  else run.arrived.set(job, samples);
}

function receiveFailure(
  pool: Pool,
  { run: id, job, position, report }: Extract<Answer, { kind: "loader:failed" }>,
): void {
  const run = pool.runs.get(id);
  if (run !== undefined) failRun(run, job, sampleFailed(placeOf(run, position), rebuildFailure(report)));
}

/** What comes before the job is still delivered; nothing behind it is begun. */
function failRun(run: Run, job: number, error: unknown): void {
  endClaims(run.board, run.jobs);
  if (run.failure === undefined || job < run.failure.job) run.failure = { job, error };
  if (run.waiter !== undefined && run.waiter.job >= run.failure.job) settle(run)?.reject(run.failure.error);
}

function settle(run: Run): Waiter | undefined {
  const { waiter } = run;
  run.waiter = undefined;
  return waiter;
}

function stopRun(pool: Pool, run: Run): void {
  stopJobs(run.board);
  endClaims(run.board, run.jobs);
  wake(pool, run, pool.workers.length); // those who wait find that there is nothing left, and forget it
}

/** A worker has ended: what it had claimed is lost, and nobody claims anything further. */
function losePool(pool: Pool, worker: number, exitCode: number, cause: unknown): void {
  pool.failure ??= { error: workerLost(undefined, exitCode, cause) };
  for (const run of pool.runs.values()) {
    const position = positionOf(run.board, worker);
    const claimed = endClaims(run.board, run.jobs);
    const place = position === undefined ? undefined : placeOf(run, position);
    const lost = position === undefined ? claimed : Math.min(claimed, jobAt(run.plan, position));
    if (lost < run.jobs) failRun(run, lost, workerLost(place, exitCode, cause));
  }
}

function placeOf({ plan, order }: Run, position: number): SamplePlace {
  return { epoch: plan.epoch, position, index: order[position] ?? 0 };
}

function closePool(pool: Pool, reason: unknown): Promise<void> {
  pool.failure = { error: reason };
  pool.closed ??= (async (): Promise<void> => {
    for (const run of pool.runs.values()) {
      stopRun(pool, run);
      failRun(run, 0, reason);
    }
    await Promise.all(pool.workers.map((worker) => worker.end({ kind: "end" } satisfies Order)));
  })();
  return pool.closed;
}
