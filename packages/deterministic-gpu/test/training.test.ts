import { expect, test } from "vitest";

import { hashWeights, openCompute, weightTensors } from "../src/index.ts";
import { trainMlp } from "./fixture.ts";

test.each(["cpu", "wasm"] as const)("training the same network twice on %s gives the same weights", async (backend) => {
  await using compute = await openCompute({ backend });
  const first = await hashWeights(await trainMlp(compute.tf, 3));
  const second = await hashWeights(await trainMlp(compute.tf, 3));
  const longer = await hashWeights(await trainMlp(compute.tf, 4));
  expect(second).toBe(first);
  expect(longer).not.toBe(first);
});

test("weights trained on wasm are these on every machine; changes only in a major", async () => {
  await using compute = await openCompute({ backend: "wasm" });
  expect(await hashWeights(await trainMlp(compute.tf, 3))).toBe(
    "sha256:b7b492017e74410a7c2adaaa122f00775eb7cf8c4ffb9b935f52e1a242baea1e",
  );
});

test("names of weights do not count what the process built before", async () => {
  await using compute = await openCompute({ backend: "wasm" });
  const models = [await trainMlp(compute.tf, 1), await trainMlp(compute.tf, 1)];
  expect(models[0]?.weights[0]?.name).not.toBe(models[1]?.weights[0]?.name);
  for (const model of models) {
    const names = (await weightTensors(model)).map(({ name }) => name);
    expect(names).toEqual(["0/0/kernel", "0/1/bias", "1/0/kernel", "1/1/bias"]);
  }
});

test("a model used as a layer, a bidirectional layer and batch statistics all have their weights named", async () => {
  await using compute = await openCompute({ backend: "wasm" });
  const { tf } = compute;
  const inner = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2, useBias: false })] });
  const model = tf.sequential();
  model.add(tf.layers.bidirectional({ layer: tf.layers.gru({ units: 2 }), inputShape: [3, 2], mergeMode: "concat" }));
  model.add(tf.layers.batchNormalization());
  model.add(inner);
  const tensors = await weightTensors(model);
  expect(tensors.map(({ name }) => name)).toEqual([
    "0/0/kernel",
    "0/1/recurrent_kernel",
    "0/2/bias",
    "0/3/kernel",
    "0/4/recurrent_kernel",
    "0/5/bias",
    "1/0/gamma",
    "1/1/beta",
    "1/2/moving_mean",
    "1/3/moving_variance",
    "2/0/kernel",
  ]);
});
