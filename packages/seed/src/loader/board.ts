/**
 * Memory that the threads of one epoch share: who has claimed which job, how many may be claimed, and what each worker loads.
 *
 * Workers take jobs from here, not from messages: none of them waits for the calling thread while that is busy, and the one
 * that is free takes the next. All accesses are atomic, and so in one order for all threads (ECMA-262, Memory Model).
 */
export type Board = Uint32Array<SharedArrayBuffer>;

const NEXT = 0;
const LIMIT = 1;
const STOPPED = 2;
const HEAD = 3;
const WORDS_PER_WORKER = 2;

/** Makes the board of an epoch. */
export function createBoard(workers: number): Board {
  return new Uint32Array(new SharedArrayBuffer(4 * (HEAD + WORDS_PER_WORKER * workers)));
}

/**
 * Claims the next job for the caller alone.
 *
 * @returns Its number; `"wait"` when the next one is not allowed yet; `"done"` when there is none.
 */
export function claimJob(board: Board, jobs: number): number | "wait" | "done" {
  for (;;) {
    const next = Atomics.load(board, NEXT);
    if (next >= jobs) return "done";
    if (next >= Atomics.load(board, LIMIT)) return "wait";
    if (Atomics.compareExchange(board, NEXT, next, next + 1) === next) return next;
  }
}

/** Allows the first `limit` jobs to be claimed. Returns how many more that are. */
export function allowJobs(board: Board, limit: number): number {
  return limit - Atomics.exchange(board, LIMIT, limit);
}

/** Lets no further job be claimed. Returns how many have been. */
export function endClaims(board: Board, jobs: number): number {
  return Atomics.exchange(board, NEXT, jobs);
}

/** Tells workers to leave what they have claimed, after the sample that each is at. */
export function stopJobs(board: Board): void {
  Atomics.store(board, STOPPED, 1);
}

/** Whether {@link stopJobs} was called. */
export function areJobsStopped(board: Board): boolean {
  return Atomics.load(board, STOPPED) === 1;
}

/** Notes which position a worker is at; none once it has sent the job off. What it leaves when it dies names the sample. */
export function notePosition(board: Board, worker: number, position: number | undefined): void {
  Atomics.store(board, HEAD + WORDS_PER_WORKER * worker, position === undefined ? 0 : position + 1);
}

/** The position that a worker is at. */
export function positionOf(board: Board, worker: number): number | undefined {
  const noted = Atomics.load(board, HEAD + WORDS_PER_WORKER * worker);
  return noted === 0 ? undefined : noted - 1;
}

/**
 * Notes that a worker waits to be woken. It must look for a job once more afterwards: what was allowed before is found then,
 * and who allows more afterwards sees the note.
 */
export function noteIdle(board: Board, worker: number, idle: boolean): void {
  Atomics.store(board, HEAD + WORDS_PER_WORKER * worker + 1, idle ? 1 : 0);
}

/** Whether a worker waits to be woken; the caller must wake it then, and is the only one to be told so. */
export function takeIdle(board: Board, worker: number): boolean {
  return Atomics.exchange(board, HEAD + WORDS_PER_WORKER * worker + 1, 0) === 1;
}
