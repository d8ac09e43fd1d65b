import type { FileStat } from "../files.ts";
import type { IndexEntries } from "../repository/index-entries.ts";
import { STAT, STAT_FIELDS, entryAt } from "../repository/index-entries.ts";

/** What of a file's stat is compared with the index. */
export interface StatRules {
  /** `core.trustCtime`: whether the time of the last change of the inode counts. */
  readonly trustCtime: boolean;
  /** `core.checkStat`: `"minimal"` compares size and whole seconds of the modification time, nothing else. */
  readonly checkStat: "default" | "minimal";
}

/** When a file was last written. */
export type FileTime = Pick<FileStat, "mtimeSeconds" | "mtimeNanoseconds">;

/** What a file's stat is compared with. */
export interface StatComparison extends StatRules {
  /** When the index was written. */
  readonly indexTime: FileTime;
  /** Id of the blob without contents. */
  readonly emptyBlob: string;
}

/**
 * Tells whether a file's stat proves that its contents are those the index names: it is the stat that the index keeps,
 * and the file was last written before the index was.
 *
 * A file written at the same moment as the index, as far as its time can tell, may have been changed after git had
 * looked at it; git marks such an entry with the size 0 where it notices. Only an empty file needs no time.
 *
 * @remarks The git documentation's "racy-git". Unlike git as it is built by default, nanoseconds are compared.
 */
export function isProvenSame(index: IndexEntries, at: number, stat: FileStat, rules: StatComparison): boolean {
  const { stats } = index;
  const base = at * STAT_FIELDS;
  if (stats[base + STAT.size] !== stat.sizeBytes >>> 0) return false;
  if (stat.sizeBytes === 0) return entryAt(index, at).id === rules.emptyBlob;
  if (stats[base + STAT.mtimeSeconds] !== stat.mtimeSeconds) return false;
  if (rules.checkStat === "minimal") return isBefore(stat.mtimeSeconds, 0, rules.indexTime);
  return (
    stats[base + STAT.mtimeNanoseconds] === stat.mtimeNanoseconds &&
    stats[base + STAT.inode] === stat.inode &&
    stats[base + STAT.user] === stat.user &&
    stats[base + STAT.group] === stat.group &&
    (!rules.trustCtime || isCtimeSame(stats, base, stat)) &&
    isBefore(stat.mtimeSeconds, stat.mtimeNanoseconds, rules.indexTime)
  );
}

function isCtimeSame(stats: Uint32Array, base: number, stat: FileStat): boolean {
  return (
    stats[base + STAT.ctimeSeconds] === stat.ctimeSeconds &&
    stats[base + STAT.ctimeNanoseconds] === stat.ctimeNanoseconds
  );
}

/** Kernels take a file's time from a clock that moves up to 10 ms at once; two of its steps. */
const CLOCK_STEP_NANOSECONDS = 20_000_000;

/** Tells whether a time is certainly before the index's. */
function isBefore(seconds: number, nanoseconds: number, index: FileTime): boolean {
  // Without a fraction, the file system knows whole seconds, or, as FAT, even ones.
  if (nanoseconds === 0) return seconds + 1 < index.mtimeSeconds;
  const elapsed = (index.mtimeSeconds - seconds) * 1_000_000_000 + index.mtimeNanoseconds - nanoseconds;
  return elapsed > CLOCK_STEP_NANOSECONDS;
}
