import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";

/** The backends that a fresh clone can compute on. */
export const BACKENDS = ["cpu", "wasm"] as const;

/** Makes a backend of {@link BACKENDS} compute. */
export async function useBackend(backend: (typeof BACKENDS)[number]): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (backend === "wasm") setThreadsCount(1);
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
}

/** The values of a tensor, which is disposed. */
export function take(tensor: tf.Tensor): number[] {
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
}

/** What a layer makes of ones in a training step. */
export function trainOnes(layer: tf.layers.Layer, ...shape: number[]): number[] {
  return take(tf.tidy(() => layer.apply(tf.ones(shape), { training: true }) as tf.Tensor));
}

/** The weights of a model, layer by layer. */
export function weightsOf(model: tf.LayersModel): number[][] {
  return model.getWeights().map((weight) => Array.from(weight.dataSync()));
}

/** Saves a model as a file would hold it. */
export async function saveModel(model: tf.LayersModel, includeOptimizer = false): Promise<tf.io.ModelArtifacts> {
  const saved: tf.io.ModelArtifacts[] = [];
  const handler = tf.io.withSaveHandler((artifacts) => {
    saved.push(artifacts);
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const } });
  });
  await model.save(handler, { includeOptimizer });
  const [artifacts] = saved;
  if (artifacts === undefined) throw new Error("the model was not saved");
  return { ...artifacts, modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)) as object };
}

/** Loads what {@link saveModel} saved. */
export function loadModel(artifacts: tf.io.ModelArtifacts): Promise<tf.LayersModel> {
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}
