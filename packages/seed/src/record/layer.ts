import type { Layer, LayerContext, OpenLayer } from "@repro/core";
import { ReproError, parseState } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { GuardMode } from "../guard/guard.ts";
import { isGuardMode, parseGuardMode } from "../guard/guard.ts";
import { guardProcess } from "../guard/patch.ts";
import type { Registration } from "../guard/registration.ts";
import { findRegistration } from "../guard/registration.ts";
import { guardOf } from "../guard/scope.ts";
import { readPartFiles, registerUrl } from "../host.ts";
import type { Seed } from "../key/key.ts";
import { deriveKey, plantSeed } from "../key/key.ts";
import type { SeedValue } from "../key/value.ts";
import { describeSeedInput, missingSeed, readSeedText, writeSeedText } from "../key/value.ts";
import { diffSeedState } from "./diff.ts";
import type { SeedLedgerOptions } from "./ledger.ts";
import { createSeedLedger, mergeStreams, mergeUnseeded } from "./ledger.ts";
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
   * What happens to `Math.random` from `open` to `dispose`, in the whole process.
   *
   * When omitted: what `@repro/seed/register` does where it is loaded, else nothing. For a wrapped command: `REPRO_GUARD`,
   * and `"record"` where that is not set.
   */
  readonly guard?: GuardMode;
}

/**
 * The randomness of a run: its seed, every stream that was drawn from, and every call that no seed explains.
 *
 * The handle is the seed. In this process the layer counts the streams that are opened from it. Around a command it passes
 * the seed on in `REPRO_SEED` and has node load `@repro/seed/register` in every process and file-based worker thread,
 * which count there; Python gets a `PYTHONHASHSEED` that follows from the seed.
 *
 * @param value - As for {@link createSeed}; `REPRO_SEED` of the context, as {@link parseSeed} reads it, when omitted.
 * @throws RangeError or TypeError as {@link createSeed}; TypeError when `guard` is no mode.
 * @remarks Opening it fails with ReproError `SEED_MISSING` without any seed; with `SEED_CONFLICT` when
 *   `@repro/seed/register` already redirects `Math.random` by another seed; with `SEED_GUARD_INVALID` for a `REPRO_GUARD`
 *   that is no mode. Sealing fails with `SEED_PART_INVALID` when a process left a part that cannot be read.
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
  if (options.guard !== undefined && !isGuardMode(options.guard)) {
    throw new TypeError(`seedLayer: "guard" must be redirect, throw or record, got ${String(options.guard)}`);
  }
  return layerOf(value === undefined ? undefined : describeSeedInput(value), options);
}

function layerOf(value: SeedValue | undefined, options: SeedLayerOptions): Layer<SeedState, Seed> {
  return Object.freeze({
    schema: "repro/seed/v1",
    open: async (context: LayerContext) => {
      context.signal?.throwIfAborted();
      const root = value ?? seedOf(context);
      const { partsFolder } = context;
      if (partsFolder !== undefined) return openAround(root, options, context, partsFolder);
      return openHere(root, options);
    },
    parse: (state: unknown) => parseState(seedStateSchema, state, { what: "a seed record" }),
    diff: diffSeedState,
    restore: async (recorded: SeedState) => ({
      layer: layerOf(recorded.seed, recorded.guard === "none" ? {} : { guard: recorded.guard }),
    }),
  });
}

function seedOf(context: LayerContext): SeedValue {
  const text = context.env["REPRO_SEED"];
  if (text === undefined) throw missingSeed("seedLayer");
  return readSeedText(text);
}

/** This process is what is recorded. */
function openHere(root: SeedValue, options: SeedLayerOptions): OpenLayer<SeedState, Seed> {
  const ledger = createSeedLedger(options);
  const seed = plantSeed(root, { ledger });
  const registration = findRegistration();
  // A guard of our own covers the registered one, so that the run draws the same with and without it.
  const outer = options.guard === undefined ? registration : undefined;
  requireAgreement(seed, outer);
  const release = options.guard === undefined ? undefined : guardProcess(guardOf(seed, options.guard));
  registration?.adopt(ledger);
  const ledgers = outer === undefined ? [ledger] : [ledger, outer.ledger];
  return {
    handle: seed,
    seal: async () =>
      sealState({
        seed: seed.root,
        guard: options.guard ?? registration?.mode ?? "none",
        streams: mergeStreams(ledgers.map((each) => each.streams())),
        unseeded: mergeUnseeded(ledgers.map((each) => each.unseeded())),
      }),
    dispose: async () => release?.(),
  };
}

/** A command that is about to be started is what is recorded. */
function openAround(
  root: SeedValue,
  options: SeedLayerOptions,
  { env, signal }: LayerContext,
  partsFolder: string,
): OpenLayer<SeedState, Seed> {
  const seed = plantSeed(root, { ledger: createSeedLedger(options) });
  const guard = options.guard ?? parseGuardMode(env["REPRO_GUARD"]);
  const nodeOptions = [env["NODE_OPTIONS"] ?? "", `--import="${registerUrl()}"`].filter((option) => option !== "");
  return {
    handle: seed,
    variables: Object.freeze({
      NODE_OPTIONS: nodeOptions.join(" "),
      PYTHONHASHSEED: pythonHashSeed(seed),
      REPRO_GUARD: guard,
      REPRO_SEED: writeSeedText(root),
    }),
    seal: async () => {
      const files = await readPartFiles(partsFolder, isPartName, signal);
      return sealState({ seed: seed.root, guard, ...mergeParts(files) });
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
  if (registration?.mode !== "redirect" || registration.key === seed.key) return;
  throw new ReproError<SeedErrorCode>("seedLayer: @repro/seed/register redirects Math.random by another seed", {
    code: "SEED_CONFLICT",
    remedy: "set REPRO_SEED to the seed of the program, or leave it out of the program: seedLayer()",
  });
}
