import type * as tfjs from "@tensorflow/tfjs";

import type { ComputeHost } from "../src/index.ts";
import { computeHost } from "../src/index.ts";

/** This machine, but for what a test changes. */
export function hostWith(changes: Partial<ComputeHost>): ComputeHost {
  return { ...computeHost(), env: {}, ownsEnvironment: true, gpu: undefined, ...changes };
}

/** This machine without some packages. */
export function hostWithout(...missing: readonly string[]): ComputeHost {
  const { resolve } = computeHost();
  return hostWith({ resolve: (name) => (missing.some((peer) => name.startsWith(peer)) ? undefined : resolve(name)) });
}

/** Trains a small network on data made of integers; every number in it is fixed by its seeds. */
export async function trainMlp(tf: typeof tfjs, epochs: number): Promise<tfjs.Sequential> {
  const initializer = (seed: number): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed });
  const model = tf.sequential();
  model.add(tf.layers.dense({ inputShape: [5], units: 7, activation: "tanh", kernelInitializer: initializer(11) }));
  model.add(tf.layers.dense({ units: 1, activation: "sigmoid", kernelInitializer: initializer(12) }));
  model.compile({ optimizer: tf.train.adam(0.05), loss: "binaryCrossentropy" });
  const rows = Array.from({ length: 48 }, (_, row) =>
    Array.from({ length: 5 }, (_, i) => ((row * 7 + i * 13) % 17) / 8 - 1),
  );
  const x = tf.tensor2d(rows);
  const y = tf.tensor2d(rows.map(([a = 0, b = 0]) => [a + b > 0 ? 1 : 0]));
  await model.fit(x, y, { epochs, batchSize: 16, shuffle: false });
  tf.dispose([x, y]);
  return model;
}
