import { dataLayer } from "@repro/data-hash";
import { envLayer } from "@repro/env-lock";
import { gitLayer } from "@repro/git-state";
import { listProducts, rootRelative } from "@repro/run-context";
import type { RunCommand, RunLayers } from "@repro/run-context";
import { seedLayer } from "@repro/seed";

import { usage } from "./arguments.ts";
import type { RunRequest } from "./arguments.ts";

/** Which files become outputs of `repro run`. */
export function collectedBy(request: RunRequest, cwd: string): RunCommand["collects"] {
  if (request.outputs === undefined) return "written";
  return Object.fromEntries(Object.entries(request.outputs).map(([name, file]) => [name, rootRelative(file, { cwd })]));
}

/**
 * The layers of `repro run`: code, data where some is named, environment, randomness where there is a seed.
 *
 * @param cwd - Absolute working directory.
 * @param seeded - Whether `REPRO_SEED` is set for the command.
 */
export function recordingLayers(request: RunRequest, cwd: string, seeded: boolean): RunLayers {
  const collects = collectedBy(request, cwd);
  const named = typeof collects === "string" ? [] : Object.values(collects);
  const exclude = [...named, ...listProducts({ cwd })];
  return {
    git: gitLayer({ dirty: request.allowDirty ? "capture" : "refuse", exclude }),
    ...(Object.keys(request.data).length === 0 ? {} : { data: namedData(request.data) }),
    env: envLayer(),
    ...(seeded ? { seed: guardedSeed(request.guard ?? "record") } : {}),
  };
}

/** The layers that bring a record back, in the order in which they do: the work tree, what goes into it, what drives it. */
export function replayLayers(): RunLayers {
  return { git: gitLayer(), data: dataLayer({}), env: envLayer(), seed: seedLayer() };
}

function namedData(data: RunRequest["data"]): RunLayers[string] {
  try {
    return dataLayer(data);
  } catch (error) {
    if (error instanceof RangeError) throw usage(`--data: ${error.message}`, error);
    throw error;
  }
}

function guardedSeed(guard: string): RunLayers[string] {
  try {
    return seedLayer(undefined, { guard });
  } catch (error) {
    if (error instanceof RangeError) throw usage(`--guard: ${error.message}`, error);
    throw error;
  }
}
