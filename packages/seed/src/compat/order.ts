export type { Shuffleable } from "../samplers/shuffle.ts"; // for the folders below, which climb one step

/** 0, 1, 2 … */
export function countUp<A extends Uint32Array | Float64Array>(array: A): A {
  for (let index = 0; index < array.length; index += 1) array[index] = index;
  return array;
}
