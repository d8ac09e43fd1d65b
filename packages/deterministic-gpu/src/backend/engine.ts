import type { ReproError } from "@repro/core";

import type { ComputeErrorCode } from "../error.ts";
import type { Tfjs } from "./peer.ts";
import type { ComputeState } from "../state.ts";

/** A backend that has become the active one of TensorFlow.js's engine. */
export interface ActiveBackend {
  /** What it is, but for what all backends have in common. */
  readonly facts: Omit<ComputeState, "schema" | "tfjs">;
  /** Gives the engine back. */
  readonly restore: () => Promise<void>;
}

/**
 * Remembers the active backend.
 *
 * @returns Makes it active again. Where none was, cpu: what Node has without another package.
 */
export function keepBackend(tf: Tfjs): () => Promise<void> {
  const previous = tf.getBackend();
  return async () => {
    if (tf.getBackend() !== previous) await tf.setBackend(previous || "cpu");
  };
}

/**
 * Makes a registered backend the active one.
 *
 * @param refusal - The error when it does not start; gets what it said.
 */
export async function activate(
  tf: Tfjs,
  backend: string,
  refusal: (cause: unknown) => ReproError<ComputeErrorCode>,
): Promise<() => Promise<void>> {
  const restore = keepBackend(tf);
  let cause: unknown;
  try {
    if (await tf.setBackend(backend)) return restore;
  } catch (error) {
    cause = error;
  }
  await restore(); // a backend that failed to start stays the active one otherwise, and every operation then fails
  throw refusal(cause);
}

/** Reads flags that choose between kernels. */
export async function readFlags(
  tf: Tfjs,
  names: readonly string[],
): Promise<Record<string, boolean | number | string>> {
  const flags: [string, boolean | number | string][] = [];
  for (const name of names) flags.push([name, await tf.env().getAsync(name)]);
  return Object.fromEntries(flags);
}
