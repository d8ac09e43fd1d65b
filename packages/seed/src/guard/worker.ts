import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { Worker, WorkerOptions } from "../host.ts";
import { captureHost, sharesEnvironment, startWorker } from "../host.ts";
import type { Seed } from "../key/key.ts";
import { writeSeedText } from "../key/value.ts";
import type { GuardOptions, GuardState } from "./guard.ts";
import { checkGuard, parseGuard, writeGuard } from "./guard.ts";
import { findRegistration } from "./registration.ts";
import { identify } from "../stream/stream.ts";
import { SEED_PATH_VARIABLE, writePath } from "./thread.ts";

/**
 * How {@link createSeededWorker} starts a thread: everything that `new Worker` takes, and its guards.
 *
 * @public
 */
export interface SeededWorkerOptions extends WorkerOptions {
  /**
   * What happens in the thread to values that no seed explains: options as of {@link withSeed}, or text as in `REPRO_GUARD`.
   * When omitted: `REPRO_GUARD`, and `"redirect"` where that is not set.
   */
  readonly guard?: string | GuardOptions;
}

/** Seeds of the threads that run, by key. */
const RUNNING: Set<string> = /* @__PURE__ */ new Set();

/**
 * Starts a worker thread with a seed of its own, which it finds by {@link workerSeed}.
 *
 * The thread gets the seed's path and never a state, so that it draws the same whatever the order in which threads start, and
 * however many there are. Its guards are in place before its first line runs, also with `eval: true`; a redirected
 * `Math.random` draws from the stream `"math.random"` below its seed. What it draws is left in `REPRO_RUN_DIR` when it ends;
 * where that is not set nobody counts it.
 *
 * @param file - As for `new Worker` of `node:worker_threads`.
 * @param seed - Give each thread its own, derived by what it does and not by when it starts: `deriveSeed(seed, "fold", 3)`.
 * @throws ReproError `SEED_PATH_REUSED` when the seed's ledger has seen its path; without a ledger, while a thread of the same
 *   seed runs.
 * @throws ReproError `SEED_GUARD_INVALID` when `REPRO_GUARD` is asked and says no mode.
 * @throws TypeError when an option of `guard` is no mode, or `env` is `SHARE_ENV`; RangeError when its text says none.
 * @example
 * ```ts
 * const code = `require("node:worker_threads").parentPort.postMessage(Math.random());`;
 * const worker = createSeededWorker(code, deriveSeed(createSeed(42), "fold", 3), { eval: true, execArgv: [] });
 * await new Promise((resolve) => worker.once("message", resolve)); // => 0.4810131205477314
 * ```
 * @public
 */
export function createSeededWorker(file: string | URL, seed: Seed, options: SeededWorkerOptions = {}): Worker {
  const { guard, ...own } = options;
  const state = guard === undefined ? guardHere() : checkGuard("createSeededWorker", guard);
  if (sharesEnvironment(own)) {
    throw new TypeError('createSeededWorker: "env" must not be SHARE_ENV: a seed is for one thread');
  }
  if (seed.ledger === undefined && RUNNING.has(seed.key)) throw repeated(seed);
  const variables = {
    REPRO_GUARD: writeGuard(state),
    REPRO_SEED: writeSeedText(seed.root),
    [SEED_PATH_VARIABLE]: writePath(seed),
  };
  seed.ledger?.open(identify(seed, [], "xoroshiro128plus@1"));
  const worker = startWorker(file, own, { variables });
  RUNNING.add(seed.key);
  worker.once("exit", () => RUNNING.delete(seed.key));
  return worker;
}

/**
 * The seed that {@link createSeededWorker} gave this thread. Its streams are counted.
 *
 * A process has one too, when it was started with `REPRO_SEED_PATH`, a JSON array such as `["worker",3]`, and loaded
 * `@repro/seed/register`.
 *
 * @throws ReproError `SEED_WORKER_UNSEEDED` in a thread that was given none.
 * @public
 */
export function workerSeed(): Seed {
  const own = findRegistration()?.own ?? null;
  if (own !== null) return own;
  throw new ReproError<SeedErrorCode>("workerSeed: this thread was given no seed of its own", {
    code: "SEED_WORKER_UNSEEDED",
    remedy: "start it by createSeededWorker(file, seed) instead of new Worker(file)",
  });
}

/** A thread that was given a seed is to draw from it, unless the process says otherwise. */
function guardHere(): GuardState {
  return parseGuard(captureHost().env["REPRO_GUARD"] ?? "redirect");
}

function repeated({ path }: Seed): ReproError<SeedErrorCode> {
  return new ReproError(`createSeededWorker: a thread of the seed "${path.join("/")}" runs, and another repeats it`, {
    code: "SEED_PATH_REUSED",
    remedy: 'give each thread its own seed: deriveSeed(seed, "worker", index)',
    data: { path: [...path] },
  });
}
