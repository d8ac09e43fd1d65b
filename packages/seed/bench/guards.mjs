// node packages/seed/bench/guards.mjs   (after tsc -b): ns per call, median of 21, and what a guard adds to the engine's own
// function, measured in turn. "fresh": code that first runs while the guard is there. "warm": code that V8 has compiled for the
// engine's own function before, so that any function of JavaScript in its place costs a call; "empty" is one that does nothing else.
import { createSeed, createSeedLedger, withSeed } from "@repro/seed";
import { guardProcess } from "../dist/guard/patch.js";
import { createGuards } from "../dist/guard/watch.js";
import { checkOptions } from "../dist/guard/guard.js";
import { createStream } from "@repro/seed";

const N = 1 << 18;
const clock = process.hrtime.bigint; // before a guard stops it
const ROUNDS = 21;
let serial = 0;

/** A loop that V8 knows nothing of yet: the number makes its text another one. */
const loopOf = (call) =>
  new Function(
    "count",
    `let sum = ${serial++}; for (let i = 0; i < count; i += 1) sum += Number(${call}); return sum;`,
  );

function once(loop) {
  const start = clock();
  loop(N);
  return Number(clock() - start) / N;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function measure(loop) {
  for (let round = 0; round < 4; round += 1) loop(N);
  return median(Array.from({ length: ROUNDS }, () => once(loop)));
}

const CALLS = ["Math.random()", "Date.now()", "performance.now()", "new Date()"];
const warm = new Map(CALLS.map((call) => [call, loopOf(call)]));
const rows = [];
const report = (call, state, code, ns) => rows.push([call, state, code, ns, ns - native.get(call)]);
const native = new Map();
for (const call of CALLS) {
  measure(warm.get(call));
  native.set(call, measure(loopOf(call)));
  report(call, "no scope open", "fresh", native.get(call));
}
function both(state, calls = CALLS) {
  for (const call of calls) {
    report(call, state, "fresh", measure(loopOf(call)));
    report(call, state, "warm", measure(warm.get(call)));
  }
}

const random = Math.random;
Math.random = () => random();
both("empty function in its place", ["Math.random()"]);
Math.random = random;

// Code outside of a scope, while one is open elsewhere.
const all = { random: "redirect", crypto: "throw", clock: "throw" };
let close = () => {};
const open = withSeed(createSeed(1), all, () => new Promise((resolve) => (close = resolve)));
both("scope open elsewhere");
close();
await open;
for (const call of CALLS) report(call, "after it", "warm", measure(warm.get(call)));

// Inside of scopes, also with awaits between, so that the context changes.
await withSeed(createSeed(1), { random: "redirect", clock: "freeze" }, async () => {
  await null;
  both("inside: redirect, freeze");
});

const rng = createStream(createSeed(1), "bench");
const means = { ledger: createSeedLedger(), stream: () => rng };
const end = guardProcess(createGuards(checkOptions("bench", { random: "redirect", clock: "freeze" }), means));
both("process guard: redirect, freeze");
end();
if (Math.random !== random) throw new Error("the guard is still in place");

console.log(`${process.version}, ${N} calls a loop`);
for (const [call, state, code, ns, added] of rows) {
  console.log(
    `${call.padEnd(18)} ${state.padEnd(32)} ${code.padEnd(6)} ${ns.toFixed(2).padStart(8)} ns  ${added.toFixed(2).padStart(8)} ns added`,
  );
}
