import { hashCanonical, isReproError, ReproError } from "@repro/core";
import type { JsonObject, Layer, LayerState, RestoreContext } from "@repro/core";

import { recordCommand } from "./command.ts";
import { diffRuns } from "./diff.ts";
import type { RunComparison } from "./diff.ts";
import type { RunErrorCode } from "./error.ts";
import { currentProcess, machineFileSystem, makeTemporaryFolder, path } from "./host.ts";
import type { RunProcess } from "./host.ts";
import type { RunLayers } from "./layers.ts";
import { directoryRecord, RUN_DIR_VARIABLE } from "./record/store.ts";
import { readRun, verifyRun } from "./record/stored.ts";
import type { StoredRun } from "./record/stored.ts";
import { findRoot } from "./record/tree.ts";

/**
 * What happens during a replay, for a progress display.
 *
 * @public
 */
export type ReplayProgress =
  | { readonly phase: "restore"; readonly layer: string }
  | { readonly phase: "run"; readonly argv: readonly string[] }
  | { readonly phase: "compare" };

/**
 * Options of {@link replayRun}.
 *
 * @public
 */
export interface ReplayRunOptions {
  /**
   * Layers that bring recorded states back, each for all states of its schema, in this order: the one that makes the
   * work tree first, then what goes into it.
   */
  readonly layers: RunLayers;
  /** Working directory inside the user's work tree, and variables; this process's own when omitted. */
  readonly process?: Partial<RunProcess>;
  /** Told of each phase as it begins. */
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Aborts the replay; the command is asked to stop. */
  readonly signal?: AbortSignal;
}

/**
 * Makes a recorded run again and compares every result bit for bit.
 *
 * The recorded code, data and environment are brought back in a temporary folder, the recorded command runs there
 * under a record of its own, and the two records are compared. The user's work tree is read and never written.
 *
 * @returns The comparison; `"blocked"` with `blockedBy` when something needed is missing.
 * @throws Whatever is not a `ReproError`: a defect, not an answer.
 * @public
 */
export async function replayRun(recorded: StoredRun, options: ReplayRunOptions): Promise<RunComparison> {
  const folder = makeTemporaryFolder("repro-replay-");
  const undo: (() => Promise<void>)[] = [];
  try {
    return await replayIn(folder, recorded, options, undo);
  } catch (error) {
    if (isReproError(error)) return blocked(recorded, error);
    throw error;
  } finally {
    for (const dispose of undo.toReversed()) await dispose();
    machineFileSystem.rmSync(folder, { recursive: true, force: true });
  }
}

async function replayIn(
  folder: string,
  recorded: StoredRun,
  options: ReplayRunOptions,
  undo: (() => Promise<void>)[],
): Promise<RunComparison> {
  const process = { ...currentProcess(), ...options.process };
  const { command, params, layers: states } = recorded.file.record;
  const context: RestoreContext = {
    source: findRoot(process.cwd),
    root: path.join(folder, "work"),
    env: process.env,
    attachment: (name) => recorded.attachment(name),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  await verifyRun(recorded);
  requirePortable(command.argv, context);
  const layers = await restoreLayers(matchLayers(options.layers, states), context, options, undo);
  requireRestored(context.root);
  options.onProgress?.({ phase: "run", argv: command.argv });
  const [program, ...args] = command.argv;
  const made = await recordCommand([program ?? "", ...args], {
    layers,
    params,
    collects: command.collects,
    record: directoryRecord(path.join(folder, "record")),
    process: {
      ...process,
      cwd: path.join(context.root, command.cwd),
      env: { ...process.env, [RUN_DIR_VARIABLE]: undefined },
    },
    stdin: "ignore",
    stdout: "stderr",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (made.failure !== null && recorded.file.record.status === "completed") throw replayFailed(made.failure);
  options.onProgress?.({ phase: "compare" });
  return diffRuns(recorded, readRun(made.location), { layers: options.layers });
}

/** Restores each state once: two layers that recorded the same state of the same thing share what was brought back. */
async function restoreLayers(
  matched: ReturnType<typeof matchLayers>,
  context: RestoreContext,
  options: ReplayRunOptions,
  undo: (() => Promise<void>)[],
): Promise<RunLayers> {
  const layers: Record<string, Layer<LayerState, unknown>> = {};
  const restored = new Map<string, Layer<LayerState, unknown>>();
  for (const [name, layer, state] of matched) {
    options.onProgress?.({ phase: "restore", layer: name });
    const digest = hashCanonical(state);
    const restoration = restored.has(digest) ? undefined : await layer.restore?.(layer.parse(state), context);
    undo.push(async () => restoration?.dispose?.());
    layers[name] = restored.get(digest) ?? restoration?.layer ?? layer;
    restored.set(digest, layers[name]);
  }
  return layers;
}

/** Variables by which code of another folder comes into a program. */
const CODE_VARIABLES = ["NODE_OPTIONS", "NODE_PATH", "PYTHONPATH"];

/** A command that names the user's work tree would run what is there now, not what was recorded. */
function requirePortable(argv: readonly string[], { source, env }: RestoreContext): void {
  const named = [...argv, ...CODE_VARIABLES.map((name) => env[name] ?? "")].find((text) => text.includes(source));
  if (named === undefined) return;
  throw new ReproError<RunErrorCode>(`replayRun: "${named}" names the work tree by its absolute path`, {
    code: "RUN_PATH_ABSOLUTE",
    remedy: "record the run with paths relative to the work tree",
    data: { source, named },
  });
}

/** What worked when it was recorded and cannot be run now lacks something; its results were not compared. */
function replayFailed(failure: ReproError): ReproError<RunErrorCode> {
  return new ReproError(`replayRun: the replayed command failed, the recorded one did not: ${failure.message}`, {
    code: "RUN_REPLAY_FAILED",
    remedy: "read what it printed: a file that git does not track must be named with --data when the run is recorded",
    data: { code: failure.code, ...failure.data },
    cause: failure,
  });
}

function matchLayers(
  layers: RunLayers,
  states: { readonly [name: string]: JsonObject },
): readonly (readonly [string, Layer<LayerState, unknown>, JsonObject])[] {
  return Object.values(layers).flatMap((layer) =>
    Object.entries(states).flatMap(([name, state]) =>
      state["schema"] === layer.schema ? [[name, layer, state] as const] : [],
    ),
  );
}

function requireRestored(root: string): void {
  if (machineFileSystem.existsSync(root)) return;
  throw new ReproError<RunErrorCode>("replayRun: no layer of the record brings the code back", {
    code: "RUN_NOT_RESTORABLE",
    remedy: "record the run with gitLayer(), or replay it with the layers it was recorded with",
    data: {},
  });
}

function blocked(recorded: StoredRun, error: ReproError): RunComparison {
  const { code, message, remedy, data } = error;
  return {
    verdict: "blocked",
    recorded: recorded.file.digest,
    actual: null,
    compared: { outputs: 0, steps: 0, metrics: 0 },
    divergence: null,
    differences: [],
    blockedBy: { code, message, remedy, data },
  };
}
