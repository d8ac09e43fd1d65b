import type { Layer, LayerContext, RestoreContext } from "@repro/core";

import type { CaptureGitPatchOptions } from "./capture.ts";
import { captureGitState, captureWithPatch } from "./capture.ts";
import { assertCleanWorktree } from "./state/clean.ts";
import { diffGitState } from "./state/difference.ts";
import { restoreGitState } from "./restore.ts";
import type { GitState } from "./state/state.ts";
import { parseGitState } from "./state/state.ts";

/**
 * What {@link gitLayer} does with a work tree that differs from its commit.
 *
 * @public
 */
export interface GitLayerOptions {
  /** `"refuse"` throws `GIT_DIRTY`; `"capture"` keeps a verified patch beside the record. `"refuse"` when omitted. */
  readonly dirty?: "refuse" | "capture";
  /** As in {@link CaptureGitOptions}: products of the run, which are no changes. None when omitted. */
  readonly exclude?: readonly string[];
  /** Longest patch in bytes that is kept; {@link DEFAULT_MAX_PATCH_BYTES} when omitted. */
  readonly maxPatchBytes?: number;
}

const ATTACHMENT = "git/worktree.patch";

/**
 * The code layer of a run: the state of the work tree at the moment the run starts.
 *
 * Opening it throws as {@link captureGitState}, {@link assertCleanWorktree} and {@link captureGitPatch} do. A restored
 * tree gives the same state, patch included, because what is staged makes no difference.
 *
 * @throws TypeError when `dirty` is neither `"refuse"` nor `"capture"`.
 * @example
 * ```ts
 * gitLayer({ dirty: "capture" }).schema; // => "repro/git-state/v1"
 * ```
 * @public
 */
export function gitLayer(options: GitLayerOptions = {}): Layer<GitState> {
  const { dirty = "refuse", ...rest } = options;
  if (dirty !== "refuse" && dirty !== "capture") {
    throw new TypeError(`gitLayer: "dirty" must be "refuse" or "capture", got ${String(dirty)}`);
  }
  return {
    schema: "repro/git-state/v1",
    open: async (context) => {
      const state = await openState(context, { ...rest, dirty });
      return { handle: state, seal: async () => state };
    },
    parse: parseGitState,
    diff: diffGitState,
    restore: async (recorded, context) => {
      const patch = recorded.patch === null ? {} : { patch: await context.attachment(recorded.patch.attachment) };
      await restoreGitState(recorded, { ...placeOf(context), ...patch });
      return { layer: gitLayer({ ...rest, dirty: "capture" }) };
    },
  };
}

async function openState(context: LayerContext, { dirty, ...rest }: GitLayerOptions): Promise<GitState> {
  const { cwd, env, signal } = context;
  const options: CaptureGitPatchOptions = { ...rest, cwd, env, ...(signal === undefined ? {} : { signal }) };
  if (dirty === "refuse") {
    const state = await captureGitState(options);
    assertCleanWorktree(state);
    return state;
  }
  const { state, patch, secrets } = await captureWithPatch(options);
  if (patch.byteLength === 0) return state;
  const digest = await context.attach(ATTACHMENT, patch);
  return parseGitState({
    ...state,
    patch: { attachment: ATTACHMENT, digest, sizeBytes: patch.byteLength, secrets },
  });
}

function placeOf({ source, root, env, signal }: RestoreContext): Parameters<typeof restoreGitState>[1] {
  return { source, root, env, ...(signal === undefined ? {} : { signal }) };
}
