import { ReproError, canonicalText, isReproError, parseJson } from "@repro/core";
import type { JsonValue } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import { deriveSeed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { missingSeed } from "../key/value.ts";

/** Environment variable with the way from `REPRO_SEED` to the seed of one thread or process alone: a JSON array. */
export const SEED_PATH_VARIABLE = "REPRO_SEED_PATH";

/** The path of a seed, as {@link deriveFromText} reads it. */
export function writePath({ path }: Seed): string {
  return canonicalText([...path]);
}

/**
 * The seed of a thread.
 *
 * @returns `undefined` when no path is given.
 * @throws ReproError `SEED_INVALID` when the text is no path, `SEED_MISSING` when there is no root that it could start from.
 */
export function deriveFromText(root: Seed | undefined, text: string | undefined): Seed | undefined {
  if (text === undefined) return undefined;
  if (root === undefined) throw missingSeed(SEED_PATH_VARIABLE);
  try {
    const path: JsonValue = parseJson(text, { what: SEED_PATH_VARIABLE });
    if (!isPath(path)) throw new TypeError("it must be an array of texts and numbers");
    return deriveSeed(root, ...path);
  } catch (cause) {
    if (!(isReproError(cause) || cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new ReproError<SeedErrorCode>(`${SEED_PATH_VARIABLE} is no path: ${cause.message}`, {
      code: "SEED_INVALID",
      remedy: `write a JSON array of labels and unsigned integers: ${SEED_PATH_VARIABLE}='["worker",3]'`,
      data: { got: text.slice(0, 100) },
      cause,
    });
  }
}

function isPath(value: JsonValue): value is SeedPathElement[] {
  return Array.isArray(value) && value.every((step) => typeof step === "string" || typeof step === "number");
}
