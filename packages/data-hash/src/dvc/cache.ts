import { ReproError, parseJson } from "@repro/core";
import * as z from "zod";

import type { DataErrorCode } from "../error.ts";
import { attempt, openReader, readDigits, readSmallFile } from "../file.ts";
import { digestsOf, openHashers } from "../hasher.ts";
import { dirname, join, nodeFs, resolve } from "../host.ts";
import type { DataFs } from "../host.ts";
import { findDvcRoot } from "../tree/ignore.ts";
import { placeFiles, removeFiles, write } from "./place.ts";
import type { PlannedFile } from "./place.ts";
import { readCacheFolder } from "./config.ts";

/**
 * Where a DVC repository keeps the data that its `.dvc` files point to.
 *
 * @public
 */
export interface DvcCache {
  /** Absolute path of the DVC repository: the folder that has `.dvc`. */
  readonly root: string;
  /** Absolute path of the cache. Objects lie in `files/md5` (DVC 3) and in the cache itself (DVC 2). */
  readonly folder: string;
}

/**
 * Finds the cache of the DVC repository around a folder.
 *
 * `cache.dir` of `.dvc/config.local`, then of `.dvc/config`; else `.dvc/cache`. The user's and the system's configuration of
 * DVC are not read.
 *
 * @param start - Folder at or below the root of the repository.
 * @returns `null` when there is no DVC repository; the cache's folder itself need not exist.
 * @throws ReproError `DATA_UNREADABLE` when the configuration cannot be read.
 * @public
 */
export function findDvcCache(start: string, options: { readonly fs?: DataFs } = {}): DvcCache | null {
  const fs = options.fs ?? nodeFs;
  const root = findDvcRoot(fs, resolve(start));
  return root === undefined ? null : Object.freeze({ root, folder: readCacheFolder(fs, join(root, ".dvc")) });
}

/**
 * What {@link fetchDvcObject} takes beside what and where to.
 *
 * @public
 */
export interface FetchDvcObjectOptions {
  /** File system; this machine's when omitted. */
  readonly fs?: DataFs;
  /** Stops the copying; what was copied is removed. */
  readonly signal?: AbortSignal;
}

/**
 * Copies a file or a folder out of a DVC cache and verifies every byte of it by its MD5.
 *
 * Files that are already there are kept and verified; others in the folder are left alone. When it fails, what was copied is removed again.
 *
 * @param id - DVC's id: 32 hexadecimal digits, and `.dir` for a folder.
 * @param destination - Path of the file or folder. A link inside of the folder is not written through to outside of it.
 * @throws RangeError when `id` is not an id of DVC.
 * @throws ReproError `DATA_CACHE_MISSING` when the cache lacks an object, `DATA_CACHE_CORRUPT` when its bytes do not have
 *   its name, `DATA_MISMATCH` when a file that is already there differs, `DATA_OUTSIDE_ROOT`, `DATA_UNWRITABLE`.
 * @public
 */
export async function fetchDvcObject(
  cache: DvcCache,
  id: string,
  destination: string,
  options: FetchDvcObjectOptions = {},
): Promise<void> {
  if (!/^[0-9a-f]{32}(\.dir)?$/.test(id)) throw new RangeError(`fetchDvcObject: "id" must be an id of DVC, got ${id}`);
  const fs = options.fs ?? nodeFs;
  const plan = await planFromCache(cache, id, fs);
  const within = dirname(resolve(destination));
  write(within, () => fs.makeFolder(within));
  const placed = await placeFiles({ plan, destination: resolve(destination), within, fs, signal: options.signal });
  try {
    const reader = await openReader({ ...options, hashings: ["md5"] });
    for (const file of plan) {
      const path = join(destination, file.relpath);
      const { digits } = await readDigits(path, reader);
      if (digits.md5 !== file.md5) throw placed.includes(path) ? corrupt(file.from, file.md5) : differs(path, file.md5);
    }
  } catch (error) {
    removeFiles(placed, fs);
    throw error;
  }
}

/** A file that an object of the cache holds. */
interface CachedFile extends PlannedFile {
  readonly md5: string;
}

/** Lists what an id stands for, and checks that the cache has all of it; bytes are checked after the copy. */
export async function planFromCache(cache: DvcCache, id: string, fs: DataFs): Promise<readonly CachedFile[]> {
  const from = objectPath(cache, id, fs);
  if (!id.endsWith(".dir")) return [{ relpath: "", from, md5: id }];
  const entries = await readManifest(from, id.slice(0, -".dir".length), fs);
  return entries.map(({ relpath, md5 }) => ({ relpath, from: objectPath(cache, md5, fs), md5 }));
}

function objectPath({ folder }: DvcCache, id: string, fs: DataFs): string {
  const name = join(id.slice(0, 2), id.slice(2));
  const path = [join(folder, "files", "md5", name), join(folder, name)].find((candidate) => {
    return attempt(candidate, () => fs.stat(candidate))?.kind === "file";
  });
  if (path !== undefined) return path;
  throw new ReproError<DataErrorCode>(`the DVC cache "${folder}" has no object ${id}`, {
    code: "DATA_CACHE_MISSING",
    remedy: "dvc fetch",
    data: { folder, id },
  });
}

/** Longest manifest that is read, in bytes: some ten million files. */
const MAX_MANIFEST_BYTES = 2 ** 30;

const manifestSchema = /* @__PURE__ */ z.array(
  z.strictObject({ md5: z.string().regex(/^[0-9a-f]{32}$/), relpath: z.string().refine(isInside) }),
);

/** A path that stays in its folder, whatever it is joined to. */
function isInside(path: string): boolean {
  return !/[\\\0]/.test(path) && path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

async function readManifest(path: string, md5: string, fs: DataFs): Promise<z.infer<typeof manifestSchema>> {
  const bytes = readSmallFile(fs, path, MAX_MANIFEST_BYTES) ?? new Uint8Array();
  if (digestsOf(bytes, await openHashers(["md5"])).md5 !== md5) throw corrupt(path, md5);
  try {
    return manifestSchema.parse(parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), { what: path }));
  } catch (cause) {
    throw corrupt(path, md5, cause); // its bytes have the right name, but no DVC wrote them
  }
}

function corrupt(path: string, md5: string, cause?: unknown): ReproError<DataErrorCode> {
  return new ReproError(`the object "${path}" of the DVC cache is not what ${md5} names`, {
    code: "DATA_CACHE_CORRUPT",
    remedy: "remove the object, then: dvc fetch",
    data: { path, md5 },
    cause,
  });
}

function differs(path: string, md5: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" is already there, and its MD5 is not ${md5}`, {
    code: "DATA_MISMATCH",
    remedy: "move the file away, then try again",
    data: { path, md5 },
  });
}
