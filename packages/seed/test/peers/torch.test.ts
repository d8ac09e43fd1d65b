import { expect, it } from "vitest";

import type { Call, Request } from "../compat-replay.ts";
import { ask, chooser, expectBothRefuse, expectSameBits, SEEDS, times } from "./ask.ts";
import type { Chooser } from "./ask.ts";

const PYTHON = "REPRO_PEER_TORCH_PYTHON";

function randint(choose: Chooser): Call {
  const edges = [1n, 2n ** 28n - 1n, 2n ** 28n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n];
  const width = choose.below(3) === 0 ? choose.pick(edges) : choose.upTo(53) + 1n;
  const low = choose.below(2) === 0 ? 0 : -Number(choose.upTo(52));
  const high = Math.min(low + Number(width), Number.MAX_SAFE_INTEGER);
  return ["randint", low, high, choose.size()];
}

function call(choose: Chooser): Call {
  return choose.pick<() => Call>([
    () => ["rand", choose.size(), choose.pick(["float32", "float64"])],
    () => randint(choose),
    () => ["randperm", choose.size()],
  ])();
}

function request(index: number): Request {
  const choose = chooser("torch", index);
  const seed = choose.pick([choose.upTo(32), choose.upTo(64), -choose.upTo(63)]);
  return { seed: String(seed), calls: times(12, () => call(choose)) };
}

it("draws the bits that torch draws on the CPU, for fresh seeds and mixed calls", () => {
  const requests = times(SEEDS, request);
  const reply = ask("torch", PYTHON, requests);
  const [, major = "", minor = ""] = /^torch (\d+)\.(\d+)\./.exec(reply.madeWith) ?? [];
  expect(Number(major)).toBeGreaterThanOrEqual(1);
  const version = Number(major) > 2 || (major === "2" && Number(minor) >= 7) ? "2.7" : "2.6";
  expectSameBits(
    "torch",
    requests.map((asked) => ({ ...asked, version })),
    reply,
  );
});

it("refuses what torch refuses", () => {
  const torch = (seed: string, ...call: Call): Request => ({ seed, calls: [call] });
  const requests = [
    torch(String(2n ** 64n), "rand", 1, "float32"),
    torch(String(-(2n ** 63n) - 1n), "rand", 1, "float32"),
    torch("1", "rand", -1, "float32"),
    torch("1", "randint", 5, 5, 1),
    torch("1", "randint", 6, 5, 1),
    torch("1", "randint", 0.5, 5, 1),
    torch("1", "randperm", -1),
  ];
  expectBothRefuse("torch", requests, ask("torch", PYTHON, requests));
});
