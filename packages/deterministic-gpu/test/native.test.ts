import { isReproError } from "@repro/core";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ComputeHost } from "../src/index.ts";
import { computeHost, openCompute } from "../src/index.ts";
import { hostWith } from "./fixture.ts";

/** What TensorFlow's kernels must find, on a machine with 6 processors. */
const VARIABLES = {
  CUBLAS_WORKSPACE_CONFIG: ":4096:8",
  NVIDIA_TF32_OVERRIDE: "0",
  TF_CUDNN_DETERMINISTIC: "1",
  TF_CUDNN_USE_AUTOTUNE: "0",
  TF_DETERMINISTIC_OPS: "1",
  TF_ENABLE_ONEDNN_OPTS: "0",
  TF_NUM_INTRAOP_THREADS: "6",
};

/** A machine where importing tfjs-node does what `load` does. */
function hostWithNode(load: (env: ComputeHost["env"]) => unknown, changes: Partial<ComputeHost> = {}): ComputeHost {
  const real = computeHost();
  const env: ComputeHost["env"] = {};
  return hostWith({
    env,
    cores: 6,
    cpuModel: "Test CPU",
    resolve: (name) => (name.startsWith("@tensorflow/tfjs-node") ? `/${name}` : real.resolve(name)),
    load: async (file) => (file.startsWith("/@tensorflow/tfjs-node") ? load(changes.env ?? env) : real.load(file)),
    ...changes,
  });
}

/** Registers a backend as tfjs-node does on import: tfjs-cpu's arithmetic under the name "tensorflow". */
function registerNode(isUsingGpuDevice: boolean): { version: Record<string, string> } {
  const Backend = tf.findBackend("cpu").constructor as new () => ReturnType<typeof tf.findBackend>;
  const facts = { isUsingGpuDevice, binding: { TF_Version: "2.9.1" } };
  tf.registerBackend("tensorflow", () => Object.assign(new Backend(), facts), 3);
  return { version: { "tfjs-node": "4.22.0" } };
}

beforeEach(async () => {
  await tf.setBackend("cpu");
});

afterEach(async () => {
  await tf.setBackend("cpu");
  if (tf.findBackendFactory("tensorflow") !== null) tf.removeBackend("tensorflow");
});

describe("a tfjs-node that works", () => {
  test("finds the variables when it is loaded, and they are taken back", async () => {
    let found: unknown;
    const host = hostWithNode((env) => {
      found = { ...env };
      return registerNode(false);
    });
    const compute = await openCompute({ backend: "tensorflow", host });
    expect(found).toEqual(VARIABLES);
    expect(compute.tf.getBackend()).toBe("tensorflow");
    expect(compute.state).toMatchObject({
      backend: "tensorflow",
      backendVersion: "4.22.0",
      libraryVersion: "2.9.1",
      variables: VARIABLES,
      threads: 6,
      device: "Test CPU",
    });
    await compute[Symbol.asyncDispose]();
    expect(host.env).toEqual({});
    expect(tf.getBackend()).toBe("cpu");
  });

  test("keeps values that the user chose", async () => {
    const env = { CUBLAS_WORKSPACE_CONFIG: ":16:8", TF_NUM_INTRAOP_THREADS: "1" };
    const host = hostWithNode(() => registerNode(false), { env });
    await using compute = await openCompute({ backend: "tensorflow", host });
    expect(compute.state.variables).toEqual({ ...VARIABLES, ...env });
    expect(compute.state.threads).toBe(1);
  });

  test("is used on a GPU when it has one", async () => {
    await using compute = await openCompute({
      backend: "tensorflow-gpu",
      host: hostWithNode(() => registerNode(true)),
    });
    expect(compute.state).toMatchObject({ backend: "tensorflow-gpu", threads: 0, device: "gpu" });
  });

  test("is refused as tensorflow-gpu when it computes on the processor", async () => {
    const host = hostWithNode(() => registerNode(false));
    const error = await openCompute({ backend: "tensorflow-gpu", host }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
    expect([tf.getBackend(), host.env]).toEqual(["cpu", {}]);
  });

  test("is refused when it was loaded before the variables could be set", async () => {
    registerNode(false);
    const host = hostWithNode(() => registerNode(false));
    const error = await openCompute({ backend: "tensorflow", host }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_OPENED_TOO_LATE")).toBe(true);
    expect(host.env).toEqual({});
  });

  test("is accepted when it was loaded under the variables", async () => {
    const node = registerNode(false);
    await using compute = await openCompute({
      backend: "tensorflow",
      host: hostWithNode(() => node, { env: { ...VARIABLES } }),
    });
    expect(compute.state.variables).toEqual(VARIABLES);
  });

  test("is refused in a worker thread, where native code sees no new variables", async () => {
    const host = hostWithNode(() => registerNode(false), { ownsEnvironment: false });
    const error = await openCompute({ backend: "tensorflow", host }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_OPENED_TOO_LATE")).toBe(true);
  });
});

describe("a tfjs-node that does not work", () => {
  test.each(["tensorflow", "tensorflow-gpu"] as const)(
    "%s keeps the cause and names the next step",
    async (backend) => {
      const cause = new Error("The Node.js native addon module (tfjs_binding.node) can not be found");
      const host = hostWithNode(() => {
        throw cause;
      });
      const error = await openCompute({ backend, host }).catch((reason: unknown) => reason);
      expect(isReproError(error, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
      expect(error).toMatchObject({ cause, remedy: expect.stringMatching(/^use backend: "wasm", or .*node-pre-gyp/) });
      expect(host.env).toEqual({});
    },
  );

  test.each([
    ["TF_DETERMINISTIC_OPS", "0"],
    ["TF_CUDNN_USE_AUTOTUNE", "1"],
    ["CUBLAS_WORKSPACE_CONFIG", ""],
    ["TF_NUM_INTRAOP_THREADS", "0"],
  ])("%s=%s contradicts determinism", async (name, value) => {
    const host = hostWithNode(() => registerNode(false), { env: { [name]: value } });
    const error = await openCompute({ backend: "tensorflow", host }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_VARIABLE_CONFLICT")).toBe(true);
    expect(error).toMatchObject({ data: { name, got: value } });
    expect(host.env).toEqual({ [name]: value });
  });
});
