import type { NamedTensor, TensorArrays, TensorDtype } from "@repro/core";
import { ReproError, encodeTensors, parseJson, parseState } from "@repro/core";
import * as z from "zod";

import type { ComputeErrorCode } from "./error.ts";

const MAGIC = "repro/tensors/v1\n";
const LINE_FEED = 0x0a;

type Construct = new (buffer: ArrayBuffer) => TensorArrays[TensorDtype];

const ARRAYS: Readonly<Record<TensorDtype, { readonly elementBytes: number; readonly of: Construct }>> = {
  float64: { elementBytes: 8, of: Float64Array },
  int64: { elementBytes: 8, of: BigInt64Array },
  uint64: { elementBytes: 8, of: BigUint64Array },
  float32: { elementBytes: 4, of: Float32Array },
  int32: { elementBytes: 4, of: Int32Array },
  uint32: { elementBytes: 4, of: Uint32Array },
  int16: { elementBytes: 2, of: Int16Array },
  uint16: { elementBytes: 2, of: Uint16Array },
  int8: { elementBytes: 1, of: Int8Array },
  uint8: { elementBytes: 1, of: Uint8Array },
  bool: { elementBytes: 1, of: Uint8Array },
};

type Header = Omit<NamedTensor, "data">;

const headerSchema: z.ZodType<Header> = /* @__PURE__ */ z.strictObject({
  dtype: /* @__PURE__ */ z.custom<TensorDtype>((dtype) => typeof dtype === "string" && Object.hasOwn(ARRAYS, dtype)),
  name: /* @__PURE__ */ z.string(),
  shape: /* @__PURE__ */ z.array(/* @__PURE__ */ z.int().min(0)),
});

/**
 * Reads what `encodeWeights` wrote.
 *
 * Strict: writing the tensors again gives the same bytes, so that one digest never stands for two readings.
 *
 * @param bytes - All of the bytes.
 * @returns The tensors in code-point order of their names; their memory is their own.
 * @throws ReproError `COMPUTE_WEIGHTS_MALFORMED` when the bytes are cut, changed or of another format; `data.offset` is
 *   where, in bytes.
 * @example
 * ```ts
 * const bytes = await encodeWeights([{ name: "w", dtype: "int32", shape: [2], data: Int32Array.of(3, 4) }]);
 * parseWeights(bytes); // => [{ dtype: "int32", name: "w", shape: [2], data: Int32Array.of(3, 4) }]
 * ```
 * @public
 */
export function parseWeights(bytes: Uint8Array): readonly NamedTensor[] {
  if (!startsWith(bytes, new TextEncoder().encode(MAGIC)))
    throw malformed(0, 'they must begin with "repro/tensors/v1"');
  const tensors: NamedTensor[] = [];
  let offset = MAGIC.length;
  while (offset < bytes.length) {
    const end = bytes.indexOf(LINE_FEED, offset);
    if (end < 0) throw malformed(offset, "a header has no end");
    const header = parseHeader(bytes.subarray(offset, end), offset);
    const { elementBytes, of } = ARRAYS[header.dtype];
    const next = end + 1 + header.shape.reduce((size, length) => size * length, elementBytes);
    if (next > bytes.length) throw malformed(end + 1, `the elements of "${header.name}" are cut off`);
    const own = new Uint8Array(next - end - 1); // elements need not be aligned in the file
    own.set(bytes.subarray(end + 1, next));
    tensors.push({ ...header, data: new of(own.buffer) });
    offset = next;
  }
  requireCanonical(tensors, bytes);
  return tensors;
}

function parseHeader(line: Uint8Array, offset: number): Header {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    return parseState(headerSchema, parseJson(text, { what: "a tensor header" }), { what: "a tensor header" });
  } catch (cause) {
    throw malformed(offset, "a header is not valid", cause);
  }
}

/** Catches what is readable but is not what the encoder writes: order, spaces in a header, a name twice, bits of NaN. */
function requireCanonical(tensors: readonly NamedTensor[], bytes: Uint8Array): void {
  let offset = 0;
  try {
    for (const chunk of encodeTensors(tensors)) {
      if (!startsWith(bytes.subarray(offset), chunk)) throw malformed(offset, "they are not as they are written");
      offset += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw malformed(offset, "a name is that of two tensors", cause);
    throw cause;
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.length <= bytes.length && prefix.every((byte, index) => byte === bytes[index]);
}

function malformed(offset: number, reason: string, cause?: unknown): ReproError<ComputeErrorCode> {
  return new ReproError<ComputeErrorCode>(`parseWeights: "bytes" are not weights: ${reason}`, {
    code: "COMPUTE_WEIGHTS_MALFORMED",
    remedy: "fetch the file again from where the run stored it, and check its digest against the record",
    data: { offset, reason },
    cause,
  });
}
