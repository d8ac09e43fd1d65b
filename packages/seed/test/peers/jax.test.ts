import { it } from "vitest";

import type { Call, Request } from "../compat-replay.ts";
import { ask, asText, chooser, expectBothRefuse, expectSameBits, SEEDS, times } from "./ask.ts";
import type { Chooser } from "./ask.ts";

const PYTHON = "REPRO_PEER_PYTHON";

/** JAX compiles a program for each size: few sizes, even, odd and longer than the vectors of a processor. */
const SIZES = [6, 301];

function uniform(choose: Chooser, dtype: "float32" | "float64"): Call {
  const ends = (): number => (choose.float() - 0.5) * 2 ** (choose.below(41) - 20);
  const [low, high] = [ends(), ends()].toSorted((a, b) => a - b) as [number, number];
  const range = choose.below(3) === 0 || Math.fround(low) === Math.fround(high) ? [0, 1] : [low, high];
  return ["uniform", choose.pick(SIZES), dtype, ...range.map(asText)];
}

function randint(choose: Chooser, dtype: "int32" | "int64"): Call {
  const bits = dtype === "int32" ? 32 : 64;
  const smallest = -(2n ** BigInt(bits - 1));
  const largest = -smallest - 1n;
  const low = choose.pick([0n, smallest, choose.upTo(bits - 1), -choose.upTo(bits - 1)]);
  const high = choose.pick([largest, low + 1n + choose.upTo(bits)]);
  const clipped = high > largest ? largest : high;
  return ["randint", choose.pick(SIZES), String(low < clipped ? low : clipped - 1n), String(clipped), dtype];
}

/** What JAX draws by default, or what it draws with 64 bits. */
function call(choose: Chooser, x64: boolean): Call {
  const size = choose.pick(SIZES);
  const narrow: (() => Call)[] = [
    () => ["key"],
    () => ["split", choose.pick([2, 3])],
    () => ["foldIn", choose.below(2 ** 32)],
    () => ["bits", size],
    () => uniform(choose, "float32"),
    () => randint(choose, "int32"),
    () => ["permutation", size],
  ];
  const wide: (() => Call)[] = [
    () => ["key"],
    () => ["bits64", size],
    () => uniform(choose, "float64"),
    () => randint(choose, "int64"),
  ];
  return choose.pick(x64 ? wide : narrow)();
}

function request(index: number): Request {
  const choose = chooser("jax", index);
  const seed = choose.pick([choose.upTo(31), choose.upTo(63), -choose.upTo(63)]);
  const x64 = choose.below(2) === 1;
  return { seed: String(seed), x64, partitionable: choose.below(2) === 1, calls: times(8, () => call(choose, x64)) };
}

/** Milliseconds: most of them are JAX's, which compiles. */
const PATIENCE = 300_000;

it(
  "draws the bits that JAX draws, for fresh seeds, in both modes",
  () => {
    const requests = times(SEEDS, request);
    expectSameBits("jax", requests, ask("jax", PYTHON, requests));
  },
  PATIENCE,
);

it("permutes as JAX does where one sort is not enough, and up to the limits", () => {
  const seed = String(chooser("permutations").below(2 ** 31));
  const calls: Call[] = [1625, 1626, 70_000].map((n) => ["permutation", n]);
  const requests = [true, false].map((partitionable) => ({ seed, x64: false, partitionable, calls }));
  expectSameBits("jax", requests, ask("jax", PYTHON, requests));
});

it("takes an upper end of 2^31 as JAX does with 64-bit integers", () => {
  const seed = String(chooser("ends").below(2 ** 31));
  const calls: Call[] = [
    ["randint", 64, String(-(2n ** 31n)), String(2n ** 31n), "int32"],
    ["randint", 64, "0", String(2n ** 31n), "int32"],
  ];
  const requests = [true, false].map((partitionable) => ({ seed, x64: true, partitionable, calls }));
  expectSameBits("jax", requests, ask("jax", PYTHON, requests));
});

it("refuses what JAX refuses", () => {
  const jax = (seed: string, ...call: Call): Request => ({ seed, x64: false, partitionable: true, calls: [call] });
  const requests = [
    jax(String(2n ** 63n), "key"),
    jax(String(-(2n ** 63n) - 1n), "key"),
    jax("1", "foldIn", 2 ** 32),
    jax("1", "foldIn", -1),
    jax("1", "bits", -1),
    jax("1", "randint", 1, "0", String(2n ** 40n), "int32"),
  ];
  expectBothRefuse("jax", requests, ask("jax", PYTHON, requests));
});
