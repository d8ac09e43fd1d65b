import { encodeTensors } from "@repro/core";
import type { Digest, NamedTensor } from "@repro/core";

import { createNodeHash } from "./host.ts";

/**
 * Hashes named tensors of any framework: SHA-256 of the bytes that core's `encodeTensors` defines.
 *
 * The order of the list does not matter; every name, element type, shape and element does.
 *
 * @throws RangeError when a name occurs twice, or when `data` does not hold the elements that `shape` promises.
 * @throws TypeError when `data` is not of `dtype`.
 * @throws ReproError `TENSOR_BYTE_ORDER` on a big-endian processor.
 * @example
 * ```ts
 * const weights = [{ name: "w", dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } as const];
 * hashTensors(weights).length; // => 71
 * ```
 * @public
 */
export function hashTensors(tensors: readonly NamedTensor[]): Digest {
  const hash = createNodeHash("sha256");
  for (const chunk of encodeTensors(tensors)) hash.update(chunk);
  return `sha256:${hash.digest()}`;
}
