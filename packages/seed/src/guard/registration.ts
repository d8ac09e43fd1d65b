import { ReproError, encodeCanonical } from "@repro/core";
import type { Digest, JsonValue } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { SeedHost } from "../host.ts";
import { captureHost, partsFolderOf, writeWholeFile } from "../host.ts";
import type { Seed } from "../key/key.ts";
import { parseSeed } from "../key/key.ts";
import type { SeedLedger } from "../record/ledger.ts";
import { createSeedLedger, mergeStreams, mergeUnseeded } from "../record/ledger.ts";
import type { SeedPart } from "../record/part.ts";
import type { Stream } from "../stream/stream.ts";
import { openStream } from "../stream/stream.ts";
import { missingSeed } from "../key/value.ts";
import type { GuardState } from "./guard.ts";
import { parseGuard } from "./guard.ts";
import { guardProcess } from "./patch.ts";
import { RANDOM_PATH } from "./scope.ts";
import { SEED_PATH_VARIABLE, deriveFromText } from "./thread.ts";
import { createGuards } from "./watch.ts";

/** Where the registration of a thread is found, by every copy of this package in it. */
const REGISTRATION: unique symbol = /* @__PURE__ */ Symbol.for("@repro/seed/register");

/** What `@repro/seed/register` set up in this thread. */
export interface Registration {
  /** What its guards do. */
  readonly guard: GuardState;
  /** Key of `REPRO_SEED`; `null` when it is not set. */
  readonly key: Digest | null;
  /** The seed that this thread was given for its own; `null` when it was given none. */
  readonly own: Seed | null;
  /** What its guards counted, and what was drawn from its own seed. */
  readonly ledger: SeedLedger;
  /** Adds a ledger to the part that this thread leaves behind. */
  adopt(ledger: SeedLedger): void;
}

type RegisteredGlobal = typeof globalThis & { [REGISTRATION]?: Registration };

/** The registration of this thread, if `@repro/seed/register` was loaded. */
export function findRegistration(): Registration | undefined {
  return (globalThis as RegisteredGlobal)[REGISTRATION];
}

/** What `@repro/seed/register` does: guards this thread for good, and leaves a part behind when it ends. Once a thread. */
export function registerThread(host: SeedHost = captureHost()): void {
  if (findRegistration() !== undefined) return;
  const guard = parseGuard(host.env["REPRO_GUARD"]);
  const text = host.env["REPRO_SEED"];
  const ledger = createSeedLedger();
  const ledgers = [ledger];
  const seed = text === undefined ? undefined : parseSeed(text, { ledger });
  const own = deriveFromText(seed, host.env[SEED_PATH_VARIABLE]);
  host.anchorRegister();
  host.forget(SEED_PATH_VARIABLE); // it is this thread's own: whatever is started from here would repeat it
  guardProcess(createGuards(guard, { ledger, stream: () => openThreadStream(seed, own, host) }));
  const registration: Registration = {
    guard,
    key: seed?.key ?? null,
    own: own ?? null,
    ledger,
    adopt: (other) => void ledgers.push(other),
  };
  Object.defineProperty(globalThis, REGISTRATION, { value: Object.freeze(registration) });
  // Where it is now: a program may change its folder.
  const runFolder = host.env["REPRO_RUN_DIR"] ?? "";
  if (runFolder !== "") {
    const parts = partsFolderOf(runFolder);
    host.onExit(() => leavePart(host, parts, ledgers));
  }
}

/** Each thread has a stream of its own: workers that shared one would all draw the same. */
function openThreadStream(seed: Seed | undefined, own: Seed | undefined, { script, thread }: SeedHost): Stream {
  if (own !== undefined) return openStream(own, [RANDOM_PATH]);
  if (seed === undefined) throw missingSeed("@repro/seed/register");
  return openStream(seed, [RANDOM_PATH, script, thread]);
}

function leavePart(host: SeedHost, parts: string, ledgers: readonly SeedLedger[]): void {
  const part: SeedPart = {
    schema: "repro/seed-part/v1",
    streams: mergeStreams(ledgers.map((ledger) => ledger.streams())),
    unseeded: mergeUnseeded(ledgers.map((ledger) => ledger.unseeded())),
  };
  if (part.streams.length === 0 && part.unseeded.length === 0) return;
  const name = `seed-${host.process}-${host.thread}.json`;
  try {
    writeWholeFile(parts, name, encodeCanonical(part as unknown as JsonValue));
  } catch (cause) {
    throw new ReproError<SeedErrorCode>(`@repro/seed/register: cannot write "${name}" into "${parts}"`, {
      code: "SEED_PART_UNWRITABLE",
      remedy: "make the folder that REPRO_RUN_DIR names writable, with room in it, and run again",
      data: { name },
      cause,
    });
  }
}
