import { canonicalText } from "@repro/core";
import type { Difference, JsonObject, JsonValue, ReproError } from "@repro/core";
import { parseGitState } from "@repro/git-state";
import type { RunComparison, RunFile } from "@repro/run-context";

import { printable, row, short } from "./style.ts";
import type { Style } from "./style.ts";

/** Differences that are printed; `--json` has all of them. */
const SHOWN = 12;

/** Says what failed, why, and what to do. */
export function describeError(error: ReproError, style: Style): string {
  const remedy = error.remedy === "" ? "" : row("remedy", printable(error.remedy));
  return `${style.bad("✗")} ${printable(error.message)}\n${row("code", error.code)}${remedy}`;
}

/** What there is to know right after a run. */
export function summarizeRun({ digest, record, observed }: RunFile, style: Style): string {
  const steps = record.trace === null ? [] : [row("trace", `${record.trace.steps} steps`)];
  const kept = record.status === "completed" ? row("replay it", `repro replay ${printable(observed.runId)}`) : "";
  return [
    `${style.strong(printable(observed.runId))}\n`,
    row("digest", digest),
    row("layers", printable(Object.keys(record.layers).join(", "))),
    ...steps,
    ...describeResults(record, style),
    kept,
  ].join("");
}

/** Names what looks like a secret in the changes that a record keeps, one line each. */
export function describeSecrets({ layers }: RunFile["record"], style: Style): string {
  if (layers["git"] === undefined) return "";
  const secrets = parseGitState(layers["git"]).patch?.secrets ?? [];
  const lines = secrets.map(
    ({ kind, path, line }) =>
      `! the kept patch adds what looks like a secret (${printable(kind)}): ${printable(path)}:${line}\n`,
  );
  return lines.length === 0 ? "" : style.warn(lines.join(""));
}

function describeResults({ metrics, outputs }: RunFile["record"], style: Style): readonly string[] {
  return [
    ...Object.entries(metrics).map(([name, value]) => row("metric", `${printable(name)} = ${value}`)),
    ...outputs.map(({ name, digest, sizeBytes }) =>
      row("output", `${printable(name)}  ${sizeBytes} bytes  ${style.faint(digest)}`),
    ),
  ];
}

/** Prints a record for people. */
export function describeRun(file: RunFile, style: Style): string {
  const { record, observed } = file;
  const failed = record.error === null ? "" : ` ${record.error.code} ${canonicalText(record.error.data)}`;
  const lines = [
    `${style.strong(printable(observed.runId))}\n`,
    row("digest", file.digest),
    row("command", printable(record.command.argv.join(" "))),
    row("status", (record.error === null ? style.good : style.bad)(record.status) + printable(failed)),
    row("started", `${printable(observed.startedAt)} on ${printable(observed.hostname)}, ${observed.durationMs} ms`),
    ...Object.entries(record.params).map(([name, value]) =>
      row("param", `${printable(name)} = ${printable(canonicalText(value))}`),
    ),
    ...Object.entries(record.layers).flatMap(([name, state]) => describeState(name, state, style)),
    ...(record.trace === null
      ? []
      : [row("trace", `${record.trace.steps} steps  ${style.faint(record.trace.digest)}`)]),
    ...describeResults(record, style),
  ];
  return lines.join("");
}

/** A layer's state: its plain members in a row each, of the others how many there are. */
function describeState(name: string, state: JsonObject, style: Style): readonly string[] {
  const members = Object.entries(state).filter(([key, value]) => key !== "schema" && value !== null);
  return [
    row("layer", `${style.strong(printable(name))} ${style.faint(describeValue(state["schema"] ?? null))}`),
    ...members.map(([key, value]) => row("", `${printable(key)}: ${describeValue(value)}`)),
  ];
}

function describeValue(value: JsonValue): string {
  const text = printable(typeof value === "string" ? value : canonicalText(value));
  if (text.length <= 96) return text;
  return Array.isArray(value) ? `${value.length} entries` : `${text.slice(0, 95)}…`;
}

/** Prints a comparison for people: the verdict, then what differs first. */
export function describeComparison(comparison: RunComparison, style: Style): string {
  const { verdict, compared, blockedBy, divergence, differences } = comparison;
  if (blockedBy !== null) {
    const remedy = blockedBy.remedy === "" ? "" : row("remedy", printable(blockedBy.remedy));
    return `${style.warn("? blocked")}: ${printable(blockedBy.message)}\n${row("code", blockedBy.code)}${remedy}`;
  }
  const counts = [count(compared.outputs, "output"), count(compared.steps, "step"), count(compared.metrics, "metric")];
  const results = `${counts.join(", ")} compared`;
  const heading =
    verdict === "bit-identical"
      ? `${style.good("✓ bit-identical")}: ${results}\n`
      : `${style.bad("✗ diverged")}: ${results}\n`;
  const first =
    divergence === null
      ? ""
      : row("first step", `${divergence.step ?? "?"}: ${printable(divergence.values.slice(0, 6).join(", "))}`);
  return heading + first + describeDifferences(differences, style);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function describeDifferences(differences: readonly Difference[], style: Style): string {
  const order = ["error", "warning", "info"];
  const sorted = differences.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const lines = sorted.slice(0, SHOWN).map((difference) => describeDifference(difference, style));
  if (differences.length > SHOWN) lines.push(row("", `and ${differences.length - SHOWN} more: --json lists them all`));
  return lines.join("");
}

function describeDifference({ path, expected, actual, severity, remedy }: Difference, style: Style): string {
  const paint = { error: style.bad, warning: style.warn, info: style.faint }[severity];
  const change = `${describeSide(expected)} → ${describeSide(actual)}`;
  return (
    row(severity, `${printable(path)}  ${change}`, paint) +
    (remedy === "" ? "" : row("", style.faint(printable(remedy))))
  );
}

function describeSide(value: JsonValue | undefined): string {
  if (value === undefined) return "(absent)";
  return short(printable(typeof value === "string" ? value : canonicalText(value)));
}
