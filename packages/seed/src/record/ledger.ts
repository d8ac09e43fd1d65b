import { ReproError, canonicalText, compareCodePoints, hashBytes } from "@repro/core";
import type { Digest } from "@repro/core";

import { startEngine } from "../stream/engine.ts";
import type { EngineName } from "../stream/engine.ts";
import type { SeedErrorCode } from "../error.ts";
import type { UnseededSource } from "../guard/source.ts";
import type { SeedPathElement } from "../key/path.ts";
import { comparePaths } from "../key/path.ts";

/**
 * What one stream gave, as it is recorded.
 *
 * @public
 */
export interface StreamRecord {
  /** The way from the root seed to the stream. */
  readonly path: readonly SeedPathElement[];
  /** Name of the engine that gave the words. */
  readonly engine: EngineName;
  /** 32-bit words drawn from it, at least 1. */
  readonly draws: number;
  /** Digest of the path's first 8 words, or of as many as were drawn when these are fewer; 4 bytes each, little-endian. */
  readonly head: Digest;
}

/**
 * Where a program used values that no seed explains.
 *
 * @public
 */
export interface UnseededUse {
  /** The function that was called. */
  readonly api: UnseededSource;
  /** How often, at least 1. */
  readonly calls: number;
  /** The calling function and its place, the file relative to the working directory: `"sample (src/train.mjs:12:7)"`. */
  readonly site: string;
}

/**
 * What a stream is: whoever opens the same again gets the same words.
 *
 * @public
 */
export interface StreamIdentity {
  /** The way from the root seed to the stream. */
  readonly path: readonly SeedPathElement[];
  /** Name of its engine. */
  readonly engine: EngineName;
  /** The 32 bytes of the key at the path; not to be changed. */
  readonly key: Uint8Array;
}

/**
 * The words drawn from one stream so far: counted by the stream, read by the ledger.
 *
 * @public
 */
export interface DrawCount {
  /** 32-bit words. */
  draws: number;
}

/**
 * Counts what is drawn below the seeds that carry it, so that two runs that differ can name the stream that differed first.
 *
 * @public
 */
export interface SeedLedger {
  /**
   * Counts a stream: called by {@link createStream} and {@link createCounterStream}.
   *
   * @param draws - Words drawn from it before it was opened, when it goes on from a saved state; 0 when omitted.
   * @throws ReproError `SEED_PATH_REUSED` when the stream has been opened before, unless reuse is allowed.
   */
  open(stream: StreamIdentity, draws?: number): DrawCount;
  /** Notes that a pure function (such as {@link epochOrder}) drew from a stream of its own; the longest use counts. */
  note(stream: StreamIdentity, draws: number): void;
  /** Counts one call that no seed explains. */
  count(api: UnseededUse["api"], site: string): void;
  /** What was drawn until now: streams with at least one draw, sorted by path (integers before labels), engine, and draws. */
  streams(): readonly StreamRecord[];
  /** The calls that no seed explains, one entry for each place, sorted by function and place. */
  unseeded(): readonly UnseededUse[];
}

/**
 * How a ledger behaves.
 *
 * @public
 */
export interface SeedLedgerOptions {
  /**
   * What happens when a stream is opened twice; `"throw"` when omitted.
   *
   * Two streams of one path repeat each other, as a key that is used twice in JAX: two layers start with the same weights,
   * every batch gets the same dropout mask. Nothing else in a run shows it. `"allow"` records each opening by itself.
   */
  readonly reuse?: "throw" | "allow";
}

/** Words in a head: enough to tell two streams apart, cheap enough to draw again. */
const HEAD_WORDS = 8;

interface Entry {
  /** One for each opening. */
  readonly opened: { readonly stream: StreamIdentity; readonly count: DrawCount }[];
  /** Longest use by a pure function. */
  noted: { readonly stream: StreamIdentity; readonly count: DrawCount } | undefined;
}

/**
 * Makes an empty ledger, for {@link createSeed}.
 *
 * It holds some 200 bytes for each stream: open a stream for each purpose and epoch, not for each of a million samples.
 *
 * @example
 * ```ts
 * const ledger = createSeedLedger();
 * createStream(createSeed(42, { ledger }), "init").next();
 * ledger.streams().map(({ path, draws }) => [path, draws]); // => [[["init"], 1]]
 * ```
 * @public
 */
