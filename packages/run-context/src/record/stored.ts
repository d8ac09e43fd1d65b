import { ReproError } from "@repro/core";
import type { JsonObject } from "@repro/core";

import type { RunErrorCode } from "../error.ts";
import { currentProcess, hashFile, machineFileSystem, path, sha256 } from "../host.ts";
import type { RunFileSystem } from "../host.ts";
import { parseRunFile } from "./file.ts";
import type { RunFile } from "./file.ts";
import { errnoOf, PARTIAL, RUN_FILE, RUNS_FOLDER, TRACE_FILE } from "./store.ts";
import { findRoot } from "./tree.ts";

/**
 * A run that was read back, its record checked against its digest.
 *
 * @public
 */
export interface StoredRun {
  /** Absolute path of the run's folder. */
  readonly folder: string;
  /** The run file. */
  readonly file: RunFile;
  /**
   * Text of the trace, checked against the record; null when there was none, or when only the run file was kept.
   *
   * @throws ReproError `RUN_TRACE_MISMATCH` when it is not the trace that was recorded.
   */
  trace(): string | null;
  /**
   * Bytes that a layer kept beside the record, checked against the record.
   *
   * @throws ReproError `RUN_ATTACHMENT_MISMATCH` when they are not the bytes that were recorded, or are missing.
   */
  attachment(name: string): Promise<Uint8Array>;
}

/**
 * Options of {@link readRun} and {@link listRuns}.
 *
 * @public
 */
export interface ReadRunOptions {
  /** Working directory; this process's own when omitted. */
  readonly cwd?: string;
  /** File system; the machine's when omitted. */
  readonly fs?: RunFileSystem;
}

/**
 * Reads a run by its id in the work tree's `.repro/runs`, by its folder, or by its run file.
 *
 * @param run - Run id, or path of a folder or a file relative to the working directory.
 * @throws ReproError `RUN_NOT_FOUND`; `RUN_RECORD_UNREADABLE`; and as {@link parseRunFile}.
 * @public
 */
export function readRun(run: string, options: ReadRunOptions = {}): StoredRun {
  const fs = options.fs ?? machineFileSystem;
  const cwd = options.cwd ?? currentProcess().cwd;
  const places = [
    path.join(findRoot(cwd), RUNS_FOLDER, run, RUN_FILE),
    path.resolve(cwd, run, RUN_FILE),
    path.resolve(cwd, run),
  ];
  const where = places.find((place) => fs.existsSync(place) && fs.statSync(place).isFile());
  if (where === undefined) {
    throw new ReproError<RunErrorCode>(`readRun: there is no run "${run}"`, {
      code: "RUN_NOT_FOUND",
      remedy:
        "name a folder of .repro/runs, or the path of a record.json; a folder that ends in .partial was never finished",
      data: { run, looked: places },
    });
  }
  const file = parseRunFile(readText(fs, where), { where });
  const folder = path.dirname(where);
  return {
    folder,
    file,
    trace: () => readTrace(fs, folder, file),
    attachment: async (name) => readAttachment(fs, folder, file, name),
  };
}

/**
 * Lists the ids of the runs that are whole, oldest first.
 *
 * @public
 */
export function listRuns(options: ReadRunOptions = {}): readonly string[] {
  const fs = options.fs ?? machineFileSystem;
  const home = path.join(findRoot(options.cwd ?? currentProcess().cwd), RUNS_FOLDER);
  if (!fs.existsSync(home)) return [];
  const whole = fs.readdirSync(home).filter((name) => fs.existsSync(path.join(home, name, RUN_FILE)));
  return whole.filter((name) => !name.endsWith(PARTIAL)).toSorted((a, b) => (a < b ? -1 : 1)); // ids begin with the time
}

/**
 * Checks what is kept beside a record: the trace, the outputs and the attachments are those that were recorded. What was
 * not kept is not missed.
 *
 * @throws ReproError `RUN_TRACE_MISMATCH`, `RUN_OUTPUT_MISMATCH` or `RUN_ATTACHMENT_MISMATCH` for the first that is not.
 * @public
 */
export async function verifyRun(run: StoredRun): Promise<void> {
  const { folder, file } = run;
  run.trace();
  for (const { name, digest: expected } of file.record.outputs) {
    const where = path.join(folder, "outputs", name);
    const actual = machineFileSystem.existsSync(where) ? hashFile(where).digest : expected;
    if (actual !== expected) throw notRecorded("RUN_OUTPUT_MISMATCH", where, { expected, actual });
  }
  if (!machineFileSystem.existsSync(path.join(folder, "attachments"))) return;
  for (const { name } of file.record.attachments) await run.attachment(name);
}

function notRecorded(code: RunErrorCode, where: string, digests: JsonObject): ReproError<RunErrorCode> {
  return new ReproError(`readRun: "${where}" is not what was recorded`, {
    code,
    remedy: "restore the run's folder from a backup",
    data: { path: where, ...digests },
  });
}

function readText(fs: RunFileSystem, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fs.readFileSync(where));
  } catch (cause) {
    throw new ReproError<RunErrorCode>(`readRun: cannot read "${where}"`, {
      code: "RUN_RECORD_UNREADABLE",
      remedy: "make the file readable; a run file is UTF-8 text",
      data: { path: where, errno: errnoOf(cause) },
      cause,
    });
  }
}

function readTrace(fs: RunFileSystem, folder: string, { record }: RunFile): string | null {
  const where = path.join(folder, TRACE_FILE);
  if (record.trace === null || !fs.existsSync(where)) return null;
  const bytes = fs.readFileSync(where);
  const actual = sha256([bytes]);
  if (actual === record.trace.digest) return new TextDecoder().decode(bytes);
  throw notRecorded("RUN_TRACE_MISMATCH", where, { expected: record.trace.digest, actual });
}

function readAttachment(fs: RunFileSystem, folder: string, { record }: RunFile, name: string): Uint8Array {
  const where = path.join(folder, "attachments", name);
  const expected = record.attachments.find((attachment) => attachment.name === name)?.digest ?? null;
  const bytes = expected !== null && fs.existsSync(where) ? fs.readFileSync(where) : null;
  const actual = bytes === null ? null : sha256([bytes]);
  if (bytes !== null && actual === expected) return bytes;
  throw notRecorded("RUN_ATTACHMENT_MISMATCH", where, { expected, actual });
}
