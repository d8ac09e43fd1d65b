// Samples with memory of every kind.
import { markAsUntransferable, parentPort } from "node:worker_threads";

const cached = new Float64Array([1, 2, 3]);
const kept = new Uint8Array([4, 5]).buffer;
const shared = new Int32Array(new SharedArrayBuffer(4));
let last;

parentPort?.postMessage(null, []); // a library that talks to somebody else
parentPort?.postMessage({ kind: "other" }, []);

export const size = 40;

const KINDS = {
  /** An array of its own, moved: what the worker still has of the one before is told. */
  moved: (index, transfer) => {
    const before = last?.byteLength ?? 0;
    last = transfer(new Float32Array([index, index + 0.5]));
    return { before, values: last };
  },
  copied: () => cached,
  /** A view of node's pool: moving it would take every other small Buffer along. */
  pooled: (index, transfer) => ({ text: transfer(Buffer.from(`sample ${index}`)), other: Buffer.from("other") }),
  part: (_, transfer) => transfer(cached.subarray(1, 2)),
  /** The same memory twice in one sample. */
  twice: (index, transfer) => {
    const whole = new Uint8Array([index, 1]).buffer;
    return [transfer(whole), transfer(new Uint8Array(whole))];
  },
  buffer: (index, transfer) => transfer(new Uint8Array([index]).buffer),
  shared: (_, transfer) => transfer(shared),
  /** Node does not let go of it: 20 copies it, newer ones refuse to move it. */
  fixed: (index, transfer) => {
    const whole = new Uint8Array([index]);
    markAsUntransferable(whole.buffer);
    return transfer(whole);
  },
  /** A mistake: the dataset gives away what it keeps. */
  kept: (_, transfer) => transfer(kept),
};

export function openDataset(kind) {
  return { size, load: (index, _, { transfer }) => KINDS[kind](index, transfer) };
}
