// A process that has never seen the model: loads it, and trains two steps. saved.test.ts compares them.
import { readFileSync } from "node:fs";

import * as tf from "@tensorflow/tfjs";

const { dist, weightData, ...artifacts } = JSON.parse(readFileSync(0, "utf8"));
const { createSeed } = await import(`${dist}index.js`);
const { createSeededTfjs } = await import(`${dist}tfjs.js`);
await tf.setBackend("cpu");
createSeededTfjs(tf, createSeed(42));
const bytes = Buffer.from(weightData, "base64");
const memory = tf.io.fromMemory({ ...artifacts, weightData: new Uint8Array(bytes).buffer });
const model = await tf.loadLayersModel(memory);
const step = () =>
  Array.from(
    model.layers
      .reduce((input, layer) => layer.apply(input, { training: true }), tf.linspace(-1, 1, 24).reshape([2, 6, 2]))
      .dataSync(),
  );
process.stdout.write(JSON.stringify([step(), step()]));
