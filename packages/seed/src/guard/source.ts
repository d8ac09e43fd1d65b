/** The kinds of sources that a guard can watch. */
export type SourceKind = "random" | "crypto" | "clock";

/**
 * What a guard can catch: a closed list of functions.
 *
 * The first draws what no seed explains; those of Web Crypto (`crypto…`) and of the module `node:crypto` draw from the system;
 * the others read a clock, where `Date` is a call or construction without arguments.
 *
 * @public
 */
export type UnseededSource =
  | "Math.random"
  | "crypto.getRandomValues"
  | "crypto.randomUUID"
  | "crypto.subtle.generateKey"
  | "node:crypto.generateKey"
  | "node:crypto.generateKeyPair"
  | "node:crypto.generateKeyPairSync"
  | "node:crypto.generateKeySync"
  | "node:crypto.generatePrime"
  | "node:crypto.generatePrimeSync"
  | "node:crypto.prng"
  | "node:crypto.pseudoRandomBytes"
  | "node:crypto.randomBytes"
  | "node:crypto.randomFill"
  | "node:crypto.randomFillSync"
  | "node:crypto.randomInt"
  | "node:crypto.randomUUID"
  | "node:crypto.rng"
  | "Date"
  | "Date.now"
  | "performance.now"
  | "performance.timeOrigin"
  | "process.hrtime"
  | "process.hrtime.bigint";

/** Functions that draw what no seed explains. */
const RANDOM_SOURCES: readonly UnseededSource[] = ["Math.random"];

/** Functions that draw from the system. */
export const CRYPTO_SOURCES: readonly UnseededSource[] = [
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
];

/** What reads a clock. */
const CLOCK_SOURCES: readonly UnseededSource[] = [
  "Date",
  "Date.now",
  "performance.now",
  "performance.timeOrigin",
  "process.hrtime",
  "process.hrtime.bigint",
];

/** Every source. */
export const SOURCES: readonly UnseededSource[] = [...RANDOM_SOURCES, ...CRYPTO_SOURCES, ...CLOCK_SOURCES];

/** Which guard a source belongs to. */
export function kindOf(source: UnseededSource): SourceKind {
  if (source === "Math.random") return "random";
  return CLOCK_SOURCES.includes(source) ? "clock" : "crypto";
}
