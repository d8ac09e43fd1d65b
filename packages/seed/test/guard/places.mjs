// Draws and reads clocks in places where a guard may not reach, and prints which were caught. Arguments: URL of the package,
// URL of its workers, and "scope" to refuse in a scope; under register the whole process refuses.
const early = { random: Math.random, Date };

import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { Worker } from "node:worker_threads";

const [, , entry, workers, where] = process.argv;
const { createSeed, deriveSeed, withSeed } = await import(entry);
const { createSeededWorker } = await import(workers);

const TEXT = `const { parentPort } = require("node:worker_threads");
let caught = false;
try { Math.random(); } catch (error) { caught = error.code === "SEED_UNSEEDED_RANDOM"; }
parentPort.postMessage(caught);`;
const thread = new URL("./thread.mjs", import.meta.url);

const answerOf = (worker) =>
  new Promise((resolve, reject) => {
    let answer;
    worker.on("message", (message) => (answer = message));
    worker.on("error", reject);
    worker.on("exit", () => resolve(answer));
  });

async function isCaught(call) {
  try {
    return (await call()) === true;
  } catch (error) {
    if (!String(error.code).startsWith("SEED_")) throw error;
    return true;
  }
}

let go = () => {};
const outside = new Promise((resolve) => (go = resolve)).then(() => isCaught(() => Math.random()));
const seed = createSeed(1);
const REFUSE = { random: "throw", crypto: "throw", clock: "throw" };

const PLACES = {
  "the body, and all that it calls or awaits": async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return [1].map(() => Math.random());
  },
  "code that runs meanwhile, outside of the scope": () => {
    go();
    return outside;
  },
  "a reference that was taken before: `const { random } = Math`": () => early.random(),
  "a class that was taken before: `const D = Date`": () => new early.Date(),
  "another realm: `node:vm`": () => runInContext("Math.random() + Date.now()", createContext({})),
  "a worker that runs a file": () => answerOf(new Worker(thread)),
  "a worker that runs a text: `eval: true`": () => answerOf(new Worker(TEXT, { eval: true })),
  "`createSeededWorker` with a file": () =>
    answerOf(createSeededWorker(thread, deriveSeed(seed, "file"), { guard: "throw" })),
  "`createSeededWorker` with a text": () =>
    answerOf(createSeededWorker(TEXT, deriveSeed(seed, "text"), { eval: true, guard: "throw" })),
  "another process of node": () => {
    const env = { ...process.env, REPRO_SEED: "1" };
    const printed = execFileSync(process.execPath, [fileURLToPath(thread)], { env, encoding: "utf8" });
    return printed.trim() === "true";
  },
  "`new Intl.DateTimeFormat().format()`": () => new Intl.DateTimeFormat().format(),
  "`console.time`": () => {
    const { log } = console;
    console.log = () => {};
    try {
      console.time("a");
      console.timeEnd("a");
    } finally {
      console.log = log;
    }
  },
  "`performance.mark`, `process.uptime`": () => performance.mark("a").startTime + process.uptime(),
  "times of files: `statSync(file).mtimeMs`": () => {
    const folder = mkdtempSync(join(tmpdir(), "repro-table-"));
    writeFileSync(join(folder, "a"), "");
    const time = statSync(join(folder, "a")).mtimeMs;
    rmSync(folder, { recursive: true });
    return time;
  },
  "keys of Diffie and Hellman, and the noise in signatures and padding": () => {
    const pair = crypto.createECDH("prime256v1");
    const point = pair.generateKeys();
    const [x, y, d] = [point.subarray(1, 33), point.subarray(33), pair.getPrivateKey()].map((part) =>
      part.toString("base64url"),
    );
    const key = crypto.createPrivateKey({ key: { kty: "EC", crv: "P-256", x, y, d }, format: "jwk" });
    return crypto.sign("sha256", Buffer.from("a"), key).length;
  },
};

const caught = {};
const probe = async () => {
  for (const [place, call] of Object.entries(PLACES)) caught[place] = await isCaught(call);
};
await (where === "scope" ? withSeed(seed, REFUSE, probe) : probe());
console.log(JSON.stringify(caught));
