import { it } from "vitest";

import type { Call, Request } from "../compat-replay.ts";
import { ask, asText, chooser, expectBothRefuse, expectSameBits, SEEDS, times } from "./ask.ts";
import type { Chooser } from "./ask.ts";

const PYTHON = "REPRO_PEER_PYTHON";

const TYPES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  bool: [0n, 2n],
  int8: [-(2n ** 7n), 2n ** 7n],
  int16: [-(2n ** 15n), 2n ** 15n],
  int32: [-(2n ** 31n), 2n ** 31n],
  int64: [-(2n ** 63n), 2n ** 63n],
  uint8: [0n, 2n ** 8n],
  uint16: [0n, 2n ** 16n],
  uint32: [0n, 2n ** 32n],
  uint64: [0n, 2n ** 64n],
};

/** A range within a dtype: any magnitude, and often right at the limits where NumPy changes its algorithm. */
function range(choose: Chooser): readonly [low: string, high: string, dtype: string] {
  const dtype = choose.pick(Object.keys(TYPES));
  const [lowest, end] = TYPES[dtype]!;
  const span = end - lowest;
  const edges = [1n, 2n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, span - 1n, span];
  const count = [choose.pick(edges), choose.upTo(64)].at(choose.below(2))!;
  const width = count < 1n ? 1n : count > span ? span : count;
  const slack = span - width;
  const low = lowest + (slack === 0n ? 0n : choose.upTo(64) % (slack + 1n));
  return [String(low), String(low + width), dtype];
}

function integers(choose: Chooser): Call {
  const [low, high, dtype] = range(choose);
  const endpoint = choose.below(2) === 1;
  return ["integers", low, endpoint ? String(BigInt(high) - 1n) : high, choose.size(), dtype, endpoint];
}

function weights(choose: Chooser, n: number): number[] {
  const raw = times(n, () => (choose.below(4) === 0 ? 0 : choose.float()));
  raw[choose.below(n)] = 1;
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}

function choice(choose: Chooser): Call {
  const replace = choose.below(2) === 1;
  const shuffle = choose.below(2) === 1;
  if (choose.below(3) > 0) {
    const n = choose.pick([1 + choose.below(40), 9_990 + choose.below(30), 20_000, 2 ** 32 + choose.below(9), 2 ** 45]);
    const cutoffs = [n, Math.ceil(n / 20) + 1, Math.ceil(n / 50) + 1]; // where NumPy changes its algorithm
    const most = replace || n > 50_000 ? 60 : Math.min(n, 1100, choose.pick(cutoffs));
    return ["choice", n, choose.below(most + 1), replace, shuffle, null];
  }
  const p = weights(choose, 1 + choose.below(60));
  const most = replace ? 80 : p.filter((weight) => weight > 0).length;
  return ["choice", p.length, choose.below(most + 1), replace, shuffle, p.map(asText)];
}

/** Calls that leave half a word behind stand between calls that take whole ones. */
function generatorCall(choose: Chooser): Call {
  const size = choose.size();
  const plain: Call[] = [
    ["random", size],
    ["randomFloat32", size],
    ["raw", size],
    ["normal", size],
    ["shuffle", size],
    ["permutation", size],
  ];
  return choose.pick<() => Call>([
    () => integers(choose),
    () => integers(choose),
    () => choice(choose),
    () => choose.pick(plain),
    () => choose.pick(plain),
  ])();
}

function stateCall(choose: Chooser): Call {
  const size = choose.size();
  if (choose.below(2) === 0) {
    const [low, high, dtype] = range(choose);
    return ["randint", low, high, size, dtype];
  }
  return choose.pick<Call>([
    ["random", size],
    ["words", size],
    ["shuffle", size],
    ["permutation", size],
  ]);
}

function request(index: number): Request {
  const choose = chooser("numpy", index);
  const integer = (): string => String(choose.upTo(choose.pick([32, 64, 200])));
  const entropy = choose.below(3) === 0 ? times(choose.below(12), integer) : integer();
  const spawnKey = times(choose.below(4), integer);
  const kind = choose.pick(["generator", "generator", "generator", "state", "sequence"] as const);
  if (kind === "sequence") {
    const index = choose.below(50);
    return {
      kind,
      seed: entropy,
      spawnKey,
      calls: [
        ["state", choose.below(20), "uint32"],
        ["state", choose.below(20), "uint64"],
        ["spawned", index, 6],
      ],
    };
  }
  if (kind === "generator") return { kind, seed: entropy, spawnKey, calls: times(12, () => generatorCall(choose)) };
  const word = (): string => String(choose.below(2 ** 32));
  const seed = choose.below(3) === 0 ? times(1 + choose.below(choose.pick([4, 1000])), word) : word();
  return { kind, seed, calls: times(12, () => stateCall(choose)) };
}

it("draws the bits that NumPy draws, for fresh seeds and mixed calls", () => {
  const requests = times(SEEDS, request);
  expectSameBits("numpy", requests, ask("numpy", PYTHON, requests));
});

it("draws the normals that NumPy draws, wedges and tails included", () => {
  const size = process.env["SLOW"] === "1" ? 2_000_000 : 200_000;
  const requests: Request[] = [
    { kind: "generator", seed: String(chooser("normals").below(2 ** 53)), calls: [["normal", size]] },
  ];
  expectSameBits("numpy", requests, ask("numpy", PYTHON, requests));
});

it("refuses what NumPy refuses", () => {
  const p = [0.5, 0.5].map(asText);
  const generator = (...call: Call): Request => ({ kind: "generator", seed: "1", calls: [call] });
  const state = (seed: string | string[], calls: Call[] = []): Request => ({ kind: "state", seed, calls });
  const requests: Request[] = [
    { kind: "sequence", seed: "-1", calls: [] },
    { kind: "sequence", seed: "1", spawnKey: ["-1"], calls: [] },
    generator("integers", "5", "5", 1, "int64", false),
    generator("integers", "6", "5", 1, "int64", true),
    generator("integers", "0", "257", 1, "uint8", false),
    generator("integers", "-1", "5", 1, "uint8", false),
    generator("integers", "0", "3", 1, "bool", false),
    generator("integers", "0", String(2n ** 63n + 1n), 1, "int64", false),
    generator("integers", "-1", "5", 1, "uint64", false),
    generator("random", -1),
    generator("choice", 0, 1, true, true, null),
    generator("choice", -1, 1, true, true, null),
    generator("choice", 3, 4, false, true, null),
    generator("choice", 3, 2, true, true, p),
    generator("choice", 2, 2, false, true, [1, 0].map(asText)),
    generator("choice", 2, 1, true, true, [1.5, -0.5].map(asText)),
    generator("choice", 2, 1, true, true, [Number.NaN, 1].map(asText)),
    generator("choice", 2, 1, true, true, [0.5, 0.5 + 2e-8].map(asText)),
    state("-1"),
    state(String(2n ** 32n)),
    state([]),
    state(["1", "-1"]),
    state(["1", String(2n ** 32n)]),
    state("1", [["randint", "5", "5", 1, "int64"]]),
  ];
  expectBothRefuse("numpy", requests, ask("numpy", PYTHON, requests));
});
