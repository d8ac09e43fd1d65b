import type { JsonObject } from "@repro/core";

import { currentProcess, path, realPath, realPathIfThere, sha256 } from "./host.ts";
import type { RunProcess } from "./host.ts";
import type { LayerHandle, RunLayers } from "./layers.ts";
import type { RunCommand, RunOutput } from "./record/file.ts";
import { beginRecording, requireStoredName } from "./record/recording.ts";
import type { Recording, SealedRun } from "./record/recording.ts";
import { directoryRecord, joinedRecord, RUN_DIR_VARIABLE, RUNS_FOLDER } from "./record/store.ts";
import type { RecordStore } from "./record/store.ts";
import { recordedNumber } from "./record/trace.ts";
import type { TraceValues } from "./record/trace.ts";
import { findRoot, insideRoot } from "./record/tree.ts";

/**
 * How {@link Run.output} describes what it stores.
 *
 * @public
 */
export interface OutputOptions {
  /** Media type (RFC 6838); `application/octet-stream` when omitted. */
  readonly mediaType?: string;
}

/**
 * What every open run can do, whatever its layers.
 *
 * @public
 */
export interface Run {
  /** Name of the run's folder: start time and random digits. */
  readonly runId: string;
  /**
   * Traces one step: numbers and texts as they are, typed arrays by the SHA-256 of their elements, groups by their path.
   *
   * @param values - The values, or a function that makes them: it is not called for steps that `every` passes over.
   * @throws ReproError `RUN_RECORD_UNWRITABLE` when the disk is full.
   */
  step(values: TraceValues | (() => TraceValues)): void;
  /** Records a final figure; of two under one name the later holds. NaN and infinities are recorded as texts. */
  metric(name: string, value: number): void;
  /**
   * Stores a result beside the record.
   *
   * @param name - Unique in the run: a relative path with `/`.
   * @throws RangeError when the name is none, or was used before.
   * @throws ReproError `RUN_RECORD_UNWRITABLE`.
   */
  output(name: string, bytes: Uint8Array, options?: OutputOptions): Promise<RunOutput>;
  /**
   * Seals the layers and makes the record whole, with status `completed`.
   *
   * @throws ReproError whatever a layer found at its end, after a record with status `failed` has been written.
   */
  close(): Promise<SealedRun>;
  /** Closes a run that was left without `close()`, by an exception or an early return, as `failed`: `RUN_NOT_CLOSED`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * An open run with the handle of each layer under the layer's name.
 *
 * @public
 */
export type RunContext<Layers extends RunLayers> = Run & { readonly [Name in keyof Layers]: LayerHandle<Layers[Name]> };

/**
 * What a run is made of.
 *
 * @public
 */
export interface OpenRunOptions<Layers extends RunLayers> {
  /** Layers by name, opened in this order. `step`, `output` and the other names of {@link Run} are taken. */
  readonly layers: Layers & { readonly [Name in keyof Run]?: never };
  /** What the program was told; any JSON object, `{}` when omitted. */
  readonly params?: JsonObject;
  /** Where the record goes; `.repro/runs` at the work tree's root when omitted. Inside `repro run` it joins that record instead. */
  readonly record?: RecordStore;
  /** How the trace is kept. */
  readonly trace?: {
    /** Records steps 0, every, 2 × every, …; 1 when omitted. */
    readonly every?: number;
  };
  /** The process that is recorded; this one when omitted. */
  readonly process?: Partial<RunProcess>;
  /** Aborts the opening. */
  readonly signal?: AbortSignal;
}

const RESERVED: ReadonlySet<string> = /* @__PURE__ */ new Set(["runId", "step", "metric", "output", "close", "then"]);

/**
 * Opens a run: reads the machine through its layers, and refuses where the result could not be reproduced.
 *
 * End it with `close()`. A run that is left otherwise is recorded as failed, so that a record never claims more than
 * was reached; `await using` does that by itself.
 *
 * Inside `repro run` or `repro replay` (variable `REPRO_RUN_DIR`) the run joins the record of the wrapped command: its
 * layers, parameters, metrics, outputs and trace become part of that one record.
 *
 * @returns The run, with `run.<name>` for each layer.
 * @throws TypeError when a layer's name is taken; RangeError when `trace.every` is not a positive integer.
 * @throws ReproError whatever a layer refuses, `RUN_RECORD_UNWRITABLE`, `RUN_ALREADY_JOINED`, or `JSON_UNREPRESENTABLE` for params.
 * @public
 */
export async function openRun<const Layers extends RunLayers>(
  options: OpenRunOptions<Layers>,
): Promise<RunContext<Layers>> {
  const every = options.trace?.every ?? 1;
  if (!Number.isSafeInteger(every) || every < 1)
    throw new RangeError(`openRun: "trace.every" must be a positive integer, got ${every}`);
  for (const name of Object.keys(options.layers)) {
    if (RESERVED.has(name))
      throw new TypeError(`openRun: "${name}" cannot be the name of a layer, the run itself uses it`);
  }
  const process = { ...currentProcess(), ...options.process };
  const root = findRoot(process.cwd);
  const joins = process.env[RUN_DIR_VARIABLE];
  const recording = await beginRecording({
    layers: options.layers,
    params: options.params ?? {},
    command: ownCommand(process, root),
    every,
    store: joins ? joinedRecord(joins) : (options.record ?? directoryRecord(path.join(root, RUNS_FOLDER))),
    process,
    root,
    wraps: false,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  // The mapped type says exactly what openLayers has put into `handles`, which TypeScript cannot follow.
  return Object.freeze({ ...recording.layers.handles, ...runMethods(recording) }) as RunContext<Layers>;
}

function runMethods(recording: Recording): Run {
  let closed = false;
  const requireOpen = (caller: string): void => {
    if (closed) throw new TypeError(`${caller}: the run is closed`);
  };
  const seal = (failure: Parameters<Recording["seal"]>[0]): Promise<SealedRun> => {
    requireOpen("close");
    closed = true;
    return recording.seal(failure);
  };
  return {
    runId: recording.runId,
    step: (values) => {
      requireOpen("step");
      recording.trace.step(values);
    },
    metric: (name, value) => {
      requireOpen("metric");
      recording.metrics.set(name, recordedNumber(value));
    },
    output: async (name, bytes, options = {}) => {
      requireOpen("output");
      requireStoredName("output", name);
      return recording.addOutput(name, (place) => {
        recording.draft.write(place, bytes);
        const mediaType = options.mediaType ?? "application/octet-stream";
        return { name, digest: sha256([bytes]), sizeBytes: bytes.length, mediaType };
      });
    },
    close: async () => seal(null),
    [Symbol.asyncDispose]: async () => {
      if (!closed) await seal({ code: "RUN_NOT_CLOSED", data: {} });
    },
  };
}

/** The command of a program that records itself: `node`, its options, the script as a path from the working directory. */
function ownCommand(process: RunProcess, root: string): RunCommand {
  const cwd = realPath(process.cwd);
  const args = process.argv.slice(1).map((argument) => relativeArgument(argument, root, cwd));
  return {
    argv: ["node", ...process.execArgv, ...args],
    cwd: insideRoot(root, cwd) ?? ".",
    collects: "nothing",
  };
}

/**
 * An argument as it is recorded: a path into the work tree is written relative to the working directory, so that the
 * same command can run in another checkout.
 */
export function relativeArgument(argument: string, root: string, cwd: string): string {
  const value = argument.indexOf("=");
  const start = argument.startsWith("-") && value > 0 ? value + 1 : 0;
  const candidate = argument.slice(start);
  if (!path.isAbsolute(candidate)) return argument;
  // A path may come by way of a link to the work tree.
  const absolute = insideRoot(root, candidate) === undefined ? realPathIfThere(candidate) : candidate;
  if (absolute === undefined || insideRoot(root, absolute) === undefined) return argument;
  const relative = path.relative(cwd, absolute).split(path.sep).join("/");
  return argument.slice(0, start) + (relative === "" ? "." : relative);
}
