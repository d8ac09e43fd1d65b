import { isReproError } from "@repro/core";
import type * as tfjs from "@tensorflow/tfjs";

import type { ActiveBackend } from "./backend/engine.ts";
import type { ComputeErrorCode } from "./error.ts";
import type { ComputeHost } from "./host.ts";
import { computeHost } from "./host.ts";
import { openNative } from "./backend/native.ts";
import type { Tfjs } from "./backend/peer.ts";
import { loadTfjs } from "./backend/peer.ts";
import { openCpu, openWasm } from "./backend/portable.ts";
import type { ComputeBackend, ComputeState } from "./state.ts";
import { openWebgpu } from "./backend/webgpu.ts";

/**
 * What {@link openCompute} needs to know.
 *
 * @public
 */
export interface OpenComputeOptions {
  /** The backend; `"auto"` is wasm, or cpu where wasm cannot be used. */
  readonly backend: ComputeBackend | "auto";
  /** The machine; this one when omitted. Give one with another `resolve` where tfjs is installed out of this package's reach. */
  readonly host?: ComputeHost;
  /** Aborts the opening. */
  readonly signal?: AbortSignal;
}

/**
 * TensorFlow.js on a backend that was opened; `await using` gives the engine back.
 *
 * @public
 */
export interface Compute extends AsyncDisposable {
  /** TensorFlow.js: the same instance as `import * as tf from "@tensorflow/tfjs"` in the program. */
  readonly tf: typeof tfjs;
  /** The backend that computes. */
  readonly backend: ComputeBackend;
  /** What there is to record. */
  readonly state: ComputeState;
}

/**
 * Imports TensorFlow.js and makes it compute on a backend that gives the same bits for the same program every time.
 *
 * Nothing of TensorFlow.js is loaded before. A process has one engine, whatever copies of tfjs it holds: what is opened
 * last computes, and is to be disposed first. Disposing makes the backend of before active again, or cpu where there was
 * none, and takes back flags and variables; packages stay loaded.
 *
 * Repeatable on the same machine: cpu, wasm, tensorflow. The same on every machine: wasm. Not yet repeatable: on webgpu the
 * gradients of gather and embedding, and scatter; on tensorflow-gpu, operations that TensorFlow has no deterministic variant of.
 *
 * @throws RangeError when `backend` is not one of {@link ComputeBackend} or `"auto"`.
 * @throws ReproError `COMPUTE_PEER_MISSING` when a package is not installed; `remedy` is the command that installs it.
 * @throws ReproError `COMPUTE_BACKEND_UNUSABLE` when it is installed and does not work: no libtensorflow, no GPU, no adapter.
 * @throws ReproError `COMPUTE_SIMD_REQUIRED` when wasm would run without SIMD.
 * @throws ReproError `COMPUTE_VARIABLE_CONFLICT` when the environment asks TensorFlow for nondeterminism.
 * @throws ReproError `COMPUTE_OPENED_TOO_LATE` when TensorFlow has been loaded without the variables it needs.
 * @example
 * ```ts
 * await using compute = await openCompute({ backend: "wasm" });
 * compute.tf.tensor1d([1, 2, 3]).square().arraySync(); // => [1, 4, 9]
 * compute.state.device; // => "any"
 * ```
 * @public
 */
export async function openCompute(options: OpenComputeOptions): Promise<Compute> {
  const { backend, host = computeHost(), signal } = options;
  const open = OPEN.get(backend);
  if (open === undefined) {
    throw new RangeError(`openCompute: "backend" must be ${[...OPEN.keys()].join(", ")}, got "${backend}"`);
  }
  const tf = await loadTfjs(host, signal);
  const { facts, restore } = await open(tf, host, signal);
  const state: ComputeState = Object.freeze({
    schema: "repro/compute/v1",
    ...facts,
    tfjs: tf.version.tfjs,
    flags: Object.freeze(facts.flags),
    variables: Object.freeze(facts.variables),
  });
  return { tf, backend: state.backend, state, [Symbol.asyncDispose]: once(restore) };
}

type Open = (tf: Tfjs, host: ComputeHost, signal?: AbortSignal) => Promise<ActiveBackend>;

const OPEN: ReadonlyMap<string, Open> = /* @__PURE__ */ new Map<string, Open>([
  ["auto", openAuto],
  ["cpu", openCpu],
  ["tensorflow", (tf, host, signal) => openNative(tf, "tensorflow", host, signal)],
  ["tensorflow-gpu", (tf, host, signal) => openNative(tf, "tensorflow-gpu", host, signal)],
  ["wasm", openWasm],
  ["webgpu", openWebgpu],
]);

const WASM_OUT_OF_REACH: readonly ComputeErrorCode[] = [
  "COMPUTE_PEER_MISSING",
  "COMPUTE_BACKEND_UNUSABLE",
  "COMPUTE_SIMD_REQUIRED",
];

async function openAuto(tf: Tfjs, host: ComputeHost, signal?: AbortSignal): Promise<ActiveBackend> {
  try {
    return await openWasm(tf, host, signal);
  } catch (error) {
    if (!WASM_OUT_OF_REACH.some((code) => isReproError(error, code))) throw error;
    return openCpu(tf, host); // the state says which one it became, and a comparison with a wasm run says error
  }
}

/** A second disposal must not undo what was opened since the first. */
function once(restore: () => Promise<void>): () => Promise<void> {
  let restored: Promise<void> | undefined;
  return () => (restored ??= restore());
}
