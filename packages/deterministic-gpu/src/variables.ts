import { ReproError } from "@repro/core";

import type { ComputeErrorCode } from "./error.ts";

/** One environment variable, the value we set, other values that are as good, and where its meaning is written. */
interface DeterminismVariable {
  readonly name: string;
  readonly value: string;
  readonly alsoGood: readonly string[];
  /** Document, or file of the program that reads it. */
  readonly source: string;
}

const TRUE = ["1", "true"];
const FALSE = ["0", "false"];

/** None of these costs anything where the library that reads it is not loaded. */
const VARIABLES: readonly DeterminismVariable[] = [
  // A fixed workspace per stream: with cuBLAS's own choice, kernels of concurrent streams may pick different algorithms.
  {
    name: "CUBLAS_WORKSPACE_CONFIG",
    value: ":4096:8",
    alsoGood: [":16:8"],
    source: "https://docs.nvidia.com/cuda/cublas/#results-reproducibility",
  },
  // No TF32: products of float32 keep their 24 bits on Ampere and later.
  {
    name: "NVIDIA_TF32_OVERRIDE",
    value: "0",
    alsoGood: [],
    source: "https://developer.nvidia.com/blog/accelerating-ai-training-with-tf32-tensor-cores/",
  },
  // The older switch, for cuDNN's convolutions and pooling only.
  {
    name: "TF_CUDNN_DETERMINISTIC",
    value: "1",
    alsoGood: TRUE,
    source: "tensorflow 2.9 tensorflow/stream_executor/cuda/cuda_dnn.cc",
  },
  // Autotuning picks the algorithm that happened to be fastest in this process.
  {
    name: "TF_CUDNN_USE_AUTOTUNE",
    value: "0",
    alsoGood: FALSE,
    source: "tensorflow 2.9 tensorflow/core/util/use_cudnn.cc",
  },
  // Deterministic variant of each kernel, or an Unimplemented error. Read once, when the first kernel asks.
  {
    name: "TF_DETERMINISTIC_OPS",
    value: "1",
    alsoGood: TRUE,
    source: "tensorflow 2.9 tensorflow/core/util/determinism.cc",
  },
  // oneDNN orders its sums by what the processor can do; on by default on x86-64 since 2.9.
  {
    name: "TF_ENABLE_ONEDNN_OPTS",
    value: "0",
    alsoGood: FALSE,
    source: "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0",
  },
];

/**
 * Lists the environment variables that a process must find set, so that CUDA libraries and TensorFlow compute the same bits.
 *
 * They must be there before the native library loads; the sources stand beside the table in `variables.ts`. Where `env`
 * already says something, `env` is left alone, also where it says the opposite: {@link openCompute} refuses that.
 *
 * @param env - Environment of that process.
 * @returns What is missing in `env`; `{}` when nothing is.
 * @example
 * ```ts
 * determinismVariables({ CUBLAS_WORKSPACE_CONFIG: ":16:8", TF_DETERMINISTIC_OPS: "0", TF_CUDNN_DETERMINISTIC: "1" });
 * // => { NVIDIA_TF32_OVERRIDE: "0", TF_CUDNN_USE_AUTOTUNE: "0", TF_ENABLE_ONEDNN_OPTS: "0" }
 * ```
 * @public
 */
export function determinismVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const missing = VARIABLES.filter(({ name }) => env[name] === undefined);
  return Object.fromEntries(missing.map(({ name, value }) => [name, value]));
}

/**
 * The variables as a native library will find them, once those that are missing have been set.
 *
 * @throws ReproError `COMPUTE_VARIABLE_CONFLICT` when one is set to a value that allows nondeterminism.
 */
export function variablesInForce(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(VARIABLES.map((variable) => [variable.name, valueInForce(variable, env[variable.name])]));
}

function valueInForce({ name, value, alsoGood, source }: DeterminismVariable, current: string | undefined): string {
  if (current === undefined || current === value || alsoGood.includes(current)) return current ?? value;
  throw new ReproError<ComputeErrorCode>(
    `openCompute: ${name} must be "${value}", and the environment says "${current}"`,
    {
      code: "COMPUTE_VARIABLE_CONFLICT",
      remedy: `unset ${name}`,
      data: { name, wanted: value, got: current, source },
    },
  );
}
