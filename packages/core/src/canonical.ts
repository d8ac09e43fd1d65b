import { ReproError } from "./error.ts";
import type { JsonValue } from "./json.ts";
import { MAX_JSON_DEPTH } from "./json.ts";

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Writes a JSON value as RFC 8785 (JCS) bytes: one value, one byte sequence.
 *
 * Strict: whatever JSON cannot say exactly is refused, never dropped or replaced, so that no two different values
 * share their bytes. Negative zero is the one exception: RFC 8785 section 3.2.2.3 writes it as `0`.
 *
 * @param value - A JSON value. Only own enumerable members of plain objects are read.
 * @returns UTF-8 bytes, without a final newline.
 * @throws ReproError `JSON_UNREPRESENTABLE` for functions, symbols, bigints, `undefined`, array holes, non-finite
 *   numbers, lone surrogates and objects that are not plain; `data.path` is the JSON pointer (RFC 6901) to the culprit.
 * @throws ReproError `JSON_TOO_DEEP` beyond {@link MAX_JSON_DEPTH} levels, and therefore for every cycle.
 * @remarks RFC 8785, https://www.rfc-editor.org/rfc/rfc8785
 * @example
 * ```ts
 * new TextDecoder().decode(encodeCanonical({ b: 1e21, a: [true, null] })); // => "{\"a\":[true,null],\"b\":1e+21}"
 * ```
 * @public
 */
export function encodeCanonical(value: JsonValue): Uint8Array {
  return new TextEncoder().encode(canonicalText(value));
}

/**
 * The text of {@link encodeCanonical}, for callers that join or print it.
 *
 * @public
 */
export function canonicalText(value: JsonValue): string {
  const parts: string[] = [];
  write(value, "", 0, parts);
  return parts.join("");
}

function write(value: unknown, path: string, depth: number, parts: string[]): void {
  if (typeof value === "object" && value !== null) return writeContainer(value, path, depth + 1, parts);
  parts.push(scalarText(value, path));
}

function scalarText(value: unknown, path: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return stringText(value, path);
  if (typeof value !== "number") throw unrepresentable(path, `a ${typeof value}`);
  if (!Number.isFinite(value)) throw unrepresentable(path, String(value));
  return JSON.stringify(value); // ECMAScript's number text is what RFC 8785 section 3.2.2.3 prescribes
}

function stringText(value: string, path: string): string {
  if (LONE_SURROGATE.test(value)) throw unrepresentable(path, "a string with a lone surrogate");
  return JSON.stringify(value);
}

function writeContainer(value: object, path: string, depth: number, parts: string[]): void {
  if (depth > MAX_JSON_DEPTH) {
    throw new ReproError<"JSON_TOO_DEEP">(
      `encodeCanonical: the value nests deeper than ${MAX_JSON_DEPTH} levels, or contains itself`,
      { code: "JSON_TOO_DEEP", data: { limit: MAX_JSON_DEPTH } },
    );
  }
  if (Array.isArray(value)) writeArray(value, path, depth, parts);
  else writeObject(value, path, depth, parts);
}

function writeArray(value: readonly unknown[], path: string, depth: number, parts: string[]): void {
  parts.push("[");
  for (let index = 0; index < value.length; index += 1) {
    if (index > 0) parts.push(",");
    write(value[index], `${path}/${index}`, depth, parts);
  }
  parts.push("]");
}

function writeObject(value: object, path: string, depth: number, parts: string[]): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (a worker's message, vitest's sandbox) are plain too: their prototype's prototype is null.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw unrepresentable(path, describe(value));
  if (Object.getOwnPropertySymbols(value).length > 0) throw unrepresentable(path, "an object with symbol keys");
  parts.push("{");
  let separator = "";
  // RFC 8785 section 3.2.3: by UTF-16 code units, which is what a sort of strings without a comparator does.
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, member] of members) {
    parts.push(separator, stringText(key, path), ":");
    write(member, `${path}/${escapePointer(key)}`, depth, parts);
    separator = ",";
  }
  parts.push("}");
}

/**
 * Escapes one member name for a JSON pointer (RFC 6901 section 3).
 *
 * @public
 */
export function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function describe(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `a ${name}` : "an object that is not plain";
}

function unrepresentable(path: string, got: string): ReproError<"JSON_UNREPRESENTABLE"> {
  return new ReproError(`encodeCanonical: "${path === "" ? "/" : path}" must be JSON, got ${got}`, {
    code: "JSON_UNREPRESENTABLE",
    remedy: "write it as a string, a number or null, and say in its name which",
    data: { path, got },
  });
}
