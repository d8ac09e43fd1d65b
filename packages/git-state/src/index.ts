export { DEFAULT_MAX_PATCH_BYTES, captureGitPatch, captureGitState } from "./capture.ts";
export type { CaptureGitOptions, CaptureGitPatchOptions, GitPatch } from "./capture.ts";
export { assertCleanWorktree } from "./state/clean.ts";
export { diffGitState } from "./state/difference.ts";
export type { GitStateErrorCode } from "./error.ts";
export { gitLayer } from "./layer.ts";
export type { GitLayerOptions } from "./layer.ts";
export { redactUrl } from "./secrets/redact.ts";
export { restoreGitState } from "./restore.ts";
export type { RestoreGitOptions } from "./restore.ts";
export { gitStateSchema, parseGitState } from "./state/state.ts";
export { tagRun } from "./tag.ts";
export type { RunTag, TagRunOptions } from "./tag.ts";
export type { GitClone, GitEngine, GitObserved, GitOperation, GitRemote, GitUpstream } from "./state/observed.ts";
export type {
  GitApproximation,
  GitChange,
  GitChangeStatus,
  GitLfsFile,
  GitPatchReference,
  GitSecretWarning,
  GitState,
  GitSubmodule,
} from "./state/state.ts";
