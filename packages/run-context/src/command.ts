import { isReproError, ReproError } from "@repro/core";
import type { JsonObject } from "@repro/core";

import { announce } from "./record/draft.ts";
import type { RunErrorCode } from "./error.ts";
import { currentProcess, machineFileSystem, path, realPath, runToEnd } from "./host.ts";
import type { CommandEnd, RunFileSystem, RunProcess } from "./host.ts";
import type { RunLayers } from "./layers.ts";
import { storeFile, watchOutputs } from "./record/output.ts";
import type { OutputWatch } from "./record/output.ts";
import { parseRunFile } from "./record/file.ts";
import type { RunCommand, RunFile } from "./record/file.ts";
import { beginRecording } from "./record/recording.ts";
import type { Recording, SealedRun } from "./record/recording.ts";
import { relativeArgument } from "./run.ts";
import { directoryRecord, errnoOf, JOINED_FILE, JOINED_MARK, RUN_DIR_VARIABLE, RUNS_FOLDER } from "./record/store.ts";
import type { RecordStore } from "./record/store.ts";
import { findRoot, insideRoot } from "./record/tree.ts";

/**
 * What is recorded, and how.
 *
 * @public
 */
export interface RecordCommandOptions {
  /** Layers by name, opened in this order. Their `variables` are set for the command. */
  readonly layers: RunLayers;
  /** What the command was told beside its arguments; `{}` when omitted. */
  readonly params?: JsonObject;
  /** Which files become outputs, see {@link RunCommand}; paths relative to the root. `"written"` when omitted. */
  readonly collects?: RunCommand["collects"];
  /** Where the record goes; `.repro/runs` at the work tree's root when omitted. */
  readonly record?: RecordStore;
  /** Working directory and variables of the command; this process's own when omitted. */
  readonly process?: Partial<RunProcess>;
  /** File system that results are read from; the machine's when omitted. */
  readonly fs?: RunFileSystem;
  /** Whether the command may read standard input, which is not recorded; yes when omitted. */
  readonly stdin?: "inherit" | "ignore";
  /** Where the command's standard output goes: on, or to standard error; on when omitted. */
  readonly stdout?: "inherit" | "stderr";
  /** Aborts the run: the command is asked to stop with SIGTERM, and the run is recorded as failed. */
  readonly signal?: AbortSignal;
}

/**
 * A record of a command, and why it failed if it did.
 *
 * @public
 */
export interface RecordedCommand extends SealedRun {
  /** What the record's `error` says, as an error with a message and a remedy; null when the run completed. */
  readonly failure: ReproError<RunErrorCode> | null;
}

/**
 * Runs a command of any language under a record.
 *
 * The command finds the variables of the layers, and in `REPRO_RUN_DIR` the folder of the record. A program in it that
 * calls `openRun` joins this record.
 *
 * @param argv - Program and arguments, run without a shell.
 * @returns The whole record, also when the command failed.
 * @throws ReproError `RUN_COMMAND_NOT_FOUND` when it could not be started, whatever a layer refuses, and
 *   `RUN_RECORD_UNWRITABLE`: then there is no record.
 * @public
 */
