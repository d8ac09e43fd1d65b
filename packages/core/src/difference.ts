import { escapePointer } from "./canonical.ts";
import { MAX_JSON_DEPTH } from "./json.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { compareCodePoints } from "./order.ts";

/**
 * How much one {@link Difference} weighs: `"error"` breaks the claim that two states are the same, `"warning"` may
 * change results, `"info"` cannot.
 *
 * @public
 */
export type Severity = "error" | "warning" | "info";

/**
 * One place where two recorded values differ.
 *
 * @public
 */
export interface Difference {
  /** JSON pointer (RFC 6901) into the compared values. */
  readonly path: string;
  /** The recorded value; absent when it is only in the actual one. */
  readonly expected?: JsonValue;
  /** The value found now; absent when it is only in the recorded one. */
  readonly actual?: JsonValue;
  /** What it means for the claim that both are the same. */
  readonly severity: Severity;
  /** What to do about it, one line; empty when there is nothing to do. */
  readonly remedy: string;
}

/**
 * How {@link diffJson} weighs what it finds.
 *
 * @public
 */
export interface DiffJsonOptions {
  /** Pointer put before every path; `""` when omitted. */
  readonly at?: string;
  /** Severity of every difference, or of the one at a path; `"error"` when omitted. */
  readonly severity?: Severity | ((path: string) => Severity);
  /** What to do about every difference; `""` when omitted. */
  readonly remedy?: string;
}

/**
 * Lists where two JSON values differ: members in code-point order, depth first.
 *
 * @returns `[]` when they are the same; otherwise one entry for each differing leaf, and for each missing member or item.
 * @throws RangeError when both nest deeper than {@link MAX_JSON_DEPTH}.
 * @example
 * ```ts
 * diffJson({ node: "20.19.0" }, { node: "22.1.0" }).map((d) => d.path); // => ["/node"]
 * ```
 * @public
 */
export function diffJson(
  expected: JsonValue | undefined,
  actual: JsonValue | undefined,
  options: DiffJsonOptions = {},
): readonly Difference[] {
  const found: Difference[] = [];
  const severity = options.severity ?? "error";
  const report = (path: string, a: JsonValue | undefined, b: JsonValue | undefined): void => {
    found.push({
      path,
      ...(a === undefined ? {} : { expected: a }),
      ...(b === undefined ? {} : { actual: b }),
      severity: typeof severity === "function" ? severity(path) : severity,
      remedy: options.remedy ?? "",
    });
  };
  walk(expected, actual, options.at ?? "", 0, report);
  return found;
}

type Report = (path: string, a: JsonValue | undefined, b: JsonValue | undefined) => void;

function walk(a: JsonValue | undefined, b: JsonValue | undefined, path: string, depth: number, report: Report): void {
  if (depth > MAX_JSON_DEPTH) throw new RangeError(`diffJson: the values nest deeper than ${MAX_JSON_DEPTH} levels`);
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) {
    if (!Object.is(a, b)) report(path, a, b);
    return;
  }
  // Arrays are compared by position, objects by name: both are own keys of an object to us.
  const members = new Set([...Object.keys(a), ...Object.keys(b)]);
  const order = Array.isArray(a) ? (x: string, y: string) => Number(x) - Number(y) : compareCodePoints;
  for (const key of [...members].toSorted(order)) {
    walk(ownMember(a, key), ownMember(b, key), `${path}/${escapePointer(key)}`, depth + 1, report);
  }
}

function isContainer(value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] {
  return typeof value === "object" && value !== null;
}

function ownMember(value: JsonObject | readonly JsonValue[], key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
}
