// node packages/seed/bench/loader.mjs   (after tsc -b): samples per second, and the ratio to an unordered pool of workers.
// The module is the program, the dataset of our workers and the worker of the pool that we are compared with, in one.
import { availableParallelism } from "node:os";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

import { createSeed, createStream, deriveSeed, epochOrder } from "@repro/seed";
import { openLoader } from "@repro/seed/loader";

const BATCH = 32;
const ROUNDS = 15;
const WORKERS = Math.min(4, availableParallelism());
const KINDS = {
  // Steps of a busy loop by sample: some 0.2 to 1 ms of decoding; one sample in 16 that takes five times as long as the
  // others; then 50 us each, and a few us each, where what the loader itself does shows most.
  heavy: { size: 512, steps: (index) => 200_000 + ((index * 7919) % 13) * 65_000 },
  skewed: { size: 512, steps: (index) => ((index * 7919) % 16 === 0 ? 1_500_000 : 300_000) },
  medium: { size: 4096, steps: (index) => 40_000 + ((index * 7919) % 13) * 3000 },
  cheap: { size: 16_384, steps: () => 4000 },
};
const VALUES = 256;
const NOISE = 8;

/** Stands for decoding. */
function burn(state, steps) {
  let burnt = state;
  for (let step = steps; step > 0; step -= 1) burnt = (Math.imul(burnt, 1664525) + 1013904223) | 0;
  return burnt;
}

/** What both sides do for a sample: decode it, and add noise from its own stream. */
function decode(kind, index, rng) {
  const values = new Float32Array(VALUES).fill(burn(index, KINDS[kind].steps(index)) >>> 8);
  for (let at = 0; at < NOISE; at += 1) values[at] += (rng.next() >>> 8) * 2 ** -24;
  return { index, values };
}

export function openDataset(kind) {
  const load = (index, rng, { transfer }) => {
    const sample = decode(kind, index, rng);
    transfer(sample.values);
    return sample;
  };
  return { size: KINDS[kind].size, load };
}

/** The pool, which draws the same for a sample: batches of numbers in, samples out as they come, two batches at each worker so that none waits for a message. */
function openPool(kind) {
  const workers = Array.from({ length: WORKERS }, () => new Worker(new URL(import.meta.url), { workerData: { kind } }));
  const epoch = (order, used) =>
    new Promise((resolve) => {
      let sent = 0;
      let received = 0;
      const send = (worker) => {
        if (sent >= order.length) return;
        worker.postMessage(order.slice(sent, sent + BATCH), []);
        sent += BATCH;
      };
      for (const worker of workers) {
        worker.removeAllListeners("message");
        worker.on("message", (samples) => {
          send(worker);
          for (const sample of samples) used(sample);
          received += samples.length;
          if (received === order.length) resolve();
        });
        send(worker);
        send(worker);
      }
    });
  return { epoch, close: () => Promise.all(workers.map((worker) => worker.terminate())) };
}

function servePool({ kind }) {
  const seed = deriveSeed(createSeed(1), "loader", 1);
  parentPort.on("message", (indices) => {
    const samples = Array.from(indices, (index) => {
      const rng = createStream(seed, index);
      return decode(kind, index, rng);
    });
    parentPort.postMessage(
      samples,
      samples.map(({ values }) => values.buffer),
    );
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function compare(kind) {
  const seed = createSeed(1);
  const { size } = KINDS[kind];
  const loader = await openLoader(seed, {
    dataset: new URL(import.meta.url),
    data: kind,
    batchSize: BATCH,
    workers: WORKERS,
  });
  const pool = openPool(kind);
  let sum = 0;
  const use = ({ values }) => (sum += values[0]);
  const ours = async (epoch) => {
    for await (const batch of loader.epoch(epoch)) batch.samples.forEach(use);
  };
  const theirs = (epoch) => pool.epoch(epochOrder(seed, { epoch, size }), use);
  const time = async (run, epoch) => {
    const start = performance.now();
    await run(epoch);
    return performance.now() - start;
  };
  await ours(0);
  await theirs(0);
  const rounds = [];
  for (let epoch = 1; epoch <= ROUNDS; epoch += 1) {
    // Who comes first changes: the machine has other work.
    const first = epoch % 2 === 0 ? await time(ours, epoch) : undefined;
    const pooled = await time(theirs, epoch);
    rounds.push({ pooled, loaded: first ?? (await time(ours, epoch)) });
  }
  await pool.close();
  await loader[Symbol.asyncDispose]();
  if (sum === 0) throw new Error("nothing was loaded");
  const rate = (ms) => Math.round((size / ms) * 1000);
  const ratio = median(rounds.map(({ pooled, loaded }) => pooled / loaded));
  const [loaded, pooled] = [median(rounds.map((round) => round.loaded)), median(rounds.map((round) => round.pooled))];
  const cost = ((pooled * WORKERS * 1000) / size).toFixed(0);
  console.log(
    `loader, ${kind.padEnd(8)} ${String(rate(loaded)).padStart(8)} samples/s   ${ratio.toFixed(2).padStart(6)} x unordered pool` +
      ` (${rate(pooled)} samples/s, ${cost} us a sample, ${WORKERS} workers)`,
  );
}

if (!isMainThread) {
  if (workerData?.kind !== undefined) servePool(workerData);
} else {
  for (const kind of Object.keys(KINDS)) await compare(kind);
}
