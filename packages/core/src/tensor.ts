import { encodeCanonical } from "./canonical.ts";
import { ReproError } from "./error.ts";
import { compareCodePoints } from "./order.ts";

/**
 * Element types a tensor can have, and the typed array that holds each.
 *
 * @public
 */
export interface TensorArrays {
  /** IEEE 754 binary64. */ float64: Float64Array;
  /** IEEE 754 binary32. */ float32: Float32Array;
  /** Signed, 64 bits. */ int64: BigInt64Array;
  /** Unsigned, 64 bits. */ uint64: BigUint64Array;
  /** Signed, 32 bits. */ int32: Int32Array;
  /** Unsigned, 32 bits. */ uint32: Uint32Array;
  /** Signed, 16 bits. */ int16: Int16Array;
  /** Unsigned, 16 bits. */ uint16: Uint16Array;
  /** Signed, 8 bits. */ int8: Int8Array;
  /** Unsigned, 8 bits. */ uint8: Uint8Array;
  /** One byte each, 0 or 1. */ bool: Uint8Array;
}

/**
 * Name of an element type.
 *
 * @public
 */
export type TensorDtype = keyof TensorArrays;

/**
 * One named tensor of any framework.
 *
 * @public
 */
export interface NamedTensor {
  /** Unique among the tensors that are hashed together. */
  readonly name: string;
  /** Element type. */
  readonly dtype: TensorDtype;
  /** Length of each axis; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Row-major elements, as many as the product of `shape`. */
  readonly data: TensorArrays[TensorDtype];
}

const ELEMENT_BYTES: Readonly<Record<TensorDtype, number>> = {
  float64: 8,
  int64: 8,
  uint64: 8,
  float32: 4,
  int32: 4,
  uint32: 4,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

const DTYPES: ReadonlyMap<string, readonly TensorDtype[]> = /* @__PURE__ */ new Map<string, readonly TensorDtype[]>([
  ["Float64Array", ["float64"]],
  ["Float32Array", ["float32"]],
  ["BigInt64Array", ["int64"]],
  ["BigUint64Array", ["uint64"]],
  ["Int32Array", ["int32"]],
  ["Uint32Array", ["uint32"]],
  ["Int16Array", ["int16"]],
  ["Uint16Array", ["uint16"]],
  ["Int8Array", ["int8"]],
  ["Uint8Array", ["uint8", "bool"]],
  ["Uint8ClampedArray", ["uint8"]],
]);

/**
 * Names the element type of a typed array, where the array alone tells it.
 *
 * @throws TypeError when it is not a typed array that {@link TensorArrays} lists.
 * @example
 * ```ts
 * dtypeOf(new Float32Array(2)); // => "float32"
 * ```
 * @public
 */
export function dtypeOf(data: ArrayBufferView): TensorDtype {
  const dtype = DTYPES.get(typeName(data))?.[0];
  if (dtype === undefined) throw new TypeError(`dtypeOf: "data" must be a typed array, got ${typeName(data)}`);
  return dtype;
}

function typeName(data: ArrayBufferView): string {
  return Object.prototype.toString.call(data).slice("[object ".length, -1);
}

/**
 * Writes tensors as the bytes that are hashed, so that every package and every framework hashes the same ones.
 *
 * `repro/tensors/v1` and a line feed; then, in code-point order of the names, for each tensor its canonical header
 * `{"dtype":…,"name":…,"shape":[…]}`, a line feed, and its elements, little-endian, row-major. Every NaN is written as
 * the quiet NaN `0x7fc00000` (float32) or `0x7ff8000000000000` (float64): processors differ in its other bits.
 *
 * @param tensors - Tensors with distinct names.
 * @returns Chunks that make the bytes when joined; element chunks are views of the tensors' memory where nothing had to change.
 * @throws RangeError when a name occurs twice, or when `data` does not hold the elements that `shape` promises.
 * @throws TypeError when `data` is not of `dtype`.
 * @throws ReproError `TENSOR_BYTE_ORDER` on a big-endian processor.
 * @public
 */
export function encodeTensors(tensors: readonly NamedTensor[]): readonly Uint8Array[] {
  requireLittleEndian();
  const chunks: Uint8Array[] = [new TextEncoder().encode("repro/tensors/v1\n")];
  const ordered = tensors.toSorted((a, b) => compareCodePoints(a.name, b.name));
  let previous: string | undefined;
  for (const tensor of ordered) {
    if (tensor.name === previous) throw new RangeError(`encodeTensors: "${tensor.name}" is the name of two tensors`);
    previous = tensor.name;
    requireConsistent(tensor);
    const header = encodeCanonical({ dtype: tensor.dtype, name: tensor.name, shape: tensor.shape });
    chunks.push(header, Uint8Array.of(0x0a), elementBytes(tensor));
  }
  return chunks;
}

function requireConsistent({ name, dtype, shape, data }: NamedTensor): void {
  if (!DTYPES.get(typeName(data))?.includes(dtype)) {
    throw new TypeError(`encodeTensors: "${name}" must hold ${dtype} elements, got ${typeName(data)}`);
  }
  const wanted = shape.reduce((product, length) => product * length, 1);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || wanted !== data.length) {
    throw new RangeError(
      `encodeTensors: "${name}" must hold ${wanted} elements of shape [${shape.join(", ")}], got ${data.length}`,
    );
  }
}

function elementBytes({ dtype, data }: NamedTensor): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length * ELEMENT_BYTES[dtype]);
  if (data instanceof Float32Array || data instanceof Float64Array) return hasNaN(data) ? canonicalNaNs(data) : bytes;
  return bytes;
}

function hasNaN(data: Float32Array | Float64Array): boolean {
  for (const element of data) if (element !== element) return true;
  return false;
}

function canonicalNaNs(data: Float32Array | Float64Array): Uint8Array {
  const size = data.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const quiet = size === 4 ? [0, 0, 0xc0, 0x7f] : [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
  data.forEach((element, index) => {
    if (element !== element) bytes.set(quiet, index * size);
  });
  return bytes;
}

function requireLittleEndian(): void {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return;
  throw new ReproError<"TENSOR_BYTE_ORDER">(
    "encodeTensors: this processor is big-endian, tensor bytes are little-endian",
    {
      code: "TENSOR_BYTE_ORDER",
      remedy: "hash the tensors on a little-endian machine",
    },
  );
}
