import type { Difference, JsonValue, Severity } from "@repro/core";
import { compareCodePoints, diffJson, escapePointer } from "@repro/core";

import { comparePaths } from "../key/path.ts";
import type { StreamRecord } from "./ledger.ts";
import type { SeedState } from "./state.ts";

/** Streams named one by one; the rest is counted. A program that took another turn early differs in all that follow. */
const NAMED_STREAMS = 16;

/**
 * Lists what differs between two runs' seeds, guards and streams.
 *
 * With another seed every stream is another one, and only the seed is named. Otherwise a stream that gave other words,
 * more, fewer, or none is an error, named by its path; calls that no seed explains are a warning.
 *
 * @returns `[]` when they are the same.
 * @public
 */
export function diffSeedState(recorded: SeedState, actual: SeedState): readonly Difference[] {
  const found = [...diffSeed(recorded, actual), ...diffGuard(recorded, actual)];
  const streams = found.some(({ path }) => path.startsWith("/seed/"))
    ? []
    : diffStreams(recorded.streams, actual.streams);
  return [...found, ...streams, ...diffUnseeded(recorded, actual)];
}

function diffSeed({ seed: expected }: SeedState, { seed: actual }: SeedState): readonly Difference[] {
  if (expected.type === actual.type && expected.value === actual.value) return [];
  const remedy = `run with the recorded ${expected.type} seed: ${expected.value}`;
  return diffJson({ ...expected }, { ...actual }, { at: "/seed", remedy });
}

function diffGuard({ guard: expected }: SeedState, { guard: actual }: SeedState): readonly Difference[] {
  // Only a redirected Math.random gives other values; to throw, to record or to look away does not.
  const severity: Severity = expected === "redirect" || actual === "redirect" ? "error" : "info";
  return diffJson(expected, actual, { at: "/guard", severity, remedy: `REPRO_GUARD=${expected}` });
}

function diffStreams(recorded: readonly StreamRecord[], actual: readonly StreamRecord[]): readonly Difference[] {
  const expected = groupByPath(recorded);
  const found = groupByPath(actual);
  const paths = new Map([...expected, ...found].map(([pointer, records]) => [pointer, records[0]?.path ?? []]));
  const ordered = [...paths].toSorted(([, a], [, b]) => comparePaths(a, b));
  const differences = ordered.flatMap(([pointer]) => diffStream(pointer, expected.get(pointer), found.get(pointer)));
  const more = differences.length - NAMED_STREAMS;
  if (more <= 0) return differences;
  const remedy = `${more} more streams differ; the ones named come first by path`;
  return [...differences.slice(0, NAMED_STREAMS), { path: "/streams", severity: "error", remedy }];
}

function diffStream(
  path: string,
  recorded: readonly StreamRecord[] | undefined,
  actual: readonly StreamRecord[] | undefined,
): readonly Difference[] {
  if (diffJson(summarize(recorded), summarize(actual)).length === 0) return [];
  const remedy =
    actual === undefined
      ? "not drawn: the program did not come to where this stream is used"
      : recorded === undefined
        ? "not recorded: the program drew where the recorded one did not"
        : "find what decides how often the program draws here: data, configuration, control flow";
  return [{ path, expected: summarize(recorded), actual: summarize(actual), severity: "error", remedy }];
}

/** Draws and heads of the streams of one path: most often one; null for none. */
function summarize(records: readonly StreamRecord[] | undefined): JsonValue {
  return records?.map(({ engine, draws, head }) => ({ engine, draws, head })) ?? null;
}

function groupByPath(records: readonly StreamRecord[]): ReadonlyMap<string, readonly StreamRecord[]> {
  const groups = new Map<string, StreamRecord[]>();
  for (const record of records) {
    const pointer = pointerOf(record);
    groups.set(pointer, [...(groups.get(pointer) ?? []), record]);
  }
  return groups;
}

/** `/streams/model/init`; a label that looks like an integer is quoted, so that `1` and `"1"` stay apart. */
function pointerOf({ path }: StreamRecord): string {
  const steps = path.map((step) => (typeof step === "string" && /^\d+$/.test(step) ? `"${step}"` : String(step)));
  return ["/streams", ...steps.map(escapePointer)].join("/");
}

function diffUnseeded(recorded: SeedState, actual: SeedState): readonly Difference[] {
  const expected = callsByPointer(recorded);
  const found = callsByPointer(actual);
  return [...new Set([...expected.keys(), ...found.keys()])].toSorted(compareCodePoints).flatMap((at) =>
    diffJson(expected.get(at) ?? 0, found.get(at) ?? 0, {
      at,
      severity: "warning",
      remedy: 'seed this place: uniform(createStream(seed, "<purpose>")), or REPRO_GUARD=redirect',
    }),
  );
}

function callsByPointer({ unseeded }: SeedState): ReadonlyMap<string, number> {
  return new Map(unseeded.map(({ api, calls, site }) => [`/unseeded/${api}/${escapePointer(site)}`, calls]));
}
