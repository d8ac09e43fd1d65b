import type { Difference, Digest, JsonValue, LayerState, Severity } from "@repro/core";
import { diffJson, isDigest, parseState } from "@repro/core";
import * as z from "zod";

/**
 * The backends of TensorFlow.js that can be opened. `"tensorflow"` is tfjs-node, `"tensorflow-gpu"` tfjs-node-gpu.
 *
 * @public
 */
export type ComputeBackend = "cpu" | "tensorflow" | "tensorflow-gpu" | "wasm" | "webgpu";

/**
 * What computed: everything that this package knows to change the bits of a result.
 *
 * @public
 */
export interface ComputeState extends LayerState {
  /** Name and version of this layout. */
  readonly schema: "repro/compute/v1";
  /** The backend; never `"auto"`, but what it chose. */
  readonly backend: ComputeBackend;
  /** Version of `@tensorflow/tfjs`: gradients and layers are its code on every backend. */
  readonly tfjs: string;
  /** Version of the backend's own package. */
  readonly backendVersion: string;
  /** Version of the native library underneath (libtensorflow); `null` for a backend without one. */
  readonly libraryVersion: string | null;
  /** Digest of the WebAssembly file whose kernels compute; `null` for other backends. */
  readonly binary: Digest | null;
  /** Flags of `tf.env()` that choose between kernels of this backend, by name. */
  readonly flags: Readonly<Record<string, boolean | number | string>>;
  /** Whether the SIMD build of the WebAssembly kernels computes; `false` for other backends. */
  readonly simd: boolean;
  /** Threads that one kernel is split over; 0 on a GPU. libtensorflow's results depend on it. */
  readonly threads: number;
  /** Environment variables that the native library reads, as they were; `{}` for a backend that reads none. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * The hardware, as far as results depend on it: `"any"` for wasm, the architecture for cpu, the processor's model for
   * tensorflow, `"gpu"` for tensorflow-gpu, the adapter's own words for webgpu, `"unknown"` where it could not be found out.
   */
  readonly device: string;
}

const BACKENDS = ["cpu", "tensorflow", "tensorflow-gpu", "wasm", "webgpu"] as const;

/**
 * Describes {@link ComputeState}; refuses members it does not know.
 *
 * @public
 */
export const computeStateSchema: z.ZodType<ComputeState> = /* @__PURE__ */ z.strictObject({
  schema: /* @__PURE__ */ z.literal("repro/compute/v1"),
  backend: /* @__PURE__ */ z.enum(BACKENDS),
  tfjs: /* @__PURE__ */ z.string(),
  backendVersion: /* @__PURE__ */ z.string(),
  libraryVersion: /* @__PURE__ */ z.nullable(/* @__PURE__ */ z.string()),
  binary: /* @__PURE__ */ z.nullable(
    /* @__PURE__ */ z.custom<Digest>((value) => isDigest(value), "must be sha256: and 64 hexadecimal digits"),
  ),
  flags: /* @__PURE__ */ z.record(
    /* @__PURE__ */ z.string(),
    /* @__PURE__ */ z.union([/* @__PURE__ */ z.boolean(), /* @__PURE__ */ z.number(), /* @__PURE__ */ z.string()]),
  ),
  simd: /* @__PURE__ */ z.boolean(),
  threads: /* @__PURE__ */ z.int().min(0),
  variables: /* @__PURE__ */ z.record(/* @__PURE__ */ z.string(), /* @__PURE__ */ z.string()),
  device: /* @__PURE__ */ z.string(),
});

/**
 * Checks a recorded state.
 *
 * @throws ReproError `LAYER_STATE_INVALID` with the path of what is wrong.
 * @public
 */
export function parseComputeState(value: unknown): ComputeState {
  return parseState(computeStateSchema, value, { what: "a compute record" });
}

/** Members in the order of the report, how much a difference weighs, and what mends it. */
const COMPARED: readonly (readonly [keyof ComputeState, Severity, (recorded: ComputeState) => string])[] = [
  ["backend", "error", ({ backend }) => `open backend: "${backend}"; every backend computes other bits`],
  ["tfjs", "warning", ({ tfjs }) => `npm install @tensorflow/tfjs@${tfjs}`],
  ["backendVersion", "warning", ({ backendVersion }) => `install version ${backendVersion} of the backend's package`],
  ["libraryVersion", "error", ({ libraryVersion }) => `use libtensorflow ${libraryVersion ?? ""}`],
  ["binary", "warning", ({ backendVersion }) => `npm install @tensorflow/tfjs-backend-wasm@${backendVersion}`],
  ["flags", "error", () => "leave the flags of tf.env() as they were recorded"],
  ["simd", "error", () => "use an engine with WebAssembly SIMD"],
  ["threads", "error", ({ threads }) => `set TF_NUM_INTRAOP_THREADS=${threads}`],
  ["variables", "error", () => "start the process with the recorded variables"],
  ["device", "warning", ({ device }) => `run on the recorded hardware: ${device}`],
];

/**
 * Lists what differs between two states.
 *
 * @returns `[]` when they are the same. What is measured to change results is an `"error"`; versions, the WebAssembly file
 *   and the device, which may, are a `"warning"`.
 * @public
 */
export function diffComputeState(recorded: ComputeState, actual: ComputeState): readonly Difference[] {
  return COMPARED.flatMap(([name, severity, remedy]) =>
    diffJson(recorded[name] as JsonValue, actual[name] as JsonValue, {
      at: `/${name}`,
      severity,
      remedy: remedy(recorded),
    }),
  );
}
