import type { Difference, JsonValue, Severity } from "@repro/core";
import { compareCodePoints, diffJson, escapePointer } from "@repro/core";

import type { GuardState } from "../guard/guard.ts";
import { writeGuard } from "../guard/guard.ts";
import { kindOf } from "../guard/source.ts";
import { remedyFor } from "../guard/watch.ts";
import { comparePaths } from "../key/path.ts";
import type { StreamRecord, UnseededUse } from "./ledger.ts";
import type { SeedState } from "./state.ts";

/** Streams named one by one; the rest is counted. A program that took another turn early differs in all that follow. */
const NAMED_STREAMS = 16;

/**
 * Lists what differs between two runs' seeds, guards and streams.
 *
 * With another seed every stream is another one, and only the seed is named. Otherwise a stream that gave other words,
 * more, fewer, or none is an error, named by its path; calls that no seed explains are a warning, readings of clocks
 * information. A source that only one of the runs redirected or froze is an error, any other guard information.
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

/** Only a redirected Math.random and a frozen clock give other values; to throw, to record or to look away does not. */
function diffGuard({ guard: expected }: SeedState, { guard: actual }: SeedState): readonly Difference[] {
  const remedy = `REPRO_GUARD=${writeGuard(expected)}`;
  const severityOf = (mode: string, expected: string, actual: string): Severity =>
    expected === mode || actual === mode ? "error" : "info";
  const severities: Readonly<Record<keyof GuardState, Severity>> = {
    random: severityOf("redirect", expected.random, actual.random),
    crypto: "info",
    clock: severityOf("freeze", expected.clock, actual.clock),
    frozenAt: "error",
  };
  // Another mode has another time, or none: the mode says it all.
  const kinds = [
    "random",
    "crypto",
    "clock",
    ...(expected.clock === actual.clock ? (["frozenAt"] as const) : []),
  ] as const;
  return kinds.flatMap((kind) =>
    diffJson(expected[kind], actual[kind], { at: `/guard/${kind}`, severity: severities[kind], remedy }),
  );
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
  const expected = usesByPointer(recorded);
  const found = usesByPointer(actual);
  const uses = new Map([...found, ...expected]);
  return [...uses]
    .toSorted(([a], [b]) => compareCodePoints(a, b))
    .flatMap(([at, { api }]) =>
      diffJson(expected.get(at)?.calls ?? 0, found.get(at)?.calls ?? 0, {
        at,
        // How often a program looks at the clock says little: a loop that waits does so as often as there is time.
        severity: kindOf(api) === "clock" ? "info" : "warning",
        remedy: `explain this place: ${remedyFor(api)}`,
      }),
    );
}

function usesByPointer({ unseeded }: SeedState): ReadonlyMap<string, UnseededUse> {
  return new Map(unseeded.map((use) => [`/unseeded/${use.api}/${escapePointer(use.site)}`, use]));
}
