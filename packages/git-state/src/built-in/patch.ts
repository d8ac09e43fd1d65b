import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { textOfPath } from "../files.ts";
import { MAX_WARNINGS, findSecretsIn } from "../secrets/tokens.ts";
import type { Snapshot } from "../snapshot.ts";
import type { GitSecretWarning } from "../state/state.ts";
import { applyLiteralPatch } from "../patch/literal-apply.ts";
import type { PatchChange } from "../patch/literal-patch.ts";
import { encodeLiteralPatch, patchTooLarge } from "../patch/literal-patch.ts";
import type { EntryDifference } from "../tree/difference.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { treeIdOf } from "../tree/tree.ts";
import { storedContents } from "./contents.ts";
import type { Worktree } from "./reading.ts";

/** How a patch is made. */
export interface PatchOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the patch that leads from a work tree's base to what lies there, and checks that it does.
 *
 * @throws ReproError `GIT_PATCH_TOO_LARGE`, also when one file is longer than the limit; `GIT_PATCH_UNVERIFIED`;
 *   `GIT_UNREADABLE` when a file is not as it was when it was hashed.
 */
export async function makePatch(
  worktree: Worktree,
  differences: readonly EntryDifference[],
  options: PatchOptions,
): Promise<Pick<Snapshot, "patch" | "secrets">> {
  const changes = differences.map((difference): PatchChange => {
    const owner = ownerOf(worktree, difference.path);
    const { base, actual } = difference;
    return {
      path: difference.path,
      from: base && { ...base, read: async () => owner.worktree.repository.objects.readBlob(base.id) },
      to: actual && { ...actual, read: async () => actualContents(owner, actual, options) },
    };
  });
  const patch = await encodeLiteralPatch(changes, options);
  const rebuilt = treeIdOf(await applyLiteralPatch(worktree.base, patch), "sha1");
  if (rebuilt === worktree.worktreeTree) return { patch, secrets: await secretsIn(changes) };
  throw gitError("captureGitPatch: the patch does not rebuild the work tree that it was made from", {
    code: "GIT_PATCH_UNVERIFIED",
    remedy: "commit the changes (`git commit`), and report the case",
    data: { expected: worktree.worktreeTree, rebuilt },
  });
}

/** Read one after the other, once more: a patch may hold more than fits into memory twice. */
async function secretsIn(changes: readonly PatchChange[]): Promise<readonly GitSecretWarning[]> {
  const found: GitSecretWarning[] = [];
  for (const { path, from, to } of changes) {
    if (to === null || (to.mode & FILE_TYPE) !== FILE) continue;
    const before = from === null || (from.mode & FILE_TYPE) !== FILE ? null : await from.read();
    found.push(...findSecretsIn({ path: textOfPath(path), before, after: await to.read() }));
  }
  return found.slice(0, MAX_WARNINGS);
}

const FILE_TYPE = 0o170000;
const FILE = 0o100000;

/** A path, and the work tree that it belongs to. */
interface Owner {
  readonly worktree: Worktree;
  /** Path from the root of that work tree. */
  readonly path: BytePath;
}

function ownerOf(worktree: Worktree, path: BytePath): Owner {
  const inner = worktree.submodules.find((submodule) => path.startsWith(`${submodule.path}/`));
  if (inner === undefined || inner.worktree === null) return { worktree, path };
  return ownerOf(inner.worktree, path.slice(inner.path.length + 1));
}

async function actualContents(owner: Owner, entry: TreeEntry, { maxBytes }: PatchOptions): Promise<Uint8Array> {
  const size = owner.worktree.candidates.get(owner.path)?.stat.sizeBytes ?? 0;
  if (size > maxBytes) throw patchTooLarge(maxBytes);
  return readContents(owner.worktree, { ...entry, path: owner.path });
}

/** Reads what lies at a path, as git would store it. */
export async function readContents(worktree: Worktree, { path, id }: TreeEntry): Promise<Uint8Array> {
  const candidate = worktree.candidates.get(path);
  // Where the file is as the index has it, git has stored it already.
  if (candidate === undefined) return worktree.repository.objects.readBlob(id);
  return storedContents(candidate, worktree.rules.content, id);
}
