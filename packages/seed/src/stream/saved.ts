import type { Digest, JsonObject } from "@repro/core";
import { ReproError, hashBytes, isDigest, parseState } from "@repro/core";
import * as z from "zod";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { checkElement } from "../key/path.ts";
import type { StreamIdentity } from "../record/ledger.ts";
import { engineSchema, pathSchema } from "../record/state.ts";
import { counterIdentityOf, resumeCounterStream } from "./counter.ts";
import type { CounterStream } from "./counter.ts";
import type { EngineName } from "./engine.ts";
import { startPhilox } from "./engine.ts";
import type { Stream } from "./stream.ts";
import { identify, identityOf, resumeStream } from "./stream.ts";

/**
 * Where a stream stands, as JSON.
 *
 * @public
 */
export interface StreamState {
  /** Name and version of the layout. */
  readonly schema: "repro/seed-stream/v1";
  /** The way from the root seed to the stream. */
  readonly path: readonly SeedPathElement[];
  /** Name of its engine. */
  readonly engine: EngineName;
  /** SHA-256 of the stream's key: tells that the seed is the same, and gives away neither. */
  readonly keyDigest: Digest;
  /** What `getState()` gave: signed 32-bit words, 4 for `xoroshiro128plus@1`, 6 for `philox4x32-10@1`. */
  readonly state: readonly number[];
  /** Words drawn so far. */
  readonly draws: number;
}

const WORDS: Readonly<Record<EngineName, number>> = { "xoroshiro128plus@1": 4, "philox4x32-10@1": 6 };

/**
 * Checks a {@link StreamState}.
 *
 * @public
 */
export const streamStateSchema: z.ZodType<StreamState> = /* @__PURE__ */ z
  .strictObject({
    schema: /* @__PURE__ */ z.literal("repro/seed-stream/v1"),
    path: pathSchema,
    engine: engineSchema,
    keyDigest: /* @__PURE__ */ z.custom<Digest>((value) => isDigest(value), "must be a SHA-256 digest"),
    state: /* @__PURE__ */ z.array(/* @__PURE__ */ z.int32()),
    draws: /* @__PURE__ */ z.int().min(0),
  })
  .refine(isEngineState, { path: ["state"], message: "is no state of this engine" });

function isEngineState({ engine, state }: { readonly engine: EngineName; readonly state: readonly number[] }): boolean {
  return state.length === WORDS[engine] && state.some((word) => word !== 0);
}

/**
 * Writes down where a stream stands, so that another process can go on from there.
 *
 * Data order and masks need no state at all: `epochOrder` and counter streams are functions of integers. This is for
 * sequential streams in the middle of their work.
 *
 * @throws TypeError when the stream is not one of {@link createStream} or {@link createCounterStream}.
 * @example
 * ```ts
 * const rng = createStream(createSeed(42), "search");
 * rng.next();
 * const state = saveStream(rng); // plain JSON
 * restoreStream(createSeed(42), state).next() === rng.next(); // => true
 * ```
 * @public
 */
export function saveStream(stream: Stream): StreamState {
  const identity = identityOf(stream) ?? counterIdentityOf(stream);
  if (identity === undefined) {
    throw new TypeError('saveStream: "stream" must be a stream of createStream or createCounterStream');
  }
  const { path, engine, key } = identity;
  const state = Object.freeze([...stream.getState()]);
  return Object.freeze({
    schema: "repro/seed-stream/v1",
    path,
    engine,
    keyDigest: hashBytes(key),
    state,
    draws: stream.draws,
  });
}

/**
 * Opens a stream where {@link saveStream} left it.
 *
 * @param seed - The root seed that the saved stream came from, or one with the same value. Its ledger counts on from the
 *   words drawn before.
 * @param value - What was saved, read back from JSON.
 * @returns A {@link CounterStream} for `philox4x32-10@1`.
 * @throws ReproError `LAYER_STATE_INVALID` for another layout, version or engine, and words that are no state of the engine;
 *   `data.issues` names the place.
 * @throws ReproError `SEED_STATE_MISMATCH` when the seed is another one: its streams would be, too.
 * @throws ReproError `SEED_PATH_REUSED` when the seed's ledger has seen the path.
 * @public
 */
export function restoreStream(seed: Seed, value: unknown): Stream | CounterStream {
  const { path, engine, keyDigest, state, draws } = parseState(streamStateSchema, value, { what: "a saved stream" });
  for (const element of path) checkElement("restoreStream", element);
  const below = path.slice(seed.path.length);
  const stream = identify(seed, below, engine);
  if (hashBytes(stream.key) !== keyDigest) throw mismatch(path);
  if (engine === "xoroshiro128plus@1") return resumeStream(stream, state, countOf(seed, stream, draws));
  const expected = startPhilox(stream.key).getState().slice(0, 4);
  if (expected.some((word, index) => word !== state[index])) throw mismatch(path);
  const [high = 0, low = 0] = state.slice(4);
  const position = high * 0x1_0000_0000 + (low >>> 0);
  if (!Number.isSafeInteger(position) || position < 0) throw mismatch(path);
  return resumeCounterStream(stream, position, countOf(seed, stream, draws));
}

function countOf({ ledger }: Seed, stream: StreamIdentity, draws: number): { draws: number } {
  return ledger?.open(stream, draws) ?? { draws };
}

function mismatch(path: readonly SeedPathElement[]): ReproError<SeedErrorCode> {
  return new ReproError("restoreStream: the saved stream is not one of this seed", {
    code: "SEED_STATE_MISMATCH",
    remedy: "restore it below the seed that it was saved from",
    data: { path } satisfies JsonObject,
  });
}
