import type { Digest, LayerState } from "@repro/core";
import { isDigest } from "@repro/core";
import * as z from "zod";

import type { GuardState } from "../guard/guard.ts";
import { GUARD_MODES, isTime } from "../guard/guard.ts";
import { SOURCES } from "../guard/source.ts";
import type { SeedPathElement } from "../key/path.ts";
import type { SeedValue } from "../key/value.ts";
import { isSeedValue } from "../key/value.ts";
import type { StreamRecord, UnseededUse } from "./ledger.ts";
import type { EngineName } from "../stream/engine.ts";

/**
 * What the seed layer records of a run.
 *
 * @public
 */
export interface SeedState extends LayerState {
  /** Name and version of the layout. */
  readonly schema: "repro/seed/v1";
  /** The seed that the run was given. */
  readonly seed: SeedValue;
  /** What happened to each source of values that no seed explains. */
  readonly guard: GuardState;
  /** Streams that were drawn from, sorted by path (integers before labels), engine, draws and head. */
  readonly streams: readonly StreamRecord[];
  /** Calls that no seed explains, sorted by function and place. */
  readonly unseeded: readonly UnseededUse[];
}

/** Checks the path of a stream, as records have it. */
export const pathSchema: z.ZodType<readonly SeedPathElement[]> = /* @__PURE__ */ z.array(
  /* @__PURE__ */ z.union([/* @__PURE__ */ z.string(), /* @__PURE__ */ z.int().min(0)]),
);

/** Checks the name of an engine. */
export const engineSchema: z.ZodType<EngineName> = /* @__PURE__ */ z.enum(["xoroshiro128plus@1", "philox4x32-10@1"]);

const countSchema: z.ZodType<number> = /* @__PURE__ */ z.int().min(1);

/** Checks a {@link StreamRecord}. */
export const streamRecordSchema: z.ZodType<StreamRecord> = /* @__PURE__ */ z.strictObject({
  path: pathSchema,
  engine: engineSchema,
  draws: countSchema,
  head: /* @__PURE__ */ z.custom<Digest>((value) => isDigest(value), "must be a SHA-256 digest"),
});

/** Checks an {@link UnseededUse}. */
export const unseededUseSchema: z.ZodType<UnseededUse> = /* @__PURE__ */ z.strictObject({
  api: /* @__PURE__ */ z.enum(SOURCES),
  calls: countSchema,
  site: /* @__PURE__ */ z.string(),
});

const seedValueSchema: z.ZodType<SeedValue> = /* @__PURE__ */ z
  .strictObject({
    type: /* @__PURE__ */ z.enum(["integer", "text", "bytes"]),
    value: /* @__PURE__ */ z.string(),
  })
  .refine(isSeedValue, "must be canonical decimal digits, a text, or hexadecimal digits, as its type says");

const guardStateSchema: z.ZodType<GuardState> = /* @__PURE__ */ z
  .strictObject({
    random: /* @__PURE__ */ z.enum(["none", ...GUARD_MODES.random]),
    crypto: /* @__PURE__ */ z.enum(["none", ...GUARD_MODES.crypto]),
    clock: /* @__PURE__ */ z.enum(["none", ...GUARD_MODES.clock]),
    frozenAt: /* @__PURE__ */ z
      .number()
      .refine((time) => isTime(time) && !Object.is(time, -0), "must be a time in ms since 1970")
      .nullable(),
  })
  .refine(({ clock, frozenAt }) => (clock === "freeze") === (frozenAt !== null), {
    path: ["frozenAt"],
    message: "must be a time if the clock is frozen, and null if it is not",
  });

/**
 * Checks a {@link SeedState}.
 *
 * @public
 */
export const seedStateSchema: z.ZodType<SeedState> = /* @__PURE__ */ z.strictObject({
  schema: /* @__PURE__ */ z.literal("repro/seed/v1"),
  seed: seedValueSchema,
  guard: guardStateSchema,
  streams: /* @__PURE__ */ z.array(streamRecordSchema),
  unseeded: /* @__PURE__ */ z.array(unseededUseSchema),
});
