import type { Layer, LayerContext, OpenLayer } from "@repro/core";
import { ReproError, parseState } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { GuardOptions, GuardState } from "../guard/guard.ts";
import { UNGUARDED, checkGuard, parseGuard, writeGuard } from "../guard/guard.ts";
import { guardProcess } from "../guard/patch.ts";
import type { Registration } from "../guard/registration.ts";
import { findRegistration } from "../guard/registration.ts";
import { guardsOf } from "../guard/scope.ts";
import { kindOf } from "../guard/source.ts";
import { readPartFiles, registerUrl } from "../host.ts";
import type { Seed } from "../key/key.ts";
import { deriveKey, plantSeed } from "../key/key.ts";
import type { SeedValue } from "../key/value.ts";
import { describeSeedInput, missingSeed, readSeedText, writeSeedText } from "../key/value.ts";
import { diffSeedState } from "./diff.ts";
import type { SeedLedgerOptions } from "./ledger.ts";
import { countFromHere, createSeedLedger, mergeStreams, mergeUnseeded } from "./ledger.ts";
import { isPartName, mergeParts } from "./part.ts";
import type { SeedState } from "./state.ts";
import { seedStateSchema } from "./state.ts";

/**
 * How {@link seedLayer} watches a run.
 *
 * @public
 */
export interface SeedLayerOptions extends SeedLedgerOptions {
  /**
   * What happens from `open` to `dispose`, in the whole process, to values that no seed explains: options as of
   * {@link withSeed}, or text as in `REPRO_GUARD`, such as `"redirect"` or `"random=redirect,clock=freeze"`.
   *
   * A source that it does not guard is left to `@repro/seed/register` where that is loaded. For a wrapped command it is all
   * that is guarded; when omitted, `REPRO_GUARD` is, and `"record"` where that is not set.
   */
  readonly guard?: string | GuardOptions;
}

/**
 * The randomness of a run: its seed, every stream that was drawn from, and every call that no seed explains.
 *
 * The handle is the seed. In this process the layer counts the streams that are opened from it. Around a command it passes
 * the seed on in `REPRO_SEED` and has node load `@repro/seed/register` in every process and file-based worker thread,
 * which count there; Python gets a `PYTHONHASHSEED` that follows from the seed.
 *
 * @param value - As for {@link createSeed}; `REPRO_SEED` of the context, as {@link parseSeed} reads it, when omitted.
 * @throws RangeError or TypeError as {@link createSeed}; TypeError when an option of `guard` is no mode; RangeError when its
 *   text says none, or its time is none.
 * @remarks Opening it fails with ReproError `SEED_MISSING` without any seed; with `SEED_CONFLICT` when
 *   `@repro/seed/register` already redirects `Math.random` by another seed; with `SEED_GUARD_INVALID` for a `REPRO_GUARD`
 *   that says no mode; with `SEED_GUARD_BLOCKED` when the program froze what is to be guarded. Sealing fails with `SEED_PART_INVALID` when a process left a part that cannot be read.
 * @example
 * ```ts
 * seedLayer(42).schema; // => "repro/seed/v1"
 * ```
 * @public
 */
export function seedLayer(
  value?: string | bigint | number | Uint8Array,
  options: SeedLayerOptions = {},
): Layer<SeedState, Seed> {
  const guard = options.guard === undefined ? undefined : checkGuard("seedLayer", options.guard);
  return layerOf(value === undefined ? undefined : describeSeedInput(value), options, guard);
}

function layerOf(
  value: SeedValue | undefined,
  options: SeedLedgerOptions,
  guard: GuardState | undefined,
): Layer<SeedState, Seed> {
  return Object.freeze({
    schema: "repro/seed/v1",
    open: async (context: LayerContext) => {
      context.signal?.throwIfAborted();
      const root = value ?? seedOf(context);
      const { partsFolder } = context;
      if (partsFolder === undefined) return openHere(root, options, guard ?? UNGUARDED);
      const seed = plantSeed(root, { ledger: createSeedLedger(options) });
      return openAround(seed, guard ?? parseGuard(context.env["REPRO_GUARD"]), context, partsFolder);
    },
    parse: (state: unknown) => parseState(seedStateSchema, state, { what: "a seed record" }),
    diff: diffSeedState,
    restore: async (recorded: SeedState) => ({ layer: layerOf(recorded.seed, {}, recorded.guard) }),
  });
}

