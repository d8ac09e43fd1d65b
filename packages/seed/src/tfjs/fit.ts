import type * as tfjs from "@tensorflow/tfjs";

import type { Seed } from "../key/key.ts";
import { epochOrder } from "../split/epoch.ts";
import type { SeedSource, Tfjs } from "./peer.ts";

/**
 * Data for a model: a tensor, or one for each input or output, in their order or by name.
 *
 * @public
 */
export type ModelData = tfjs.Tensor | readonly tfjs.Tensor[] | Readonly<Record<string, tfjs.Tensor>>;

/**
 * Options of {@link SeededTfjs.fit}: those of `model.fit`, without `shuffle`, which the seed answers, and without those that
 * `model.fit` refuses.
 *
 * @public
 */
export interface FitOptions extends Pick<
  tfjs.ModelFitDatasetArgs<tfjs.TensorContainer>,
  "callbacks" | "classWeight" | "verbose" | "yieldEvery"
> {
  /** Samples of a step, an integer of at least 1; 32 when omitted. The last step of an epoch has what is left. */
  readonly batchSize?: number;
  /** Epoch before which to stop, an integer of at least 1: with `initialEpoch: 2, epochs: 4`, two are trained. 1 when omitted. */
  readonly epochs?: number;
  /** First epoch, an unsigned safe integer; 0 when omitted. */
  readonly initialEpoch?: number;
  /** Share of the samples, the last ones, that are not trained with but validated with after each epoch; in (0, 1). */
  readonly validationSplit?: number;
  /** Inputs and targets to validate with after each epoch; goes before `validationSplit`. */
  readonly validationData?: readonly [tfjs.Tensor | tfjs.Tensor[], tfjs.Tensor | tfjs.Tensor[]];
}

/** Tensors of at least two axes, as `model.fit` makes them. */
interface Samples {
  readonly inputs: readonly tfjs.Tensor[];
  readonly targets: readonly tfjs.Tensor[];
}

/** How long a training is, and in which steps. */
interface Course {
  /** Number of samples that are trained with: the first ones. */
  readonly size: number;
  readonly batchSize: number;
  readonly initialEpoch: number;
  readonly epochs: number;
}

/**
 * Trains a model, each epoch in the order that the seed has for it: what {@link SeededTfjs.fit} is.
 *
 * `model.fit` has no place for an order; `model.fitDataset` takes batches as they come. One iterator gives the batches of all
 * epochs, so that nothing but the options says which epoch it is.
 */
export async function fitSeeded(
  { tf, seed }: SeedSource,
  model: tfjs.LayersModel,
  x: ModelData,
  y: ModelData,
  options: FitOptions = {},
): Promise<tfjs.History> {
  const { batchSize = 32, epochs = 1, initialEpoch = 0, validationSplit, validationData, ...rest } = options;
  checkModel(tf, model);
  checkWhole("batchSize", batchSize, 1);
  checkWhole("epochs", epochs, 1);
  checkWhole("initialEpoch", initialEpoch, 0);
  const made: tfjs.Tensor[] = [];
  try {
    const all: Samples = {
      inputs: tensorsOf(tf, model.inputNames, x, "x", made),
      targets: tensorsOf(tf, model.outputNames, y, "y", made),
    };
    const total = countSamples(all);
    const size = validationData === undefined ? trainedSize(total, validationSplit) : total;
    const held = size === total ? undefined : slice(tf, all, size, total, made);
    const validation = validationData ?? (held && [[...held.inputs], [...held.targets]]);
    tryOut(tf, model, slice(tf, all, 0, Math.min(batchSize, total), made), batchSize);
    const course: Course = { size, batchSize, initialEpoch, epochs };
    return await model.fitDataset(createBatches(tf, seed, all, course), {
      ...rest,
      epochs,
      initialEpoch,
      batchesPerEpoch: Math.ceil(size / batchSize),
      validationBatchSize: batchSize, // what model.fit takes
      ...(validation === undefined ? {} : { validationData: [validation[0], validation[1]] }),
    });
  } finally {
    tf.dispose(made);
  }
}

