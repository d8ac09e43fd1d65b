import { compareCodePoints, diffJson, escapePointer } from "@repro/core";
import type { Difference, JsonObject, Severity } from "@repro/core";

import { remedyFor } from "./remedy.ts";
import type { DataEntry, DataState } from "./state.ts";

/**
 * Lists what differs between two recorded states of the data layer.
 *
 * Other bytes are one `error` at `digest`, and so is an entry that only one state has. The same bytes at another path are a
 * `warning`, another `.dvc` file beside the same bytes is `info`.
 *
 * @public
 */
export function diffDataState(recorded: DataState, actual: DataState): readonly Difference[] {
  const names = new Set([...Object.keys(recorded.entries), ...Object.keys(actual.entries)]);
  return [...names]
    .toSorted(compareCodePoints)
    .flatMap((name) => diffEntry(`/entries/${escapePointer(name)}`, recorded.entries[name], actual.entries[name]));
}

function diffEntry(at: string, a: DataEntry | undefined, b: DataEntry | undefined): readonly Difference[] {
  if (a === undefined || b === undefined) {
    return diffJson(jsonOf(a), jsonOf(b), { at, remedy: "declare the same data in both runs" });
  }
  const remedy = remedyFor(a);
  if (a.digest !== b.digest) {
    return [{ path: `${at}/digest`, expected: a.digest, actual: b.digest, severity: "error", remedy }];
  }
  return diffJson(jsonOf(a), jsonOf(b), { at, remedy, severity: (path) => severityOf(path.slice(at.length)) });
}

function severityOf(path: string): Severity {
  if (path === "/path") return "warning";
  return path.startsWith("/pointer") ? "info" : "error";
}

function jsonOf(entry: DataEntry | undefined): JsonObject | undefined {
  return entry === undefined ? undefined : { ...entry, pointer: entry.pointer === null ? null : { ...entry.pointer } };
}
