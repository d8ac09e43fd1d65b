import { ReproError, isReproError, parseJson, parseState } from "@repro/core";
import * as z from "zod";

import type { SeedErrorCode } from "../error.ts";
import type { PartFile } from "../host.ts";
import type { StreamRecord, UnseededUse } from "./ledger.ts";
import { mergeStreams, mergeUnseeded } from "./ledger.ts";
import { streamRecordSchema, unseededUseSchema } from "./state.ts";

/**
 * What one thread of a wrapped command drew: `parts/seed-<pid>-<thread>.json` in the folder that `REPRO_RUN_DIR` names.
 *
 * A program in another language may leave such files too.
 *
 * @public
 */
export interface SeedPart {
  /** Name and version of the layout. */
  readonly schema: "repro/seed-part/v1";
  /** Streams that were drawn from. */
  readonly streams: readonly StreamRecord[];
  /** Calls that no seed explains. */
  readonly unseeded: readonly UnseededUse[];
}

/**
 * Checks a {@link SeedPart}.
 *
 * @public
 */
export const seedPartSchema: z.ZodType<SeedPart> = /* @__PURE__ */ z.strictObject({
  schema: /* @__PURE__ */ z.literal("repro/seed-part/v1"),
  streams: /* @__PURE__ */ z.array(streamRecordSchema),
  unseeded: /* @__PURE__ */ z.array(unseededUseSchema),
});

/** Whether a file of the parts folder is ours. */
export function isPartName(name: string): boolean {
  return name.startsWith("seed-") && name.endsWith(".json");
}

/** What all threads drew, whichever processes they were in. */
export function mergeParts(files: readonly PartFile[]): Pick<SeedPart, "streams" | "unseeded"> {
  const parts = files.map(readPart);
  return {
    streams: mergeStreams(parts.map((part) => part.streams)),
    unseeded: mergeUnseeded(parts.map((part) => part.unseeded)),
  };
}

function readPart({ name, text }: PartFile): SeedPart {
  const what = `the part "${name}"`;
  try {
    return parseState(seedPartSchema, parseJson(text, { what }), { what });
  } catch (cause) {
    if (!isReproError(cause)) throw cause;
    throw new ReproError<SeedErrorCode>(`seedLayer: ${cause.message}`, {
      code: "SEED_PART_INVALID",
      remedy: "run the command again: a process of it wrote a part that cannot be read",
      data: { ...cause.data, name },
      cause,
    });
  }
}
