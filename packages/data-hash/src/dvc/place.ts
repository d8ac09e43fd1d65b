import { ReproError } from "@repro/core";

import type { DataErrorCode } from "../error.ts";
import { attempt, reasonOf } from "../file.ts";
import { dirname, isAbsolute, join, relative } from "../host.ts";
import type { DataFs } from "../host.ts";

/** A file to copy. */
export interface PlannedFile {
  /** Path in the destination; `""` is the destination itself. */
  readonly relpath: string;
  /** Where its bytes are. */
  readonly from: string;
}

/** Files to copy, and where to. */
interface Placement {
  readonly plan: readonly PlannedFile[];
  /** Absolute path of the file or folder that they make. */
  readonly destination: string;
  /** Absolute path of a folder that exists and that nothing is written outside of. */
  readonly within: string;
  readonly fs: DataFs;
  readonly signal: AbortSignal | undefined;
}

/**
 * Copies files, except where there already is something; removes its copies when it fails.
 *
 * @returns The paths that were written.
 */
export async function placeFiles({ plan, destination, within, fs, signal }: Placement): Promise<readonly string[]> {
  const placed: string[] = [];
  const home = attempt(within, () => fs.realPath(within));
  const checked = new Set<string>();
  try {
    for (const { relpath, from } of plan) {
      signal?.throwIfAborted();
      const path = join(destination, relpath);
      const folder = dirname(path);
      if (!checked.has(folder)) prepareFolder(folder, home, fs);
      checked.add(folder);
      if (write(path, () => fs.statLink(path)) !== undefined) continue;
      write(path, () => fs.copy(from, path));
      placed.push(path);
      if (placed.length % 256 === 0) await fs.pause();
    }
  } catch (error) {
    removeFiles(placed, fs);
    throw error;
  }
  return placed;
}

/** Removes what was placed. */
export function removeFiles(paths: readonly string[], fs: DataFs): void {
  for (const path of paths) fs.remove(path);
}

/** Makes a folder, unless a link on the way leads out of `home`: a restored tree may hold such links. */
function prepareFolder(folder: string, home: string, fs: DataFs): void {
  let existing = folder;
  while (write(existing, () => fs.statLink(existing)) === undefined) existing = dirname(existing);
  const real = write(existing, () => fs.realPath(existing));
  const path = relative(home, real);
  if (path === ".." || /^\.\.[\\/]/.test(path) || isAbsolute(path)) {
    throw new ReproError<DataErrorCode>(`"${folder}" leads out of "${home}" through a link`, {
      code: "DATA_OUTSIDE_ROOT",
      remedy: "replace the link by a folder",
      data: { path: folder, root: home },
    });
  }
  write(folder, () => fs.makeFolder(folder));
}

/** Runs one call that writes; its failure becomes a typed error that names the path. */
export function write<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    const reason = reasonOf(cause);
    throw new ReproError<DataErrorCode>(`"${path}" cannot be written: ${reason}`, {
      code: "DATA_UNWRITABLE",
      remedy: "make room, and let this user write there",
      data: { path, reason },
      cause,
    });
  }
}
