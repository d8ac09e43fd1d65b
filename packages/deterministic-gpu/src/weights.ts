import type { Digest, NamedTensor, TensorDtype } from "@repro/core";
import { encodeTensors } from "@repro/core";

import { sha256 } from "./host.ts";

/**
 * The part of a TensorFlow.js tensor that is read.
 *
 * @public
 */
export interface ReadableTensor {
  /** Element type: `"float32"`, `"int32"` or `"bool"`. */
  readonly dtype: string;
  /** Length of each axis. */
  readonly shape: readonly number[];
  /** Fetches the elements, row-major. */
  data(): Promise<unknown>;
}

/**
 * The part of a TensorFlow.js layers model that is read; every `tf.LayersModel` and `tf.Sequential` has it.
 *
 * @public
 */
export interface WeightedModel {
  /** The model's layers, in its own order. */
  readonly layers: readonly {
    /** The layer's weights, in its own order; a model used as a layer has all of its own. */
    readonly weights: readonly { readonly originalName: string; read(): ReadableTensor }[];
  }[];
}

/**
 * What has weights: a model, TensorFlow.js tensors by name, or the tensors of any framework.
 *
 * @public
 */
export type WeightSource = WeightedModel | Readonly<Record<string, ReadableTensor>> | readonly NamedTensor[];

const DTYPES: ReadonlyMap<string, TensorDtype> = /* @__PURE__ */ new Map<string, TensorDtype>([
  ["float32", "float32"],
  ["int32", "int32"],
  ["bool", "bool"],
]);

/**
 * Copies weights out of a model, under names that do not depend on what else the process has built.
 *
 * A weight of a model is named `layer/weight/name`, for example `"0/1/bias"`: the position of its layer in `model.layers`, its
 * position in the layer's `weights`, and the last part of its own name. TensorFlow.js's full names count all layers of the
 * process (`dense_Dense1`, `dense_Dense2`), so that the second of two equal models would have another digest.
 * The elements are fetched in one go, before any of the caller's later steps on cpu and wasm. Optimizer state is not included.
 *
 * @returns Copies, in the order of the source; tensors of another framework are returned as they are.
 * @throws TypeError when a tensor is neither float32 nor int32 nor bool.
 * @public
 */
export async function weightTensors(source: WeightSource): Promise<readonly NamedTensor[]> {
  if (isNamedTensors(source)) return source;
  return Promise.all(readableTensors(source).map(([name, tensor]) => copyTensor(name, tensor)));
}

/**
 * Writes weights as one self-describing sequence of bytes, to be stored as the output of a run.
 *
 * The layout is that of `encodeTensors` in `@repro/core`; {@link parseWeights} reads it. Equal weights give equal bytes:
 * tensors are ordered by name, and every NaN is written as the same one.
 *
 * @throws RangeError when a name occurs twice.
 * @throws TypeError as {@link weightTensors}.
 * @public
 */
export async function encodeWeights(source: WeightSource): Promise<Uint8Array> {
  const chunks = encodeTensors(await weightTensors(source));
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Digest of weights: of the bytes of {@link encodeWeights}, without making them.
 *
 * Equal for equal names, shapes, element types and bits, the bits of NaN apart, in which processors differ.
 *
 * @throws RangeError when a name occurs twice.
 * @throws TypeError as {@link weightTensors}.
 * @example
 * ```ts
 * const weights = [{ name: "w", dtype: "float32", shape: [2], data: Float32Array.of(1, NaN) }] as const;
 * await hashWeights(weights); // => "sha256:fed007079c9f3fb292cca6fba207ef451326c10532a3fa5179ae5d0f9f01ec3d"
 * ```
 * @public
 */
export async function hashWeights(source: WeightSource): Promise<Digest> {
  return sha256(encodeTensors(await weightTensors(source)));
}

function isNamedTensors(source: WeightSource): source is readonly NamedTensor[] {
  return Array.isArray(source);
}

function isModel(source: WeightedModel | Readonly<Record<string, ReadableTensor>>): source is WeightedModel {
  return Array.isArray(source["layers"]);
}

function readableTensors(
  source: WeightedModel | Readonly<Record<string, ReadableTensor>>,
): readonly (readonly [string, ReadableTensor])[] {
  if (!isModel(source)) return Object.entries(source);
  return source.layers.flatMap(({ weights }, layer) =>
    weights.map((weight, index) => {
      const name = weight.originalName.slice(weight.originalName.lastIndexOf("/") + 1);
      return [`${layer}/${index}/${name}`, weight.read()] as const;
    }),
  );
}

async function copyTensor(name: string, tensor: ReadableTensor): Promise<NamedTensor> {
  const dtype = DTYPES.get(tensor.dtype);
  if (dtype === undefined) {
    throw new TypeError(`weightTensors: "${name}" must be float32, int32 or bool, got ${tensor.dtype}`);
  }
  const shape = [...tensor.shape];
  const data = (await tensor.data()) as Float32Array | Int32Array | Uint8Array;
  return { name, dtype, shape, data: data.slice() };
}
