// Says whether Math.random is refused in this thread or process.
import { parentPort } from "node:worker_threads";

let caught = false;
try {
  Math.random();
} catch (error) {
  caught = error.code === "SEED_UNSEEDED_RANDOM";
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; this is a port
const answer = parentPort === null ? console.log : (value) => parentPort.postMessage(value);
answer(caught);
