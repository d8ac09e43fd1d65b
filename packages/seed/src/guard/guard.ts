import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import { callSite, workingDirectory } from "../host.ts";
import type { SeedLedger } from "../record/ledger.ts";
import { unitFloat64 } from "../samplers/uniform.ts";
import type { Stream } from "../stream/stream.ts";

/**
 * What happens to `Math.random`: `"redirect"` draws from a stream instead, `"throw"` refuses, `"record"` leaves the values
 * alone and counts who asked.
 *
 * @public
 */
export type GuardMode = "redirect" | "throw" | "record";

/** Stands in for `Math.random` while it is in place. */
export interface Guard {
  /** False once its scope has ended: what still runs then gets the engine's own values. */
  open: boolean;
  /** The value of one call; `native` is the engine's own, `callee` the function that the program called. */
  next(native: () => number, callee: () => unknown): number;
}

/** Calls whose place is looked up, some 3 µs each; later ones are counted together. */
const TRACED_CALLS = 10_000;
const UNTRACED = `(after the first ${TRACED_CALLS} calls)`;

const MODES: readonly GuardMode[] = ["redirect", "throw", "record"];

/** Whether a value names a mode. */
export function isGuardMode(value: unknown): value is GuardMode {
  return MODES.some((mode) => mode === value);
}

/** Reads `REPRO_GUARD`; `"record"` when it is not set. */
export function parseGuardMode(text: string | undefined): GuardMode {
  if (text === undefined) return "record";
  if (isGuardMode(text)) return text;
  throw new ReproError<SeedErrorCode>(`REPRO_GUARD must be one of ${MODES.join(", ")}`, {
    code: "SEED_GUARD_INVALID",
    remedy: "REPRO_GUARD=record",
    data: { got: text.slice(0, 100) },
  });
}

/** A guard that draws from a stream. */
export function redirectTo(stream: Stream): Guard {
  return { open: true, next: () => unitFloat64(stream) };
}

/** A guard that counts calls in a ledger, and lets them through or not. */
export function watchFor(mode: "throw" | "record", ledger: SeedLedger | undefined): Guard {
  const cwd = workingDirectory();
  let traced = 0;
  const siteOf = (callee: () => unknown): string => {
    traced += 1;
    return traced > TRACED_CALLS ? UNTRACED : callSite(callee, cwd);
  };
  return {
    open: true,
    next: (native, callee) => {
      const site = siteOf(callee);
      ledger?.count("Math.random", site);
      if (mode === "throw") throw unseeded(site);
      return native();
    },
  };
}

function unseeded(site: string): ReproError<SeedErrorCode> {
  return new ReproError(`Math.random was called without a seed by ${site}`, {
    code: "SEED_UNSEEDED_RANDOM",
    remedy: 'draw from uniform(createStream(seed, "<purpose>")), or guard with "redirect" instead of "throw"',
    data: { api: "Math.random", site },
  });
}
