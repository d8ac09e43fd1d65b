import { ReproError } from "@repro/core";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

import type { SeedErrorCode } from "../error.ts";
import { callSite, contextId, workingDirectory } from "../host.ts";
import type { SeedLedger } from "../record/ledger.ts";
import type { Stream } from "../stream/stream.ts";
import type { GuardState } from "./guard.ts";
import type { SourceKind, UnseededSource } from "./source.ts";
import { kindOf } from "./source.ts";

/** A function that a program called, and whose frames are not the program's. */
export type Callee = (...args: never[]) => unknown;

/** What stands between a program and one kind of sources. */
export interface Guard {
  /** False once its scope has ended: what still runs then gets what lies outside. */
  open: boolean;
  /** The stream that `Math.random` draws from instead; `undefined` when it is not redirected. */
  readonly stream: RandomGenerator | undefined;
  /** Where clocks stand, ms since 1970 UTC; `undefined` when they go on. */
  readonly frozenAt: number | undefined;
  /** Is told of one call before it is made; throws to refuse it. */
  note(source: UnseededSource, callee: Callee): void;
}

/** Guards by what they watch. */
export type Guards = Readonly<Partial<Record<SourceKind, Guard>>>;

/** What guards count in, and draw from. */
export interface GuardMeans {
  /** Counts the calls; nobody counts them when undefined. */
  readonly ledger: SeedLedger | undefined;
  /** Opens the stream that stands in for `Math.random`. */
  stream(): Stream;
}

/**
 * Finds the guard of a call. The answer for one asynchronous context is kept, since looking it up costs as much as a whole
 * `Math.random`: contexts have numbers, and to compare two numbers costs next to nothing.
 */
export interface Gate {
  /** Number of the context that {@link Gate.seen} is the answer for; -1 for none. */
  id: number;
  /** The guard there; `undefined` when nothing guards it. */
  seen: Guard | undefined;
  /** Whether what asks is in use; if it is not, every call passes. */
  live: boolean;
  /** What asks, by source, and the function that it stands in for. */
  readonly made: Map<UnseededSource, { readonly native: Callee; readonly standIn: (...args: unknown[]) => unknown }>;
  /** Finds the guard of a context that is not the one seen last. */
  look(id: number): Guard | undefined;
}

/** Asks a gate for the guard of the call that is being made. */
export function guardAt(gate: Gate): Guard | undefined {
  const id = contextId();
  return id === gate.id ? gate.seen : gate.look(id);
}

/** Calls whose place is looked up, some 3 µs each; later ones are counted together. */
const TRACED_CALLS = 10_000;
const UNTRACED = `(after the first ${TRACED_CALLS} calls)`;

/** Makes the guards that a state names. */
export function createGuards({ random, crypto, clock, frozenAt }: GuardState, means: GuardMeans): Guards {
  return {
    ...(random === "none" ? {} : { random: random === "redirect" ? redirectTo(means.stream()) : watch(random, means) }),
    ...(crypto === "none" ? {} : { crypto: watch(crypto, means) }),
    ...(clock === "none" ? {} : { clock: clock === "freeze" ? freezeAt(frozenAt ?? 0) : watch(clock, means) }),
  };
}

function redirectTo(stream: RandomGenerator): Guard {
  return { open: true, stream, frozenAt: undefined, note: () => undefined };
}

function freezeAt(frozenAt: number): Guard {
  return { open: true, stream: undefined, frozenAt, note: () => undefined };
}

/** A guard that counts calls in a ledger, and lets them through or not. */
function watch(mode: "throw" | "record", { ledger }: GuardMeans): Guard {
  const cwd = workingDirectory();
  let traced = 0;
  const note = (source: UnseededSource, callee: Callee): void => {
    traced += 1;
    const site = traced > TRACED_CALLS ? UNTRACED : callSite(callee, cwd);
    ledger?.count(source, site);
    if (mode === "throw") throw refusal(source, site);
  };
  return { open: true, stream: undefined, frozenAt: undefined, note };
}

function refusal(source: UnseededSource, site: string): ReproError<SeedErrorCode> {
  const kind = kindOf(source);
  const what = { random: "called without a seed", crypto: "called", clock: "read" }[kind];
  return new ReproError(`${source} was ${what} by ${site}, and the guard refuses it`, {
    code: REFUSALS[kind],
    remedy: remedyFor(source),
    data: { api: source, site },
  });
}

const REFUSALS: Readonly<Record<SourceKind, SeedErrorCode>> = {
  random: "SEED_UNSEEDED_RANDOM",
  crypto: "SEED_UNSEEDED_CRYPTO",
  clock: "SEED_CLOCK_READ",
};

/** What to use instead of a source. */
export function remedyFor(source: UnseededSource): string {
  switch (kindOf(source)) {
    case "random":
      return 'draw from uniform(createStream(seed, "<purpose>")), or guard with random: "redirect"';
    case "clock":
      return 'pass the time in as a value, or guard with clock: "freeze"';
    case "crypto":
      return `${cryptoRemedy(source)}; for a secret, guard with crypto: "record"`;
  }
}

function cryptoRemedy(source: UnseededSource): string {
  if (source.endsWith("randomUUID")) return 'name things by deriveSeed(seed, "<purpose>", index).key';
  if (source.includes("generate")) return "make keys and primes outside of the run, and pass them in";
  if (source.endsWith("randomInt")) return 'draw from int(createStream(seed, "<purpose>"), n)';
  return 'draw from fillInt(createStream(seed, "<purpose>"), words, 2 ** 32)';
}
