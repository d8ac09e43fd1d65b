import { createRequire } from "node:module";

import { isReproError } from "@repro/core";
import * as userTf from "@tensorflow/tfjs";
import { afterEach, describe, expect, test } from "vitest";

import { computeHost, openCompute } from "../src/index.ts";
import { hostWith, hostWithout } from "./fixture.ts";

const SIMD = "WASM_HAS_SIMD_SUPPORT";

afterEach(async () => {
  await userTf.setBackend("cpu");
});

describe("opening a portable backend", () => {
  test("wasm computes with its SIMD build on one thread", async () => {
    await using compute = await openCompute({ backend: "wasm" });
    expect(compute.tf.getBackend()).toBe("wasm");
    expect(compute.state).toEqual({
      schema: "repro/compute/v1",
      backend: "wasm",
      tfjs: "4.22.0",
      backendVersion: "4.22.0",
      libraryVersion: null,
      // sha256sum of dist/tfjs-backend-wasm-simd.wasm in the npm package 4.22.0
      binary: "sha256:77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
      flags: { WASM_HAS_SIMD_SUPPORT: true, WASM_HAS_MULTITHREAD_SUPPORT: false },
      simd: true,
      threads: 1,
      variables: {},
      device: "any",
    });
  });

  test("cpu records the architecture, on which the engine's Math functions depend", async () => {
    await using compute = await openCompute({ backend: "cpu", host: hostWith({ arch: "arm64" }) });
    expect(compute.tf.getBackend()).toBe("cpu");
    expect(compute.state).toMatchObject({ backend: "cpu", backendVersion: "4.22.0", device: "arm64", binary: null });
  });

  test("auto is wasm where wasm is usable", async () => {
    await using compute = await openCompute({ backend: "auto" });
    expect(compute.backend).toBe("wasm");
  });

  test("auto is cpu where the wasm package is missing", async () => {
    await using compute = await openCompute({ backend: "auto", host: hostWithout("@tensorflow/tfjs-backend-wasm") });
    expect([compute.backend, compute.state.backend, compute.tf.getBackend()]).toEqual(["cpu", "cpu", "cpu"]);
  });

  test("the state cannot be changed", async () => {
    await using compute = await openCompute({ backend: "wasm" });
    expect(Object.isFrozen(compute.state) && Object.isFrozen(compute.state.flags)).toBe(true);
  });
});

describe("the engine is the program's own", () => {
  test("import, require and openCompute share one tfjs and one engine", async () => {
    await using compute = await openCompute({ backend: "wasm" });
    const required = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof userTf;
    expect(compute.tf.Tensor).toBe(userTf.Tensor);
    expect(required.Tensor).toBe(userTf.Tensor);
    expect(compute.tf.engine()).toBe(userTf.engine());
    expect(userTf.getBackend()).toBe("wasm");
  });

  test("disposing makes the backend of before active again, in reverse order", async () => {
    const outer = await openCompute({ backend: "cpu" });
    const inner = await openCompute({ backend: "wasm" });
    expect(userTf.getBackend()).toBe("wasm");
    await inner[Symbol.asyncDispose]();
    expect(userTf.getBackend()).toBe("cpu");
    await outer[Symbol.asyncDispose]();
    expect(userTf.getBackend()).toBe("cpu");
  });

  test("disposing twice does not undo what was opened in between", async () => {
    const first = await openCompute({ backend: "wasm" });
    await first[Symbol.asyncDispose]();
    await using _second = await openCompute({ backend: "wasm" });
    await first[Symbol.asyncDispose]();
    expect(userTf.getBackend()).toBe("wasm");
  });

  test("tensors outlive the backend they were made on", async () => {
    const compute = await openCompute({ backend: "wasm" });
    const tensor = compute.tf.tensor1d([1, 2]);
    await compute[Symbol.asyncDispose]();
    expect(tensor.square().arraySync()).toEqual([1, 4]);
  });
});

describe("refusals", () => {
  test("a backend of another name is the caller's mistake", async () => {
    const opening = openCompute({ backend: "webgl" as "cpu" });
    await expect(opening).rejects.toThrow(RangeError);
  });

  test.each([
    ["@tensorflow/tfjs", "cpu"],
    ["@tensorflow/tfjs-backend-wasm", "wasm"],
    ["@tensorflow/tfjs-node", "tensorflow"],
    ["@tensorflow/tfjs-node-gpu", "tensorflow-gpu"],
  ] as const)("without %s, %s says how to install it", async (peer, backend) => {
    const error = await openCompute({ backend, host: hostWithout(peer) }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_PEER_MISSING")).toBe(true);
    expect(error).toMatchObject({ remedy: `npm install ${peer}@4.22.0`, data: { peer } });
  });

  test("auto without tfjs is an error, not a fallback", async () => {
    const error = await openCompute({ backend: "auto", host: hostWithout("@tensorflow/tfjs") }).catch(
      (e: unknown) => e,
    );
    expect(isReproError(error, "COMPUTE_PEER_MISSING")).toBe(true);
  });

  test("wasm without SIMD is refused, and the active backend stays", async () => {
    userTf.env().set(SIMD, false);
    try {
      const error = await openCompute({ backend: "wasm" }).catch((reason: unknown) => reason);
      expect(isReproError(error, "COMPUTE_SIMD_REQUIRED")).toBe(true);
      expect(userTf.getBackend()).toBe("cpu");
    } finally {
      userTf.env().set(SIMD, true);
    }
  });

  test("a wasm package without its SIMD file is unusable", async () => {
    const host = hostWithout("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm");
    const error = await openCompute({ backend: "wasm", host }).catch((reason: unknown) => reason);
    expect(isReproError(error, "COMPUTE_BACKEND_UNUSABLE")).toBe(true);
    expect(error).toMatchObject({ data: { backend: "wasm" } });
  });

  test("an aborted opening loads nothing", async () => {
    const host = hostWith({ load: () => Promise.reject(new Error("loaded")) });
    const opening = openCompute({ backend: "cpu", host, signal: AbortSignal.abort(new Error("stop")) });
    await expect(opening).rejects.toThrow("stop");
  });

  test("an abort while a package loads is what the caller sees", async () => {
    const aborter = new AbortController();
    const load = async (file: string): Promise<unknown> => {
      aborter.abort(new Error("stop"));
      return computeHost().load(file);
    };
    await expect(openCompute({ backend: "wasm", host: hostWith({ load }), signal: aborter.signal })).rejects.toThrow(
      "stop",
    );
    expect(userTf.getBackend()).toBe("cpu");
  });
});
