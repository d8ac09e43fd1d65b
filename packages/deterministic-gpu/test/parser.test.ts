import type { NamedTensor } from "@repro/core";
import { isReproError } from "@repro/core";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { encodeWeights, parseWeights } from "../src/index.ts";

const ARRAYS = {
  float64: fc.float64Array({ maxLength: 12 }),
  float32: fc.float32Array({ maxLength: 12 }),
  int64: fc.bigInt64Array({ maxLength: 12 }),
  uint64: fc.bigUint64Array({ maxLength: 12 }),
  int32: fc.int32Array({ maxLength: 12 }),
  uint32: fc.uint32Array({ maxLength: 12 }),
  int16: fc.int16Array({ maxLength: 12 }),
  uint16: fc.uint16Array({ maxLength: 12 }),
  int8: fc.int8Array({ maxLength: 12 }),
  uint8: fc.uint8Array({ maxLength: 12 }),
  bool: fc.uint8Array({ maxLength: 12, max: 1 }),
} as const;

const tensor = fc.constantFrom(...(Object.keys(ARRAYS) as (keyof typeof ARRAYS)[])).chain((dtype) =>
  fc
    .record({ name: fc.string({ unit: "binary" }), data: ARRAYS[dtype] as fc.Arbitrary<NamedTensor["data"]> })
    .map(({ name, data }): NamedTensor => ({
      name,
      dtype,
      shape: data.length % 2 === 0 ? [data.length / 2, 2] : [data.length],
      data,
    })),
);

const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 });

const byName = (list: readonly NamedTensor[]): Map<string, NamedTensor> =>
  new Map(list.map((item) => [item.name, item]));

test("parsing what was encoded gives the tensors back", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, async (list) => {
      expect(byName(parseWeights(await encodeWeights(list)))).toEqual(byName(list));
    }),
  );
});

test("encoding what was parsed gives the bytes back, also from an odd offset in a larger buffer", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, fc.integer({ min: 0, max: 9 }), async (list, shift) => {
      const bytes = await encodeWeights(list);
      const within = new Uint8Array(bytes.length + shift + 3);
      within.set(bytes, shift);
      expect(await encodeWeights(parseWeights(within.subarray(shift, shift + bytes.length)))).toEqual(bytes);
    }),
  );
});

test("the order of the tensors does not matter", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, async (list) => {
      expect(await encodeWeights(list.toReversed())).toEqual(await encodeWeights(list));
    }),
  );
});

const MALFORMED = "COMPUTE_WEIGHTS_MALFORMED";

/** Tells what became of hostile bytes: read, refused with our code, or anything else. */
function outcome(bytes: Uint8Array): "read" | "refused" | "crashed" {
  try {
    parseWeights(bytes);
    return "read";
  } catch (error) {
    return isReproError(error, MALFORMED) ? "refused" : "crashed";
  }
}

const text = (...parts: readonly string[]): Uint8Array => new TextEncoder().encode(parts.join(""));
const MAGIC = "repro/tensors/v1\n";
const header = (name: string, shape = "[1]"): string => `{"dtype":"uint8","name":"${name}","shape":${shape}}\n`;

test.each([
  ["nothing", ""],
  ["another format", "repro/tensors/v2\n"],
  ["a header without its end", `${MAGIC}{"dtype":"uint8"`],
  ["a header that is not JSON", `${MAGIC}{\n`],
  ["a member more", `${MAGIC}{"dtype":"uint8","name":"a","shape":[1],"x":1}\n0`],
  ["an unknown element type", `${MAGIC}{"dtype":"toString","name":"a","shape":[1]}\n0`],
  ["a negative length", `${MAGIC}${header("a", "[-1]")}`],
  ["more elements than there are", `${MAGIC}${header("a", "[2]")}0`],
  ["a shape beyond all memory", `${MAGIC}${header("a", "[9007199254740991,9007199254740991]")}0`],
  ["spaces in a header", `${MAGIC}{ "dtype":"uint8","name":"a","shape":[1]}\n0`],
  ["tensors out of order", `${MAGIC}${header("b")}0${header("a")}0`],
  ["a name twice", `${MAGIC}${header("a")}0${header("a")}0`],
  ["bytes after the end", `${MAGIC}${header("a")}00`],
])("refuses %s", (_, bytes) => {
  expect(outcome(text(bytes))).toBe("refused");
});

test("refuses a NaN that is not the canonical one", async () => {
  const bytes = await encodeWeights([{ name: "w", dtype: "float32", shape: [1], data: Float32Array.of(NaN) }]);
  bytes[bytes.length - 4] = 1;
  expect(outcome(bytes)).toBe("refused");
});

test("refuses weights that are cut at any byte, but where a tensor ends", async () => {
  const whole = await encodeWeights([
    { name: "a", dtype: "int16", shape: [3], data: Int16Array.of(1, 2, 3) },
    { name: "b", dtype: "uint8", shape: [2], data: Uint8Array.of(4, 5) },
  ]);
  const first = await encodeWeights([{ name: "a", dtype: "int16", shape: [3], data: Int16Array.of(1, 2, 3) }]);
  const readable = new Set([MAGIC.length, first.length, whole.length]);
  for (let end = 0; end <= whole.length; end += 1) {
    expect(outcome(whole.subarray(0, end))).toBe(readable.has(end) ? "read" : "refused");
  }
});

test("changed bytes are read as other weights or refused, and nothing else happens", async () => {
  await fc.assert(
    fc.asyncProperty(tensors, fc.nat(), fc.integer({ min: 1, max: 255 }), async (list, at, change) => {
      const bytes = await encodeWeights(list);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ change;
      const result = outcome(bytes);
      expect(result).not.toBe("crashed");
      if (result === "read") expect(await encodeWeights(parseWeights(bytes))).toEqual(bytes);
    }),
  );
});
