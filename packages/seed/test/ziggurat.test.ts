import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { EDGE, HEIGHT, INSIDE } from "../src/samplers/ziggurat.ts";

const script = fileURLToPath(new URL("vectors/ziggurat.py", import.meta.url));
const vectors = JSON.parse(readFileSync(new URL("vectors/ziggurat.json", import.meta.url), "utf8")) as {
  readonly area: number;
  readonly edge: readonly number[];
  readonly height: readonly number[];
  readonly inside: readonly number[];
};

/** The double as a ratio of integers over 2^1074: exact arithmetic on it needs no rounding. */
function scaledInteger(x: number): bigint {
  const [bits] = new BigUint64Array(Float64Array.of(x).buffer) as unknown as [bigint];
  const exponent = (bits >> 52n) & 0x7ffn;
  return ((bits & 0xf_ffff_ffff_ffffn) | 0x10_0000_0000_0000n) << (exponent - 1n);
}

describe("the ziggurat's tables", () => {
  it("are the generator's", () => {
    expect([EDGE, HEIGHT, INSIDE]).toEqual([vectors.edge, vectors.height, vectors.inside]);
  });

  it("cut the curve into 256 layers of the same area", () => {
    for (let layer = 1; layer < 256; layer += 1) {
      const area = EDGE[layer]! * (HEIGHT[layer + 1]! - HEIGHT[layer]!);
      expect(Math.abs(area / vectors.area - 1), `layer ${layer}`).toBeLessThan(1e-12);
    }
    expect(Math.abs((EDGE[0]! * HEIGHT[1]!) / vectors.area - 1)).toBeLessThan(1e-12);
    expect([EDGE[256], HEIGHT[256], EDGE.length, HEIGHT.length, INSIDE.length]).toEqual([0, 1, 257, 257, 256]);
  });

  it("have the density at every edge", () => {
    for (const [index, x] of EDGE.entries()) {
      expect(Math.abs(HEIGHT[index]! / Math.exp((-x * x) / 2) - 1), `edge ${index}`).toBeLessThan(1e-14);
    }
  });

  it("accept without a look at the height only what lies inside the next layer", () => {
    for (let layer = 0; layer < 255; layer += 1) {
      const [outer, inner] = [scaledInteger(EDGE[layer]!), scaledInteger(EDGE[layer + 1]!)];
      const exact = (inner << 44n) / outer;
      // The edges are rounded to doubles, 2^-53 relative: a 44-bit quotient of them moves by one at the most.
      expect(Math.abs(Number(exact) - INSIDE[layer]!), `layer ${layer}`).toBeLessThanOrEqual(1);
    }
    expect(INSIDE[255]).toBe(0);
  });

  it("come out of the generator again", (context) => {
    const probe = spawnSync("python3", ["-c", "import mpmath"], { encoding: "utf8" });
    if (probe.status !== 0) {
      const required = (process.env["REPRO_REQUIRE_PEERS"] ?? "").split(",").includes("mpmath");
      if (required) throw new Error("REPRO_REQUIRE_PEERS names mpmath, and python3 cannot import it");
      return context.skip("python3 with mpmath is not installed");
    }
    const { stdout } = spawnSync("python3", [script], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toEqual(vectors);
  });
});
