import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { SourceKind } from "./source.ts";

/**
 * What happens to `Math.random`: `"redirect"` draws from a stream instead, `"throw"` refuses, `"record"` leaves the values
 * alone and counts who asked.
 *
 * @public
 */
export type GuardMode = "redirect" | "throw" | "record";

/**
 * What happens to Web Crypto and `node:crypto`: never replaced, so that secrets stay secrets.
 *
 * @public
 */
export type CryptoGuardMode = "throw" | "record";

/**
 * What happens to clocks: `"freeze"` stops them, `"throw"` refuses, `"record"` lets them go on and counts who asked.
 *
 * @public
 */
export type ClockGuardMode = "freeze" | "throw" | "record";

/**
 * What happens to each source of values that no seed explains. A source that is left out is not guarded.
 *
 * @public
 */
export interface GuardOptions {
  /**
   * What happens to `Math.random`.
   *
   * `"redirect"`: it draws from the stream `"math.random"` of the seed. `"throw"`: a call throws `SEED_UNSEEDED_RANDOM`.
   * `"record"`: the values stay the engine's own, and the seed's ledger counts the calls by place.
   */
  readonly random?: GuardMode;
  /**
   * What happens to `crypto.getRandomValues`, `crypto.randomUUID`, `crypto.subtle.generateKey` and the functions of
   * `node:crypto` that draw.
   *
   * `"throw"`: a call throws `SEED_UNSEEDED_CRYPTO`. `"record"`: the ledger counts the calls by place. There is no way to
   * replace the values: whoever asks these functions may be making a key.
   */
  readonly crypto?: CryptoGuardMode;
  /**
   * What happens to `Date`, `performance.now`, `performance.timeOrigin` and `process.hrtime`.
   *
   * `"freeze"`: `Date` and `performance.timeOrigin` stand at {@link GuardOptions.frozenAt}, `performance.now` and
   * `process.hrtime` at 0. Timers still fire, and a loop that waits for time to pass never ends. `"throw"`: a reading throws
   * `SEED_CLOCK_READ`. `"record"`: the ledger counts the readings by place.
   */
  readonly clock?: ClockGuardMode;
  /** Time at which `clock: "freeze"` stops `Date`: an integer in [-8.64e15, 8.64e15], ms since 1970 UTC; 0 when omitted. */
  readonly frozenAt?: number;
}

/**
 * What happened to each source in a run, as it is recorded; `"none"`: nobody watched it, and `unseeded` says nothing of it.
 *
 * @public
 */
export interface GuardState {
  /** What happened to `Math.random`. */
  readonly random: GuardMode | "none";
  /** What happened to Web Crypto and `node:crypto`. */
  readonly crypto: CryptoGuardMode | "none";
  /** What happened to clocks. */
  readonly clock: ClockGuardMode | "none";
  /** Where `"freeze"` stopped `Date`, ms since 1970 UTC; `null` in every other mode. */
  readonly frozenAt: number | null;
}

/** Modes of each source, besides `"none"`. */
export const GUARD_MODES = {
  random: ["redirect", "throw", "record"],
  crypto: ["throw", "record"],
  clock: ["freeze", "throw", "record"],
} as const;

/** A process where nothing is said is watched, since that changes no value. */
const DEFAULT: GuardState = { random: "record", crypto: "none", clock: "none", frozenAt: null };

/** No source is guarded. */
export const UNGUARDED: GuardState = { random: "none", crypto: "none", clock: "none", frozenAt: null };

/** Last time that a Date can hold, in ms: 100,000,000 days from 1970 (ECMA-262, time values). */
const LAST_TIME = 8.64e15;

/**
 * Reads `REPRO_GUARD` and what is written like it.
 *
 * Either one mode, which is that of `Math.random`, or a list such as `random=redirect,crypto=throw,clock=freeze`. A source
 * that is not named keeps its default: `random=record`, `crypto=none`, `clock=none`. `clock=freeze@MS` stops `Date` at a time.
 *
 * @throws ReproError `SEED_GUARD_INVALID` with what is wrong; `data: { got, problem }`.
 */
export function parseGuard(text: string | undefined): GuardState {
  if (text === undefined) return DEFAULT;
  const read = readGuard(text);
  if (typeof read !== "string") return read;
  throw new ReproError<SeedErrorCode>(`REPRO_GUARD: ${read}`, {
    code: "SEED_GUARD_INVALID",
    remedy: "REPRO_GUARD=record, or a list: REPRO_GUARD=random=redirect,crypto=throw,clock=freeze",
    data: { got: text.slice(0, 100), problem: read },
  });
}

