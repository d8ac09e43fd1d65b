// npm run bench -- seed/guards: what a call costs where a guard stands in, beside the engine's own function in the same rounds.
//
// "fresh" is code that V8 compiles while the guard is there. "warm" is code that was compiled for the engine's own function
// before: any function of JavaScript that comes in its place is then called and not inlined, also an empty one.
import { createSeed, createSeedLedger, createStream, withSeed } from "@repro/seed";

import { measure, report } from "../../conformance/dist/measure.js";
import { checkOptions } from "../dist/guard/guard.js";
import { guardProcess } from "../dist/guard/patch.js";
import { createGuards } from "../dist/guard/watch.js";

const N = 1 << 17;
const CALLS = ["Math.random()", "Date.now()", "performance.now()", "new Date()"];
let serial = 0;

/** A loop that V8 knows nothing of yet: a number makes its text another one. */
function loopOf(call, scope = {}) {
  const body = `let sum = ${(serial += 1)}; for (let i = 0; i < count; i += 1) sum += +${call}; return sum;`;
  // oxlint-disable-next-line typescript/no-implied-eval -- a text of its own is what makes it fresh
  const loop = new Function(...Object.keys(scope), "count", body);
  return () => loop(...Object.values(scope), N);
}

/** The engine's own functions, where no guard finds them. */
const own = {
  "Math.random()": { Math: { random: Math.random } },
  "Date.now()": { Date: { now: Date.now } },
  "performance.now()": { performance: { now: performance.now.bind(performance) } },
  "new Date()": { Date },
};
const warm = new Map(CALLS.map((call) => [call, loopOf(call)]));
for (const loop of warm.values()) for (let round = 0; round < 20; round += 1) loop();

const rows = [];

/** Measures calls where they are guarded, beside the same calls of what the engine has. */
async function beside(state, calls = CALLS) {
  for (const call of calls) {
    const native = `${call}, engine's own`;
    const works = [
      { what: native, run: loopOf(call, own[call]), items: N },
      { what: `${call}, ${state}, fresh`, run: loopOf(call), items: N, against: native },
      { what: `${call}, ${state}, warm`, run: warm.get(call), items: N, against: native },
    ];
    const [base, ...guarded] = await measure(works, 21);
    const added = guarded.map((row) => ({
      ...row,
      what: `${row.what} (${(row.medianNs - base.medianNs).toFixed(2)} ns more)`,
    }));
    rows.push({ ...base, what: `${base.what}, beside ${state}` }, ...added);
  }
}

await beside("no scope open");

const { random } = Math;
Math.random = () => random();
await beside("an empty function", ["Math.random()"]);
Math.random = random;

let close = () => {};
const refuse = { random: "throw", crypto: "throw", clock: "throw" };
const open = withSeed(createSeed(1), refuse, () => new Promise((resolve) => (close = resolve)));
await beside("a scope open elsewhere");
close();
await open;

await withSeed(createSeed(1), { random: "redirect" }, () => beside("in a scope: redirect", ["Math.random()"]));
const ledger = createSeedLedger();
await withSeed(createSeed(1, { ledger }), { random: "record" }, () => beside("in a scope: record", ["Math.random()"]));

const means = { ledger, stream: () => createStream(createSeed(1), "bench") };
const end = guardProcess(createGuards(checkOptions("bench", { random: "redirect" }), means));
await beside("process guard: redirect", ["Math.random()"]);
end();

if (Math.random !== random) throw new Error("the guard is still in place");
report("seed-guards", rows);
