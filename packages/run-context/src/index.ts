export { recordCommand } from "./command.ts";
export type { RecordCommandOptions, RecordedCommand } from "./command.ts";
export { diffRuns } from "./diff.ts";
export type { DiffRunsOptions, RunComparison, Verdict } from "./diff.ts";
export { listProducts } from "./draft.ts";
export type { RunErrorCode } from "./error.ts";
export type { RunFileSystem, RunProcess } from "./host.ts";
export type { LayerHandle, RunLayers } from "./layers.ts";
export { encodeRunFile, hashRun, parseRunFile, runFileSchema, runRecordSchema } from "./record.ts";
export type {
  RunAttachment,
  RunCommand,
  RunFailure,
  RunFile,
  RunObserved,
  RunOutput,
  RunRecord,
  RunTrace,
} from "./record.ts";
export type { SealedRun } from "./recording.ts";
export { replayRun } from "./replay.ts";
export type { ReplayProgress, ReplayRunOptions } from "./replay.ts";
export { openRun } from "./run.ts";
export type { OpenRunOptions, OutputOptions, Run, RunContext } from "./run.ts";
export { directoryRecord } from "./store.ts";
export type { DirectoryRecordOptions, RecordDraft, RecordStore } from "./store.ts";
export { listRuns, readRun } from "./stored.ts";
export type { ReadRunOptions, StoredRun } from "./stored.ts";
export { rootRelative } from "./tree.ts";
export { findTraceDivergence } from "./trace.ts";
export type { TraceDivergence, TraceValue, TraceValues } from "./trace.ts";
