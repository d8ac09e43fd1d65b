import { parseJson, ReproError } from "@repro/core";

import type { RunErrorCode } from "../error.ts";
import { COPY_MODE, machineFileSystem, path } from "../host.ts";
import type { RunFileSystem } from "../host.ts";

/**
 * Where run records go. A run writes its files into a local draft; a store that keeps them elsewhere wraps the draft of
 * {@link directoryRecord} and moves what is in its folder when it is committed.
 *
 * @public
 */
export interface RecordStore {
  /** Starts a record under a run id that does not exist yet. */
  begin(runId: string): Promise<RecordDraft>;
}

/**
 * A record that is being written. Nobody takes it for a whole one before `commit` has returned.
 *
 * @public
 */
export interface RecordDraft {
  /** Absolute path of the folder that the processes of a wrapped command find in `REPRO_RUN_DIR`. */
  readonly folder: string;
  /** Appends bytes to a file of the record. */
  append(name: string, bytes: Uint8Array): void;
  /** Writes a file of the record. */
  write(name: string, bytes: Uint8Array): void;
  /** Copies a file of the machine into the record. */
  copy(name: string, from: string): void;
  /** Makes the record whole: writes the run file last, and returns where it can be found. */
  commit(runFile: Uint8Array): Promise<string>;
  /** Gives the record up and removes what was written. */
  abandon(): Promise<void>;
}

/** Folder, relative to the work tree's root, where records go when nobody says otherwise. */
export const RUNS_FOLDER = ".repro/runs";

/** Variable that names the draft of the command which this process belongs to. */
export const RUN_DIR_VARIABLE = "REPRO_RUN_DIR";

/** Name of the run file in a run's folder. */
export const RUN_FILE = "record.json";

/** Name of the trace in a run's folder. */
export const TRACE_FILE = "trace.jsonl";

/** Folder inside a draft where processes leave what they contribute. */
export const PARTS_FOLDER = "parts";

/** File in a draft's parts with the run file of a program that opened a run of its own inside a wrapped command. */
export const JOINED_FILE: string = `${PARTS_FOLDER}/run.json`;

/** File in a draft's parts that says a program has opened such a run. */
export const JOINED_MARK: string = `${PARTS_FOLDER}/run.open`;

/** What the folder of a run that goes on is called behind its id. */
export const PARTIAL = ".partial";

/**
 * Options of {@link directoryRecord}.
 *
 * @public
 */
export interface DirectoryRecordOptions {
  /** File system; the machine's when omitted. */
  readonly fs?: RunFileSystem;
}

/**
 * Keeps each record in a folder of its own: `<folder>/<run id>/record.json`, `trace.jsonl`, `outputs/…`, `attachments/…`.
 *
 * While a run goes on, its folder is called `<run id>.partial`. It gets its name by one atomic rename after every byte
 * has been flushed to the disk, so that a crash, a kill or a full disk leaves no record rather than half of one.
 * The folder holds a `.gitignore` that keeps it out of the repository being recorded.
 *
 * @param folder - Absolute, or relative to the working directory.
 * @throws ReproError `RUN_RECORD_UNWRITABLE` from every method; `data: { path, errno }`.
 * @public
 */
export function directoryRecord(folder: string, options: DirectoryRecordOptions = {}): RecordStore {
  const fs = options.fs ?? machineFileSystem;
  return {
    begin: async (runId) => {
      const home = path.resolve(folder);
      const draft = path.join(home, runId + PARTIAL);
      guard(draft, () => {
        fs.mkdirSync(home, { recursive: true });
        ignoreInGit(fs, home);
        fs.mkdirSync(draft);
        fs.mkdirSync(path.join(draft, PARTS_FOLDER));
      });
      return {
        ...draftIn(fs, draft),
        commit: async (runFile) => commitFolder(fs, draft, path.join(home, runId), runFile),
        abandon: async () => fs.rmSync(draft, { recursive: true, force: true }),
      };
    },
  };
}

/**
 * Joins the record of the wrapped command that this program runs in: its files go to the same draft, its run file to
 * the parts, where the wrapping process takes it from.
 *
 * @throws ReproError `RUN_ALREADY_JOINED` when another program of the same command has opened a run.
 */
export function joinedRecord(folder: string, options: DirectoryRecordOptions = {}): RecordStore {
  const fs = options.fs ?? machineFileSystem;
  return {
    begin: async () => {
      markJoined(fs, folder);
      return {
        ...draftIn(fs, folder),
        commit: async (runFile) => {
          const part = path.join(folder, JOINED_FILE);
          guard(part, () => {
            writeFlushed(fs, part + PARTIAL, runFile, "wx");
            fs.renameSync(part + PARTIAL, part);
          });
          return folder;
        },
        abandon: async () => undefined, // the mark stays: the wrapping process sees a run that was opened and never closed
      };
    },
  };
}

