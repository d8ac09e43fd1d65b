import type { JsonObject } from "./json.ts";

/** A property that survives copies of this package in one process, where `instanceof` does not. */
const BRAND: unique symbol = /* @__PURE__ */ Symbol.for("@repro/core/ReproError");

/**
 * What a {@link ReproError} carries beside its message.
 *
 * @public
 */
export interface ReproErrorOptions<Code extends string = string> {
  /** Stable name of the failure, `AREA_WHAT`. Branch on this, never on the message. */
  readonly code: Code;
  /** What to do next, one line, as a command where there is one. */
  readonly remedy?: string;
  /** The facts of the failure: paths, limits, names. JSON-safe, free of secrets. */
  readonly data?: JsonObject;
  /** The error that caused this one. */
  readonly cause?: unknown;
}

/**
 * The world failed: a file is missing, a digest does not match, a tool refuses.
 *
 * A caller's own mistake is a `TypeError` or a `RangeError` instead, thrown before any work is done.
 *
 * @example
 * ```ts
 * const error = new ReproError("hashFile: cannot read \"a.csv\"", { code: "DATA_UNREADABLE", data: { path: "a.csv" } });
 * isReproError(error, "DATA_UNREADABLE"); // => true
 * ```
 * @public
 */
export class ReproError<Code extends string = string> extends Error {
  /** Stable name of the failure. */
  readonly code: Code;
  /** What to do next; empty when nothing better than the message is known. */
  readonly remedy: string;
  /** The facts of the failure. */
  readonly data: JsonObject;

  constructor(message: string, options: ReproErrorOptions<Code>) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ReproError";
    this.code = options.code;
    this.remedy = options.remedy ?? "";
    this.data = options.data ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Tells whether a caught value is a {@link ReproError}, of any copy of this package, and of one code if asked.
 *
 * @param value - Anything that was thrown.
 * @param code - Only this code; any when omitted.
 * @public
 */
export function isReproError<Code extends string = string>(value: unknown, code?: Code): value is ReproError<Code> {
  if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
  return code === undefined || ("code" in value && value.code === code);
}

/**
 * Every code that this package throws.
 *
 * @public
 */
export type CoreErrorCode =
  | "DIGEST_INVALID"
  | "JSON_MALFORMED"
  | "JSON_TOO_DEEP"
  | "JSON_UNREPRESENTABLE"
  | "LAYER_STATE_INVALID"
  | "TENSOR_BYTE_ORDER";