export function createSeedLedger(options: SeedLedgerOptions = {}): SeedLedger {
  const entries = new Map<string, Entry>();
  const uses = new Map<string, UnseededUse>();
  const entryOf = (stream: StreamIdentity, repeats: (before: Entry) => boolean): Entry => {
    const name = String.fromCharCode(...stream.key);
    const before = entries.get(name);
    if (before !== undefined && options.reuse !== "allow" && repeats(before)) throw reused(stream.path);
    const entry = before ?? { opened: [], noted: undefined };
    if (before === undefined) entries.set(name, entry);
    return entry;
  };
  return Object.freeze({
    open: (stream: StreamIdentity, draws = 0): DrawCount => {
      const count: DrawCount = { draws };
      entryOf(stream, () => true).opened.push({ stream, count });
      return count;
    },
    note: (stream: StreamIdentity, draws: number): void => {
      const entry = entryOf(stream, ({ opened }) => opened.length > 0);
      if (draws > (entry.noted?.count.draws ?? 0)) entry.noted = { stream, count: { draws } };
    },
    count: (api: UnseededUse["api"], site: string): void => addUse(uses, { api, calls: 1, site }),
    streams: (): readonly StreamRecord[] => mergeStreams([...entries.values()].map(recordsOf)),
    unseeded: (): readonly UnseededUse[] => mergeUnseeded([[...uses.values()]]),
  });
}

/** The streams of several ledgers, in the one order of records. */
export function mergeStreams(ledgers: readonly (readonly StreamRecord[])[]): readonly StreamRecord[] {
  const order = (a: StreamRecord, b: StreamRecord): number =>
    comparePaths(a.path, b.path) ||
    compareCodePoints(a.engine, b.engine) ||
    a.draws - b.draws ||
    compareCodePoints(a.head, b.head);
  return Object.freeze(ledgers.flat().toSorted(order));
}

/** The unseeded calls of several ledgers: one entry for each place, in the one order of records. */
export function mergeUnseeded(ledgers: readonly (readonly UnseededUse[])[]): readonly UnseededUse[] {
  const merged = new Map<string, UnseededUse>();
  for (const use of ledgers.flat()) addUse(merged, use);
  const order = (a: UnseededUse, b: UnseededUse): number =>
    compareCodePoints(a.api, b.api) || compareCodePoints(a.site, b.site);
  return Object.freeze([...merged.values()].toSorted(order));
}

/**
 * What a ledger counts from now on: calls made since, and streams drawn from since. A stream has all its draws, because these
 * say where in it the later ones stand.
 */
export function countFromHere(ledger: SeedLedger): Pick<SeedLedger, "streams" | "unseeded"> {
  const nameOf = ({ path, engine, draws }: StreamRecord): string => canonicalText([...path, engine, draws]);
  const drawn = new Set(ledger.streams().map(nameOf));
  const made = new Map(ledger.unseeded().map(({ api, site, calls }) => [`${api} ${site}`, calls]));
  return {
    streams: () => ledger.streams().filter((stream) => !drawn.has(nameOf(stream))),
    unseeded: () =>
      ledger.unseeded().flatMap(({ api, site, calls }) => {
        const since = calls - (made.get(`${api} ${site}`) ?? 0);
        return since > 0 ? [Object.freeze({ api, calls: since, site })] : [];
      }),
  };
}

function addUse(uses: Map<string, UnseededUse>, { api, calls, site }: UnseededUse): void {
  const key = `${api} ${site}`;
  uses.set(key, Object.freeze({ api, calls: calls + (uses.get(key)?.calls ?? 0), site }));
}

function recordsOf({ opened, noted }: Entry): readonly StreamRecord[] {
  return [...opened, ...(noted === undefined ? [] : [noted])]
    .filter(({ count }) => count.draws > 0)
    .map(({ stream, count: { draws } }) => {
      const { path, engine } = stream;
      return Object.freeze({ path, engine, draws, head: headOf(stream, draws) });
    });
}

/** A stream is a function of its key: its first words can be drawn again, and need not be kept. */
function headOf({ engine, key }: StreamIdentity, draws: number): Digest {
  const words = Math.min(draws, HEAD_WORDS);
  const view = new DataView(new ArrayBuffer(4 * words));
  const rng = startEngine(engine, key);
  for (let index = 0; index < words; index += 1) view.setInt32(4 * index, rng.next(), true);
  return hashBytes(new Uint8Array(view.buffer));
}

function reused(path: readonly SeedPathElement[]): ReproError<SeedErrorCode> {
  return new ReproError(
    `createStream: the stream "${path.join("/")}" has been opened before, and a second one repeats it`,
    {
      code: "SEED_PATH_REUSED",
      remedy: 'add what tells the two uses apart to the path, or allow it with { reuse: "allow" }',
      data: { path },
    },
  );
}
