import * as fc from "fast-check";
import { expect, test } from "vitest";

import { openCompute } from "../src/index.ts";

/** Matrix product as wasm must compute it: every sum from k = 0 on, each product and each sum rounded to float32. */
function matmul(a: Float32Array, b: Float32Array, [m, k, n]: readonly [number, number, number]): Float32Array {
  const c = new Float32Array(m * n);
  for (let row = 0; row < m; row += 1) {
    for (let column = 0; column < n; column += 1) {
      let sum = 0;
      for (let i = 0; i < k; i += 1) {
        sum = Math.fround(sum + Math.fround((a[row * k + i] ?? 0) * (b[i * n + column] ?? 0)));
      }
      c[row * n + column] = sum;
    }
  }
  return c;
}

const size = fc.integer({ min: 1, max: 70 });

/** Ordinary magnitudes, of which sums lose bits in an order-dependent way. */
const element = fc.float({ min: -8, max: 8, noNaN: true });

test("wasm's matrix product has the bits of a sequential float32 sum", async () => {
  await using compute = await openCompute({ backend: "wasm" });
  const { tf } = compute;
  await fc.assert(
    fc.asyncProperty(size, size, size, fc.array(element, { minLength: 64, maxLength: 64 }), async (m, k, n, pool) => {
      const fill = (length: number, step: number): Float32Array =>
        Float32Array.from({ length }, (_, i) => pool[(i * step + (i >> 6)) % pool.length] ?? 0);
      const [a, b] = [fill(m * k, 7), fill(k * n, 11)];
      const product = tf.tidy(() => tf.matMul(tf.tensor2d(a, [m, k]), tf.tensor2d(b, [k, n])).dataSync());
      const same = [...matmul(a, b, [m, k, n])].every((value, index) => value === product[index]);
      expect(same).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("cpu's matrix product is not that sum: it carries float64 in between", async () => {
  await using compute = await openCompute({ backend: "cpu" });
  const { tf } = compute;
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.fround(((i * 7919) % 1000) / 999));
  const matrix = tf.tensor2d(values, [64, 64]);
  expect(matrix.matMul(matrix).dataSync()).not.toEqual(matmul(values, values, [64, 64, 64]));
});
