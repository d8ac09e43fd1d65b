import type { Layer, LayerContext, OpenLayer } from "@repro/core";

import { assertInstalled } from "./assert.ts";
import { captureEnv } from "./capture.ts";
import type { CaptureEnvOptions } from "./capture.ts";
import { diffEnv } from "./diff.ts";
import type { EnvHost } from "./host.ts";
import { createNodeHost } from "./host.ts";
import { RECORDED_VARIABLES, requireHarmless } from "./machine/variables.ts";
import { restorePackages } from "./restore.ts";
import { parseEnvState } from "./schema.ts";
import type { EnvState } from "./state.ts";

/**
 * How {@link envLayer} captures.
 *
 * @public
 */
export interface EnvLayerOptions {
  /** `"refuse"` to start when installed packages are not those of the lockfile, or `"record"` that they are not; `"refuse"` when omitted. */
  readonly drift?: "refuse" | "record";
  /** Variables to record beside {@link RECORDED_VARIABLES}, by whole name. Never name one that holds a secret. */
  readonly variables?: readonly string[];
  /** Reads the machine; this one when omitted. */
  readonly host?: EnvHost;
}

/**
 * The environment as a layer of a run: captured when the run opens, and brought back for its replay.
 *
 * Opening throws what {@link captureEnv} and, unless drift is recorded, {@link assertInstalled} throw. Restoring links the
 * `node_modules` of the user's work tree when they hold the recorded packages, and otherwise installs from the recorded
 * lockfile, which runs the install scripts of the packages; the restored layer gives its command the recorded variables.
 *
 * @throws RangeError when `variables` names what reads like a secret.
 * @public
 */
export function envLayer(options: EnvLayerOptions = {}): Layer<EnvState> {
  const { host = createNodeHost(), drift = "refuse", variables = [] } = options;
  requireHarmless(variables);
  return {
    schema: "repro/env/v1",
    open: async (context) => {
      const state = await captureEnv(context.root, { ...captureOptions(context, host), variables });
      if (drift === "refuse") assertInstalled(state);
      return { handle: state, seal: async () => state };
    },
    parse: parseEnvState,
    diff: diffEnv,
    restore: async (recorded, context) => {
      await restorePackages(recorded, { ...context, host });
      return { layer: restoredLayer(recorded, host, variables) };
    },
  };
}

/**
 * Never refuses: in a replay, what counts is not the lockfile but the record, and what differs from that is listed.
 * Variables that would be recorded and were not set then are unset: `OMP_NUM_THREADS` of today's shell is not the record's.
 */
function restoredLayer(recorded: EnvState, host: EnvHost, variables: readonly string[]): Layer<EnvState> {
  const names = [...new Set([...variables, ...Object.keys(recorded.variables)])];
  return {
    ...envLayer({ host, variables: names }),
    open: async (context): Promise<OpenLayer<EnvState, EnvState>> => {
      const unset = [...RECORDED_VARIABLES, ...names].filter((name) => !Object.hasOwn(recorded.variables, name));
      const absent = Object.fromEntries(unset.map((name) => [name, null]));
      const cleared = Object.fromEntries(unset.map((name) => [name, undefined]));
      const env = { ...context.env, ...cleared, ...recorded.variables };
      const state = await captureEnv(context.root, { ...captureOptions(context, host), variables: names, env });
      return { handle: state, variables: { ...absent, ...recorded.variables }, seal: async () => state };
    },
  };
}

function captureOptions(context: LayerContext, host: EnvHost): CaptureEnvOptions {
  const { cwd, env, signal } = context;
  return { cwd, env, host, ...(signal === undefined ? {} : { signal }) };
}