function markJoined(fs: RunFileSystem, folder: string): void {
  const mark = path.join(folder, JOINED_MARK);
  try {
    fs.closeSync(fs.openSync(mark, "wx"));
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw unwritable(mark, cause);
    throw new ReproError<RunErrorCode>("openRun: this command has opened a run already, and a record holds one", {
      code: "RUN_ALREADY_JOINED",
      remedy: "wrap each program that opens a run in a `repro run` of its own",
      data: { path: mark },
      cause,
    });
  }
}

function draftIn(fs: RunFileSystem, folder: string): Omit<RecordDraft, "commit" | "abandon"> {
  const place = (name: string): string => {
    const file = path.join(folder, name);
    // The draft itself is not made again: a run that is closed has none.
    const below = path.dirname(file);
    if (below !== folder) fs.mkdirSync(below, { recursive: fs.existsSync(folder) });
    return file;
  };
  return {
    folder,
    append: (name, bytes) => guard(path.join(folder, name), () => writeFlushed(fs, place(name), bytes, "a")),
    write: (name, bytes) => guard(path.join(folder, name), () => writeOnce(fs, place(name), bytes)),
    copy: (name, from) => guard(path.join(folder, name), () => copyFlushed(fs, from, place(name))),
  };
}

function commitFolder(fs: RunFileSystem, draft: string, home: string, runFile: Uint8Array): string {
  guard(draft, () => {
    fs.rmSync(path.join(draft, PARTS_FOLDER), { recursive: true, force: true });
    writeFlushed(fs, path.join(draft, RUN_FILE), runFile, "wx");
    for (const entry of fs.readdirSync(draft, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory()) flushFolder(fs, path.join(entry.parentPath, entry.name));
    }
    flushFolder(fs, draft);
    fs.renameSync(draft, home);
    flushFolder(fs, path.dirname(home));
  });
  return home;
}

function ignoreInGit(fs: RunFileSystem, home: string): void {
  const file = path.join(home, ".gitignore");
  if (!fs.existsSync(file)) writeFlushed(fs, file, new TextEncoder().encode("*\n"), "w");
}

function writeFlushed(fs: RunFileSystem, file: string, bytes: Uint8Array, flags: "a" | "w" | "wx"): void {
  const handle = fs.openSync(file, flags);
  try {
    for (let written = 0; written < bytes.length;) written += fs.writeSync(handle, bytes, written);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Two processes of one run may keep the same file, such as a patch of the same work tree; never two different ones. */
function writeOnce(fs: RunFileSystem, file: string, bytes: Uint8Array): void {
  if (fs.existsSync(file) && sameBytes(fs.readFileSync(file), bytes)) return;
  if (fs.existsSync(file)) throw Object.assign(new Error("other bytes have this name"), { code: "EEXIST" });
  const unfinished = file + PARTIAL;
  try {
    writeFlushed(fs, unfinished, bytes, "w");
    fs.renameSync(unfinished, file);
  } catch (error) {
    fs.rmSync(unfinished, { force: true });
    throw error;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function copyFlushed(fs: RunFileSystem, from: string, to: string): void {
  fs.copyFileSync(from, to, COPY_MODE);
  flushFile(fs, to);
}

function flushFile(fs: RunFileSystem, file: string): void {
  const handle = fs.openSync(file, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** A rename is durable once its folder is flushed. Windows cannot open folders and orders its metadata itself. */
function flushFolder(fs: RunFileSystem, folder: string): void {
  try {
    flushFile(fs, folder);
  } catch (error) {
    if (!["EISDIR", "EPERM", "EACCES"].includes(errnoOf(error))) throw error;
  }
}

function guard(file: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): ReproError<RunErrorCode> {
  const errno = errnoOf(cause);
  return new ReproError(`openRun: cannot write the record "${file}": ${errno === "" ? String(cause) : errno}`, {
    code: "RUN_RECORD_UNWRITABLE",
    remedy: UNWRITABLE_REMEDIES[errno] ?? "make the folder writable and run again",
    data: { path: file, errno },
    cause,
  });
}

const FULL = "free disk space and run again; a folder that ends in .partial holds what was written and is no record";

const UNWRITABLE_REMEDIES: Readonly<Record<string, string>> = {
  EDQUOT: FULL,
  EEXIST: "give what is recorded another name: other bytes have it already",
  ENOENT: "the folder of the run is gone: unset REPRO_RUN_DIR where no `repro run` is under way, and run again",
  ENOSPC: FULL,
  ENOTDIR: "move the file away that stands where the folder of the records belongs",
};

/** The system's name of a failure, `""` when it was not the system. */
export function errnoOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

/** Reads a JSON file of a draft's parts; undefined when it does not exist. */
export function readPart(fs: RunFileSystem, file: string): unknown {
  if (!fs.existsSync(file)) return undefined;
  return parseJson(new TextDecoder().decode(fs.readFileSync(file)), { what: file });
}