function seedOf(context: LayerContext): SeedValue {
  const text = context.env["REPRO_SEED"];
  if (text === undefined) throw missingSeed("seedLayer");
  return readSeedText(text);
}

/** This process is what is recorded. */
function openHere(root: SeedValue, options: SeedLedgerOptions, guard: GuardState): OpenLayer<SeedState, Seed> {
  const ledger = createSeedLedger(options);
  const seed = plantSeed(root, { ledger });
  const registration = findRegistration();
  const outer = registration?.guard ?? UNGUARDED;
  // A guard of our own covers the registered one, so that the run draws the same with and without it.
  if (guard.random === "none") requireAgreement(seed, registration);
  const release = guardProcess(guardsOf("seedLayer", seed, guard));
  registration?.adopt(ledger);
  // What the process drew and counted before belongs to no run, or to another one.
  const around = registration === undefined ? undefined : countFromHere(registration.ledger);
  return {
    handle: seed,
    seal: async () =>
      sealState({
        seed: seed.root,
        guard: coverGuard(guard, outer),
        streams: mergeStreams([ledger.streams(), guard.random === "none" ? (around?.streams() ?? []) : []]),
        unseeded: mergeUnseeded([
          ledger.unseeded(),
          around?.unseeded().filter(({ api }) => guard[kindOf(api)] === "none") ?? [],
        ]),
      }),
    dispose: async () => release(),
  };
}

/** What happens where one guard lies within another. */
function coverGuard(inner: GuardState, outer: GuardState): GuardState {
  const clock = inner.clock === "none" ? outer : inner;
  return Object.freeze({
    random: inner.random === "none" ? outer.random : inner.random,
    crypto: inner.crypto === "none" ? outer.crypto : inner.crypto,
    clock: clock.clock,
    frozenAt: clock.frozenAt,
  });
}

/** A command that is about to be started is what is recorded. */
function openAround(
  seed: Seed,
  guard: GuardState,
  { env, signal }: LayerContext,
  partsFolder: string,
): OpenLayer<SeedState, Seed> {
  const nodeOptions = [env["NODE_OPTIONS"] ?? "", `--import="${registerUrl()}"`].filter((option) => option !== "");
  return {
    handle: seed,
    variables: Object.freeze({
      NODE_OPTIONS: nodeOptions.join(" "),
      PYTHONHASHSEED: pythonHashSeed(seed),
      REPRO_GUARD: writeGuard(guard),
      REPRO_SEED: writeSeedText(seed.root),
    }),
    seal: async () => {
      const files = await readPartFiles(partsFolder, isPartName, signal);
      return sealState({ seed: seed.root, guard: Object.freeze({ ...guard }), ...mergeParts(files) });
    },
  };
}

function sealState(state: Pick<SeedState, "seed" | "guard" | "streams" | "unseeded">): SeedState {
  return Object.freeze({ schema: "repro/seed/v1", ...state });
}

/** Python takes a decimal number of 32 bits: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED */
function pythonHashSeed(seed: Seed): string {
  const bytes = deriveKey(seed, ["PYTHONHASHSEED"]);
  return String(new DataView(bytes.buffer).getUint32(0, true));
}

function requireAgreement(seed: Seed, registration: Registration | undefined): void {
  if (registration?.guard.random !== "redirect" || registration.key === seed.key) return;
  throw new ReproError<SeedErrorCode>("seedLayer: @repro/seed/register redirects Math.random by another seed", {
    code: "SEED_CONFLICT",
    remedy: "set REPRO_SEED to the seed of the program, or leave it out of the program: seedLayer()",
  });
}
