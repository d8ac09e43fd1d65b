import type { Seed } from "../key/key.ts";
import { createStream } from "../stream/stream.ts";
import type { GuardOptions, GuardState } from "./guard.ts";
import { checkOptions } from "./guard.ts";
import { runGuarded } from "./patch.ts";
import type { Guards } from "./watch.ts";
import { createGuards } from "./watch.ts";

/** Path of the stream that stands in for `Math.random`. */
export const RANDOM_PATH = "math.random";

/**
 * Runs a body in which `Math.random`, cryptographic randomness and clocks are under control, through every `await`, without
 * any change to the code inside.
 *
 * Other code that runs meanwhile keeps its own values, and concurrent scopes do not disturb each other: two trainings under
 * `Promise.all` draw what each draws alone. Scopes nest, source by source: the innermost scope that names a source counts,
 * and a scope that leaves one out leaves it to the scopes around it. While no scope is open, every function is the engine's
 * own, with its own property descriptor. What outlives the body gets what lies outside again, as does a reference that was
 * taken before any scope opened (`@repro/seed/register` closes that hole).
 *
 * @param body - Called once, at once.
 * @returns What `body` returns, awaited.
 * @throws ReproError `SEED_UNSEEDED_RANDOM`, `SEED_UNSEEDED_CRYPTO` or `SEED_CLOCK_READ` from inside `body`, at the call, for
 *   a source whose mode is `"throw"`; `data: { api, site }`.
 * @throws ReproError `SEED_PATH_REUSED` when the seed's ledger has seen the redirected stream: derive a seed for each scope.
 * @throws ReproError `SEED_GUARD_BLOCKED` when a function cannot be replaced because its object is frozen; nothing is then.
 * @throws TypeError when an option is no mode, when one is `"record"` and the seed has no ledger to record into, and for
 *   `frozenAt` without `clock: "freeze"`.
 * @throws RangeError when `frozenAt` is no time that a `Date` can hold.
 * @example
 * ```ts
 * const train = async () => [Math.random(), Date.now()];
 * await withSeed(createSeed(42), { random: "redirect", clock: "freeze" }, train); // => [0.6866697942304982, 0]
 * ```
 * @public
 */
export async function withSeed<T>(seed: Seed, options: GuardOptions, body: () => T | Promise<T>): Promise<T> {
  return runGuarded(guardsOf("withSeed", seed, checkOptions("withSeed", options)), body);
}

/** The guards of a seed: what {@link withSeed} and the layer put in place. */
export function guardsOf(who: string, seed: Seed, state: GuardState): Guards {
  for (const kind of ["random", "crypto", "clock"] as const) {
    if (state[kind] === "record" && seed.ledger === undefined) {
      throw new TypeError(`${who}: "seed" must have a ledger for ${kind}: "record" to record into`);
    }
  }
  return createGuards(state, { ledger: seed.ledger, stream: () => createStream(seed, RANDOM_PATH) });
}
