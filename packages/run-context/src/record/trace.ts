import { canonicalText, dtypeOf, encodeTensors, escapePointer } from "@repro/core";
import type { JsonObject, JsonValue } from "@repro/core";

import { createSha256, sha256 } from "../host.ts";
import type { RunTrace } from "./file.ts";

/**
 * What one step can be traced by: numbers and texts as they are, arrays of numbers by their digest, and named groups
 * of these.
 *
 * @public
 */
export type TraceValue = number | string | boolean | null | ArrayBufferView | { readonly [name: string]: TraceValue };

/**
 * What one step is traced by, by name.
 *
 * @public
 */
export interface TraceValues {
  /** A value, or a group of values. */
  readonly [name: string]: TraceValue;
}

/** The trace of a run while it grows. */
export interface OpenTrace {
  /** Records one step, or passes over it. */
  step(values: TraceValues | (() => TraceValues)): void;
  /** Writes what is still in memory; null when no step was recorded. */
  seal(): RunTrace | null;
}

/** Bytes kept in memory before they are appended: a step must not cost a flush. */
const BUFFER_BYTES = 1 << 18;

/**
 * Opens a trace.
 *
 * @param append - Takes the bytes of whole lines.
 * @param every - Records steps 0, every, 2 × every, …
 */
export function openTrace(append: (bytes: Uint8Array) => void, every: number): OpenTrace {
  const hash = createSha256();
  let pending: string[] = [];
  let pendingLength = 0;
  let seen = 0;
  let steps = 0;
  const flush = (): void => {
    if (pendingLength === 0) return;
    const bytes = new TextEncoder().encode(pending.join(""));
    hash.update(bytes);
    append(bytes);
    pending = [];
    pendingLength = 0;
  };
  return {
    step: (values) => {
      const index = seen;
      seen += 1;
      if (index % every !== 0) return;
      const line = `${canonicalText({ step: index, values: flatten(typeof values === "function" ? values() : values) })}\n`;
      pending.push(line);
      pendingLength += line.length;
      steps += 1;
      if (pendingLength >= BUFFER_BYTES) flush();
    },
    seal: () => {
      flush();
      return steps === 0 ? null : { every, steps, digest: hash.digest() };
    },
  };
}

/** Names nested values by their path: `{ weights: { kernel } }` becomes `weights/kernel`. */
function flatten(values: TraceValues): JsonObject {
  const flat = new Map<string, JsonValue>();
  const visit = (value: TraceValue, name: string): void => {
    if (!isGroup(value)) {
      flat.set(name, traced(value, name));
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      visit(member, name === "" ? escapePointer(key) : `${name}/${escapePointer(key)}`);
    }
  };
  if (!isGroup(values)) throw new TypeError('step: "values" must be an object of named values');
  visit(values, "");
  return Object.fromEntries(flat);
}

/** A plain object. A Map, a Date or a tensor of some framework has no members of its own that say what it holds. */
function isGroup(value: unknown): value is { readonly [name: string]: TraceValue } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function traced(value: unknown, name: string): JsonValue {
  if (typeof value === "number") return recordedNumber(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return sha256(encodeTensors([tensorOf(value)]));
  throw new TypeError(`step: "${name}" must be a number, a text, a typed array or a plain object of these`);
}

function tensorOf(data: ArrayBufferView): Parameters<typeof encodeTensors>[0][number] {
  const dtype = dtypeOf(data);
  const elements = data as Float32Array; // dtypeOf has refused whatever has no length, such as a DataView
  return { name: "", dtype, shape: [elements.length], data: elements };
}

/**
 * A number as it is recorded: JSON has no NaN and no infinity, and RFC 8785 drops the sign of zero, so these are texts.
 */
export function recordedNumber(value: number): number | string {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * The first place where two traces part.
 *
 * @public
 */
export interface TraceDivergence {
  /** Index of the step, as the program counted; null when one trace merely ends earlier. */
  readonly step: number | null;
  /** Names of the traced values that differ in it, in the order of the record. */
  readonly values: readonly string[];
}

/**
 * Finds the first step, and in it the values, where two traces part.
 *
 * @param recorded - Text of one `trace.jsonl`.
 * @param actual - Text of the other.
 * @returns null when they are the same.
 * @public
 */
export function findTraceDivergence(recorded: string, actual: string): TraceDivergence | null {
  if (recorded === actual) return null;
  const a = recorded.split("\n");
  const b = actual.split("\n");
  const index = a.findIndex((line, i) => line !== b[i]);
  const [x, y] = [stepOf(a[index]), stepOf(b[index])];
  if (x === undefined || y === undefined) return { step: (x ?? y)?.step ?? null, values: [] };
  const names = new Set([...Object.keys(x.values), ...Object.keys(y.values)]);
  return { step: x.step, values: [...names].filter((name) => !Object.is(x.values[name], y.values[name])) };
}

interface TraceLine {
  readonly step: number;
  readonly values: Readonly<Record<string, unknown>>;
}

function stepOf(line: string | undefined): TraceLine | undefined {
  if (line === undefined || line === "") return undefined;
  return JSON.parse(line) as TraceLine; // the file's digest was checked: this package wrote the line
}
