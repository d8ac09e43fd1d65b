import type { Seed } from "../key/key.ts";
import { createStream } from "../stream/stream.ts";
import type { Guard, GuardMode } from "./guard.ts";
import { isGuardMode, redirectTo, watchFor } from "./guard.ts";
import { runGuarded } from "./patch.ts";

/**
 * What {@link withSeed} does to sources of randomness that take no seed.
 *
 * @public
 */
export interface WithSeedOptions {
  /**
   * What happens to `Math.random`.
   *
   * `"redirect"`: it draws from the stream `"math.random"` of the seed. `"throw"`: a call throws. `"record"`: the values stay
   * the engine's own, and the seed's ledger counts the calls by place.
   */
  readonly random: GuardMode;
}

/** Path of the stream that stands in for `Math.random`. */
export const RANDOM_PATH = "math.random";

/**
 * Runs a body in which `Math.random` is under control, through every `await`, without any change to the code inside.
 *
 * Other code that runs meanwhile keeps its own `Math.random`, and concurrent scopes do not disturb each other: two
 * trainings under `Promise.all` draw what each draws alone. Scopes nest; the inner one counts. While no scope is open,
 * `Math.random` is the engine's own function. What outlives the body gets the engine's own values again, as does a
 * reference to `Math.random` that was taken before any scope opened (`@repro/seed/register` closes that hole).
 *
 * @param body - Called once, at once.
 * @returns What `body` returns, awaited.
 * @throws ReproError `SEED_UNSEEDED_RANDOM` from inside `body`, at the call, when `random` is `"throw"`.
 * @throws ReproError `SEED_PATH_REUSED` when the seed's ledger has seen the redirected stream: derive a seed for each scope.
 * @throws TypeError when `random` is no mode, or is `"record"` and the seed has no ledger to record into.
 * @example
 * ```ts
 * const train = async () => Math.random();
 * await withSeed(createSeed(42), { random: "redirect" }, train); // => 0.6866697942304982
 * ```
 * @public
 */
export async function withSeed<T>(seed: Seed, options: WithSeedOptions, body: () => T | Promise<T>): Promise<T> {
  return runGuarded(guardOf(seed, options.random), body);
}

/** The guard of a seed: what {@link withSeed} and the layer put in place. */
export function guardOf(seed: Seed, mode: GuardMode): Guard {
  if (!isGuardMode(mode))
    throw new TypeError(`withSeed: "random" must be redirect, throw or record, got ${String(mode)}`);
  if (mode === "redirect") return redirectTo(createStream(seed, RANDOM_PATH));
  if (mode === "record" && seed.ledger === undefined) {
    throw new TypeError('withSeed: "seed" must have a ledger for random: "record" to record into');
  }
  return watchFor(mode, seed.ledger);
}
