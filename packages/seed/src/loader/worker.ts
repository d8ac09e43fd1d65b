import type { Seed } from "../key/key.ts";
import type { Board } from "./board.ts";
import { areJobsStopped, claimJob, noteIdle, notePosition } from "./board.ts";
import { holdRandom, openDataset } from "./dataset.ts";
import type { Dataset } from "./dataset.ts";
import type { EpochPlan } from "./epoch.ts";
import { batchesOf, jobsIn, rangeOfJob } from "./epoch.ts";
import type { FailureReport } from "./failure.ts";
import { describeFailure } from "./failure.ts";
import type { WorkerSide } from "./host.ts";
import { nextTurn, workerSide } from "./host.ts";
import type { Loading } from "./job.ts";
import { epochSeed, loadJob, sendSamples } from "./job.ts";

/** What a worker is started with. */
export interface WorkerData {
  /** Tells our workers from those of others. */
  readonly loader: "repro/seed/loader";
  /** Number of the worker, from 0. */
  readonly worker: number;
  /** The loader's seed, without its ledger. */
  readonly seed: Omit<Seed, "ledger">;
  /** URL of the dataset module. */
  readonly href: string;
  /** What its `openDataset` gets. */
  readonly data: unknown;
}

/** What a worker is told. */
export type Order =
  | {
      readonly kind: "epoch";
      /** Number of the iteration: two of them may load the same epoch. */
      readonly run: number;
      readonly plan: EpochPlan;
      /** Numbers of the samples by position, in shared memory. */
      readonly order: Uint32Array;
      readonly board: Board;
    }
  /** There is more to claim, or the iteration has stopped. */
  | { readonly kind: "wake"; readonly run: number }
  | { readonly kind: "end" };

/** What a worker tells. */
export type Answer =
  | { readonly kind: "loader:ready"; readonly size: number }
  | { readonly kind: "loader:refused"; readonly report: FailureReport }
  | {
      readonly kind: "loader:samples";
      readonly run: number;
      readonly job: number;
      readonly samples: readonly unknown[];
    }
  | {
      readonly kind: "loader:failed";
      readonly run: number;
      readonly job: number;
      readonly position: number;
      readonly report: FailureReport;
    };

type Epoch = Extract<Order, { readonly kind: "epoch" }>;

interface Thread {
  readonly side: WorkerSide;
  readonly worker: number;
  /** What wakes the iterations that wait. */
  readonly sleeping: Map<number, () => void>;
  readonly answer: (answer: Answer, buffers?: readonly ArrayBuffer[]) => void;
}

/** Loads one iteration's jobs until there are no more. */
async function serveEpoch(thread: Thread, epoch: Epoch, loading: Loading): Promise<void> {
  const { board, plan, run } = epoch;
  const jobs = jobsIn(plan, batchesOf(plan));
  for (;;) {
    let job = claimJob(board, jobs);
    if (job === "wait") {
      noteIdle(board, thread.worker, true);
      job = claimJob(board, jobs);
      if (job === "wait") await new Promise<void>((resolve) => thread.sleeping.set(run, resolve));
      noteIdle(board, thread.worker, false);
    }
    if (job === "done") return;
    if (job === "wait") continue;
    await serveJob(thread, epoch, loading, job);
    notePosition(board, thread.worker, undefined);
    await nextTurn();
  }
}

async function serveJob({ answer, worker }: Thread, epoch: Epoch, loading: Loading, job: number): Promise<void> {
  const { board, plan, run } = epoch;
  const fail = (position: number, error: unknown): void =>
    answer({ kind: "loader:failed", run, job, position, report: describeFailure(error) });
  const outcome = await loadJob(loading, job, (position) => {
    notePosition(board, worker, position);
    return !areJobsStopped(board);
  });
  if (outcome === undefined) return;
  if (!("samples" in outcome)) return fail(outcome.position, outcome.error);
  const sent = sendSamples(outcome.samples, outcome.buffers, (samples, buffers) =>
    answer({ kind: "loader:samples", run, job, samples }, buffers),
  );
  if ("offset" in sent) fail(rangeOfJob(plan, job).position + sent.offset, sent.error);
}

function obey(thread: Thread, seed: Seed, dataset: Dataset, order: Order): void {
  if (order.kind === "end") return thread.side.exit();
  if (order.kind === "wake") {
    thread.sleeping.get(order.run)?.();
    thread.sleeping.delete(order.run);
    return;
  }
  const loading = { plan: order.plan, order: order.order, dataset, seed: epochSeed(seed, order.plan.epoch) };
  void serveEpoch(thread, order, loading);
}

/** The life of a worker. Where this module is loaded for another reason, nothing happens. */
async function serve(side: WorkerSide | undefined): Promise<void> {
  const data = side?.data as WorkerData | undefined; // ours if it says so
  if (side === undefined || data?.loader !== "repro/seed/loader") return;
  const seed: Seed = { ...data.seed, ledger: undefined };
  const answer = (message: Answer, buffers?: readonly ArrayBuffer[]): void => side.post(message, buffers);
  const thread: Thread = { side, worker: data.worker, sleeping: new Map(), answer };
  holdRandom();
  try {
    const dataset = await openDataset(seed, data.href, data.data);
    side.listen((message) => obey(thread, seed, dataset, message as Order));
    answer({ kind: "loader:ready", size: dataset.size });
  } catch (error) {
    answer({ kind: "loader:refused", report: describeFailure(error) });
  }
}

void serve(/* @__PURE__ */ workerSide());