/** Batches of all epochs, one after the other. */
function createBatches(tf: Tfjs, seed: Seed, all: Samples, course: Course): tfjs.data.Dataset<Batch> {
  const { size, batchSize, initialEpoch, epochs } = course;
  function* batches(): Generator<Batch, void> {
    for (let epoch = initialEpoch; epoch < epochs; epoch += 1) {
      const order = Int32Array.from(epochOrder(seed, { epoch, size }));
      for (let start = 0; start < size; start += batchSize) yield gather(order.subarray(start, start + batchSize));
    }
  }
  const gather = (indices: Int32Array): Batch =>
    tf.tidy(() => {
      const places = tf.tensor1d(indices, "int32");
      const pick = (tensor: tfjs.Tensor): tfjs.Tensor => tf.gather(tensor, places);
      return { xs: all.inputs.map(pick), ys: all.targets.map(pick) };
    });
  return tf.data.generator(batches);
}

/** What `fitDataset` takes from a dataset. */
interface Batch {
  readonly [key: string]: tfjs.TensorContainer;
  readonly xs: tfjs.Tensor[];
  readonly ys: tfjs.Tensor[];
}

/** `fitDataset` does not compare shapes with the model and the losses, as `fit` does; `evaluate` does, and changes nothing. */
function tryOut(tf: Tfjs, model: tfjs.LayersModel, { inputs, targets }: Samples, batchSize: number): void {
  tf.dispose(model.evaluate([...inputs], [...targets], { batchSize }));
}

function checkModel(tf: Tfjs, model: tfjs.LayersModel): void {
  if (!(model instanceof tf.LayersModel)) {
    throw new TypeError('fit: "model" must be a LayersModel of the tfjs that createSeededTfjs was given');
  }
  if (model.optimizer === undefined || model.optimizer === null) throw new TypeError('fit: "model" must be compiled');
  if (model.stateful) throw new TypeError('fit: "model" must not be stateful: its samples have an order of their own');
}

function checkWhole(option: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`fit: "${option}" must be an integer of at least ${least}, got ${value}`);
}

function tensorsOf(
  tf: Tfjs,
  names: readonly string[],
  data: ModelData,
  what: string,
  made: tfjs.Tensor[],
): readonly tfjs.Tensor[] {
  const byName = (record: Readonly<Record<string, unknown>>): readonly unknown[] => names.map((name) => record[name]);
  const given: readonly unknown[] = data instanceof tf.Tensor ? [data] : isList(data) ? data : byName({ ...data });
  if (given.length !== names.length) {
    throw new RangeError(`fit: "${what}" must have ${names.length} tensors (${names.join(", ")}), got ${given.length}`);
  }
  return given.map((tensor, index) => {
    if (!(tensor instanceof tf.Tensor)) throw new TypeError(`fit: "${what}" must have a tensor for "${names[index]}"`);
    if (tensor.rank === 0) throw new RangeError(`fit: "${what}" must have samples, got a scalar for "${names[index]}"`);
    if (tensor.rank > 1) return tensor;
    const column = tf.expandDims(tensor, 1);
    made.push(column);
    return column;
  });
}

function isList(data: ModelData): data is readonly tfjs.Tensor[] {
  return Array.isArray(data);
}

function countSamples({ inputs, targets }: Samples): number {
  const lengths = [...inputs, ...targets].map((tensor) => tensor.shape[0] ?? 0);
  const [first = 0] = lengths;
  if (first === 0) throw new RangeError('fit: "x" must have at least one sample');
  if (lengths.every((length) => length === first)) return first;
  throw new RangeError(`fit: "x" and "y" must have equally many samples, got ${lengths.join(", ")}`);
}

/** Samples that are left when the last ones are kept for validation, as `model.fit` keeps them. */
function trainedSize(total: number, validationSplit: number | undefined): number {
  if (validationSplit === undefined) return total;
  const size = Math.floor(total * (1 - validationSplit));
  if (validationSplit > 0 && size > 0 && size < total) return size;
  throw new RangeError(`fit: "validationSplit" must leave samples on both sides of ${total}, got ${validationSplit}`);
}

function slice(tf: Tfjs, all: Samples, start: number, end: number, made: tfjs.Tensor[]): Samples {
  const cut = (tensor: tfjs.Tensor): tfjs.Tensor => {
    const part = tf.slice(tensor, start, end - start);
    made.push(part);
    return part;
  };
  return { inputs: all.inputs.map(cut), targets: all.targets.map(cut) };
}
