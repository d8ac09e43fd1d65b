import type { MachineFacts } from "../host.ts";
import type { RuntimeState } from "../state.ts";

/**
 * Flags that are recorded: which modules load, what the language is, how much memory there is. Flags that carry code,
 * paths or ports (`--eval`, `--require`, `--inspect`) are not: they hold secrets, or differ from one checkout to the next.
 */
const RECORDED_FLAG =
  /^--(?:conditions=|experimental-|no-experimental-|harmony|no-harmony|jitless|predictable|random-seed=|stack-size=|max-old-space-size=|max-semi-space-size=|expose-gc|preserve-symlinks|disable-proto=|frozen-intrinsics|use-strict|no-opt|single-threaded|v8-pool-size=)/;

/** Reads the runtime. `nodeOptions` is the value of `NODE_OPTIONS`. */
export function runtimeState(machine: MachineFacts, nodeOptions: string): RuntimeState {
  const { versions } = machine;
  return {
    name: "node",
    version: versions["node"] ?? "",
    v8: versions["v8"] ?? null,
    openssl: versions["openssl"] ?? null,
    icu: versions["icu"] ?? null,
    tz: versions["tz"] ?? null,
    abi: versions["modules"] ?? null,
    flags: [...recordedFlags(nodeOptions.split(/\s+/)), ...recordedFlags(machine.execArgv)],
  };
}

function recordedFlags(args: readonly string[]): readonly string[] {
  return joinConditions(args).filter((arg) => RECORDED_FLAG.test(arg));
}

/** `-C x` and `--conditions x` are two arguments and one flag, the only one of its sort among the recorded ones. */
function joinConditions(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const value = args[index + 1];
    return (arg === "-C" || arg === "--conditions") && value !== undefined ? [`--conditions=${value}`] : [arg];
  });
}