export async function recordCommand(
  argv: readonly [string, ...string[]],
  options: RecordCommandOptions,
): Promise<RecordedCommand> {
  const process = { ...currentProcess(), ...options.process };
  const root = findRoot(process.cwd);
  const cwd = realPath(process.cwd);
  const [program, ...args] = argv.map((argument) => relativeArgument(argument, root, cwd));
  const command: [string, ...string[]] = [program ?? argv[0], ...args];
  const collects = options.collects ?? "written";
  const fs = options.fs ?? machineFileSystem;
  const recording = await beginRecording({
    layers: options.layers,
    params: options.params ?? {},
    command: { argv: command, cwd: insideRoot(root, cwd) ?? ".", collects },
    every: 1,
    store: options.record ?? directoryRecord(path.join(root, RUNS_FOLDER)),
    process,
    root,
    wraps: true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const { end, watch } = await runAnnounced(command, { cwd, root, fs, collects, process }, recording, options);
  try {
    const joined = readJoined(recording.draft.folder);
    const failure =
      abortedBy(options.signal) ??
      failureOf(end) ??
      joined.failure ??
      storeOutputs({ root, watch, recording, fs }, joined.file);
    const recorded = failure === null ? null : { code: failure.code, data: failure.data };
    const sealed = await recording.seal(recorded, joined.file);
    return { ...sealed, failure };
  } finally {
    await recording.layers.dispose();
  }
}

interface Place {
  readonly cwd: string;
  readonly root: string;
  readonly fs: RunFileSystem;
  readonly collects: RunCommand["collects"];
  readonly process: RunProcess;
}

/** Runs the command. Until it has started, nothing is lost by giving the record up; from then on the draft is kept. */
async function runAnnounced(
  command: readonly [string, ...string[]],
  { cwd, root, fs, collects, process }: Place,
  recording: Recording,
  options: RecordCommandOptions,
): Promise<{ end: CommandEnd; watch: OutputWatch }> {
  try {
    announce(recording.draft, collects, process);
    const watch = watchOutputs(root, collects, fs);
    return { end: await start(command, cwd, recording, process, options), watch };
  } catch (error) {
    await recording.abandon();
    throw error;
  }
}

async function start(
  command: readonly [string, ...string[]],
  cwd: string,
  recording: Recording,
  process: RunProcess,
  options: RecordCommandOptions,
): Promise<CommandEnd> {
  options.signal?.throwIfAborted();
  try {
    return await runToEnd(command, {
      cwd,
      env: { ...process.env, ...recording.layers.variables, [RUN_DIR_VARIABLE]: recording.draft.folder },
      stdin: options.stdin ?? "inherit",
      stdout: options.stdout ?? "inherit",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (cause) {
    throw new ReproError<RunErrorCode>(`recordCommand: "${command[0]}" cannot be started: ${errnoOf(cause)}`, {
      code: "RUN_COMMAND_NOT_FOUND",
      remedy: "check the program's name and PATH; a shell's own commands need: sh -c '…'",
      data: { program: command[0], errno: errnoOf(cause) },
      cause,
    });
  }
}

/** A command that was asked to stop has not completed, whatever its exit code says. */
function abortedBy(signal: AbortSignal | undefined): ReproError<RunErrorCode> | null {
  if (signal?.aborted !== true) return null;
  return new ReproError("recordCommand: the run was aborted", {
    code: "RUN_ABORTED",
    remedy: "run again",
    cause: signal.reason,
  });
}

function failureOf({ exitCode, signal }: CommandEnd): ReproError<RunErrorCode> | null {
  if (signal !== null) {
    return new ReproError(`recordCommand: the command was killed by ${signal}`, {
      code: "RUN_COMMAND_KILLED",
      remedy: signal === "SIGKILL" ? "look for a lack of memory, and run again" : "run again",
      data: { signal },
    });
  }
  if (exitCode === 0) return null;
  return new ReproError(`recordCommand: the command ended with exit code ${exitCode}`, {
    code: "RUN_COMMAND_FAILED",
    remedy: "read what the command printed, and run again",
    data: { exitCode },
  });
}

/** What a program of the command that opened a run has left. */
function readJoined(folder: string): { file?: RunFile; failure: ReproError<RunErrorCode> | null } {
  const part = path.join(folder, JOINED_FILE);
  if (machineFileSystem.existsSync(part)) {
    const file = parseRunFile(new TextDecoder().decode(machineFileSystem.readFileSync(part)), { where: part });
    return { file, failure: file.record.error === null ? null : joinedFailure(file.record.error) };
  }
  if (!machineFileSystem.existsSync(path.join(folder, JOINED_MARK))) return { failure: null };
  return { failure: joinedFailure({ code: "RUN_NOT_CLOSED", data: {} }) };
}

function joinedFailure(error: { code: string; data: JsonObject }): ReproError<RunErrorCode> {
  return new ReproError<string>(`recordCommand: the program's own run failed: ${error.code}`, {
    code: error.code,
    remedy:
      error.code === "RUN_NOT_CLOSED"
        ? "end the program's run with `await run.close()`"
        : "read what the program printed",
    data: error.data,
  }) as ReproError<RunErrorCode>; // a layer's code may be recorded here: the union names those of this package
}

/** Keeps the results; a result that is missing or unreadable is the run's failure, not the end of its record. */
function storeOutputs(
  { root, watch, recording, fs }: { root: string; watch: OutputWatch; recording: Recording; fs: RunFileSystem },
  joined: RunFile | undefined,
): ReproError<RunErrorCode> | null {
  const handedOver = new Set(joined?.record.outputs.map(({ name }) => name));
  try {
    for (const file of watch.collect()) {
      if (handedOver.has(file.name)) continue;
      recording.addOutput(file.name, () => storeFile(root, file, recording.draft, fs));
    }
    return null;
  } catch (error) {
    if (isReproError<RunErrorCode>(error) && error.code.startsWith("RUN_OUTPUT_")) return error;
    throw error;
  }
}
