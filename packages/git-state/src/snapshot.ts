import type { Variables } from "./host.ts";
import type { GitObserved } from "./state/observed.ts";
import type { GitSecretWarning, GitState } from "./state/state.ts";

/** What an engine is asked to read. */
export interface SnapshotOptions {
  /** Absolute path of a folder in the work tree. */
  readonly cwd: string;
  readonly env: Variables;
  /** Tells whether a path, from the root of the work tree, is a product: untracked, it is no change. */
  readonly isProduct: (path: string) => boolean;
  /** Longest patch that is made; none is made when it is left out. */
  readonly maxPatchBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an engine read of a work tree, at one moment. */
export interface Snapshot extends Pick<
  GitState,
  "approximations" | "objectFormat" | "commit" | "tree" | "worktreeTree" | "changes" | "submodules" | "lfs"
> {
  /** Version of what read it. */
  readonly engineVersion: string;
  readonly observed: Omit<GitObserved, "engine">;
  /** Empty when nothing differs, or when no patch was asked for. */
  readonly patch: Uint8Array;
  /** What in the patch looks like a secret. */
  readonly secrets: readonly GitSecretWarning[];
}

/** Where `repro` keeps what it makes in a work tree. */
const OWN_FOLDER = ".repro";

/**
 * Makes the rule by which untracked files are products.
 *
 * @throws RangeError when a path is empty, absolute, or leaves the work tree.
 */
export function createProductRule(exclude: readonly string[] = []): (path: string) => boolean {
  const folders = [OWN_FOLDER, ...exclude.map(checkedPath)].map((folder) => `${folder}/`);
  return (path) => folders.some((folder) => `${path}/`.startsWith(folder));
}

function checkedPath(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  const parts = trimmed.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new RangeError(`captureGitState: "exclude" must hold paths relative to the work tree's root, got "${path}"`);
  }
  return trimmed;
}
