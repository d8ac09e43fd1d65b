import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";

import { createSeed, createStream, int } from "@repro/seed";
import type { Stream } from "@repro/seed";
import { expect } from "vitest";

import { floatText, replay } from "../compat-replay.ts";
import type { Answer, Request } from "../compat-replay.ts";

type Library = "numpy" | "torch" | "jax";

interface Reply {
  readonly madeWith: string;
  /** For each request its answer, or the name of the error that the peer threw. */
  readonly answers: readonly (Answer | string)[];
}

/** Asks a peer through its script; throws unless an environment variable names a Python that has it. */
export function ask(library: Library, variable: string, requests: readonly Request[]): Reply {
  const python = process.env[variable];
  if (python === undefined || python === "") {
    throw new Error(`${variable} must name a Python that has ${library}: pnpm test:peers needs it`);
  }
  const script = fileURLToPath(new URL(`compat_${library}.py`, import.meta.url));
  const asked = spawnSync(python, [script], {
    input: JSON.stringify(requests),
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (asked.error !== undefined) throw asked.error;
  if (asked.status !== 0) throw new Error(`${python} ${script} failed:\n${asked.stderr}`);
  return JSON.parse(asked.stdout) as Reply;
}

/** Compares every bit of what we draw with what the peer drew. */
export function expectSameBits(library: Library, requests: readonly Request[], { madeWith, answers }: Reply): void {
  expect(answers).toHaveLength(requests.length);
  for (const [index, request] of requests.entries()) {
    const theirs = answers[index];
    const ours = replay(library, request);
    for (const [place, call] of request.calls.entries()) {
      const shown = `${repeat()}: ${madeWith}, call ${place} (${JSON.stringify(call)}) of ${JSON.stringify(request)}`;
      expect(ours[place], shown.slice(0, 2000)).toEqual(typeof theirs === "string" ? theirs : theirs?.[place]);
    }
  }
}

/** Both refuse: we with a TypeError or RangeError, the peer with an error of its own. */
export function expectBothRefuse(library: Library, requests: readonly Request[], { answers }: Reply): void {
  for (const [index, request] of requests.entries()) {
    expect(answers[index], JSON.stringify(request)).toMatch(/Error$/);
    expect(() => replay(library, request), JSON.stringify(request)).toThrow(
      expect.toSatisfy((error) => error instanceof RangeError || error instanceof TypeError),
    );
  }
}

/** Fresh requests at every run. `REPRO_PEER_SEED` repeats those of a run that failed. */
const fresh = process.env["REPRO_PEER_SEED"] ?? randomBytes(16).toString("hex");

function repeat(): string {
  return `REPRO_PEER_SEED=${fresh} repeats this`;
}

/** Draws that choose the requests: our own samplers, from a seed of the run. */
export interface Chooser {
  below(n: number): number;
  pick<T>(items: readonly T[]): T;
  /** An integer of up to so many bits, small ones as likely as large ones. */
  upTo(bits: number): bigint;
  /** Mostly small sizes. */
  size(): number;
  float(): number;
}

export function chooser(...path: readonly (string | number)[]): Chooser {
  const rng: Stream = createStream(createSeed(`peers ${fresh}`), ...path);
  const below = (n: number): number => int(rng, n);
  const upTo = (bits: number): bigint => {
    let value = 0n;
    for (let bit = below(bits + 1); bit > 0; bit -= 1) value = (value << 1n) | BigInt(below(2));
    return value;
  };
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    upTo,
    size: () => (below(12) === 0 ? below(3000) : below(20)),
    float: () => below(2 ** 53) / 2 ** 53,
  };
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** How many fresh seeds. */
export const SEEDS: number = process.env["SLOW"] === "1" ? 2000 : 200;

/** A float as the requests write it. */
export const asText = (value: number): string => floatText(value);
