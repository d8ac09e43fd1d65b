export { DEFAULT_MAX_PATCH_BYTES, captureGitPatch, captureGitState } from "./capture.ts";
export type { CaptureGitOptions, CaptureGitPatchOptions, GitPatch } from "./capture.ts";
export { assertCleanWorktree } from "./clean.ts";
export { diffGitState } from "./difference.ts";
export type { GitStateErrorCode } from "./error.ts";
export type { GitOperation } from "./git/repository.ts";
export { gitLayer } from "./layer.ts";
export type { GitLayerOptions } from "./layer.ts";
export { redactUrl } from "./redact.ts";
export { restoreGitState } from "./restore.ts";
export type { RestoreGitOptions } from "./restore.ts";
export { gitStateSchema, parseGitState } from "./state.ts";
export type {
  GitChange,
  GitChangeStatus,
  GitObserved,
  GitPatchReference,
  GitRemote,
  GitState,
  GitSubmodule,
} from "./state.ts";
