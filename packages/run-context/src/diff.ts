import { compareCodePoints, diffJson, escapePointer } from "@repro/core";
import type { Difference, Digest, JsonObject, Layer, LayerState } from "@repro/core";

import type { RunLayers } from "./layers.ts";
import type { RunOutput, RunRecord } from "./record/file.ts";
import type { StoredRun } from "./record/stored.ts";
import { findTraceDivergence } from "./record/trace.ts";
import type { TraceDivergence } from "./record/trace.ts";

/**
 * Whether two runs are the same: every result has the same bits, or which has not.
 *
 * `"blocked"` means that it cannot be told, and `blockedBy` says by what.
 *
 * @public
 */
export type Verdict = "bit-identical" | "diverged" | "blocked";

/**
 * How two runs compare.
 *
 * @public
 */
export interface RunComparison {
  /** The answer. */
  readonly verdict: Verdict;
  /** Digest of the recorded run. */
  readonly recorded: Digest;
  /** Digest of the other one; null when there is none, because a replay was blocked. */
  readonly actual: Digest | null;
  /** How many results of each kind were compared. */
  readonly compared: { readonly outputs: number; readonly steps: number; readonly metrics: number };
  /** First step that parts, and the values in it; null when no trace does. */
  readonly divergence: TraceDivergence | null;
  /** All differences: the command, parameters and layers first, then what came out. */
  readonly differences: readonly Difference[];
  /** Why it cannot be told; null when it can. */
  readonly blockedBy: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly data: JsonObject;
  } | null;
}

/**
 * Options of {@link diffRuns}.
 *
 * @public
 */
export interface DiffRunsOptions {
  /**
   * Layers that can say what differs in states of their schema, under any names. A state that none of them knows is
   * compared member by member, and its differences are warnings.
   */
  readonly layers: RunLayers;
}

/**
 * Compares two runs: what went in, and bit for bit what came out.
 *
 * The verdict is `"diverged"` when a result, the command, a parameter, the code, the data or the randomness differs;
 * another environment alone is a warning. Two runs without any result cannot be told apart: `"blocked"`.
 *
 * @throws ReproError `RUN_TRACE_MISMATCH` when the trace of one of them was changed.
 * @public
 */
export function diffRuns(recorded: StoredRun, actual: StoredRun, options: DiffRunsOptions): RunComparison {
  const [a, b] = [recorded.file.record, actual.file.record];
  const divergence = compareTraces(recorded, actual);
  const differences = [
    ...diffJson(
      { argv: a.command.argv, cwd: a.command.cwd },
      { argv: b.command.argv, cwd: b.command.cwd },
      { at: "/command" },
    ),
    ...diffJson(a.params, b.params, { at: "/params" }),
    ...diffLayers(a, b, Object.values(options.layers)),
    ...diffTraces(a, b, divergence),
    ...diffJson(a.metrics, b.metrics, { at: "/metrics" }),
    ...diffOutputs(a.outputs, b.outputs),
    ...diffJson({ status: a.status, error: { ...a.error } }, { status: b.status, error: { ...b.error } }),
  ];
  const compared = { outputs: a.outputs.length, steps: a.trace?.steps ?? 0, metrics: Object.keys(a.metrics).length };
  const parted = differences.some(({ severity }) => severity === "error");
  const empty = compared.outputs + compared.steps + compared.metrics === 0;
  return {
    verdict: parted ? "diverged" : empty ? "blocked" : "bit-identical",
    recorded: recorded.file.digest,
    actual: actual.file.digest,
    compared,
    divergence,
    differences,
    blockedBy: !parted && empty ? NOTHING_TO_COMPARE : null,
  };
}

const NOTHING_TO_COMPARE: NonNullable<RunComparison["blockedBy"]> = {
  code: "RUN_NOTHING_TO_COMPARE",
  message: "diffRuns: the recorded run has no output, no step and no metric",
  remedy: "let the program write its result into the work tree, or name it with --output NAME=PATH, and record again",
  data: {},
};

function diffLayers(a: RunRecord, b: RunRecord, layers: readonly Layer<LayerState, unknown>[]): readonly Difference[] {
  const names = new Set([...Object.keys(a.layers), ...Object.keys(b.layers)]);
  return [...names].toSorted(compareCodePoints).flatMap((name) => {
    const at = `/layers/${escapePointer(name)}`;
    const [recorded, actual] = [memberOf(a.layers, name), memberOf(b.layers, name)];
    const layer = layers.find(({ schema }) => schema === recorded?.["schema"] && schema === actual?.["schema"]);
    if (layer === undefined || recorded === undefined || actual === undefined) {
      return diffJson(recorded, actual, { at, severity: "warning" });
    }
    return layer.diff(layer.parse(recorded), layer.parse(actual)).map((found) => ({ ...found, path: at + found.path }));
  });
}

function memberOf(states: RunRecord["layers"], name: string): JsonObject | undefined {
  return Object.hasOwn(states, name) ? states[name] : undefined;
}

function compareTraces(recorded: StoredRun, actual: StoredRun): TraceDivergence | null {
  if (recorded.file.record.trace?.digest === actual.file.record.trace?.digest) return null;
  const [a, b] = [recorded.trace(), actual.trace()];
  return a === null || b === null ? { step: null, values: [] } : findTraceDivergence(a, b);
}

function diffTraces(a: RunRecord, b: RunRecord, divergence: TraceDivergence | null): readonly Difference[] {
  if (a.trace?.digest === b.trace?.digest) return [];
  const step = divergence?.step ?? null;
  return diffJson(a.trace === null ? undefined : { ...a.trace }, b.trace === null ? undefined : { ...b.trace }, {
    at: "/trace",
    remedy:
      step === null
        ? "keep trace.jsonl beside the record: it tells the step"
        : `look at step ${step}: ${divergence?.values.join(", ") ?? ""}`,
  });
}

function diffOutputs(a: readonly RunOutput[], b: readonly RunOutput[]): readonly Difference[] {
  const digests = (outputs: readonly RunOutput[]): JsonObject =>
    Object.fromEntries(outputs.map(({ name, digest }) => [name, digest]));
  return diffJson(digests(a), digests(b), { at: "/outputs" });
}