/** Checks what a program passed as guards, in the form of a list or of options. */
export function checkGuard(who: string, guard: string | GuardOptions): GuardState {
  if (typeof guard !== "string") return checkOptions(who, guard);
  const read = readGuard(guard);
  if (typeof read === "string") throw new RangeError(`${who}: "guard": ${read}`);
  return read;
}

/** Checks {@link GuardOptions}. */
export function checkOptions(who: string, options: GuardOptions): GuardState {
  const { random = "none", crypto = "none", clock = "none", frozenAt } = options;
  checkMode(who, "random", random);
  checkMode(who, "crypto", crypto);
  checkMode(who, "clock", clock);
  if (frozenAt === undefined) return { random, crypto, clock, frozenAt: clock === "freeze" ? 0 : null };
  if (clock !== "freeze") throw new TypeError(`${who}: "frozenAt" is for clock: "freeze", got clock: "${clock}"`);
  if (typeof frozenAt !== "number") throw new TypeError(`${who}: "frozenAt" must be a number, got ${typeof frozenAt}`);
  if (!isTime(frozenAt)) {
    throw new RangeError(`${who}: "frozenAt" must be an integer in [-8.64e15, 8.64e15], got ${frozenAt}`);
  }
  return { random, crypto, clock, frozenAt: frozenAt + 0 };
}

/** What {@link parseGuard} reads as this state: the shortest that says it. */
export function writeGuard({ random, crypto, clock, frozenAt }: GuardState): string {
  const stopped = frozenAt === null || frozenAt === 0 ? "" : `@${frozenAt}`;
  const entries = [
    ...(random === DEFAULT.random ? [] : [`random=${random}`]),
    ...(crypto === DEFAULT.crypto ? [] : [`crypto=${crypto}`]),
    ...(clock === DEFAULT.clock ? [] : [`clock=${clock}${stopped}`]),
  ];
  return crypto === DEFAULT.crypto && clock === DEFAULT.clock ? random : entries.join(",");
}

/** Whether a value is a time that a Date can hold. */
export function isTime(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= LAST_TIME;
}

/** The state that a text stands for, or what is wrong with the text. */
function readGuard(text: string): GuardState | string {
  const entries = text.includes("=") ? text.split(",") : [`random=${text}`];
  const found = new Map<string, string>();
  for (const entry of entries) {
    const [, kind, mode] = /^([^=]*)=([^=]*)$/.exec(entry) ?? [];
    if (kind === undefined || mode === undefined) return `an entry must be SOURCE=MODE, got "${shorten(entry)}"`;
    if (!isKind(kind)) return `a source must be random, crypto or clock, got "${shorten(kind)}"`;
    if (found.has(kind)) return `"${kind}" is named twice`;
    found.set(kind, mode);
  }
  const [random, crypto] = [found.get("random") ?? DEFAULT.random, found.get("crypto") ?? DEFAULT.crypto];
  const [clock = "", stopped] = splitTime(found.get("clock") ?? DEFAULT.clock);
  if (!isMode("random", random)) return describe("random", random);
  if (!isMode("crypto", crypto)) return describe("crypto", crypto);
  if (!isMode("clock", clock)) return describe("clock", clock);
  if (stopped === undefined) return { random, crypto, clock, frozenAt: clock === "freeze" ? 0 : null };
  const frozenAt = /^(?:0|-?[1-9]\d{0,15})$/.test(stopped) ? Number(stopped) : Number.NaN;
  if (clock !== "freeze") return `a time is for clock=freeze only, got "${shorten(`${clock}@${stopped}`)}"`;
  if (!isTime(frozenAt)) return `clock=freeze@MS must be an integer in [-8.64e15, 8.64e15], got "${shorten(stopped)}"`;
  return { random, crypto, clock, frozenAt };
}

function splitTime(text: string): readonly string[] {
  const at = text.indexOf("@");
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function checkMode(who: string, kind: SourceKind, mode: unknown): void {
  if (!isMode(kind, mode)) throw new TypeError(`${who}: ${describe(kind, String(mode))}`);
}

function describe(kind: SourceKind, got: string): string {
  return `"${kind}" must be ${GUARD_MODES[kind].join(", ")} or none, got "${shorten(got)}"`;
}

function shorten(text: string): string {
  return text.slice(0, 100);
}

function isKind(text: string): text is SourceKind {
  return Object.hasOwn(GUARD_MODES, text);
}

function isMode<K extends SourceKind>(kind: K, mode: unknown): mode is GuardState[K] {
  const modes: readonly string[] = GUARD_MODES[kind];
  return typeof mode === "string" && (mode === "none" || modes.includes(mode));
}
