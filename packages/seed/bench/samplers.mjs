// node packages/seed/bench/samplers.mjs   (after tsc -b): ns per number, best of 9, and the ratio to Math.random.
import {
  createSeed,
  createStream,
  deriveSeed,
  fillNormal,
  fillUniform,
  int,
  normal,
  shuffle,
  uniform,
  withSeed,
} from "@repro/seed";
import { createSeedLedger } from "@repro/seed";

const N = 1 << 20;
const doubles = new Float64Array(N);
const floats = new Float32Array(N);
const order = Uint32Array.from({ length: N }, (_, index) => index);
const rng = createStream(createSeed(1, { ledger: createSeedLedger() }), "bench");

const scalar = (draw) => () => {
  for (let index = 0; index < N; index += 1) doubles[index] = draw();
};
const native = Math.random;

function mathRandomShuffle() {
  for (let last = N - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const moved = order[last];
    order[last] = order[other];
    order[other] = moved;
  }
}

/** The polar method on Math.random, as tfjs has it. */
function polar() {
  for (;;) {
    const x = 2 * Math.random() - 1;
    const y = 2 * Math.random() - 1;
    const s = x * x + y * y;
    if (s < 1 && s > 0) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Best of 9 fills, in ns per number. */
function measure(fill) {
  let best = Infinity;
  for (let round = 0; round < 9; round += 1) {
    const start = performance.now();
    fill();
    best = Math.min(best, ((performance.now() - start) * 1e6) / N);
  }
  return best;
}

const rows = [
  ["Math.random", measure(scalar(() => Math.random())), "Math.random"],
  ["Math.random shuffle", measure(mathRandomShuffle), "Math.random shuffle"],
  ["Math.random polar normal", measure(scalar(polar)), "Math.random polar normal"],
  ["next", measure(scalar(() => rng.next())), "Math.random"],
  ["uniform", measure(scalar(() => uniform(rng))), "Math.random"],
  ["fillUniform float64", measure(() => fillUniform(rng, doubles)), "Math.random"],
  ["fillUniform float32", measure(() => fillUniform(rng, floats)), "Math.random"],
  ["int(100)", measure(scalar(() => int(rng, 100))), "Math.random"],
  ["normal", measure(scalar(() => normal(rng))), "Math.random polar normal"],
  ["fillNormal float64", measure(() => fillNormal(rng, doubles)), "Math.random polar normal"],
  ["shuffle", measure(() => shuffle(rng, order)), "Math.random shuffle"],
];
const root = createSeed(1);
let sink = 0;
const derive = measure(() => {
  for (let index = 0; index < N / 64; index += 1) sink += deriveSeed(root, index).key.length;
});
rows.push(["deriveSeed", derive * 64, "Math.random"]);
await withSeed(createSeed(1), { random: "redirect" }, () => {
  rows.push(["Math.random redirected", measure(scalar(() => Math.random())), "Math.random"]);
});
// While a scope is open elsewhere, code outside of it goes through the patch.
let close = () => {};
const open = withSeed(createSeed(1), { random: "redirect" }, () => new Promise((resolve) => (close = resolve)));
rows.push(["Math.random beside a scope", measure(scalar(() => Math.random())), "Math.random"]);
close();
await open;
rows.push(["Math.random after it", measure(scalar(() => Math.random())), "Math.random"]);
if (Math.random !== native || sink === 0) throw new Error("the patch is still in place");

const times = new Map(rows.map(([name, ns]) => [name, ns]));
for (const [name, ns, peer] of rows) {
  const ratio = (times.get(peer) ?? NaN) / ns;
  console.log(`${name.padEnd(28)} ${ns.toFixed(2).padStart(8)} ns   ${ratio.toFixed(2).padStart(6)} x ${peer}`);
}
