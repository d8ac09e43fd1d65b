import { isReproError } from "@repro/core";
import * as tf from "@tensorflow/tfjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ComputeHost, GpuAdapter } from "../src/index.ts";
import { computeHost, openCompute } from "../src/index.ts";
import { hostWith } from "./fixture.ts";

const PEER = "@tensorflow/tfjs-backend-webgpu";
const FLAG = "WEBGPU_MATMUL_PROGRAM_TYPE";

beforeEach(async () => {
  await tf.setBackend("cpu");
});

afterEach(async () => {
  await tf.setBackend("cpu");
  if (tf.findBackendFactory("webgpu") !== null) tf.removeBackend("webgpu");
});

/** A machine with an adapter, where importing the backend registers it as the real one does: tfjs-cpu's arithmetic. */
function hostWithAdapter(adapter: GpuAdapter | null, starts = true): ComputeHost {
  const real = computeHost();
  return hostWith({
    gpu: { requestAdapter: () => Promise.resolve(adapter) },
    resolve: (name) => (name === PEER ? `/${PEER}` : real.resolve(name)),
    load: async (file) => {
      if (file !== `/${PEER}`) return real.load(file);
      const Backend = tf.findBackend("cpu").constructor as new () => ReturnType<typeof tf.findBackend>;
      tf.registerBackend("webgpu", () => (starts ? new Backend() : Promise.reject(new Error("no device"))), 3);
      tf.env().registerFlag(FLAG, () => -1);
      tf.env().registerFlag("WEBGPU_CPU_FORWARD", () => true);
      return { version_webgpu: "4.22.0" };
    },
  });
}

test.each([
  ["no navigator.gpu", hostWith({})],
  ["no adapter", hostWithAdapter(null)],
])("with %s webgpu is unusable", async (_, host) => {
  const error = await openCompute({ backend: "webgpu", host }).catch((reason: unknown) => reason);
  expect(isReproError(error, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
  expect(error).toMatchObject({ data: { backend: "webgpu" } });
});

test("with an adapter and without its package webgpu says how to install it", async () => {
  const { gpu } = hostWithAdapter({});
  const error = await openCompute({ backend: "webgpu", host: hostWith({ gpu }) }).catch((reason: unknown) => reason);
  expect(isReproError(error, "COMPUTE_PEER_MISSING")).toBe(true);
  expect(error).toMatchObject({ remedy: `npm install ${PEER}@4.22.0` });
});

test("matmul is set to the program without atomics, and set back", async () => {
  const host = hostWithAdapter({ info: { description: "", device: "NVIDIA H200", vendor: "nvidia" } });
  const compute = await openCompute({ backend: "webgpu", host });
  expect(compute.state).toMatchObject({
    backend: "webgpu",
    flags: { [FLAG]: 3, WEBGPU_CPU_FORWARD: true },
    device: "NVIDIA H200",
    threads: 0,
  });
  expect(tf.env().get(FLAG)).toBe(3);
  await compute[Symbol.asyncDispose]();
  expect([tf.env().get(FLAG), tf.getBackend()]).toEqual([-1, "cpu"]);
});

test("a device that does not start is unusable, and the active backend stays", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined); // tfjs prints the stack
  const error = await openCompute({ backend: "webgpu", host: hostWithAdapter({}, false) }).catch((e: unknown) => e);
  warn.mockRestore();
  expect(isReproError(error, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
  expect(tf.getBackend()).toBe("cpu");
});
