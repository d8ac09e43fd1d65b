import { isReproError } from "@repro/core";

import type { ObjectReader } from "./objects.ts";

/** How history is walked. */
export interface HistoryOptions {
  readonly objects: ObjectReader;
  /** Commits whose parents a shallow clone lacks. */
  readonly shallow: ReadonlySet<string>;
  /** Commits that are read at most. */
  readonly limit: number;
}

/**
 * Counts the commits that each of two has and the other has not.
 *
 * @returns `null` when that takes more than `limit` commits, or one is missing.
 */
export async function aheadBehind(
  commit: string,
  upstream: string,
  options: HistoryOptions,
): Promise<{ readonly ahead: number; readonly behind: number } | null> {
  if (commit === upstream) return { ahead: 0, behind: 0 };
  const ours = await ancestors([commit], options);
  const theirs = ours === null ? null : await ancestors([upstream], options);
  if (ours === null || theirs === null) return null;
  return { ahead: countOutside(ours, theirs), behind: countOutside(theirs, ours) };
}

/**
 * Tells whether one of some commits has a commit among its ancestors, or is it.
 *
 * @returns `null` when that takes more than `limit` commits, or one is missing.
 */
export async function isReachable(
  commit: string,
  from: readonly string[],
  options: HistoryOptions,
): Promise<boolean | null> {
  if (from.includes(commit)) return true;
  const reached = await ancestors(from, options, commit);
  return reached === null ? null : reached.has(commit);
}

/** The commits and all before them; `null` when they are too many, or one is missing. Stops early at a wanted one. */
async function ancestors(
  from: readonly string[],
  { objects, shallow, limit }: HistoryOptions,
  wanted?: string,
): Promise<ReadonlySet<string> | null> {
  const seen = new Set<string>(from);
  try {
    // What is added to a set while it is gone through comes up in its turn.
    for (const next of seen) {
      if (wanted !== undefined && seen.has(wanted)) break;
      if (seen.size > limit) return null;
      if (shallow.has(next)) continue;
      for (const parent of (await objects.readCommit(next)).parents) seen.add(parent);
    }
  } catch (error) {
    if (isReproError(error, "GIT_UNREADABLE")) return null; // what is recorded beside this does not depend on it
    throw error;
  }
  return seen;
}

function countOutside(commits: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return [...commits].filter((id) => !others.has(id)).length;
}
