import type { Layer } from "@repro/core";
import { ReproError } from "@repro/core";

import type { Compute, OpenComputeOptions } from "./compute.ts";
import { openCompute } from "./compute.ts";
import type { ComputeErrorCode } from "./error.ts";
import type { ComputeState } from "./state.ts";
import { diffComputeState, parseComputeState } from "./state.ts";

/**
 * What {@link computeLayer} opens for each run.
 *
 * @public
 */
export type ComputeLayerOptions = Omit<OpenComputeOptions, "signal">;

/**
 * Opens TensorFlow.js as a layer of a run: `run.compute.tf`.
 *
 * Sealing throws `COMPUTE_BACKEND_CHANGED` when the program has made another backend the active one: the record would name
 * one that did not compute. There is nothing to restore: a replay starts the program, and the program opens its backend.
 *
 * @example
 * ```ts
 * computeLayer({ backend: "wasm" }).schema; // => "repro/compute/v1"
 * ```
 * @public
 */
export function computeLayer(options: ComputeLayerOptions): Layer<ComputeState, Compute> {
  return {
    schema: "repro/compute/v1",
    async open({ signal }) {
      const compute = await openCompute(signal === undefined ? options : { ...options, signal });
      const active = compute.tf.getBackend();
      return {
        handle: compute,
        variables: compute.state.variables,
        async seal() {
          requireUnchanged(active, compute.tf.getBackend());
          return compute.state;
        },
        dispose: async () => compute[Symbol.asyncDispose](),
      };
    },
    parse: parseComputeState,
    diff: diffComputeState,
  };
}

function requireUnchanged(expected: string, actual: string): void {
  if (actual === expected) return;
  throw new ReproError<ComputeErrorCode>(
    `computeLayer: the run was opened on backend "${expected}" and ends on "${actual}"`,
    {
      code: "COMPUTE_BACKEND_CHANGED",
      remedy: "leave tf.setBackend alone, and open what was opened inside the run with await using",
      data: { expected, actual },
    },
  );
}
