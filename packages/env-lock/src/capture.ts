import type { EnvHost } from "./host.ts";
import { createNodeHost, pathInside, processEnvironment } from "./host.ts";
import { cpuState } from "./machine/cpu.ts";
import { platformState } from "./machine/platform.ts";
import { runtimeState } from "./machine/runtime.ts";
import { recordedVariables, requireHarmless } from "./machine/variables.ts";
import { readInstalls } from "./packages/install.ts";
import { findLockfiles } from "./packages/lockfile.ts";
import { deepFreeze } from "./schema.ts";
import type { EnvState } from "./state.ts";

/**
 * What {@link captureEnv} reads.
 *
 * @public
 */
export interface CaptureEnvOptions {
  /** Absolute working directory, `root` or inside it: packages and lockfiles are looked for from here upward. `root` when omitted. */
  readonly cwd?: string;
  /** Environment variables of the recorded process; those of this process when omitted. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Variables to record beside {@link RECORDED_VARIABLES}, by whole name. Never name one that holds a secret. */
  readonly variables?: readonly string[];
  /** Reads the machine; this one when omitted. */
  readonly host?: EnvHost;
  /** Stops the capture. */
  readonly signal?: AbortSignal;
}

/**
 * Records what a program runs on: runtime, system, processor, variables, lockfiles and installed packages.
 *
 * Writes nothing. Two captures on an unchanged machine are equal, but for `observed`. The runtime is that of this process.
 *
 * @param root - Absolute path of the folder that recorded paths are relative to. Nothing above it is looked at.
 * @returns The state, frozen.
 * @throws RangeError when `cwd` is not inside `root`, or `variables` names what reads like a secret.
 * @throws ReproError `ENV_LOCKFILE_INVALID` when a lockfile is malformed; `ENV_UNREADABLE` when a file cannot be read.
 * @public
 */
export async function captureEnv(root: string, options: CaptureEnvOptions = {}): Promise<EnvState> {
  const { host = createNodeHost(), cwd = root, env = processEnvironment(), variables = [], signal } = options;
  requireHarmless(variables);
  const folders = foldersUpward(root, cwd);
  const machine = host.machine();
  const lockfiles = await findLockfiles(host, root, folders);
  return deepFreeze<EnvState>({
    schema: "repro/env/v1",
    runtime: runtimeState(machine, env["NODE_OPTIONS"] ?? ""),
    platform: await platformState(host, machine),
    cpu: await cpuState(host, machine),
    variables: recordedVariables(env, variables),
    lockfiles: lockfiles.map(({ state }) => state),
    installs: await readInstalls({ host, root, folders, lockfiles, ...(signal === undefined ? {} : { signal }) }),
    observed: {
      capturedAt: host.now(),
      hostName: machine.hostName,
      kernel: machine.kernel,
      execPath: machine.execPath,
      memoryBytes: machine.memoryBytes,
    },
  });
}

/** `cwd` and the folders above it, up to `root`, relative to `root`, nearest first. */
function foldersUpward(root: string, cwd: string): readonly string[] {
  const way = pathInside(root, cwd);
  if (way === undefined) throw new RangeError(`captureEnv: "cwd" must be inside "${root}", got "${cwd}"`);
  const names = way === "." ? [] : way.split("/");
  return [...names.map((_, index) => names.slice(0, names.length - index).join("/")), "."];
}
