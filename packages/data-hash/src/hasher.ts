import type { Digest } from "@repro/core";
import { createBLAKE3 } from "hash-wasm";

import { toUnixLines } from "./dvc/dos2unix.ts";
import { createNodeHash } from "./host.ts";

/**
 * The algorithms that {@link hashFile} and {@link hashTree} compute. MD5 is for DVC, the others are for proof.
 *
 * @public
 */
export type HashAlgorithm = "sha256" | "md5" | "blake3";

/**
 * One digest for each algorithm that was asked for.
 *
 * @public
 */
export type Digests<Algorithms extends readonly HashAlgorithm[]> = {
  readonly [Algorithm in Algorithms[number]]: Digest<Algorithm>;
};

/** What is computed inside this package: also the text-normalised MD5 of DVC 2, which is no digest of the bytes. */
export type Hashing = HashAlgorithm | "md5-dos2unix";

/** Hexadecimal digits by algorithm; only those that were asked for are present. */
export type HexDigits = { readonly [Name in Hashing]?: string };

/** Takes a file's bytes in chunks of {@link CHUNK_BYTES}, the last one shorter. */
interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): string;
}

/** Bytes that are read and hashed at once. DVC 2 decides chunk by chunk what is text, so the size is part of its hash. */
export const CHUNK_BYTES = 1_048_576;

/** Makes new hashers of one algorithm; a maker's hashers are used one after the other, never at once. */
export type HasherMaker = () => Hasher;

const ALGORITHMS: readonly string[] = ["sha256", "md5", "blake3"];

/** Refuses what {@link HashAlgorithm} does not name, before any work. */
export function requireAlgorithms(caller: string, algorithms: readonly HashAlgorithm[]): void {
  const unknown = algorithms.find((name) => !ALGORITHMS.includes(name));
  if (algorithms.length > 0 && unknown === undefined) return;
  throw new RangeError(
    `${caller}: "algorithms" must name at least one of ${ALGORITHMS.join(", ")}, got ${unknown ?? "none"}`,
  );
}

/** Prepares one maker for each algorithm; only BLAKE3 needs WebAssembly, and so the wait. */
export async function openHashers(names: readonly Hashing[]): Promise<ReadonlyMap<Hashing, HasherMaker>> {
  const makers = new Map<Hashing, HasherMaker>();
  for (const name of names) makers.set(name, await openHasher(name));
  return makers;
}

async function openHasher(name: Hashing): Promise<HasherMaker> {
  if (name === "md5" || name === "sha256") return () => createNodeHash(name);
  if (name === "md5-dos2unix") return createDos2UnixHasher;
  const blake3 = await createBLAKE3();
  return () => {
    blake3.init();
    return { update: (chunk) => void blake3.update(chunk), digest: () => blake3.digest("hex") };
  };
}

function createDos2UnixHasher(): Hasher {
  const md5 = createNodeHash("md5");
  return { update: (chunk) => md5.update(toUnixLines(chunk)), digest: () => md5.digest() };
}

/** Hashes bytes that are in memory. */
export function digestsOf(bytes: Uint8Array, makers: ReadonlyMap<Hashing, HasherMaker>): HexDigits {
  const hashers = startHashers(makers);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) updateAll(hashers, bytes.subarray(at, at + CHUNK_BYTES));
  return finishAll(hashers);
}

/** Hashers at work on one file. */
type RunningHashers = readonly (readonly [Hashing, Hasher])[];

/** Begins one file. */
export function startHashers(makers: ReadonlyMap<Hashing, HasherMaker>): RunningHashers {
  return [...makers].map(([name, make]) => [name, make()] as const);
}

/** Gives one chunk to every hasher. */
export function updateAll(hashers: RunningHashers, chunk: Uint8Array): void {
  for (const [, hasher] of hashers) hasher.update(chunk);
}

/** Ends one file. */
export function finishAll(hashers: RunningHashers): HexDigits {
  return Object.fromEntries(hashers.map(([name, hasher]) => [name, hasher.digest()]));
}

/** Names the digits of the algorithms that were asked for: `"sha256:…"`. */
export function namedDigests<Algorithms extends readonly HashAlgorithm[]>(
  algorithms: Algorithms,
  digits: HexDigits,
): Digests<Algorithms> {
  const named = algorithms.map((name) => [name, `${name}:${digits[name] ?? ""}`]);
  return Object.freeze(Object.fromEntries(named) as Digests<Algorithms>);
}
