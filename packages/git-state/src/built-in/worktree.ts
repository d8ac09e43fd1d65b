import type { BytePath } from "../files.ts";
import { textOfPath } from "../files.ts";
import type { IndexFile } from "../repository/index-file.ts";
import { openIndex } from "../repository/index-file.ts";
import { indexEntries, unchangedEntries } from "../scan/entries.ts";
import type { WorktreeScan } from "../scan/result.ts";
import { scanWorktree } from "../scan/scan.ts";
import { expandSparse, isFolderPresent } from "../scan/sparse.ts";
import type { FileTime } from "../scan/stat-match.ts";
import type { GitApproximation } from "../state/state.ts";
import { isReplaced } from "../tree/difference.ts";
import { flattenTree } from "../tree/flatten.ts";
import type { TreeEntry } from "../tree/tree.ts";
import { FOLDER_MODE, treeIdOf } from "../tree/tree.ts";
import { storedFile } from "./contents.ts";
import type { OpenedRepository } from "./repository.ts";
import type { WorktreeRules } from "./rules.ts";
import { openRules } from "./rules.ts";
import type { Submodule, Worktree, WorktreeOptions } from "./reading.ts";
import { isRepositoryAt, readSubmodules } from "./submodule.ts";

/**
 * Reads a work tree and those in it.
 *
 * @throws ReproError `GIT_UNREADABLE`, `GIT_UNSUPPORTED`.
 * @throws the signal's reason when it is aborted.
 */
export async function readWorktree(repository: OpenedRepository, options: WorktreeOptions): Promise<Worktree> {
  const { files, place, objects, head } = repository;
  const { prefix, isProduct, signal } = options;
  // Folders that a sparse checkout leaves out are looked into only where they are there after all.
  const index = await expandSparse(openIndex({ files, gitDir: place.gitDir, idLength: 20 }), {
    readTree: objects.readTree,
    isWanted: (path) => isFolderPresent(files, place.root, path),
  });
  const rules = await openRules(repository, index);
  const scan = await scanWorktree({
    files,
    root: place.root,
    index,
    indexTime: timeOf(repository),
    config: rules.scan,
    ignore: rules.ignore,
    isProduct: (path) => isProduct(textOfPath(prefix + path)),
    isRepository: (path) => isRepositoryAt(repository, path),
    readBlob: objects.readBlob,
    signal,
  });
  const hashed = await hashCandidates(scan, rules, options);
  const submodules = await readSubmodules(repository, scan.repositories, { ...options, readWorktree });
  const tree = head.commit === null ? null : (await objects.readCommit(head.commit)).tree;
  const entries = await compare({ repository, tree, index, scan, hashed: hashed.entries, submodules });
  return {
    repository,
    rules,
    tree,
    ...entries,
    candidates: new Map(scan.candidates.map((candidate) => [candidate.path, candidate])),
    submodules,
    approximations: [...hashed.approximations, ...submodules.flatMap(({ worktree }) => worktree?.approximations ?? [])],
  };
}

/** When the index was written: a file that is as young may have been changed after git looked at it. */
function timeOf({ files, place }: OpenedRepository): FileTime {
  return files.stat(`${place.gitDir}/index`) ?? { mtimeSeconds: 0, mtimeNanoseconds: 0 };
}

interface Hashed {
  readonly entries: readonly TreeEntry[];
  readonly approximations: readonly GitApproximation[];
}

async function hashCandidates(
  { candidates }: WorktreeScan,
  { content, precomposes }: WorktreeRules,
  { prefix, signal }: WorktreeOptions,
): Promise<Hashed> {
  const entries: TreeEntry[] = [];
  const approximations: GitApproximation[] = [];
  for (const candidate of candidates) {
    signal?.throwIfAborted();
    const { path, mode } = candidate;
    const { id, approximation } = await storedFile(candidate, content);
    entries.push({ path, mode, id });
    const reason = approximation ?? (precomposes && isDecomposed(path) ? "names" : null);
    if (reason !== null) approximations.push({ reason, path: textOfPath(prefix + path) });
  }
  return { entries, approximations };
}

function isDecomposed(path: BytePath): boolean {
  const name = textOfPath(path);
  return name !== name.normalize("NFC");
}

interface Comparison {
  readonly repository: OpenedRepository;
  readonly tree: string | null;
  readonly index: IndexFile;
  readonly scan: WorktreeScan;
  /** What the candidates of the scan are. */
  readonly hashed: readonly TreeEntry[];
  readonly submodules: readonly Submodule[];
}

type Compared = Pick<Worktree, "actual" | "base" | "moved" | "own" | "worktreeTree">;

async function compare(comparison: Comparison): Promise<Compared> {
  const { repository, tree, index, scan, hashed, submodules } = comparison;
  if (index.cacheTree === tree && isAsIndexed(comparison)) {
    return { worktreeTree: tree, own: indexEntries(index), base: [], actual: [], moved: [] };
  }
  const links = submodules.flatMap(({ link }) => link ?? []);
  const dirty = submodules.filter(({ state }) => state.dirty);
  const readTree = repository.objects.readTree;
  const own = await expandFolders([...unchangedEntries(index, scan), ...hashed, ...links], readTree);
  const actual = [...own, ...dirty.flatMap(({ path, worktree }) => placed(path, worktree?.actual ?? []))];
  const worktreeTree = tree === null && actual.length === 0 ? null : treeIdOf(actual, "sha1");
  if (worktreeTree === tree) return { worktreeTree, own, base: [], actual: [], moved: [] };
  const committed = tree === null ? [] : await flattenTree(readTree, tree);
  const expanded = new Map(dirty.map(({ path, worktree }) => [path, worktree?.base ?? []]));
  const folders = dirty.map(({ path }) => `${path}/`);
  return {
    worktreeTree,
    own,
    base: [
      ...committed.filter(({ path }) => !isReplaced(path, folders)),
      ...[...expanded].flatMap(([path, entries]) => placed(path, entries)),
    ],
    actual,
    moved: dirty.flatMap((submodule) => movedFrom(committed, submodule)),
  };
}

/** Whether the commit has something else where a submodule stands as a folder. */
function movedFrom(committed: readonly TreeEntry[], { path, state }: Submodule): Worktree["moved"] {
  const was = committed.find((entry) => entry.path === path || entry.path.startsWith(`${path}/`));
  if (was === undefined || (was.path === path && was.id === state.commit)) return [];
  return [{ path, status: was.path === path && was.mode === GITLINK ? "modified" : "type-changed" }];
}

/** Mode of a commit of another repository. */
const GITLINK = 0o160000;

function isAsIndexed({ scan, hashed, submodules }: Comparison): boolean {
  const same = scan.candidates.every(({ entry }, at) => {
    const { mode, id } = hashed[at] ?? {};
    return entry !== null && entry.stage === 0 && !entry.intentToAdd && entry.mode === mode && entry.id === id;
  });
  return same && scan.gone.length === 0 && submodules.every(({ isAsIndexed: unchanged }) => unchanged);
}

/** Replaces folders that a sparse index does not list by what they hold. */
async function expandFolders(
  entries: readonly TreeEntry[],
  readTree: Parameters<typeof flattenTree>[0],
): Promise<readonly TreeEntry[]> {
  const expanded = await Promise.all(
    entries.filter(({ mode }) => mode === FOLDER_MODE).map(async ({ id, path }) => flattenTree(readTree, id, path)),
  );
  return expanded.length === 0 ? entries : [...entries.filter(({ mode }) => mode !== FOLDER_MODE), ...expanded.flat()];
}

function placed(folder: BytePath, entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` }));
}
