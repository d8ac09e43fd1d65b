import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import type { ModelTrap, SeedTrap, SeedTrapSeverity } from "./trap.ts";

/**
 * What {@link assertNoSeedTraps} lets pass.
 *
 * @public
 */
export interface AssertNoSeedTrapsOptions {
  /** The mildest severity that fails; `"warning"` when omitted. */
  readonly atLeast?: SeedTrapSeverity;
}

const ORDER: readonly SeedTrapSeverity[] = ["info", "warning", "error"];
/** Findings that the error carries; the count says how many there were. */
const MAX_CARRIED = 50;

/**
 * Throws unless a list of findings is empty, of those that are severe enough.
 *
 * @param traps - What {@link findSeedTraps} or {@link findModelTraps} returned, or several of their lists in one.
 * @throws RangeError when `atLeast` is no severity.
 * @throws ReproError `SEED_LINT_TRAPS`; `data: { count, traps }` with the first 50.
 * @example
 * ```ts
 * import { assertNoSeedTraps, findSeedTraps } from "@repro/seed/lint";
 *
 * assertNoSeedTraps(await findSeedTraps("export const two = 1 + 1;")); // => undefined
 * ```
 * @public
 */
export function assertNoSeedTraps(
  traps: readonly (SeedTrap | ModelTrap)[],
  options: AssertNoSeedTrapsOptions = {},
): void {
  const { atLeast = "warning" } = options;
  if (!ORDER.includes(atLeast))
    throw new RangeError(`assertNoSeedTraps: "atLeast" must be one of ${ORDER.join(", ")}, got ${describe(atLeast)}`);
  const severe = traps.filter(({ severity }) => ORDER.indexOf(severity) >= ORDER.indexOf(atLeast));
  const [first] = severe;
  if (first === undefined) return;
  const place = "pointer" in first ? `"${first.pointer}"` : `${first.file}:${first.line}:${first.column}`;
  const more = severe.length === 1 ? "" : `, and ${severe.length - 1} more`;
  throw new ReproError<SeedErrorCode>(`assertNoSeedTraps: ${place}: ${first.message} (${first.rule})${more}`, {
    code: "SEED_LINT_TRAPS",
    remedy: first.remedy,
    data: { count: severe.length, traps: severe.slice(0, MAX_CARRIED).map((trap) => ({ ...trap })) },
  });
}

function describe(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : typeof value;
}
