import { findSeedTraps } from "@repro/seed/lint";
import type { SeedTrapRule } from "@repro/seed/lint";
import { describe, expect, it, test } from "vitest";

import { RULES } from "../src/lint/trap.ts";

const TF = 'import * as tf from "@tensorflow/tfjs";\n';

/** Rules of what is found, in order; `^` under a place in the line above it says where. */
async function rulesOf(source: string): Promise<readonly SeedTrapRule[]> {
  return (await findSeedTraps(source)).map(({ rule }) => rule);
}

/** Sources that a rule reports once, at `‸`, and sources that it does not. */
interface Cases {
  readonly finds: readonly string[];
  readonly passes: readonly string[];
}

const CASES: Readonly<Record<SeedTrapRule, Cases>> = {
  "adjacent-seeds": {
    finds: [
      'import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";\nfor (const id of ids) xoroshiro128plus(‸seed + id);',
      'import { xorshift128plus as make } from "pure-rand/generator/xorshift128plus";\nmake(‸SEED ^ worker);',
      'import prand from "pure-rand";\nprand.congruential32(‸seed - 1);',
      'const { xoroshiro128plus } = require("pure-rand");\nfor (let i = 0; i < 4; i++) xoroshiro128plus(‸i);',
      'import { xoroshiro128plus } from "pure-rand";\nconst mine = seed + threadId;\nxoroshiro128plus(‸mine);',
    ],
    passes: [
      'import { xoroshiro128plus } from "pure-rand";\nxoroshiro128plus(42);',
      'import { xoroshiro128plus } from "pure-rand";\nconst BASE = 40;\nxoroshiro128plus(BASE + 2);',
      'import { mersenne } from "pure-rand";\nmersenne(seed + 1);',
      'import { xoroshiro128plus } from "./mine.js";\nxoroshiro128plus(seed + 1);',
      'import { xoroshiro128plus } from "pure-rand";\nfor (const w of [0x9e3779b9, 0x243f6a88]) xoroshiro128plus(w);',
      'import { xoroshiro128plus } from "pure-rand";\nfor (const name in seeds) xoroshiro128plus(name);',
    ],
  },
  "backend-seed": {
    finds: [`${TF}tf.multinomial(logits, 3, ‸7);`, `${TF}tf.multinomial(logits, 3, ‸step, true);`],
    passes: [`${TF}other.multinomial(logits, 3, 7);`],
  },
  "captured-random": {
    finds: [
      "const r = ‸Math.random;",
      "const rng = { random: ‸Math.random };",
      "const { ‸random } = Math;",
      "function f(rng = ‸Math.random) { return rng; }",
      "export const pick = options.rng ?? ‸Math.random;",
      "class A { rng = ‸Math.random; }",
      "const source = () => ‸Math.random;",
      "const view = <Dice rng={‸Math.random} />;",
      "const draw = ‸Math.random.bind(Math);",
      "function* sources() { yield ‸Math.random; }",
      "let r; r = ‸globalThis.Math.random as () => number;",
      'const { ‸random: draw, floor } = globalThis["Math"];',
    ],
    passes: [
      "typeof Math.random;",
      "Math.random === native;",
      "const name = Math.random.name;",
      "const x = Math.random.call(Math);",
      "const { floor } = Math;",
      "function f(Math) { const r = Math.random; return r; }",
    ],
  },
  "clock-seed": {
    finds: [
      "const seed = ‸Date.now();",
      "const RNG_SEED = Number(‸new Date()) % 1000;",
      "configure({ seed: ‸performance.now() | 0 });",
      "function f(seed = ‸Date.now()) { return seed; }",
      "this.randomSeed = options.seed ?? ‸Date.now();",
      'import { createSeed } from "@repro/seed";\ncreateSeed(‸Date.now());',
      'import seedrandom from "seedrandom";\nseedrandom(String(‸new Date().getTime()));',
      'import { hrtime } from "node:process";\nconst seed = ‸hrtime.bigint();',
      "const clock = Date.now;\nconst seed = ‸clock();",
      "class A { seed = ‸process.hrtime()[1]; }",
      "class A { #seed = 0; f() { this.#seed = ‸Date.now(); } }",
      "const model_seed = ‸Date.now();",
      "const BASE_SEED = ‸Date.now();",
      "const dbSeed = { seed: ‸Date.now() };",
    ],
    passes: [
      "const started = Date.now();",
      "const seed = new Date(0).getTime();",
      "const dbSeed = { users: [{ createdAt: new Date() }] };",
      "const seed = [{ createdAt: new Date() }];",
      "const seed = () => Date.now();",
      "const reseed = Date.now();",
      "const linseed = Date.now();",
      "const seeds = [1]; const at = Date.now();",
      "function f(Date) { const seed = Date.now(); return seed; }",
    ],
  },
  "directory-order": {
    finds: [
      'import { opendir } from "node:fs/promises";\nfor await (const entry of ‸await opendir("data")) load(entry);',
      'import fs from "node:fs";\nconst dir = await fs.promises.opendir("data");\nfor await (const entry of ‸dir) load(entry);',
    ],
    passes: [
      'import { readdir } from "node:fs/promises";\nfor (const name of await readdir("data")) load(name);',
      "for await (const entry of await opendir()) load(entry);\nfunction opendir() {}",
    ],
  },
  "entropy-seed": {
    finds: [
      'import { randomBytes } from "node:crypto";\nconst seed = ‸randomBytes(4).readUInt32LE();',
      "const seed = ‸crypto.getRandomValues(new Uint32Array(1))[0];",
      'import * as nodeCrypto from "crypto";\nf({ seed: ‸nodeCrypto.randomInt(1e6) });',
      "const [a] = [1]; let seed; seed = ‸globalThis.crypto.randomUUID();",
    ],
    passes: [
      "const id = crypto.randomUUID();",
      'import { randomBytes } from "./mine.js";\nconst seed = randomBytes(4);',
    ],
  },
  "equal-seeds": {
    finds: [
      `${TF}const a = tf.initializers.glorotUniform({ seed: 7 });\nconst b = tf.initializers.heUniform({ seed: ‸7 });`,
      `${TF}const SEED = 7;\nf(tf.initializers.glorotUniform({ seed: SEED }), tf.initializers.glorotUniform({ seed: ‸SEED }));`,
      `${TF}function build(seed) {\n  g(tf.initializers.heNormal({ seed }));\n  g(tf.initializers.heNormal({ seed: ‸seed }));\n}`,
      `${TF}const init = tf.initializers.heNormal({ seed: 7 });\nconst b = { units: 1, weights: w };
tf.layers.dense({ ...b, kernelInitializer: init });\ntf.layers.dense({ ...b, kernelInitializer: ‸init });`,
      `${TF}tf.layers.bidirectional({ layer: ‸tf.layers.lstm({ ...rest, kernelInitializer: tf.initializers.heNormal({ seed: 3 }) }) });`,
      `${TF}tf.layers.separableConv2d({ filters: 2, depthwiseInitializer: ‸tf.initializers.heUniform({ seed: 3 }) });`,
      `${TF}export const all = [1, 2, 3].map(() => tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: ‸5 }) }));`,
      `${TF}export const all = Array.from({ length: 3 }, function () { return tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: ‸5 }) }); });`,
      `${TF}for (let i = 0; i < 3; i++) model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: ‸5 }) }));`,
      `${TF}export function build(seed) { for (const n of sizes) { model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: ‸seed }) })); } }`,
      `${TF}for (const seed of seeds) while (more()) model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: ‸seed }) }));`,
      `${TF}const init = tf.initializers.heNormal({ seed: 5 });\nfor (const n of sizes) model.add(tf.layers.dense({ units: n, kernelInitializer: ‸init }));`,
      `${TF}f(tf.initializers.varianceScaling({ seed: 1 }), tf.initializers.orthogonal({ seed: ‸1 }));`,
      `${TF}f(tf.initializers.glorotUniform({ seed: 7 }));\nconst g = () => tf.initializers.heUniform({ seed: ‸"7" });`,
    ],
    passes: [
      `${TF}f(tf.initializers.glorotUniform({ seed: 7 }), tf.initializers.glorotUniform({ seed: 8 }));`,
      `${TF}f(tf.initializers.glorotUniform({ seed: next() }), tf.initializers.glorotUniform({ seed: next() }));`,
      `${TF}let s = 1;\nf(tf.initializers.glorotUniform({ seed: s }));\ns += 1;\nf(tf.initializers.glorotUniform({ seed: s }));`,
      `${TF}const g = tf.initializers.glorotUniform({ seed: 1 });\ntf.layers.dense({ units: 1, kernelInitializer: g });`,
      `${TF}export const all = seeds.map((seed) => tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: seed }) }));`,
      `${TF}for (const seed of seeds) model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: seed }) }));`,
      `${TF}for (let i = 1; i < 4; i++) { const seed = 7 * i; model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: seed }) })); }`,
      `${TF}for (const layer of [tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) })]) model.add(layer);`,
      `${TF}for (const n of sizes) makers.push(() => tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) }));`,
      `${TF}button.on("click", () => tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) }));`,
      `${TF}f(tf.initializers.glorotUniform({ seed: 1 }), tf.initializers.randomNormal({ seed: 1 }));`,
      `${TF}f(tf.initializers.varianceScaling({ distribution: kind, seed: 1 }), tf.initializers.heUniform({ seed: 1 }));`,
      `${TF}f(tf.initializers.constant({ seed: 7 }), tf.initializers.constant({ seed: 7 }));`,
    ],
  },
  "fit-shuffle": {
    finds: [
      `${TF}const model = tf.sequential();\nawait model.‸fit(x, y);`,
      `${TF}const model = await tf.loadLayersModel(url);\nawait model.‸fit(x, y, { epochs: 3 });`,
      `${TF}async function train(model, x, y) { await model.‸fit(x, y, { epochs: 3, batchSize: 8 }); await tf.ready(); }`,
      `${TF}const model = tf.model({ inputs, outputs });\nawait model.fit(x, y, { epochs: 3, shuffle: ‸true });`,
      `${TF}const model = tf.model({ inputs, outputs });\nawait model.fit(x, y, { epochs: 3, shuffle: ‸null });`,
      `${TF}export async function train(model, x, y) { await model.‸fit(x, y, { epochs: 5 }); }`,
      'import type * as tf from "@tensorflow/tfjs";\nexport const f = (m: tf.LayersModel, x, y) => m.‸fit(x, y, { epochs: 5 });',
      'import type { Sequential } from "@tensorflow/tfjs-layers";\nexport const f = (m: Sequential, x, y) => m.‸fit(x, y, { epochs: 5 });',
      'const { train } = require("@tensorflow/tfjs");\nexport const f = (m, x, y) => m.‸fit(x, y, { epochs: 5 });',
      'import tf = require("@tensorflow/tfjs");\nexport const f = (m, x, y) => m.‸fit(x, y, { epochs: 5 });',
      'import { build } from "./model.js";\nimport { tensor } from "@tensorflow/tfjs-node";\nconst model = build();\nmodel.‸fit(tensor([1]), y, { epochs: 1 });',
    ],
    passes: [
      `${TF}const model = tf.sequential();\nawait model.fit(x, y, { epochs: 3, shuffle: false });`,
      `${TF}const model = tf.sequential();\nawait model.fit(x, y, options);`,
      `${TF}const model = tf.sequential();\nawait model.fit(x, y, { epochs: 3, ...options });`,
      `${TF}tf.ready();\nimport { Forest } from "ml-random-forest";\nnew Forest().fit(x, y, { epochs: 3 });`,
      `${TF}import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, async () => { await model.fit(x, y, { epochs: 3 }); });`,
      `${TF}class Forest { fit() {} }\nconst forest = new Forest();\nforest.fit(x, y, { epochs: 3 });`,
      "model.fit(x, y, { epochs: 3 });",
      'const name = "@tensorflow/tfjs";\nmodel.fit(x, y, { epochs: 3 });',
    ],
  },
  "ignored-seed": {
    finds: [
      `${TF}tf.layers.gaussianNoise({ stddev: 1, seed: ‸7 });`,
      `${TF}tf.layers.gaussianDropout({ rate: 0.5, seed: ‸7 });`,
      `${TF}const { alphaDropout } = tf.layers;\nalphaDropout({ rate: 0.5, seed: ‸7 });`,
      `${TF}tf.layers.flatten({ seed: ‸7 });`,
      `${TF}tf.layers.separableConv2d({ ...base, pointwiseInitializer: ‸init });`,
      `${TF}const model = tf.sequential();\nmodel.fit(x, y, { shuffle: false, seed: ‸7 });`,
    ],
    passes: [
      `${TF}tf.layers.randomWidth({ factor: 0.5, seed: 7 });`,
      `${TF}tf.layers.flatten();`,
      `${TF}tf.layers.gaussianNoise({ stddev: 0, seed: undefined });`,
    ],
  },
  "locale-order": {
    finds: [
      "names.sort((a, b) => a.‸localeCompare(b));",
      "names.toSorted(function (a, b) { return b.id.‸localeCompare(a.id); });",
      "names.sort(cmp);\nothers.sort(cmp);\nfunction cmp(a, b) { return a.‸localeCompare(b); }",
    ],
    passes: ["a.localeCompare(b);", "names.sort((a, b) => (a < b ? -1 : 1));"],
  },
  "math-random": {
    finds: [
      "const x = ‸Math.random();",
      "import { f } from './f.js';\nconst { random } = Math;\nf(‸random());",
      "const r = Math.random;\nconst x = ‸r();",
      "Array.from({ length: 3 }, ‸Math.random);",
      "const x = ‸window.Math.random();",
      'const x = ‸Math["random"]();',
      "const x = ‸Math?.random();",
      "const x = ‸Math.random.call(Math);",
      "const x = Reflect.apply(‸Math.random, Math, []) + 1;",
      "const x = ‸Math.random['apply'](Math, []);",
      "const x = (‸Math.random as () => number)();",
      'import { withSeed } from "@repro/seed";\nwithSeed(seed, { random: "throw" }, () => ‸Math.random());',
      'import { withSeed } from "@repro/seed";\nwithSeed(seed, { clock: "freeze" }, () => ‸Math.random());',
      'import { withSeed } from "@repro/seed";\nwithSeed(seed, { random: "redirect", frozenAt: f(() => ‸Math.random()) }, run);',
      'import { withSeed } from "./mine.js";\nwithSeed(seed, { random: "redirect" }, () => ‸Math.random());',
    ],
    passes: [
      "// Math.random()\nconst text = 'Math.random()';",
      "list.sort(cmp);\nfunction cmp(a, b) { return Math.random() - 0.5; }",
      "function f(Math) { return Math.random(); }",
      'import { Math } from "./mine.js";\nMath.random();',
      "{ const Math = mine(); Math.random(); }",
      "const { Math } = mine; Math.random();",
      "const [Math] = mine; Math.random();",
      "const { a: { b: [Math = 1], ...rest } } = mine; Math.random();",
      "enum Math { A }\nMath.random();",
      "class Math { static random() {} }\nMath.random();",
      "for (const Math of mine) Math.random();",
      "const f = class Math { g() { Math.random(); } };",
      "const f = function Math() { Math.random(); };",
      "namespace N { const Math = mine; Math.random(); }",
      "switch (x) { case 1: let Math = mine; Math.random(); }",
      "class A { constructor(private Math: M) { Math.random(); } static { var Date = 1; } }",
      "import Math = require('./math.js');\nMath.random();",
      'import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, () => Math.random());',
      'import * as s from "@repro/seed";\ns.withSeed(seed, { ...options, random: "redirect" }, async function () { await f(() => Math.random()); });',
      'import { withSeed } from "@repro/seed";\nwithSeed(seed, options, () => Math.random());',
      "Math[random]();",
      "try { f(); } catch (Math) { Math.random(); }",
      "function f() { Math.random(); var Math; }",
      "function f() { { var Math = mine; } Math.random(); }",
    ],
  },
  "random-comparator": {
    finds: [
      "list.sort(‸() => Math.random() - 0.5);",
      "list.toSorted(‸(a, b) => 0.5 - Math.random());",
      "const cmp = () => Math.random() - 0.5;\nlist.sort(‸cmp);",
      "list.sort(‸cmp);\nfunction cmp(a, b) { return Math.random() - 0.5; }",
      "list.sort(‸() => 0.5 > rng() ? 1 : -1);",
      "list.map(f).sort(‸function () { return rng() - 0.5; });",
    ],
    passes: [
      "list.sort((a, b) => score(a) - score(b));",
      "list.sort();",
      "list.sort(() => 0);",
      "query.sort(() => column());",
      "list.sort(() => counter() - 1);",
      "const cmp = (a, b) => a - b;\nlist.sort(cmp);",
    ],
  },
  "repeated-draws": {
    finds: [
      `${TF}tf.layers.dropout({ rate: 0.5, seed: ‸7 });`,
      `${TF}tf.layers.spatialDropout1d({ rate: 0.5, seed: ‸0 });`,
      `${TF}const options = { rate: 0.5, seed: ‸config.seed };\ntf.layers.dropout(options);`,
      `${TF}tf.dropout(x, 0.5, null, ‸7);`,
      'const { layers: { dropout } } = require("@tensorflow/tfjs-layers");\ndropout({ rate: 0.5, seed: ‸7 });',
    ],
    passes: [
      `${TF}tf.dropout(x, 0.5, null, step);`,
      `${TF}const options = { rate: 0 };\noptions.seed = 7;\ntf.layers.dropout(options);`,
      "layers.dropout({ rate: 0.5, seed: 7 });",
    ],
  },
  "replaced-random": {
    finds: ["‸Math.random = () => 0.5;", "‸globalThis.Math.random = seedrandom(1);"],
    passes: ["mine.random = () => 0.5;", "function f(Math) { Math.random = () => 0.5; }"],
  },
  "reshuffle-ignored": {
    finds: [
      `${TF}tf.data.array(x).batch(2).shuffle(10, "s", ‸false);`,
      'import { array } from "@tensorflow/tfjs-data";\nconst ds = array(x);\nds.shuffle(10, "s", ‸false);',
      `${TF}await tf.ready();\nexport const f = (ds) => ds.shuffle(10, "s", ‸false);`,
    ],
    passes: [`${TF}tf.data.array(x).shuffle(10, "s");`, `${TF}tf.ready();\ndeck.shuffle(cards, "s", false);`],
  },
  "shared-stream": {
    finds: [
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.all(xs.map(async (x) => { await load(x); return uniform(‸rng); }));',
      'import { uniform } from "@repro/seed";\nexport const f = (rng, xs) => Promise.all(xs.map(async (x) => { const y = await load(x); return y + uniform(‸rng); }));',
      'import { createStream } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.allSettled(xs.map(async (x) => { while (more()) { use(‸rng.next()); await load(x); } }));',
      'import { mersenne } from "pure-rand";\nconst rng = mersenne(7);\nconst work = async (x) => { await x; return ‸rng.next(); };\nawait Promise.all(xs.map(work));',
    ],
    passes: [
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.all(xs.map(async (x) => { const u = uniform(rng); await load(x); return u; }));',
      'import { createStream, uniform } from "@repro/seed";\nawait Promise.all(xs.map(async (x, i) => { await load(x); const rng = createStream(seed, "a", i); return uniform(rng); }));',
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nfor (const x of xs) { await load(x); uniform(rng); }',
      'import { createStream, deriveSeed } from "@repro/seed";\nexport const f = (seed, xs) => Promise.all(xs.map(async (x) => { await x; return deriveSeed(seed, 1); }));',
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.all(xs.map(async (x) => { if (x) return await load(x); return uniform(rng); }));',
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.all(xs.map(async (x) => load(await x, 1)));\nuniform(rng);',
      'import { createStream, uniform } from "@repro/seed";\nconst rng = createStream(seed, "a");\nawait Promise.all(xs.map(async (x) => await load(x, uniform(rng))));',
    ],
  },
  suppression: {
    finds: [
      "‸// repro-seed-ignore math-random: nothing here\nf();",
      "‸// repro-seed-ignore no-such-rule: why\nf();",
      "‸// repro-seed-ignore\nf();",
      "‸// repro-seed-ignore suppression: why\nf();",
    ],
    passes: [
      "// repro-seed-ignore math-random: a game\nMath.random();",
      "Math.random(); // repro-seed-ignore math-random: a game",
      "const text = '// repro-seed-ignore math-random';",
    ],
  },
  "unseeded-initializer": {
    finds: [
      `${TF}‸tf.initializers.glorotUniform();`,
      `${TF}‸tf.initializers.heNormal({ seed: undefined });`,
      `${TF}tf.layers.dense({ units: 1, kernelInitializer: ‸"heNormal" });`,
      `${TF}‸tf.layers.dense({ units: 1 });`,
      `${TF}‸tf.layers.lstm({ units: 1, kernelInitializer: "zeros" });`,
    ],
    passes: [
      `${TF}tf.initializers.glorotUniform({ seed: 7 });`,
      `${TF}tf.initializers.glorotUniform(options);`,
      `${TF}import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, () => tf.initializers.glorotUniform());`,
      `${TF}tf.initializers.zeros();`,
      `${TF}tf.layers.dense({ units: 1, kernelInitializer: mine });`,
      `${TF}tf.layers.dense({ units: 1, weights: [w] });`,
      `${TF}tf.layers.dense(config);`,
      `${TF}tf.layers.dense({ ...config });`,
    ],
  },
  "unseeded-layer": {
    finds: [
      `${TF}‸tf.layers.dropout({ rate: 0.5 });`,
      `${TF}‸tf.layers.gaussianNoise({ stddev: 1 });`,
      `${TF}tf.layers.lstm({ ...config, dropout: ‸0.5 });`,
      `${TF}tf.layers.gru({ ...config, recurrentDropout: ‸rate });`,
    ],
    passes: [
      `${TF}import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, () => tf.layers.dropout({ rate: 0.5 }));`,
      `${TF}tf.layers.dropout({ rate: 0 });`,
      `${TF}tf.layers.dropout(options);`,
      `${TF}tf.layers.lstm({ ...config, dropout: 0 });`,
      `${TF}tf.layers.lstm({ ...config, dropout: undefined, recurrentDropout: null });`,
    ],
  },
  "unseeded-library": {
    finds: [
      'import _ from "lodash";\n‸_.shuffle(list);',
      'import { sample as pick } from "lodash-es";\n‸pick(list);',
      'const shuffle = require("lodash/shuffle");\n‸shuffle(list);',
      'import sampleSize from "lodash.sampleSize";\n‸sampleSize(list, 3);',
      'import _ from "underscore";\n‸_.random(10);',
      'import _ from "lodash";\n‸_(xs).shuffle().value();',
      'import _ from "lodash";\n‸_.chain(xs).map(f).sampleSize(3).value();',
      'import { chain } from "lodash-es";\n‸chain(xs).sample();',
    ],
    passes: [
      'import _ from "lodash";\n_.chunk(list, 2);',
      'import _ from "lodash";\n_.chain(list).chunk(2).value().shuffle;',
      'import { shuffle } from "./order.js";\nshuffle(list);',
      "_.shuffle(list);",
    ],
  },
  "unseeded-shuffle": {
    finds: [
      `${TF}tf.data.array(x).‸shuffle(10);`,
      `${TF}tf.data.generator(make).map(f).‸shuffle(10, undefined);`,
      `${TF}tf.ready();\nexport const f = (ds) => ds.‸shuffle(1000).batch(3);`,
    ],
    passes: [
      `${TF}tf.data.array(x).shuffle(10, "s");`,
      `${TF}tf.ready();\ndeck.shuffle(cards);`,
      `${TF}class Deck { shuffle(n) {} }\nnew Deck().shuffle(52);`,
      `${TF}import { Deck } from "./deck.js";\nconst deck = new Deck();\ndeck.shuffle(52);`,
      `${TF}class Deck { shuffle(n) {} deal() { this.shuffle(52); } }`,
      "ds.shuffle(10);",
    ],
  },
  "unseeded-tensor": {
    finds: [
      `${TF}‸tf.randomNormal([2, 2]);`,
      `${TF}‸tf.randomUniform([2], 0, 1, "float32", undefined);`,
      `${TF}‸tf.util.shuffle(list);`,
      `${TF}‸tf.dropout(x, 0.5);`,
      'import { truncatedNormal as tn } from "@tensorflow/tfjs-core";\n‸tn([2]);',
      'import { randomGamma } from "@tensorflow/tfjs-core/dist/ops/random_gamma.js";\n‸randomGamma([2], 1);',
      "‸tf.randomNormal([2]);",
      "async function f() { const tf = await import('@tensorflow/tfjs-node'); return ‸tf.randomNormal([2]); }",
      "function f(tf) { return ‸tf.randomNormal([2]); }",
      'const tf_1 = __importStar(require("@tensorflow/tfjs"));\n(‸0, tf_1.randomNormal)([2]);',
      'import tf from "@tensorflow/tfjs-node";\n‸tf!.randomNormal([2] as number[]);',
      'import tf = require("@tensorflow/tfjs");\n‸tf?.["randomNormal"]([2]);',
      'import { createRequire } from "node:module";\nconst load = createRequire(import.meta.url);\nconst t = load("@tensorflow/tfjs");\n‸t.randomNormal([2]);',
      'import * as t from "https://esm.sh/@tensorflow/tfjs@4.22.0";\n‸t.randomNormal([2]);',
      'import { tf } from "./backend.js";\n‸tf.randomNormal([2]);',
    ],
    passes: [
      `${TF}tf.randomNormal([2], 0, 1, "float32", 7);`,
      `${TF}tf.randomUniform([2], 0, 1, "float32", 0);`,
      `${TF}import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, () => tf.randomNormal([2]));`,
      `${TF}tf.randomNormal(...args);`,
      'import * as tf from "terraform";\ntf.randomNormal([2]);',
      'import { randomNormal } from "d3-random";\nrandomNormal(2);',
      'const tf = require("tf-idf");\ntf.randomNormal([2]);',
    ],
  },
  "zero-seed": {
    finds: [
      `${TF}tf.randomNormal([2], 0, 1, "float32", ‸0);`,
      `${TF}import { withSeed } from "@repro/seed";\nawait withSeed(seed, { random: "redirect" }, () => tf.initializers.heNormal({ seed: ‸0 }));`,
      `${TF}tf.truncatedNormal([2], 0, 1, "float32", ‸-0);`,
      `${TF}tf.randomGamma([2], 1, 1, "float32", ‸0);`,
      `${TF}tf.randomStandardNormal([2], "float32", ‸0);`,
      `${TF}tf.multinomial(logits, 3, ‸0);`,
      `${TF}const SEED = 0;\ntf.randomNormal([2], 0, 1, "float32", ‸SEED);`,
      `${TF}tf.initializers.orthogonal({ seed: ‸0 });`,
      `${TF}tf.initializers.varianceScaling({ seed: ‸0 });`,
      `${TF}const { initializers: i } = tf;\ni.heNormal({ seed: ‸0 });`,
      `${TF}tf.data.array(x).shuffle(10, ‸"");`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", ‸NaN);`,
      `${TF}tf.data.array(x).shuffle(10, ‸\`\`);`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", ‸+0 as number);`,
      `${TF}const [a, b] = [1, 2]; const S = 0, T = S;\ntf.randomNormal([a], 0, b, "float32", ‸T);`,
    ],
    passes: [
      `${TF}tf.initializers.glorotUniform({ seed: 0 });`,
      `${TF}tf.initializers.varianceScaling({ distribution: "uniform", seed: 0 });`,
      `${TF}tf.randomUniform([2], 0, 1, "float32", 0);`,
      `${TF}let s = 0;\ns = 3;\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}let s = 0;\n[s] = [3];\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}let s = 0;\n({ s, ...s } = mine);\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}let s = 0;\n({ k: s = 4 } = mine);\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}let s = 0;\ns++;\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}let s = 0;\nfor (s of seeds) tf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}var s = 0;\nvar s = 7;\ntf.randomNormal([2], 0, 1, "float32", s);`,
      `${TF}const o = { seed: 0 };\no["seed"] = 4;\ntf.initializers.heNormal(o);`,
      `${TF}const o = { seed: 0 };\nObject.assign(o, { seed: 4 });\ntf.initializers.heNormal(o);`,
      `${TF}const o = { seed: 0 };\ndelete o.seed;\ntf.initializers.heNormal(o);`,
      `${TF}tf.initializers.heNormal({ seed: 0, seed: 4 });`,
      `${TF}tf.initializers.heNormal({ seed: 0, ...mine });`,
      `${TF}tf.initializers.heNormal({ seed: 0, [key]: 1 });`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", \`\${0}\`);`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", ~0);`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", /0/);`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", 10n);`,
      `${TF}tf.randomNormal([2], 0, 1, "float32", void 0);`,
      `${TF}function f(NaN) { tf.randomNormal([2], 0, 1, "float32", NaN); }`,
    ],
  },
};

