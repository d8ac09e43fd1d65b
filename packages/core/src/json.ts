import { ReproError } from "./error.ts";

/**
 * A JSON object. Records are made of these: no `undefined`, `Date`, `bigint` or non-finite number.
 *
 * @public
 */
export interface JsonObject {
  /** A member. */
  readonly [key: string]: JsonValue;
}

/**
 * Any JSON value.
 *
 * @public
 */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/**
 * Deepest nesting that is read or written, counted in arrays and objects. RFC 8259 section 9 leaves the limit to us.
 *
 * @public
 */
export const MAX_JSON_DEPTH = 1000;

/**
 * Reads JSON text that came from outside.
 *
 * @param text - The text; `what` names it in the error.
 * @throws ReproError `JSON_MALFORMED` when it is not JSON; `JSON_TOO_DEEP` when it nests deeper than {@link MAX_JSON_DEPTH}.
 * @public
 */
export function parseJson(text: string, options: { readonly what: string }): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue; // JSON.parse returns exactly the values that JsonValue names
  } catch (cause) {
    throw new ReproError<"JSON_MALFORMED">(`parseJson: ${options.what} is not JSON`, {
      code: "JSON_MALFORMED",
      remedy: "restore the file from where it was written: a record is never edited by hand",
      data: { what: options.what },
      cause,
    });
  }
  if (depthOf(value) > MAX_JSON_DEPTH) {
    throw new ReproError<"JSON_TOO_DEEP">(`parseJson: ${options.what} nests deeper than ${MAX_JSON_DEPTH} levels`, {
      code: "JSON_TOO_DEEP",
      data: { what: options.what, limit: MAX_JSON_DEPTH },
    });
  }
  return value;
}

/** Counts levels with a work list, so that hostile nesting cannot exhaust the stack. */
function depthOf(value: JsonValue): number {
  let depth = 0;
  let level: JsonValue[] = [value];
  while (level.length > 0) {
    const below = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
    if (level.some((item) => typeof item === "object" && item !== null)) depth += 1;
    level = below;
  }
  return depth;
}
