import { isReproError } from "@repro/core";
import type { ReproError } from "@repro/core";

/** The error with which a function fails. */
export function thrown(run: () => unknown): ReproError {
  try {
    run();
  } catch (error) {
    if (isReproError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
