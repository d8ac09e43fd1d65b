import { execFileSync } from "node:child_process";

import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";

import { encodeWeights, hashWeights, weightTensors } from "../src/index.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const named = (bits: number): { name: string; dtype: "float32"; shape: number[]; data: Float32Array }[] => [
  { name: "w", dtype: "float32", shape: [2], data: new Float32Array(Uint32Array.of(0x3f800000, bits).buffer) },
];

test("every NaN has the same digest, and a number another", async () => {
  const quiet = await hashWeights(named(0x7fc00000));
  expect(await hashWeights(named(0xffc00000))).toBe(quiet); // what x86-64 makes of inf - inf
  expect(await hashWeights(named(0x7f800001))).toBe(quiet);
  expect(await hashWeights(named(0x7f800000))).not.toBe(quiet); // infinity
});

test("negative zero is not zero", async () => {
  expect(await hashWeights(named(0x80000000))).not.toBe(await hashWeights(named(0)));
});

test("digest of known tensors; changes only in a major", async () => {
  expect(await hashWeights(named(0x40000000))).toBe(
    "sha256:920cbad56decb5304d82c0886dbd8bfca51f6e1574b895ff83173d6aaec4ab76",
  );
  expect(await hashWeights([])).toBe("sha256:a56f7103c17404fc1acd7de836b50386acb7fc5b291896f551f716489554e5c0");
});

test("the digest is that of the encoded bytes, by sha256sum", async () => {
  const input = await encodeWeights(named(0xffc00000));
  const hex = execFileSync("sha256sum", { input, encoding: "latin1" }).slice(0, 64);
  expect(await hashWeights(named(0xffc00000))).toBe(`sha256:${hex}`);
});

test("tensors of tfjs have the digest of the same tensors of any framework", async () => {
  const tensors = {
    b: tf.tensor2d([[1, 2, 3]], [1, 3], "int32"),
    a: tf.scalar(0.5),
    c: tf.tensor1d([true, false], "bool"),
  };
  expect(await hashWeights(tensors)).toBe(
    await hashWeights([
      { name: "a", dtype: "float32", shape: [], data: Float32Array.of(0.5) },
      { name: "b", dtype: "int32", shape: [1, 3], data: Int32Array.of(1, 2, 3) },
      { name: "c", dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
    ]),
  );
});

test("a copy does not follow the variable it was taken from", async () => {
  const variable = tf.variable(tf.tensor1d([1, 2]));
  const copying = weightTensors({ variable });
  variable.assign(tf.tensor1d([3, 4]));
  const [copy] = await copying;
  expect(copy?.data).toEqual(Float32Array.of(1, 2));
  (copy as { data: Float32Array }).data.fill(9);
  expect(variable.arraySync()).toEqual([3, 4]);
});

test("a tensor of text is the caller's mistake", async () => {
  await expect(hashWeights({ text: tf.tensor1d(["a"]) })).rejects.toThrow(TypeError);
});

test("two tensors of one name are the caller's mistake", async () => {
  await expect(hashWeights([...named(0), ...named(1)])).rejects.toThrow(RangeError);
});

test("a record may have a tensor called layers", async () => {
  const [tensor] = await weightTensors({ layers: tf.scalar(1) });
  expect(tensor?.name).toBe("layers");
});
