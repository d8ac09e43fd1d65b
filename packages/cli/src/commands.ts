import type { JsonObject } from "@repro/core";
import { isReproError } from "@repro/core";
import { determinismVariables } from "@repro/deterministic-gpu";
import { diffRuns, readRun, recordCommand, replayRun } from "@repro/run-context";
import type { RecordedCommand, ReplayProgress, RunComparison } from "@repro/run-context";
import { parseSeed } from "@repro/seed";

import { stopped, usage } from "./arguments.ts";
import type { RunRequest } from "./arguments.ts";
import { errorJson, exitCodeFor, exitCodeOf } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { environment, onStop, workingFolder, writeError } from "./host.ts";
import { collectedBy, recordingLayers, replayLayers } from "./layers.ts";
import { describeComparison, describeError, describeRun, describeSecrets, summarizeRun } from "./report.ts";
import { printable } from "./style.ts";
import type { Style } from "./style.ts";

/** What a command answers. */
export interface Answer {
  readonly exitCode: ExitCode;
  /** The document for `--json`. */
  readonly json: JsonObject;
  /** The same for people. */
  readonly text: string;
}

/** `repro run`: the command's own output comes first, the summary of its record last. */
export async function run(request: RunRequest, style: Style): Promise<Answer> {
  const variables = environment();
  const seed = request.seed ?? variables["REPRO_SEED"];
  if (seed === undefined && request.guard !== undefined)
    throw usage(`--guard ${request.guard} needs a seed: --seed 42`);
  if (request.seed !== undefined) checkSeed(request.seed);
  const cwd = workingFolder();
  const made = await recordCommand(request.argv, {
    layers: recordingLayers(request, cwd, seed !== undefined),
    collects: collectedBy(request, cwd),
    process: { cwd, env: withDeterminism(seed === undefined ? variables : { ...variables, REPRO_SEED: seed }) },
    stdout: request.json ? "stderr" : "inherit",
    signal: onStop(stopped),
  });
  if (seed === undefined)
    writeError(style.warn("! no --seed: the program's randomness is its own, and a replay will draw other numbers\n"));
  writeError(describeSecrets(made.file.record, style));
  return answerRun(made, style);
}

/** A seed on the command line that is none is a mistake of whoever typed it. */
function checkSeed(text: string): void {
  try {
    parseSeed(text);
  } catch (error) {
    if (!isReproError(error)) throw error;
    throw usage(`--seed: ${error.message}`, error);
  }
}

function answerRun({ runId, digest, location, file, failure }: RecordedCommand, style: Style): Answer {
  const { status, outputs, metrics, trace } = file.record;
  const summary = {
    runId,
    digest,
    location,
    status,
    outputs: outputs.map((output) => ({ ...output })),
    metrics,
    steps: trace?.steps ?? 0,
  };
  if (failure !== null) {
    const text = `${describeError(failure, style)}${style.faint("  the failed run is kept: ")}${summarizeRun(file, style)}`;
    return { exitCode: exitCodeOf(failure), json: { ...summary, ...errorJson(failure) }, text };
  }
  const text = `${style.good("✓ recorded")} ${summarizeRun(file, style)}`;
  return { exitCode: 0, json: summary, text };
}

/** `repro replay`. */
export async function replay(name: string, style: Style): Promise<Answer> {
  const cwd = workingFolder();
  const comparison = await replayRun(readRun(name, { cwd }), {
    layers: replayLayers(),
    process: { cwd, env: withDeterminism(environment()) },
    onProgress: (progress) => writeError(style.faint(`  ${describeProgress(progress)}\n`)),
    signal: onStop(stopped),
  });
  return answerComparison(comparison, style);
}

function describeProgress(progress: ReplayProgress): string {
  if (progress.phase === "restore") return `restoring ${printable(progress.layer)}`;
  return progress.phase === "run" ? `running ${printable(progress.argv.join(" "))}` : "comparing";
}

/** `repro diff`. */
export function diff(recorded: string, actual: string, style: Style): Answer {
  const cwd = workingFolder();
  return answerComparison(
    diffRuns(readRun(recorded, { cwd }), readRun(actual, { cwd }), { layers: replayLayers() }),
    style,
  );
}

function answerComparison(comparison: RunComparison, style: Style): Answer {
  return {
    exitCode: exitCodeFor(comparison.verdict),
    json: { ...comparison } as unknown as JsonObject, // an interface has no index signature; every member is JSON
    text: describeComparison(comparison, style),
  };
}

/** `repro show`. */
export function show(name: string, style: Style): Answer {
  const { file } = readRun(name, { cwd: workingFolder() });
  return { exitCode: 0, json: { ...file } as unknown as JsonObject, text: describeRun(file, style) }; // read from JSON
}

/** What makes native libraries compute the same way twice, where the user has not said otherwise. */
function withDeterminism(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return { ...env, ...determinismVariables(env) };
}
