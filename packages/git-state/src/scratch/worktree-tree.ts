import { copyFile } from "../host.ts";
import type { Base } from "./base.ts";
import { copyObjects, writeTree } from "./base.ts";
import { git } from "../git/command.ts";
import { addPointers, filterFiles } from "../lfs/lfs.ts";
import { joinNul } from "../git/nul-list.ts";
import type { Repository } from "../git/repository.ts";
import type { Scratch } from "./scratch.ts";
import { indexVariables, storeVariables } from "./scratch.ts";
import type { StatusEntry } from "../git/status.ts";
import type { GitApproximation } from "../state/state.ts";

/** What a work tree's tree is computed from. */
export interface WorktreeInput {
  readonly repository: Repository;
  readonly scratch: Scratch;
  /** Tree of HEAD. */
  readonly base: Base;
  /** Paths that may differ from it; of the others nothing is read. */
  readonly entries: readonly StatusEntry[];
  /** Whether the contents of changed files are kept in the scratch repository, for a patch. */
  readonly keepContents: boolean;
}

/** What a work tree's files make. */
export interface WorktreeTree {
  /** Id of the tree. */
  readonly tree: string;
  /** Absolute path of an index file that holds it. */
  readonly index: string;
  /** Files that git would have changed by a filter, and that stand in the tree as they lie on disk. */
  readonly approximations: readonly GitApproximation[];
}

/**
 * Computes the tree that `git add --all` and a commit would give the work tree.
 *
 * Git does the hashing, because only it knows what line endings, filters and file modes make of a file; but it does so
 * with an index and an object folder of ours.
 */
export async function worktreeTreeOf(input: WorktreeInput): Promise<WorktreeTree> {
  const { scratch, base, entries } = input;
  const index = scratch.newPath("worktree-index");
  await copyFile(base.index, index);
  // Where git must decide on line endings or an executable bit, it asks what the index holds at the path.
  await scratch.git(["update-index", "-z", "--index-info"], {
    store: scratch.readable,
    index,
    stdin: joinNul(entries.map((entry) => indexInfo(entry, base.tree.length))),
  });
  const toHash = entries.filter(({ hash }) => hash);
  const { cleaned, approximations } = await filterFiles(input.repository, toHash, index);
  await addPointers(scratch, cleaned, index);
  const pointers = new Set(cleaned.map(({ entry }) => entry));
  await hashFiles(
    input,
    toHash.filter((entry) => !pointers.has(entry)),
    index,
  );
  return { tree: await writeTree(scratch, base, index, scratch.readable.objects), index, approximations };
}

function indexInfo({ index, path }: StatusEntry, idLength: number): readonly (string | Uint8Array)[] {
  return index === null ? [`0 ${"0".repeat(idLength)}\t`, path] : [`${index.mode} ${index.id}\t`, path];
}

async function hashFiles(
  { repository, scratch, keepContents }: WorktreeInput,
  files: readonly StatusEntry[],
  index: string,
): Promise<void> {
  if (files.length === 0) return;
  const known = files.flatMap(({ index }) => (index === null || index.mode === GITLINK ? [] : [index.id]));
  const before = await copyObjects(scratch, known, scratch.newPath("index-objects"));
  const store = { objects: scratch.readable.objects, alternates: [before.objects] };
  const contents = keepContents ? [] : ["--info-only"];
  await git(repository.context, ["update-index", "-z", "--add", "--remove", "--replace", ...contents, "--stdin"], {
    stdin: joinNul(files.map(({ path }) => [withoutSlash(path)])),
    variables: { ...indexVariables(index), ...storeVariables(store) },
  });
}

/** Mode of a commit of another repository. */
const GITLINK = "160000";

/** `git status` closes the path of a repository inside the work tree with a slash, which the index does not know. */
function withoutSlash(path: Uint8Array): Uint8Array {
  return path.at(-1) === 0x2f ? path.subarray(0, -1) : path;
}
