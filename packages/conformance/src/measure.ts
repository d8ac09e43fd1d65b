import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./workspace.ts";

/** One thing that is measured. */
export interface Work {
  /** What it is, in a few words. */
  readonly what: string;
  /** Done once for each measurement. */
  readonly run: () => unknown;
  /** How many items one run makes; 1 when omitted. Times are for one item. */
  readonly items?: number;
  /** The {@link Work.what} of the peer that it is compared with. */
  readonly against?: string;
}

/** What was measured of a work. */
export interface Row {
  readonly what: string;
  /** Median over the repeats, for one item. */
  readonly medianNs: number;
  /** Median of the peer's time over this one's, taken round by round; `null` without a peer. Above 1 is faster. */
  readonly speedup: number | null;
  readonly against: string | null;
}

/**
 * Takes the works in turns, so that a busy minute of the machine hits all alike. The first two rounds only warm up.
 *
 * Only the ratios travel between machines.
 */
export async function measure(works: readonly Work[], repeats = 15): Promise<readonly Row[]> {
  const times = new Map(works.map(({ what }) => [what, [] as number[]]));
  for (let round = -2; round < repeats; round += 1) {
    for (const { what, run, items = 1 } of works) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(what)?.push(((performance.now() - start) * 1e6) / items);
    }
  }
  return works.map(({ what, against = null }) => {
    const mine = times.get(what) ?? [];
    const peer = against === null ? undefined : times.get(against);
    if (against !== null && peer === undefined) throw new Error(`measure: nothing is called "${against}"`);
    const speedup = peer === undefined ? null : median(mine.map((time, round) => (peer[round] ?? NaN) / time));
    return { what, medianNs: median(mine), speedup, against };
  });
}

/** Prints a table on standard output, and writes it to `temp/bench/<name>.json`. */
export function report(name: string, rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, medianNs, speedup, against } of rows) {
    const compared = speedup === null ? "" : `${speedup.toFixed(2).padStart(9)} x ${against ?? ""}`;
    process.stdout.write(`${what.padEnd(width)}${timeOf(medianNs)}${compared}\n`);
  }
  mkdirSync(join(ROOT, "temp/bench"), { recursive: true });
  const text = JSON.stringify({ node: process.version, rows }, null, 2);
  writeFileSync(join(ROOT, "temp/bench", `${name}.json`), `${text}\n`);
}

function timeOf(ns: number): string {
  const [value, unit] = ns < 1e4 ? [ns, "ns"] : ns < 1e7 ? [ns / 1e3, "µs"] : [ns / 1e6, "ms"];
  return `${value.toFixed(2).padStart(10)} ${unit}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
