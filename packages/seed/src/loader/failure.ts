import { ReproError, isReproError } from "@repro/core";
import type { JsonObject } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";

/** An error in a form that passes from one thread to another: only errors of the language itself can be cloned whole. */
export interface FailureReport {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** `code`, as node's own errors and ours have it. */
  readonly code: string | undefined;
  /** What else a `ReproError` carries. */
  readonly repro: { readonly remedy: string; readonly data: JsonObject } | undefined;
  readonly cause: FailureReport | undefined;
}

/** Causes of causes that are reported: a circle of them must end. */
const CAUSES = 8;

/** Describes whatever was thrown. Never throws, whatever that is. */
export function describeFailure(error: unknown, depth = 0): FailureReport {
  try {
    if (!(error instanceof Error)) return plainReport("Error", `threw ${describeValue(error)}`);
    const { name, message, stack, code, cause } = error as unknown as Readonly<Record<string, unknown>>;
    return {
      name: String(name),
      message: String(message),
      stack: typeof stack === "string" ? stack : undefined,
      code: typeof code === "string" ? code : undefined,
      repro: isReproError(error) ? { remedy: error.remedy, data: structuredClone(error.data) } : undefined,
      cause: cause === undefined || depth === CAUSES ? undefined : describeFailure(cause, depth + 1),
    };
  } catch {
    return plainReport("Error", "threw something that cannot be described"); // a getter of it throws
  }
}

/** Makes an error of a report: the same name, message, stack, code and causes. */
export function rebuildFailure(report: FailureReport): Error {
  const { name, message, stack, code, repro } = report;
  const cause = report.cause === undefined ? undefined : rebuildFailure(report.cause);
  const error =
    repro !== undefined && code !== undefined
      ? new ReproError(message, { ...repro, code, cause })
      : new Error(message, cause === undefined ? undefined : { cause });
  Object.defineProperty(error, "stack", { value: stack ?? `${name}: ${message}`, writable: true, configurable: true });
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  return code === undefined || repro !== undefined ? error : Object.assign(error, { code });
}

function plainReport(name: string, message: string): FailureReport {
  return { name, message, stack: undefined, code: undefined, repro: undefined, cause: undefined };
}

function describeValue(value: unknown): string {
  return typeof value === "string" ? `"${value.slice(0, 200)}"` : String(value).slice(0, 200);
}

/** Where in an epoch something happened. */
export interface SamplePlace {
  readonly epoch: number;
  /** Place in the order of the epoch. */
  readonly position: number;
  /** Number of the sample there. */
  readonly index: number;
}

/** The error of a sample that cannot be loaded, or cannot leave its worker. */
export function sampleFailed(place: SamplePlace, cause: unknown): ReproError<SeedErrorCode> {
  return new ReproError(`loader: sample ${place.index} could not be loaded in epoch ${place.epoch}`, {
    code: "SEED_SAMPLE_FAILED",
    remedy: `read the cause; createStream(seed, "loader", ${place.epoch}, ${place.index}) is the stream that load(${place.index}, …) was given`,
    data: { ...place },
    cause,
  });
}

/**
 * The error of a worker that ended by itself.
 *
 * @param place - What it was loading; `undefined` when it was idle.
 */
export function workerLost(
  place: SamplePlace | undefined,
  exitCode: number,
  cause: unknown,
): ReproError<SeedErrorCode> {
  const doing = place === undefined ? "" : ` while it loaded sample ${place.index} in epoch ${place.epoch}`;
  return new ReproError(`loader: a worker ended with exit code ${exitCode}${doing}`, {
    code: "SEED_LOADER_WORKER_LOST",
    remedy: "look for process.exit, a crash or a lack of memory in the dataset, and open a new loader",
    data: { ...place, exitCode },
    cause,
  });
}

/** The error of a dataset module that cannot be opened, or gives no dataset. */
export function datasetInvalid(href: string, what: string, cause?: unknown): ReproError<SeedErrorCode> {
  return new ReproError(`openLoader: the dataset module ${what}`, {
    code: "SEED_DATASET_INVALID",
    remedy: 'export "size" and "load(index, rng, context)", or "openDataset(data)", from a module that node can import',
    // Its name alone: a whole path tells about the machine, a data: URL is the module itself.
    data: { module: href.startsWith("file:") ? href.slice(href.lastIndexOf("/") + 1) : (href.split(":", 1)[0] ?? "") },
    cause,
  });
}

/** The error of using a loader that has been disposed of. */
export function loaderClosed(): ReproError<SeedErrorCode> {
  return new ReproError("loader: the loader is closed", {
    code: "SEED_LOADER_CLOSED",
    remedy: "iterate before the end of the block that opened it with await using",
  });
}

/** What a promise gives, or the signal's reason as soon as it is aborted. */
export async function orAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
