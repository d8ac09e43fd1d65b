import type { DiffJsonOptions, Difference, JsonObject, JsonValue } from "@repro/core";
import { diffJson, withoutObserved } from "@repro/core";

import { installCommand } from "./packages/manager.ts";
import type { EnvState } from "./state.ts";

/**
 * Lists what differs between two environments.
 *
 * Nothing here is an error: whether a run was reproduced is decided by its outputs. A `"warning"` may change them.
 * Lockfiles, installs and packages are named in paths, not counted: `/installs/./packages/node_modules~1zod/version`.
 * `drift` is not compared: it follows from packages and lockfiles, which are.
 *
 * @param recorded - What a run was recorded on.
 * @param actual - What it would run on now.
 * @returns `[]` when they are the same; each difference says what to do.
 * @public
 */
export function diffEnv(recorded: EnvState, actual: EnvState): readonly Difference[] {
  const [a, b] = [comparable(recorded), comparable(actual)];
  const part = (
    name: string,
    remedy: string,
    severity: DiffJsonOptions["severity"] = "warning",
  ): readonly Difference[] => diffJson(a[name], b[name], { at: `/${name}`, severity, remedy });
  const zoneIsSet = "TZ" in recorded.variables && recorded.variables["TZ"] === actual.variables["TZ"];
  const machine = `run where the record was made: ${machineOf(recorded)}`;
  return [
    ...part("runtime", `use Node ${recorded.runtime.version}`),
    ...part("platform", machine, (path) => (path === "/platform/timeZone" && zoneIsSet ? "info" : "warning")),
    ...part("cpu", machine),
    ...part("variables", "").map((found) => ({ ...found, remedy: variableRemedy(found) })),
    ...part("lockfiles", "check out the recorded commit"),
    ...part("installs", installRemedy(recorded)),
  ];
}

/** The state with its lists as objects by path, so that one more entry is one difference. */
function comparable(state: EnvState): JsonObject {
  const { lockfiles, installs, ...rest } = state;
  const byPath = (entries: readonly { readonly path: string }[]): JsonValue =>
    Object.fromEntries(
      entries.map((entry) => {
        const { path, drift: _, ...held } = entry as { path: string; drift?: unknown } & JsonObject;
        return [path, held];
      }),
    );
  return { ...withoutObserved(rest), lockfiles: byPath(lockfiles), installs: byPath(installs) };
}

function machineOf({ platform, cpu }: EnvState): string {
  const libc =
    platform.libc !== null && "version" in platform.libc ? `${platform.libc.name} ${platform.libc.version}` : "";
  const model = typeof cpu.model === "string" ? cpu.model : "";
  return [platform.distribution ?? platform.os, platform.arch, libc, model].filter((part) => part !== "").join(", ");
}

function variableRemedy({ path, expected }: Difference): string {
  const name = path.slice("/variables/".length);
  return typeof expected === "string" ? `export ${name}='${expected.replaceAll("'", "'\\''")}'` : `unset ${name}`;
}

function installRemedy({ installs }: EnvState): string {
  const commands = installs.flatMap(({ manager }) => installCommand(manager)?.join(" ") ?? []);
  return commands.length === 0 ? "install the recorded versions" : [...new Set(commands)].join("; ");
}
