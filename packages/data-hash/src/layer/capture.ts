import { ReproError, isReproError } from "@repro/core";

import { pathOfOutput, readPointer, recordedIdOf } from "../dvc/verify.ts";
import type { Pointer } from "../dvc/verify.ts";
import type { DvcOutput } from "../dvc/pointer.ts";
import type { DataErrorCode } from "../error.ts";
import { missing } from "../file.ts";
import { digestsOf, openHashers } from "../hasher.ts";
import { isAbsolute, relative, resolve, withSlashes } from "../host.ts";
import type { DataFs } from "../host.ts";
import { isCertainlyUnchanged, readContent } from "../tree/content.ts";
import type { Content } from "../tree/content.ts";
import { quoted, remedyFor } from "./remedy.ts";
import type { DataEntry, DataPointer } from "./state.ts";

/** Where one entry is. */
interface Place {
  readonly name: string;
  /** The path as it was declared. */
  readonly declared: string;
  readonly absolute: string;
  /** As a record has it. */
  readonly recorded: string;
}

/** What reads one entry. */
export interface CaptureOptions {
  readonly root: string;
  readonly fs: DataFs;
  readonly signal: AbortSignal | undefined;
}

/** An entry and what will tell at the end of the run that it did not change. */
export interface CapturedEntry {
  readonly place: Place;
  readonly entry: DataEntry;
  readonly content: Content;
}

/** Finds where a declared path leads; links are not looked at, so that a link inside of the root is inside. */
export function locate(name: string, declared: string, base: string, root: string): Place {
  const absolute = resolve(base, declared);
  const inside = recordedPath(absolute, root);
  if (inside === undefined && !isAbsolute(declared)) {
    throw new ReproError<DataErrorCode>(`dataLayer: "${name}" leads out of "${root}": ${declared}`, {
      code: "DATA_OUTSIDE_ROOT",
      remedy: `write it as an absolute path, ${quoted(absolute)}, or bring it in: dvc import-url ${quoted(absolute)}`,
      data: { name, path: declared, root },
    });
  }
  return { name, declared, absolute, recorded: inside ?? absolute };
}

function recordedPath(absolute: string, root: string): string | undefined {
  const path = withSlashes(relative(root, absolute));
  if (path === ".." || path.startsWith("../") || isAbsolute(path)) return undefined;
  return path === "" ? "." : path;
}

/** Reads one entry, and refuses it where it is not what the `.dvc` file beside it says. */
export async function captureEntry(place: Place, options: CaptureOptions): Promise<CapturedEntry> {
  const { fs, signal, root } = options;
  const pointer = readPointer(fs, `${place.absolute}.dvc`);
  const output = pointer?.file.outs.find((out) => pathOfOutput(pointer, out) === place.absolute);
  const legacy = output?.hash === "md5-dos2unix" ? (["md5-dos2unix"] as const) : [];
  const hashings = ["sha256", "md5", ...legacy] as const;
  const content = await readContent(place.absolute, { fs, signal, hashings }).catch((error: unknown) => {
    throw withPull(error, place, output !== undefined);
  });
  // A .dvc file of that name that points elsewhere says nothing about this data.
  if (output !== undefined) requirePointed(place, content, output);
  const recorded = pointer === undefined || output === undefined ? null : await pointerState(pointer, root);
  return { place, content, entry: entryOf(place, content, recorded) };
}

function withPull(error: unknown, { absolute, declared }: Place, isPointed: boolean): unknown {
  const isWhole = isReproError(error, "DATA_MISSING") && error.data["path"] === absolute;
  return isWhole && isPointed ? missing(absolute, { remedy: `dvc pull ${quoted(declared)}`, cause: error }) : error;
}

function requirePointed({ name, declared }: Place, content: Content, output: DvcOutput): void {
  if (output.md5 === null) {
    throw new ReproError<DataErrorCode>(`dataLayer: "${name}" cannot be verified: its .dvc file records no MD5`, {
      code: "DATA_POINTER_UNSUPPORTED",
      remedy: `dvc add ${quoted(declared)}`,
      data: { name, path: declared },
    });
  }
  const actual = recordedIdOf(content, output);
  if (actual === output.md5) return;
  throw new ReproError<DataErrorCode>(
    `dataLayer: "${name}" is not what its .dvc file says: ${declared} must have the MD5 ${output.md5}, got ${actual}`,
    {
      code: "DATA_POINTER_MISMATCH",
      remedy: `dvc checkout ${quoted(declared)} brings the recorded bytes back; dvc add ${quoted(declared)} accepts the new ones`,
      data: { name, path: declared, hash: output.hash, expected: output.md5, actual },
    },
  );
}

async function pointerState({ path, bytes }: Pointer, root: string): Promise<DataPointer> {
  const { sha256 = "" } = digestsOf(bytes, await openHashers(["sha256"]));
  return Object.freeze({ path: recordedPath(path, root) ?? path, digest: `sha256:${sha256}` });
}

function entryOf(place: Place, { kind, digits, sizeBytes, stamps }: Content, pointer: DataPointer | null): DataEntry {
  const { sha256 = "", md5 = "" } = digits;
  const digests = { digest: `sha256:${sha256}`, md5: `md5:${md5}` } as const;
  return Object.freeze({ path: place.recorded, kind, ...digests, sizeBytes, files: stamps.length, pointer });
}

/** Refuses an entry whose bytes are no longer what they were when it was captured. */
export async function requireUnchanged(captured: CapturedEntry, options: CaptureOptions): Promise<void> {
  const { place, entry } = captured;
  let actual: string;
  try {
    if (isCertainlyUnchanged(place.absolute, captured.content, options.fs)) return;
    const { signal, fs } = options;
    const { kind, digits } = await readContent(place.absolute, { fs, signal, hashings: ["sha256"] });
    actual = `sha256:${digits.sha256 ?? ""}`;
    if (actual === entry.digest && kind === entry.kind) return;
  } catch (cause) {
    if (!isReproError(cause)) throw cause; // aborted
    throw changedDuringRun(captured, cause.message, cause);
  }
  throw changedDuringRun(captured, `its digest was ${entry.digest}, and now is ${actual}`);
}

function changedDuringRun({ place, entry }: CapturedEntry, how: string, cause?: unknown): ReproError<DataErrorCode> {
  return new ReproError(`dataLayer: "${place.name}" changed during the run: ${how}`, {
    code: "DATA_CHANGED_DURING_RUN",
    remedy: `write results elsewhere, then run again; ${remedyFor(entry)}`,
    data: { name: place.name, path: place.recorded, expected: entry.digest },
    cause,
  });
}
