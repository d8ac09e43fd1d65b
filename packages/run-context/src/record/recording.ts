import { compareCodePoints, encodeCanonical, isReproError } from "@repro/core";
import type { Digest, JsonObject, LayerContext } from "@repro/core";

import { monotonicMs, now, ownVersion, path, randomHex, sha256 } from "../host.ts";
import type { RunProcess } from "../host.ts";
import { openLayers } from "../layers.ts";
import type { OpenLayers, RunLayers, SealedLayers } from "../layers.ts";
import { encodeRunFile, hashRun, isStoredName, parseRunFile, RUN_SCHEMA } from "./file.ts";
import type { RunAttachment, RunCommand, RunFailure, RunFile, RunOutput, RunTrace } from "./file.ts";
import { PARTS_FOLDER, TRACE_FILE } from "./store.ts";
import type { RecordDraft, RecordStore } from "./store.ts";
import { openTrace } from "./trace.ts";
import type { OpenTrace } from "./trace.ts";

/** What a recording is made of. */
export interface RecordingOptions {
  readonly layers: RunLayers;
  readonly params: JsonObject;
  readonly command: RunCommand;
  readonly every: number;
  readonly store: RecordStore;
  readonly process: RunProcess;
  /** Absolute path of the work tree's root. */
  readonly root: string;
  /** Whether other processes contribute to this record. */
  readonly wraps: boolean;
  readonly signal?: AbortSignal;
}

/** A record in the making: what `openRun` and `recordCommand` have in common. */
export interface Recording {
  readonly runId: string;
  readonly layers: OpenLayers;
  readonly trace: OpenTrace;
  readonly metrics: Map<string, number | string>;
  readonly draft: RecordDraft;
  /**
   * Adds a result once it is stored, so that no record lists what is not there.
   *
   * @param store - Writes the result to that place in the draft, and describes it.
   */
  addOutput(name: string, store: (place: string) => RunOutput): RunOutput;
  /** Seals the layers, writes the record and makes it whole. */
  seal(failure: RunFailure | null, joined?: RunFile): Promise<SealedRun>;
  /** Gives everything up, leaving no record. */
  abandon(): Promise<void>;
}

/**
 * A record that is whole and where it can be found.
 *
 * @public
 */
export interface SealedRun {
  /** Name of the run's folder. */
  readonly runId: string;
  /** SHA-256 of the record: equal for runs that are the same. */
  readonly digest: Digest;
  /** The run file as it was written. */
  readonly file: RunFile;
  /** Where it was written: the run's folder. */
  readonly location: string;
}

/**
 * Starts a record: the draft first, then the layers; when a layer refuses, no record remains.
 */
export async function beginRecording(options: RecordingOptions): Promise<Recording> {
  encodeCanonical(options.params); // refuses what no record can hold, before any work
  const startedAt = now();
  const startedMs = monotonicMs();
  const runId = `${startedAt.replaceAll(/[-:.]/g, "")}-${randomHex(4)}`;
  const draft = await options.store.begin(runId);
  const attachments: RunAttachment[] = [];
  const outputs: RunOutput[] = [];
  const metrics = new Map<string, number | string>();
  let layers: OpenLayers;
  try {
    layers = await openLayers(options.layers, layerContext(options, draft, attachments));
  } catch (error) {
    await draft.abandon();
    throw error;
  }
  const trace = openTrace((bytes) => draft.append(TRACE_FILE, bytes), options.every);
  const observe = (sealed: SealedLayers): RunFile["observed"] => ({
    runId,
    startedAt,
    endedAt: now(),
    durationMs: Math.round(monotonicMs() - startedMs),
    hostname: options.process.hostname,
    pid: options.process.pid,
    recorder: ownVersion(),
    root: options.root,
    layers: sealed.observed,
  });
  return {
    runId,
    layers,
    trace,
    metrics,
    draft,
    addOutput: (name, store) => addOutput(outputs, name, store),
    seal: async (failure, joined) => {
      const sealed = await sealAndDispose(layers);
      const own = { sealed, attachments, outputs, metrics: Object.fromEntries(metrics), trace: trace.seal() };
      const file = composeFile(options, merge(own, joined), failure ?? failureOf(sealed.fault), observe);
      const location = await draft.commit(encodeReadable(file));
      if (sealed.fault !== undefined) throw sealed.fault;
      return { runId, digest: file.digest, file, location };
    },
    abandon: async () => {
      await layers.dispose();
      await draft.abandon();
    },
  };
}

