import type { RunComparison } from "@repro/run-context";
import type { JsonObject, ReproError } from "@repro/core";

/** What every command answers with: 0 it holds, 1 it does not, 2 it cannot be told, 3 the question was wrong. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Failures that say "it does not hold"; whatever else fails leaves it untold. */
const DOES_NOT_HOLD: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "DATA_CHANGED_DURING_RUN",
  "GIT_DIRTY",
  "RUN_COMMAND_FAILED",
  "RUN_COMMAND_KILLED",
  "RUN_NOT_CLOSED",
  "RUN_OUTPUT_MISSING",
  "RUN_OUTPUT_STALE",
  "SEED_UNSEEDED_RANDOM",
]);

/** The exit status for a failure. */
export function exitCodeOf(error: ReproError): ExitCode {
  if (error.code === "CLI_USAGE") return 3;
  return DOES_NOT_HOLD.has(error.code) || error.code.endsWith("_MISMATCH") ? 1 : 2;
}

/** The exit status for a comparison. */
export function exitCodeFor(verdict: RunComparison["verdict"]): ExitCode {
  return { "bit-identical": 0, diverged: 1, blocked: 2 }[verdict] as ExitCode;
}

/** A failure as JSON. */
export function errorJson(error: ReproError): JsonObject {
  return { error: { code: error.code, message: error.message, remedy: error.remedy, data: error.data } };
}
