import { readFile } from "node:fs/promises";

import { computeLayer, encodeWeights } from "@repro/deterministic-gpu";
import { openRun } from "@repro/run-context";
import { createStream, epochOrder, fillNormal, seedLayer, stratifiedSplit } from "@repro/seed";

import { encodeRow, fitFeatures, isBad, readApplicants } from "./features.mjs";

const params = { epochs: 12, batchSize: 32, learningRate: 0.003, hiddenUnits: 16 };

// `repro run` records code, data and environment, and hands over the seed; what computes, and how, is opened here.
const run = await openRun({ layers: { seed: seedLayer(), compute: computeLayer({ backend: "wasm" }) }, params });
const { tf } = run.compute;

const applicants = readApplicants(await readFile("data/german-credit.csv", "utf8"));
const [training, test] = stratifiedSplit(run.seed, applicants.map(isBad), [0.8, 0.2]);
const features = fitFeatures(rowsOf(training));
const trained = toTensors(rowsOf(training));
const tested = toTensors(rowsOf(test));

const model = createModel(trained.x.shape[1]);
const optimizer = tf.train.adam(params.learningRate);
for (let epoch = 0; epoch < params.epochs; epoch += 1) {
  const order = epochOrder(run.seed, { epoch, size: training.length });
  for (let start = 0; start < order.length; start += params.batchSize) {
    const loss = trainStep(order.subarray(start, start + params.batchSize));
    run.step({ loss, weights: weightsOf(model) }); // where two runs part, the trace names the step and the tensor
  }
}

const scores = tf.tidy(() => tf.sigmoid(model.predict(tested.x)).dataSync());
const testAuc = auc(scores, tested.y.dataSync());
run.metric("testAuc", testAuc);
await run.output("model", await encodeWeights(model), { mediaType: "application/octet-stream" });
await run.output("features", new TextEncoder().encode(JSON.stringify(features)), { mediaType: "application/json" });
await run.close();
console.log(`test AUC ${testAuc.toFixed(4)} on ${test.length} applicants`);

function rowsOf(indices) {
  return Array.from(indices, (index) => applicants[index]);
}

function toTensors(rows) {
  return {
    x: tf.tensor2d(rows.map((row) => encodeRow(features, row))),
    y: tf.tensor2d(rows.map((row) => [isBad(row)])),
  };
}

/** A network with one hidden layer. Each kernel draws from a stream of its own, so that another layer would change none. */
function createModel(inputs) {
  const zeros = { kernelInitializer: "zeros", biasInitializer: "zeros" };
  const hidden = { name: "hidden", inputShape: [inputs], units: params.hiddenUnits, activation: "relu", ...zeros };
  const output = { name: "output", units: 1, ...zeros };
  const model = tf.sequential({ layers: [tf.layers.dense(hidden), tf.layers.dense(output)] });
  for (const layer of model.layers) {
    const [kernel, bias] = layer.getWeights();
    const sd = Math.sqrt(2 / kernel.shape[0]); // He et al. 2015, doi:10.1109/ICCV.2015.123
    const values = fillNormal(createStream(run.seed, "kernel", layer.name), new Float32Array(kernel.size), { sd });
    layer.setWeights([tf.tensor2d(values, kernel.shape), bias]);
  }
  return model;
}

/** One step of the optimizer; returns the loss before it. */
function trainStep(indices) {
  return tf.tidy(() => {
    const [x, y] = [trained.x, trained.y].map((tensor) =>
      tf.gather(tensor, tf.tensor1d(Int32Array.from(indices), "int32")),
    );
    const loss = optimizer.minimize(() => tf.losses.sigmoidCrossEntropy(y, model.apply(x)), true);
    return loss.dataSync()[0];
  });
}

function weightsOf(model) {
  return Object.fromEntries(
    model.layers.map((layer) => {
      const [kernel, bias] = layer.getWeights().map((tensor) => tensor.dataSync());
      return [layer.name, { kernel, bias }];
    }),
  );
}

/** Share of the pairs of a bad and a good loan in which the bad one has the higher score; a tie counts half. */
function auc(scores, labels) {
  const bad = scores.filter((_, index) => labels[index] === 1);
  const good = scores.filter((_, index) => labels[index] === 0);
  let won = 0;
  for (const b of bad) for (const g of good) won += b > g ? 1 : b === g ? 0.5 : 0;
  return won / (bad.length * good.length);
}
