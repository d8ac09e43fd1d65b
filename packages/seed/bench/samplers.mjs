// npm run bench -- seed/samplers: one number of each, beside what others offer, in one run.
import improvedZiggurat from "@stdlib/random-base-improved-ziggurat";
import * as tf from "@tensorflow/tfjs";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";

import {
  createSeed,
  createSeedLedger,
  createStream,
  deriveSeed,
  fillInt,
  fillNormal,
  fillUniform,
  int,
  normal,
  uniform,
} from "@repro/seed";

import { measure, report } from "../../conformance/dist/measure.js";
import { fillFloat64 } from "../dist/stream/kernel.js";

const N = 1 << 20;
const doubles = new Float64Array(N);
const floats = new Float32Array(N);
const integers = new Uint32Array(N);
const rng = createStream(createSeed(1, { ledger: createSeedLedger() }), "bench");
const pure = xoroshiro128plus(1);
const stdlib = improvedZiggurat.factory({ seed: 1 });
const state = Int32Array.of(1, 2, 3, 4);

function mathRandomFill() {
  for (let index = 0; index < N; index += 1) doubles[index] = Math.random();
}

const STREAMS = 2000;
const open = (rootOf, draw) => () => {
  const root = rootOf();
  for (let index = 0; index < STREAMS; index += 1) draw(root, index);
};
const bare = () => createSeed(1);
const counted = () => createSeed(1, { ledger: createSeedLedger() });

await tf.setBackend("cpu");

const random = "Math.random loop, float64";
const ziggurat = "@stdlib improved ziggurat";
report(
  "seed-samplers",
  await measure([
    { what: random, run: mathRandomFill, items: N },
    {
      what: "pure-rand uniformFloat64",
      run: () => {
        for (let i = 0; i < N; i += 1) doubles[i] = uniformFloat64(pure);
      },
      items: N,
      against: random,
    },
    {
      what: "uniform",
      run: () => {
        for (let i = 0; i < N; i += 1) doubles[i] = uniform(rng);
      },
      items: N,
      against: random,
    },
    { what: "fillUniform float64 (WebAssembly)", run: () => fillUniform(rng, doubles), items: N, against: random },
    { what: "the same in plain JavaScript", run: () => fillFloat64(state, doubles, 0), items: N, against: random },
    { what: "fillUniform float32", run: () => fillUniform(rng, floats), items: N, against: random },
    {
      what: "int(1000)",
      run: () => {
        for (let i = 0; i < N; i += 1) doubles[i] = int(rng, 1000);
      },
      items: N,
      against: random,
    },
    { what: "fillInt(1000)", run: () => fillInt(rng, integers, 1000), items: N, against: random },
    {
      what: ziggurat,
      run: () => {
        for (let i = 0; i < N; i += 1) doubles[i] = stdlib();
      },
      items: N,
    },
    {
      what: "normal",
      run: () => {
        for (let i = 0; i < N; i += 1) doubles[i] = normal(rng);
      },
      items: N,
      against: ziggurat,
    },
    { what: "fillNormal float64", run: () => fillNormal(rng, doubles), items: N, against: ziggurat },
    { what: "tf.randomNormal on cpu", run: () => tf.randomNormal([N]).dispose(), items: N },
    { what: "fillNormal float32", run: () => fillNormal(rng, floats), items: N, against: "tf.randomNormal on cpu" },
    { what: "createStream, one name", run: open(bare, (root, index) => createStream(root, index)), items: STREAMS },
    {
      what: "createStream, two names",
      run: open(bare, (root, index) => createStream(root, "sample", index)),
      items: STREAMS,
    },
    {
      what: "createStream, counted in a ledger",
      run: open(counted, (root, index) => createStream(root, index)),
      items: STREAMS,
    },
    { what: "deriveSeed, one name", run: open(bare, (root, index) => deriveSeed(root, index)), items: STREAMS },
  ]),
);
