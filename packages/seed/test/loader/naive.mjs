// What everybody writes first: a generator for each worker, seeded by its number.
import { parentPort, workerData } from "node:worker_threads";

import { createSeed, createStream, uniform } from "../../dist/index.js";

const rng = createStream(createSeed(workerData.seed + workerData.worker));
parentPort.on("message", (indices) => {
  parentPort.postMessage(
    indices.map((index) => ({ index, drawn: uniform(rng) })),
    [],
  );
});
