import { ReproError, isReproError } from "@repro/core";

import type { DataErrorCode } from "../error.ts";
import { missing, readSmallFile } from "../file.ts";
import { dirname, nodeFs, resolve } from "../host.ts";
import type { DataFs } from "../host.ts";
import { readContent } from "../tree/content.ts";
import type { Content } from "../tree/content.ts";
import { MAX_POINTER_BYTES, dvcIdOf, parseDvcFile } from "./pointer.ts";
import type { DvcFile, DvcOutput } from "./pointer.ts";

/**
 * What {@link verifyData} takes beside the path.
 *
 * @public
 */
export interface VerifyDataOptions {
  /** File system; this machine's when omitted. */
  readonly fs?: DataFs;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/**
 * Whether one output of a `.dvc` file is what the file says.
 *
 * @public
 */
export interface OutputVerification {
  /** Path as the `.dvc` file has it. */
  readonly path: string;
  /** Recorded id, `null` where the file records none. */
  readonly expected: string | null;
  /** Id of what is there, by the hash that was recorded; `null` where nothing is. */
  readonly actual: string | null;
  /** Whether both are the same. */
  readonly holds: boolean;
  /** Why it does not hold; empty when it does. */
  readonly reason: string;
}

/**
 * Whether the data beside a `.dvc` file is what the file says.
 *
 * @public
 */
export interface DataVerification {
  /** True when every output holds. */
  readonly holds: boolean;
  /** Why it does not hold: the reason of the first output that does not; empty when it holds. */
  readonly reason: string;
  /** One result for each output, in the file's order. */
  readonly outs: readonly OutputVerification[];
}

/**
 * Checks the data that a `.dvc` file points to, with the hash that the file was written with: DVC 3's or DVC 2's.
 *
 * Data that is not there does not hold; nor does a file that points to nothing, or that records no MD5.
 *
 * @param pointerPath - The `.dvc` file.
 * @throws ReproError `DATA_MISSING` when there is no such file, `DATA_POINTER_INVALID` when it cannot be understood; and what
 *   `hashTree` throws, `DATA_MISSING` apart.
 * @public
 */
export async function verifyData(pointerPath: string, options: VerifyDataOptions = {}): Promise<DataVerification> {
  const pointer = readPointer(options.fs ?? nodeFs, pointerPath);
  if (pointer === undefined) throw missing(pointerPath);
  const outs: OutputVerification[] = [];
  for (const output of pointer.file.outs) outs.push(await verifyOutput(output, pathOfOutput(pointer, output), options));
  const failed = outs.find((out) => !out.holds);
  const reason = outs.length === 0 ? `"${pointerPath}" points to nothing` : (failed?.reason ?? "");
  return Object.freeze({ holds: reason === "", reason, outs: Object.freeze(outs) });
}

async function verifyOutput(output: DvcOutput, path: string, options: VerifyDataOptions): Promise<OutputVerification> {
  const { path: name, md5: expected, hash } = output;
  const answer = (actual: string | null, reason: string): OutputVerification =>
    Object.freeze({ path: name, expected, actual, holds: reason === "", reason });
  if (expected === null) return answer(null, `"${name}" has no MD5 in its .dvc file`);
  try {
    const actual = recordedIdOf(await readContent(path, { ...options, hashings: [hash] }), output);
    return answer(actual, actual === expected ? "" : `"${name}" must have the MD5 ${expected}, got ${actual}`);
  } catch (error) {
    // Data that is not there is the answer, not a failure to find it. Anything else is.
    if (isReproError(error, "DATA_MISSING")) return answer(null, `"${name}" does not exist`);
    throw error;
  }
}

/** A `.dvc` file that was read. */
export interface Pointer {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly file: DvcFile;
}

/** Reads a `.dvc` file; `undefined` where there is none. */
export function readPointer(fs: DataFs, path: string): Pointer | undefined {
  const bytes = readSmallFile(fs, path, MAX_POINTER_BYTES);
  if (bytes === undefined) return undefined;
  try {
    return { path, bytes, file: parseDvcFile(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (cause) {
    const { remedy, data } = isReproError(cause) ? cause : { remedy: "bring the file back with git", data: {} };
    throw new ReproError<DataErrorCode>(`"${path}" is no .dvc file: ${String(cause)}`, {
      code: "DATA_POINTER_INVALID",
      remedy,
      data: { ...data, file: path },
      cause,
    });
  }
}

/** Absolute path of what an output of a pointer names. */
export function pathOfOutput(pointer: Pointer, output: DvcOutput): string {
  return resolve(dirname(pointer.path), pointer.file.wdir, output.path);
}

/** Id of content by the hash that an output was recorded with; the content was read with that hash. */
export function recordedIdOf(content: Content, output: DvcOutput): string {
  return dvcIdOf(content.kind, `md5:${content.digits[output.hash] ?? ""}`);
}