describe.each(Object.entries(CASES))("%s", (rule, { finds, passes }) => {
  it.each(finds)("finds %s", async (marked) => {
    const before = marked.slice(0, marked.indexOf("‸")).split("\n");
    const found = (await findSeedTraps(marked.replace("‸", ""))).filter((trap) => trap.rule === rule);
    expect(found.map(({ line, column }) => [line, column])).toEqual([
      [before.length, (before.at(-1) ?? "").length + 1],
    ]);
  });

  it.each(passes)("passes %s", async (source) => {
    expect(await rulesOf(source)).not.toContain(rule);
  });
});

test("every rule has cases of both kinds", () => {
  expect(Object.keys(CASES).toSorted()).toEqual(Object.keys(RULES).toSorted());
  for (const { finds, passes } of Object.values(CASES))
    expect(Math.min(finds.length, passes.length)).toBeGreaterThan(0);
});

test("equal seeds are told of the first that has them, and mildly where functions part them", async () => {
  const call = "tf.initializers.heNormal({ seed: 7 });\n";
  const traps = await findSeedTraps(`${TF}${call}${call}${call}const f = () => {\n${call}${call}};`);
  const found = traps.map(({ line, message, severity }) => [line, /line (\d+)/.exec(message)?.[1], severity]);
  expect(found).toEqual([
    [3, "2", "warning"],
    [4, "2", "warning"],
    [6, "2", "info"],
    [7, "6", "warning"],
  ]);
});

test("equal seeds in turns that each make a model are told of mildly", async () => {
  const loop = (head: string): string =>
    `${TF}for (const run of runs) { ${head} model.add(tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }) })); }`;
  const severities = async (source: string): Promise<unknown> =>
    (await findSeedTraps(source)).filter(({ rule }) => rule === "equal-seeds").map(({ severity }) => severity);
  expect(await severities(loop(""))).toEqual(["warning"]);
  expect(await severities(loop("const model = tf.sequential();"))).toEqual(["info"]);
});

test("two seeds that are none are not equal", async () => {
  const call = "tf.initializers.heNormal({ seed: 0 });\n";
  expect(await rulesOf(`${TF}${call}${call}`)).toEqual(["zero-seed", "zero-seed"]);
});
