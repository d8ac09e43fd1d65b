import { isReproError } from "@repro/core";
import { describe, expect, test } from "vitest";

import type { ComputeState } from "../src/index.ts";
import { computeStateSchema, diffComputeState, parseComputeState } from "../src/index.ts";

const STATE: ComputeState = {
  schema: "repro/compute/v1",
  backend: "wasm",
  tfjs: "4.22.0",
  backendVersion: "4.22.0",
  libraryVersion: null,
  binary: `sha256:${"0".repeat(64)}`,
  flags: { WASM_HAS_SIMD_SUPPORT: true },
  simd: true,
  threads: 1,
  variables: {},
  device: "any",
};

describe("parsing", () => {
  test("a state is read as it was written", () => {
    expect(parseComputeState(JSON.parse(JSON.stringify(STATE)))).toEqual(STATE);
  });

  test.each([
    ["/schema", { ...STATE, schema: "repro/compute/v2" }],
    ["/backend", { ...STATE, backend: "auto" }],
    ["/binary", { ...STATE, binary: "sha1:00" }],
    ["/threads", { ...STATE, threads: 0.5 }],
    ["/flags/A", { ...STATE, flags: { A: null } }],
    ["", { ...STATE, extra: 1 }],
    ["", null],
  ])("what is wrong at %s is named", (path, value) => {
    let caught: unknown;
    try {
      parseComputeState(value);
    } catch (error) {
      caught = error;
    }
    expect(isReproError(caught, "LAYER_STATE_INVALID")).toBe(true);
    expect(caught).toMatchObject({ data: { issues: [{ path }] } });
  });

  test("every member is required", () => {
    for (const name of Object.keys(STATE)) {
      const { [name as keyof ComputeState]: _, ...rest } = STATE;
      expect(computeStateSchema.safeParse(rest).success, name).toBe(false);
    }
  });
});

describe("comparing", () => {
  test("a state does not differ from itself", () => {
    expect(diffComputeState(STATE, structuredClone(STATE))).toEqual([]);
  });

  test.each<[string, string, Partial<ComputeState>]>([
    ["/backend", "error", { backend: "cpu" }],
    ["/tfjs", "warning", { tfjs: "4.21.0" }],
    ["/backendVersion", "warning", { backendVersion: "4.21.0" }],
    ["/libraryVersion", "error", { libraryVersion: "2.9.1" }],
    ["/binary", "warning", { binary: null }],
    ["/flags/WASM_HAS_SIMD_SUPPORT", "error", { flags: { WASM_HAS_SIMD_SUPPORT: false } }],
    ["/simd", "error", { simd: false }],
    ["/threads", "error", { threads: 4 }],
    ["/variables/TF_DETERMINISTIC_OPS", "error", { variables: { TF_DETERMINISTIC_OPS: "1" } }],
    ["/device", "warning", { device: "x64" }],
  ])("%s is one difference, of severity %s, with a remedy", (path, severity, change) => {
    const differences = diffComputeState(STATE, { ...STATE, ...change });
    expect(differences).toMatchObject([{ path, severity, remedy: expect.stringMatching(/./) }]);
  });

  test("every member but the schema is compared", () => {
    const other: ComputeState = {
      ...STATE,
      backend: "cpu",
      tfjs: "1",
      backendVersion: "1",
      libraryVersion: "1",
      binary: null,
      flags: {},
      simd: false,
      threads: 2,
      variables: { A: "1" },
      device: "x64",
    };
    const members = diffComputeState(STATE, other).map(({ path }) => path.split("/")[1]);
    expect(["schema", ...members]).toEqual(Object.keys(STATE));
  });
});
