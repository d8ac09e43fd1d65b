import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dtypeOf, encodeTensors, hashBytes } from "@repro/core";
import type { NamedTensor } from "@repro/core";

function bytesOf(tensors: readonly NamedTensor[]): Uint8Array {
  return Uint8Array.from(encodeTensors(tensors).flatMap((chunk) => [...chunk]));
}

function float32(...bits: number[]): Float32Array {
  return new Float32Array(Uint32Array.from(bits).buffer);
}

const kernel: NamedTensor = { name: "kernel", dtype: "float32", shape: [1, 2], data: Float32Array.of(1, -0) };
const bias: NamedTensor = { name: "bias", dtype: "float64", shape: [], data: Float64Array.of(0.5) };

it("writes the layout that it documents; changes only in a major", () => {
  const head = (text: string): number[] => [...new TextEncoder().encode(text)];
  expect([...bytesOf([kernel, bias])]).toEqual([
    ...head("repro/tensors/v1\n"),
    ...head('{"dtype":"float64","name":"bias","shape":[]}\n'),
    ...Uint8Array.of(0, 0, 0, 0, 0, 0, 0xe0, 0x3f),
    ...head('{"dtype":"float32","name":"kernel","shape":[1,2]}\n'),
    ...Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0x80),
  ]);
  expect(hashBytes(bytesOf([]))).toBe("sha256:a56f7103c17404fc1acd7de836b50386acb7fc5b291896f551f716489554e5c0");
});

it("writes every NaN alike, and leaves the tensor as it was", () => {
  const other = float32(0xffc00001, 0x7f800001, 0x3f800000);
  const before = [...new Uint32Array(other.buffer)];
  const quiet = float32(0x7fc00000, 0x7fc00000, 0x3f800000);
  const tensor = (data: Float32Array): NamedTensor => ({ name: "w", dtype: "float32", shape: [3], data });
  expect(bytesOf([tensor(other)])).toEqual(bytesOf([tensor(quiet)]));
  expect([...new Uint32Array(other.buffer)]).toEqual(before);
});

it("reads a view at an offset, not the whole buffer behind it", () => {
  const whole = Float32Array.of(9, 1, 2, 9);
  const view: NamedTensor = { name: "w", dtype: "float32", shape: [2], data: whole.subarray(1, 3) };
  expect(bytesOf([view])).toEqual(bytesOf([{ ...view, data: Float32Array.of(1, 2) }]));
});

it("does not depend on the order in which tensors are given", () => {
  expect(bytesOf([bias, kernel])).toEqual(bytesOf([kernel, bias]));
});

it("tells zero from minus zero, and any two tensors that differ in name, type, shape or a bit", () => {
  const tensor = fc.record({
    name: fc.string({ maxLength: 3 }),
    dtype: fc.constant("float32" as const),
    shape: fc.constantFrom([4], [2, 2], [1, 4]),
    data: fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true }),
  });
  fc.assert(
    fc.property(tensor, tensor, (a, b) => {
      const same =
        a.name === b.name && String(a.shape) === String(b.shape) && a.data.every((x, i) => Object.is(x, b.data[i]));
      expect(hashBytes(bytesOf([a])) === hashBytes(bytesOf([b]))).toBe(same);
    }),
  );
});

describe("refuses", () => {
  it("two tensors of one name", () => expect(() => encodeTensors([bias, bias])).toThrow(RangeError));
  it("fewer elements than the shape promises", () => {
    expect(() => encodeTensors([{ ...kernel, shape: [3] }])).toThrow(RangeError);
  });
  it("a shape that is none", () => expect(() => encodeTensors([{ ...kernel, shape: [-1, -2] }])).toThrow(RangeError));
  it("an array of another type", () => expect(() => encodeTensors([{ ...kernel, dtype: "int32" }])).toThrow(TypeError));
  it("a type that typed arrays do not tell", () =>
    expect(() => dtypeOf(new DataView(new ArrayBuffer(8)))).toThrow(TypeError));
});
