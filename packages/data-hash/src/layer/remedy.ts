import type { DataEntry } from "./state.ts";

/** What brings the recorded bytes of an entry back. */
export function remedyFor(entry: DataEntry): string {
  return entry.pointer === null
    ? `bring the recorded bytes of ${quoted(entry.path)} back: they have the digest ${entry.digest}`
    : `dvc checkout ${quoted(entry.path)}`;
}

/** A path as one word of a shell. */
export function quoted(path: string): string {
  return /^[\w./+@=:,-]+$/.test(path) && !path.startsWith("-") ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
