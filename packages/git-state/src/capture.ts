import { isReproError } from "@repro/core";

import { captureBuiltIn } from "./built-in/capture.ts";
import { captureWithGit } from "./native/capture.ts";
import { absolutePath, hostVariables } from "./host.ts";
import type { Snapshot, SnapshotOptions } from "./snapshot.ts";
import { createProductRule } from "./snapshot.ts";
import type { GitEngine } from "./state/observed.ts";
import type { GitSecretWarning, GitState } from "./state/state.ts";
import { parseGitState } from "./state/state.ts";

/**
 * What {@link captureGitState} reads.
 *
 * @public
 */
export interface CaptureGitOptions {
  /** A folder in the work tree; this process's working directory when omitted. */
  readonly cwd?: string;
  /**
   * Environment that git runs in; this process's own when omitted. `PATH` finds git and `HOME` the user's configuration.
   * Variables such as `GIT_DIR` and `GIT_INDEX_FILE`, which would lead to another repository, are not handed on.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Paths from the root of the work tree whose untracked files are products and no changes; `.repro` always is one. None when omitted. */
  readonly exclude?: readonly string[];
  /**
   * What reads the repository. `"git"` is the git program and nothing else; `"built-in"` needs no program. When omitted
   * or `"auto"`, the git program where there is one that reads the repository, else the built-in engine; the state says
   * which, and why.
   */
  readonly engine?: "auto" | "git" | "built-in";
  /** Stops the engine and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * What {@link captureGitPatch} reads.
 *
 * @public
 */
export interface CaptureGitPatchOptions extends CaptureGitOptions {
  /** Longest patch in bytes that is made; {@link DEFAULT_MAX_PATCH_BYTES} when omitted. */
  readonly maxPatchBytes?: number;
}

/**
 * The uncommitted changes of a work tree.
 *
 * @public
 */
export interface GitPatch {
  /** What `git apply --index` takes on a checkout of the commit; empty when nothing differs. */
  readonly patch: Uint8Array;
  /** Id of the tree that it makes: the `worktreeTree` of the state. */
  readonly tree: string;
  /** What in it looks like a secret. */
  readonly secrets: readonly GitSecretWarning[];
}

/**
 * Longest patch that is made unless told otherwise: 100 MiB. Larger untracked files are data, not code.
 *
 * @public
 */
export const DEFAULT_MAX_PATCH_BYTES: number = 104_857_600;

/**
 * Reads the exact state of the code in a work tree.
 *
 * Never writes to the repository, not even the index or a file's time, and runs no command that the repository
 * configures. Contents are read once: what another program changes meanwhile is in the state, or it is not.
 *
 * @returns The state, frozen, with `patch: null`: {@link captureGitPatch} makes the patch, and {@link gitLayer} keeps it.
 * @throws RangeError when a path of `exclude` is empty, absolute, or leaves the work tree.
 * @throws ReproError `GIT_NOT_A_WORKTREE`, `GIT_NO_COMMITS`, `GIT_COMMAND_FAILED`, `GIT_UNREADABLE`, `GIT_UNSUPPORTED`; and,
 *   with `engine: "git"`, `GIT_NOT_FOUND`, `GIT_TOO_OLD`, `GIT_UNSAFE_OWNER`.
 * @public
 */
export async function captureGitState(options: CaptureGitOptions = {}): Promise<GitState> {
  return (await capture(options)).state;
}

/**
 * Makes a patch of everything that is not committed: staged, unstaged and untracked, binary files, modes and links.
 *
 * It has been applied to the commit's tree, and has made the same tree as the work tree, before it is returned.
 *
 * @throws RangeError when `maxPatchBytes` is not a non-negative safe integer, and as {@link captureGitState}.
 * @throws ReproError `GIT_PATCH_UNVERIFIED`; `GIT_PATCH_TOO_LARGE`; and as {@link captureGitState}.
 * @public
 */
export async function captureGitPatch(options: CaptureGitPatchOptions = {}): Promise<GitPatch> {
  const { state, patch, secrets } = await captureWithPatch(options);
  return { patch, tree: state.worktreeTree, secrets };
}

/** A state and its patch, from one reading of the work tree. */
export interface CaptureWithPatch {
  readonly state: GitState;
  /** Empty when nothing differs. */
  readonly patch: Uint8Array;
  /** What in it looks like a secret. */
  readonly secrets: readonly GitSecretWarning[];
}

/** Reads the state and makes the patch in one go, so that the two cannot disagree. */
export async function captureWithPatch(options: CaptureGitPatchOptions): Promise<CaptureWithPatch> {
  const limit = options.maxPatchBytes ?? DEFAULT_MAX_PATCH_BYTES;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`captureGitPatch: "maxPatchBytes" must be a non-negative safe integer, got ${limit}`);
  }
  return capture(options, limit);
}

async function capture(options: CaptureGitOptions, maxPatchBytes?: number): Promise<CaptureWithPatch> {
  const { cwd = ".", env = hostVariables(), engine = "auto", signal } = options;
  if (!ENGINES.has(engine)) {
    throw new TypeError(`captureGitState: "engine" must be "auto", "git" or "built-in", got ${engine}`);
  }
  const isProduct = createProductRule(options.exclude);
  const {
    patch,
    secrets,
    engine: read,
    ...snapshot
  } = await captureBy(engine, {
    cwd: absolutePath(cwd),
    env,
    isProduct,
    maxPatchBytes,
    signal,
  });
  const { engineVersion: _, observed, ...members } = snapshot;
  const state = parseGitState({
    schema: "repro/git-state/v1",
    fidelity: members.approximations.length === 0 ? "exact" : "approximate",
    ...members,
    dirty: members.worktreeTree !== members.tree,
    patch: null,
    observed: { engine: read, ...observed },
  });
  return { state, patch, secrets };
}

const ENGINES: ReadonlySet<string> = /* @__PURE__ */ new Set(["auto", "git", "built-in"]);

/** What keeps the git program from reading a repository that another engine may well read. */
const ONLY_GIT = ["GIT_NOT_FOUND", "GIT_TOO_OLD", "GIT_UNSAFE_OWNER"] as const;

type Read = Snapshot & { readonly engine: GitEngine };

async function captureBy(engine: string, options: SnapshotOptions): Promise<Read> {
  if (engine === "built-in") return builtIn(options, null);
  try {
    const snapshot = await captureWithGit(options);
    return { ...snapshot, engine: { name: "git", version: snapshot.engineVersion, insteadOfGit: null } };
  } catch (error) {
    const code = ONLY_GIT.find((one) => isReproError(error, one));
    if (engine === "git" || code === undefined || !isReproError(error)) throw error;
    return builtIn(options, { code, message: error.message });
  }
}

async function builtIn(options: SnapshotOptions, insteadOfGit: GitEngine["insteadOfGit"]): Promise<Read> {
  const snapshot = await captureBuiltIn(options);
  return { ...snapshot, engine: { name: "built-in", version: snapshot.engineVersion, insteadOfGit } };
}
