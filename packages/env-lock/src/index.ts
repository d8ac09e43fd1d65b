export { assertInstalled } from "./assert.ts";
export { captureEnv } from "./capture.ts";
export type { CaptureEnvOptions } from "./capture.ts";
export { diffEnv } from "./diff.ts";
export type { EnvLockErrorCode } from "./error.ts";
export { createNodeHost } from "./host.ts";
export type { CommandOptions, CommandResult, EnvHost, FolderEntry, MachineFacts } from "./host.ts";
export { envLayer } from "./layer.ts";
export type { EnvLayerOptions } from "./layer.ts";
export { RECORDED_VARIABLES } from "./machine/variables.ts";
export { envStateSchema, parseEnvState } from "./schema.ts";
export type {
  CpuState,
  DriftState,
  EnvObserved,
  EnvState,
  InstallState,
  InstalledPackage,
  LockfileKind,
  LockfileState,
  PackageDrift,
  PlatformState,
  RuntimeState,
  UnknownFact,
} from "./state.ts";
