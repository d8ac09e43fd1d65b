import type * as tfjs from "@tensorflow/tfjs";

import type { Seed } from "../key/key.ts";
import type { ShuffleOptions, Splittable, TrainTestSplit, TrainTestSplitOptions } from "./data.ts";
import { shuffleDataset, splitTrainTest } from "./data.ts";
import type { FitOptions, ModelData } from "./fit.ts";
import { fitSeeded } from "./fit.ts";
import type { SeededInitializers } from "./initializer.ts";
import { createInitializers } from "./initializer.ts";
import type { SeededLayers } from "./noise.ts";
import { createLayers } from "./noise.ts";
import type { Tfjs } from "./peer.ts";
import { createSource } from "./peer.ts";
import { seedWeights } from "./weights.ts";

/**
 * What tfjs draws, drawn from named streams of a seed.
 *
 * @public
 */
export interface SeededTfjs {
  /** The random initializers. */
  readonly initializers: SeededInitializers;
  /** Dropout and noise. */
  readonly layers: SeededLayers;
  /**
   * Trains a model as `model.fit` does, each epoch in the order that the seed has for it: `epochOrder` of the samples
   * that are trained with, a function of the seed and the epoch.
   *
   * Training epochs 0 and 1, then 2 and 3 with `initialEpoch: 2`, gives what 0 to 3 give in one go, where the optimizer's
   * state is that of before. Losses, logs, callbacks, history and validation are those of `model.fit`, and so are the
   * defaults; `params` of callbacks have `steps` in place of `samples`. Before the first step the first batch passes once more
   * through the model, as at inference, and its losses and metrics, so that shapes that do not fit are found: a loss or metric of
   * your own is called once more than there are steps.
   *
   * @param model - Compiled, and not stateful.
   * @param x - Inputs, at least one sample.
   * @param y - Targets, as many.
   * @throws TypeError when `model` is not one of this tfjs, not compiled, or stateful, and for data that are not tensors.
   * @throws RangeError for different numbers of samples, another number of tensors than the model has, and options outside
   *   their bounds. Shapes that do not fit are refused by tfjs, with its own error, before the first step.
   * @throws ReproError `SEED_PATH_REUSED` when a path `"epochOrder", epoch` has been opened by `createStream`.
   */
  fit(model: tfjs.LayersModel, x: ModelData, y: ModelData, options?: FitOptions): Promise<tfjs.History>;
  /**
   * The elements of a dataset in the order that the seed has for an epoch: `datasetShuffle@1`.
   *
   * A function of the seed, the epoch and the options: the same in every iteration, whatever was iterated before. Drawn from
   * the path `"datasetShuffle", epoch`; the dataset itself must give the same order every time. The ledger counts what was
   * drawn by the iteration that went furthest, also where it is left early.
   *
   * @throws ReproError `SEED_PATH_REUSED` from the iteration when that path has been opened by `createStream`.
   * @throws TypeError when `dataset` is not one of this tfjs. @throws RangeError when `epoch` or `bufferSize` is outside.
   */
  shuffle<T extends tfjs.TensorContainer>(dataset: tfjs.data.Dataset<T>, options: ShuffleOptions): tfjs.data.Dataset<T>;
  /**
   * Splits samples and targets into those to train and those to test with, at random: a function of the seed, their number
   * and the fraction, from the path `"trainTestSplit"`. Each part has the order of the data. Tensors that come out are new.
   *
   * @param x - A tensor, split along its first axis, or an array.
   * @param y - As long as `x`.
   * @throws TypeError when they are neither. @throws RangeError when they are not equally long, or a part would be empty.
   */
  trainTestSplit<X extends Splittable, Y extends Splittable>(
    x: X,
    y: Y,
    options: TrainTestSplitOptions,
  ): TrainTestSplit<X, Y>;
  /**
   * Draws the weights of a model anew, for code whose initializers you cannot change: each weight that has one of
   * tfjs's random initializers, by the distribution that it has there.
   *
   * The path is `"weights"`, the names of the layers from the outermost to the one that has the weight, and the weight's. In
   * place of a name that tfjs made up (`dense_Dense1`, `model1`, `sequential_1`) stands the layer's place in its model, since such
   * names count all layers of a process.
   * Weights that are zeros, ones, constants or seeded already stay as they are.
   *
   * @throws TypeError when `model` is not one of this tfjs.
   * @throws ReproError `SEED_INITIALIZER_UNKNOWN` for a trained weight that has an initializer which is not tfjs's, or none.
   * @throws ReproError `SEED_PATH_REUSED` when the weights of a model with such layers have been drawn: they would be equal.
   *   No weight has changed where it throws; give the next attempt a seed of its own.
   */
  seedWeights(model: tfjs.LayersModel): void;
}

/**
 * Makes the parts of TensorFlow.js that draw numbers draw from a seed, for the instance of it that the program has.
 *
 * Everything is drawn on the CPU, in doubles, and never from `Math.random`: weights, masks and orders are the same on
 * every backend. What is computed with them is as repeatable as the backend.
 *
 * Call it before `tf.loadLayersModel`: it registers the classes `SeededInitializer` and `SeededNoise` with this tfjs. A
 * model says by a digest which root seed it was made with. tfjs keeps each root seed that was ever given, and its ledger, since a model
 * of it can be loaded at any time. For more than one model with layers of the same names, give
 * each a seed of its own: `deriveSeed(seed, "teacher")`.
 *
 * @param tf - `@tensorflow/tfjs`, `tfjs-node`, or `compute.tf` of `@repro/deterministic-gpu`: any that has layers and data.
 * @param seed - Streams are opened below it, and counted in its ledger. One without gets a ledger that only this call
 *   uses: a second use of a path is found out all the same.
 * @throws TypeError when `tf` or `seed` is something else.
 * @remarks Loading fails with ReproError `SEED_MODEL_MISMATCH` when the model was made with another root seed, and with
 *   `SEED_MODEL_INVALID` when what it says of its seed cannot be read.
 * @example
 * ```ts
 * import { createSeededTfjs } from "@repro/seed/tfjs";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const seeded = createSeededTfjs(tf, createSeed(42));
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: seeded.initializers.glorotUniform("dense_1") }),
 *     seeded.layers.dropout({ rate: 0.5, name: "dropout_1" }),
 *   ],
 * });
 * model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
 * const history = await seeded.fit(model, tf.ones([4, 3]), tf.ones([4, 2]), { epochs: 2, batchSize: 2 });
 * history.epoch; // => [0, 1]
 * ```
 * @public
 */
export function createSeededTfjs(tf: Tfjs, seed: Seed): SeededTfjs {
  const source = createSource(tf, seed);
  return Object.freeze({
    initializers: createInitializers(source),
    layers: createLayers(source),
    fit: (model, x, y, options) => fitSeeded(source, model, x, y, options),
    shuffle: (dataset, options) => shuffleDataset(source, dataset, options),
    trainTestSplit: (x, y, options) => splitTrainTest(source, x, y, options),
    seedWeights: (model) => seedWeights(source, model),
  } satisfies SeededTfjs);
}
