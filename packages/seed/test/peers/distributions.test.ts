import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { streamOf } from "../distribution-cases.ts";
import type { DistributionStreams } from "../distribution-cases.ts";

const program = fileURLToPath(new URL("../vectors/distribution-streams.py", import.meta.url));

/** What the Python implementation draws from a seed. */
function peerStreams(seed: number): DistributionStreams {
  const python = process.env["REPRO_PEER_PYTHON"];
  if (python === undefined) throw new Error("set REPRO_PEER_PYTHON to an interpreter of Python 3");
  const { status, stdout, stderr } = spawnSync(python, [program, String(seed)], {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
  });
  if (status !== 0) throw new Error(`${python} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as DistributionStreams;
}

describe("the Python implementation agrees on every bit and word for fresh seeds", () => {
  const seeds = process.env["SLOW"] === "1" ? 10 : 1;
  it.each(Array.from({ length: seeds }, () => randomInt(2 ** 47)))("such as %i", (seed) => {
    const peer = peerStreams(seed);
    expect(peer.seed).toBe(seed);
    expect(peer.cases.length).toBeGreaterThan(30);
    for (const expected of peer.cases) expect(streamOf(expected, peer)).toEqual(expected);
  });
});
