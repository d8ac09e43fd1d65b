import { isReproError } from "@repro/core";
import * as tf from "@tensorflow/tfjs";
import { expect, test, vi } from "vitest";

import { computeHost, openCompute } from "../src/index.ts";
import { hostWith } from "./fixture.ts";

// A file of its own: tfjs-wasm cannot be started again in a process where it once failed.
test("a SIMD file that is not WebAssembly is unusable, and auto goes on with cpu", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    await tf.setBackend("cpu");
    const { resolve } = computeHost();
    const host = hostWith({
      resolve: (name) => (name.endsWith(".wasm") ? import.meta.filename : resolve(name)),
    });
    const failure = await openCompute({ backend: "wasm", host }).catch((reason: unknown) => reason);
    expect(isReproError(failure, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
    expect(tf.getBackend()).toBe("cpu");
    await using compute = await openCompute({ backend: "auto", host });
    expect(compute.backend).toBe("cpu");
    expect(compute.tf.tensor1d([2]).square().arraySync()).toEqual([4]);
  } finally {
    warn.mockRestore();
    error.mockRestore();
  }
});
