import { compareCodePoints } from "@repro/core";

import type { EnvHost, MachineFacts } from "../host.ts";
import type { CpuState } from "../state.ts";

/**
 * Instruction sets by which oneDNN, OpenBLAS, MKL, Eigen and XNNPACK choose kernels, as Linux names them: kernels of
 * different widths add in different order. x86 first, then arm64.
 */
const NUMERIC_FEATURES =
  /^(?:sse4_[12]|ssse3|fma|fma4|f16c|avx.*|amx_.*|asimd.*|fphp|fcma|sve.*|sme(?:[2if].*)?|i8mm|bf16)$/;

/** Reads the processor. */
export async function cpuState(host: EnvHost, machine: MachineFacts): Promise<CpuState> {
  const bytes = machine.os === "linux" ? await host.readFile("/proc/cpuinfo") : undefined;
  return {
    model: machine.cpuModel ?? { status: "unknown", reason: "the system names no processor model" },
    features: featuresOf(bytes === undefined ? "" : new TextDecoder().decode(bytes)),
    logicalCores: machine.logicalCores,
  };
}

function featuresOf(cpuinfo: string): CpuState["features"] {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]; // "Features" on arm64
  if (line === undefined) return { status: "unknown", reason: "there is no /proc/cpuinfo that lists them" };
  const names = new Set(line.split(/\s+/).filter((name) => NUMERIC_FEATURES.test(name)));
  return [...names].toSorted(compareCodePoints);
}
