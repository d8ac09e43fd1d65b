/** The kinds of sources that a guard can watch. */
export type SourceKind = "random" | "crypto" | "clock";

/** Functions that draw what no seed explains. */
export const RANDOM_SOURCES = ["Math.random"] as const;

/** Functions that draw from the system. The first three are Web Crypto, the others the module `node:crypto`. */
export const CRYPTO_SOURCES = [
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "crypto.subtle.generateKey",
  "node:crypto.generateKey",
  "node:crypto.generateKeyPair",
  "node:crypto.generateKeyPairSync",
  "node:crypto.generateKeySync",
  "node:crypto.generatePrime",
  "node:crypto.generatePrimeSync",
  "node:crypto.prng",
  "node:crypto.pseudoRandomBytes",
  "node:crypto.randomBytes",
  "node:crypto.randomFill",
  "node:crypto.randomFillSync",
  "node:crypto.randomInt",
  "node:crypto.randomUUID",
  "node:crypto.rng",
] as const;

/** What reads a clock; `Date` is a call or construction without arguments. */
export const CLOCK_SOURCES = [
  "Date",
  "Date.now",
  "performance.now",
  "performance.timeOrigin",
  "process.hrtime",
  "process.hrtime.bigint",
] as const;

/**
 * What a guard can catch: a closed list of functions.
 *
 * @public
 */
export type UnseededSource =
  | (typeof RANDOM_SOURCES)[number]
  | (typeof CRYPTO_SOURCES)[number]
  | (typeof CLOCK_SOURCES)[number];

/** Every source. */
export const SOURCES: readonly UnseededSource[] = [...RANDOM_SOURCES, ...CRYPTO_SOURCES, ...CLOCK_SOURCES];

/** Which guard a source belongs to. */
export function kindOf(source: UnseededSource): SourceKind {
  if (source === "Math.random") return "random";
  return CLOCK_SOURCES.some((clock) => clock === source) ? "clock" : "crypto";
}
