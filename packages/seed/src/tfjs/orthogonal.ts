import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import { fillNormal } from "../samplers/normal.ts";

/**
 * Draws a matrix with orthonormal columns, or rows where it is wider than high, uniform among these: `orthogonal@1`.
 *
 * The columns (or rows) of a matrix of standard normals are drawn one after the other, each made orthogonal to those
 * before it by Gram–Schmidt, twice, and divided by its length: QR with a positive diagonal of R. Sums run from the first
 * element to the last in doubles, so that every engine and backend gives the same bits.
 *
 * @param rows - An integer of at least 1, as `columns`.
 * @returns Row by row, times `gain`, rounded to float32.
 * @remarks Mezzadri, How to generate random matrices from the classical compact groups, Notices AMS 54(5), 2007. Twice is
 *   enough: Giraud, Langou, Rozložník, van den Eshof, Numer. Math. 101, 2005.
 */
export function drawOrthogonal(rng: RandomGenerator, rows: number, columns: number, gain: number): Float32Array {
  const vectors: Float64Array[] = [];
  while (vectors.length < Math.min(rows, columns)) {
    const vector = fillNormal(rng, new Float64Array(Math.max(rows, columns)));
    removeProjections(vector, vectors);
    removeProjections(vector, vectors);
    const length = Math.sqrt(dot(vector, vector));
    if (length === 0) continue; // a vector within the span of those before it: draw another
    for (let index = 0; index < vector.length; index += 1) vector[index] = (vector[index] as number) / length;
    vectors.push(vector);
  }
  const out = new Float32Array(rows * columns);
  for (let place = 0; place < out.length; place += 1) {
    const [row, column] = [Math.floor(place / columns), place % columns];
    const [vector, index] = rows < columns ? [row, column] : [column, row];
    out[place] = gain * (vectors[vector]?.[index] ?? 0);
  }
  return out;
}

function removeProjections(vector: Float64Array, units: readonly Float64Array[]): void {
  for (const unit of units) {
    const share = dot(vector, unit);
    for (let index = 0; index < vector.length; index += 1) {
      vector[index] = (vector[index] as number) - share * (unit[index] as number);
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
