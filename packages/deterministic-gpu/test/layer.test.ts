import type { LayerContext } from "@repro/core";
import { encodeCanonical, isReproError } from "@repro/core";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";

import { computeLayer } from "../src/index.ts";
import { hostWithout } from "./fixture.ts";

const CONTEXT: LayerContext = {
  root: "/work",
  cwd: "/work",
  env: {},
  attach: () => Promise.reject(new Error("nothing is attached")),
};

test("opens the backend, seals its state, and gives the engine back", async () => {
  await tf.setBackend("cpu");
  const layer = computeLayer({ backend: "wasm" });
  const open = await layer.open(CONTEXT);
  expect(open.handle.tf.getBackend()).toBe("wasm");
  expect(open.variables).toEqual({});
  const state = await open.seal();
  await open.dispose?.();
  expect(tf.getBackend()).toBe("cpu");
  expect(state.schema).toBe(layer.schema);
  expect(layer.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  expect(layer.diff(state, state)).toEqual([]);
});

test("two runs seal the same bytes", async () => {
  const seal = async (): Promise<Uint8Array> => {
    const open = await computeLayer({ backend: "wasm" }).open(CONTEXT);
    const { observed: _, ...state } = await open.seal();
    await open.dispose?.();
    return encodeCanonical({ ...state });
  };
  expect(await seal()).toEqual(await seal());
});

test("does not seal a backend that the program has left", async () => {
  const open = await computeLayer({ backend: "wasm" }).open(CONTEXT);
  await tf.setBackend("cpu");
  const error = await open.seal().catch((reason: unknown) => reason);
  expect(isReproError(error, "COMPUTE_BACKEND_CHANGED")).toBe(true);
  expect(error).toMatchObject({ data: { expected: "wasm", actual: "cpu" } });
});

test("the run's signal aborts the opening", async () => {
  const opening = computeLayer({ backend: "wasm" }).open({ ...CONTEXT, signal: AbortSignal.abort(new Error("stop")) });
  await expect(opening).rejects.toThrow("stop");
});

test("refuses to open what is not installed", async () => {
  const layer = computeLayer({ backend: "wasm", host: hostWithout("@tensorflow/tfjs-backend-wasm") });
  const error = await layer.open(CONTEXT).catch((reason: unknown) => reason);
  expect(isReproError(error, "COMPUTE_PEER_MISSING")).toBe(true);
});

test("has nothing to restore: the replayed program opens its backend", () => {
  expect(computeLayer({ backend: "wasm" })).not.toHaveProperty("restore");
});
