import { ReproError, isReproError } from "@repro/core";
import type { RestoreContext } from "@repro/core";

import { findDvcCache, planFromCache } from "../dvc/cache.ts";
import { placeFiles, removeFiles } from "../dvc/place.ts";
import type { PlannedFile } from "../dvc/place.ts";
import { dvcIdOf } from "../dvc/pointer.ts";
import type { DataErrorCode } from "../error.ts";
import { attempt } from "../file.ts";
import { join } from "../host.ts";
import type { DataFs } from "../host.ts";
import { readContent } from "../tree/content.ts";
import type { Content } from "../tree/content.ts";
import { listTree } from "../tree/walk.ts";
import { quoted, remedyFor } from "./remedy.ts";
import { isRecordedAbsolute } from "./state.ts";
import type { DataEntry } from "./state.ts";

/** Makes sure that the recorded bytes of one entry are where the replay will look for them. */
export async function restoreEntry(name: string, entry: DataEntry, context: RestoreContext, fs: DataFs): Promise<void> {
  const subject: Subject = { name, entry, context, fs };
  const isOutside = isRecordedAbsolute(entry.path);
  const path = isOutside ? entry.path : join(context.root, entry.path);
  const found = await read(path, subject);
  if (found !== undefined && isRecorded(found, entry)) return;
  const isPartial = found?.kind === "tree" && entry.kind === "tree" && found.stamps.length < entry.files;
  if (isOutside || (found !== undefined && !isPartial))
    throw found === undefined ? lost(subject) : mismatch(path, found, subject);
  for (const planFrom of [planFromSource, planFromCacheOfSource]) {
    const files = await planFrom(subject).catch(nowhere);
    if (files !== undefined && (await bring(files, path, subject))) return;
  }
  throw lost(subject);
}

interface Subject {
  readonly name: string;
  readonly entry: DataEntry;
  readonly context: RestoreContext;
  readonly fs: DataFs;
}

async function read(path: string, { context, fs }: Subject): Promise<Content | undefined> {
  if (attempt(path, () => fs.stat(path)) === undefined) return undefined;
  return readContent(path, { fs, signal: context.signal, hashings: ["sha256"] });
}

function isRecorded(content: Content, { kind, digest }: DataEntry): boolean {
  return content.kind === kind && `sha256:${content.digits.sha256 ?? ""}` === digest;
}

/** The files of the user's work tree, unless their number and length already tell that they are not the recorded ones. */
async function planFromSource({ entry, context, fs }: Subject): Promise<readonly PlannedFile[] | undefined> {
  const source = join(context.source, entry.path);
  const facts = attempt(source, () => fs.stat(source));
  if (facts === undefined || facts.kind !== (entry.kind === "tree" ? "folder" : "file")) return undefined;
  const relpaths = entry.kind === "tree" ? listTree(fs, source) : [""];
  const plan = relpaths.map((relpath) => ({ relpath, from: join(source, relpath) }));
  const sizeBytes = plan.reduce((sum, { from }) => sum + (attempt(from, () => fs.stat(from))?.sizeBytes ?? 0), 0);
  return plan.length === entry.files && sizeBytes === entry.sizeBytes ? plan : undefined;
}

/** The objects of the DVC cache of the user's work tree. */
async function planFromCacheOfSource({ entry, context, fs }: Subject): Promise<readonly PlannedFile[] | undefined> {
  const cache = findDvcCache(context.source, { fs });
  return cache === null ? undefined : planFromCache(cache, dvcIdOf(entry.kind, entry.md5), fs);
}

/** A place that lacks a file, or cannot be read, is no place to copy from; the next one may be. */
function nowhere(error: unknown): undefined {
  if (!isReproError(error)) throw error; // aborted
}

/** Copies, then hashes the copy: what was checked is what the replay reads. */
async function bring(plan: readonly PlannedFile[], path: string, subject: Subject): Promise<boolean> {
  const { context, fs, entry } = subject;
  const placement = { plan, destination: path, within: context.root, fs, signal: context.signal };
  const placed = await placeFiles(placement);
  try {
    const content = await read(path, subject);
    if (content !== undefined && isRecorded(content, entry)) return true;
  } catch (error) {
    removeFiles(placed, fs);
    throw error;
  }
  removeFiles(placed, fs);
  return false;
}

function lost({ name, entry, context }: Subject): ReproError<DataErrorCode> {
  const pull = entry.pointer === null ? remedyFor(entry) : `dvc fetch ${quoted(entry.path)}`;
  return new ReproError(
    `the recorded bytes of "${name}" (${entry.path}) are neither in the work tree nor in a DVC cache`,
    {
      code: "DATA_MISSING",
      remedy: pull,
      data: { name, path: entry.path, digest: entry.digest, md5: entry.md5, source: context.source },
    },
  );
}

function mismatch(path: string, found: Content, { name, entry }: Subject): ReproError<DataErrorCode> {
  const actual = `sha256:${found.digits.sha256 ?? ""}`;
  return new ReproError(`"${name}" at "${path}" must have the digest ${entry.digest}, got ${actual}`, {
    code: "DATA_MISMATCH",
    remedy: remedyFor(entry),
    data: { name, path: entry.path, expected: entry.digest, actual },
  });
}