function addOutput(outputs: RunOutput[], name: string, store: (place: string) => RunOutput): RunOutput {
  if (outputs.some((output) => output.name === name)) {
    throw new RangeError(`output: "${name}" was recorded before in this run`);
  }
  const output = store(`outputs/${name}`);
  outputs.push(output);
  return output;
}

/** A layer that cannot be undone fails the run as one that cannot be sealed: recorded, and thrown once the record is whole. */
async function sealAndDispose(layers: OpenLayers): Promise<SealedLayers> {
  const sealed = await layers.seal();
  try {
    await layers.dispose();
    return sealed;
  } catch (cause) {
    return { fault: cause instanceof Error ? cause : new Error("a layer could not be undone", { cause }), ...sealed };
  }
}

/** What cannot be read back is no record: every run file is parsed before it is committed. */
function encodeReadable(file: RunFile): Uint8Array {
  const bytes = encodeRunFile(file);
  parseRunFile(new TextDecoder().decode(bytes), { where: file.observed.runId });
  return bytes;
}

function layerContext(options: RecordingOptions, draft: RecordDraft, attachments: RunAttachment[]): LayerContext {
  return {
    root: options.root,
    cwd: path.join(options.root, options.command.cwd),
    env: options.process.env,
    ...(options.wraps ? { partsFolder: path.join(draft.folder, PARTS_FOLDER) } : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    attach: async (name, bytes) => {
      requireStoredName("attach", name);
      draft.write(`attachments/${name}`, bytes);
      const digest = sha256([bytes]);
      if (!attachments.some((one) => one.name === name)) attachments.push({ name, digest, sizeBytes: bytes.length });
      return digest;
    },
  };
}

/** Refuses a name that cannot be a path in the run's folder. */
export function requireStoredName(caller: string, name: string): void {
  if (isStoredName(name)) return;
  throw new RangeError(`${caller}: "name" must be a relative path with / and without . or .. segments, got "${name}"`);
}

function failureOf(fault: unknown): RunFailure | null {
  if (fault === undefined) return null;
  return isReproError(fault) ? { code: fault.code, data: fault.data } : { code: "RUN_LAYER_FAILED", data: {} };
}

interface Results {
  readonly sealed: SealedLayers;
  readonly attachments: readonly RunAttachment[];
  readonly outputs: readonly RunOutput[];
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly trace: RunTrace | null;
  readonly params?: JsonObject;
}

/** What the program declared about itself holds before what the wrapping process observed of it. */
function merge(own: Results, joined: RunFile | undefined): Results {
  if (joined === undefined) return own;
  const { record, observed } = joined;
  const names = new Set(record.attachments.map(({ name }) => name));
  return {
    sealed: {
      states: { ...own.sealed.states, ...record.layers },
      observed: { ...own.sealed.observed, ...observed.layers },
    },
    attachments: [...own.attachments.filter(({ name }) => !names.has(name)), ...record.attachments],
    outputs: [...own.outputs, ...record.outputs],
    metrics: { ...own.metrics, ...record.metrics },
    trace: record.trace ?? own.trace,
    params: record.params,
  };
}

function composeFile(
  options: RecordingOptions,
  results: Results,
  error: RunFailure | null,
  observe: (sealed: SealedLayers) => RunFile["observed"],
): RunFile {
  const byName = (a: { name: string }, b: { name: string }): number => compareCodePoints(a.name, b.name);
  const record: RunFile["record"] = {
    schema: RUN_SCHEMA,
    command: options.command,
    params: { ...options.params, ...results.params },
    layers: results.sealed.states,
    trace: results.trace,
    outputs: results.outputs.toSorted(byName),
    attachments: results.attachments.toSorted(byName),
    metrics: results.metrics,
    status: error === null ? "completed" : "failed",
    error,
  };
  return { digest: hashRun(record), record, observed: observe(results.sealed) };
}
