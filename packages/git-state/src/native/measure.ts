import { pathOfBytes, pathOfText, textOfPath } from "../files.ts";
import { hashFiles } from "../scratch/hash-files.ts";
import type { HashedFiles } from "../scratch/hash-files.ts";
import { readTrees } from "../scratch/objects.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { GitApproximation, GitChange, GitLfsFile, GitSubmodule } from "../state/state.ts";
import type { EntryDifference } from "../tree/difference.ts";
import { diffEntries, isReplaced } from "../tree/difference.ts";
import type { Placed, TouchedTree } from "../tree/touched.ts";
import { touchTree } from "../tree/touched.ts";
import { FOLDER_MODE } from "../tree/tree.ts";
import type { TreeEntry } from "../tree/tree.ts";
import type { LfsPath, Pointers } from "../lfs/lfs.ts";
import { describeLfsFiles, findUnseen, listLfsPaths, readPointers } from "../lfs/lfs.ts";
import { settled } from "../git/settle.ts";
import type { StatusEntry } from "../git/status.ts";
import type { Submodule, Worktree } from "./worktree.ts";

/** A work tree whose changed files have been hashed, submodules included. Paths are from the top work tree. */
export interface Measured {
  /** Id of the tree of what lies there, when that differs from its commit's; else `null`. */
  readonly tree: string | null;
  /** Files that are not as their commit has them, and submodules at another commit that are as that one has them. */
  readonly differences: readonly EntryDifference[];
  /** Submodules that are at another commit and differ from that as well. */
  readonly moved: readonly GitChange[];
  readonly approximations: readonly GitApproximation[];
  readonly lfs: readonly GitLfsFile[];
  readonly submodules: readonly GitSubmodule[];
}

/** How a work tree is measured. */
export interface MeasureOptions {
  /** Reads the objects of the work tree and of those in it. */
  readonly scratch: Scratch;
  /** Whether contents are kept there, for a patch. */
  readonly keepContents: boolean;
}

/** A submodule that has been measured. */
interface Inner {
  readonly submodule: Submodule;
  /** `null` when nothing is checked out. */
  readonly measured: Measured | null;
}

/** Hashes what may differ in a work tree and those in it. */
export async function measure(worktree: Worktree, options: MeasureOptions): Promise<Measured> {
  const { prefix } = worktree;
  const inner: Inner[] = [];
  for (const submodule of worktree.submodules) {
    const measured = submodule.worktree === null ? null : await measure(submodule.worktree, options);
    inner.push({ submodule, measured });
  }
  const own = await measureOwn(worktree, inner, options);
  const all = inner.flatMap(({ measured }) => measured ?? []);
  return {
    tree: own.tree,
    differences: [
      ...own.differences.map((difference) => placedDifference(pathOfText(prefix), difference)),
      ...all.flatMap(({ differences }) => differences),
    ],
    moved: [...placed(prefix, own.moved), ...all.flatMap(({ moved }) => moved)],
    approximations: [...placed(prefix, own.approximations), ...all.flatMap(({ approximations }) => approximations)],
    lfs: [...placed(prefix, own.lfs), ...all.flatMap(({ lfs }) => lfs)],
    submodules: inner.flatMap(({ submodule, measured }) => [
      stateOf(prefix, submodule, measured !== null && measured.tree !== null),
      ...(measured?.submodules ?? []),
    ]),
  };
}

/** What stands in a state for a submodule. */
export function stateOf(prefix: string, { path, url, worktree }: Submodule, dirty: boolean): GitSubmodule {
  return { path: prefix + textOfPath(path), url, commit: worktree?.status.commit ?? null, dirty };
}

function placed<Item extends { readonly path: string }>(prefix: string, items: readonly Item[]): readonly Item[] {
  return prefix === "" ? items : items.map((item) => ({ ...item, path: prefix + item.path }));
}

function placedDifference(prefix: string, { path, status, base, actual }: EntryDifference): EntryDifference {
  const at = (entry: TreeEntry | null): TreeEntry | null => entry && { ...entry, path: prefix + entry.path };
  return { path: prefix + path, status, base: at(base), actual: at(actual) };
}

type Own = Omit<Measured, "submodules">;

async function measureOwn(worktree: Worktree, inner: readonly Inner[], options: MeasureOptions): Promise<Own> {
  const { repository, status, attributes, lfsPaths: indexed } = worktree;
  const { scratch } = options;
  const pointers = await readPointers(scratch, indexed);
  const entries = [...status.entries, ...(await findUnseen(repository, indexed, pointers, status.entries))];
  const links = linksOf(inner);
  if (entries.length === 0 && links.size === 0) {
    const lfs = describeLfsFiles(repository, indexed, pointers);
    return { tree: null, differences: [], moved: [], approximations: [], lfs };
  }
  const [files, base] = await settled([
    hashFiles({ ...options, repository, entries, attributes }),
    touchTree({
      readTrees: async (names) => readTrees(scratch, names),
      tree: status.commit === null ? null : `${status.commit}^{tree}`,
      paths: [...entries.map(({ path }) => pathOfBytes(path)), ...links.keys()],
      objectFormat: repository.objectFormat,
    }),
  ]);
  const tree = base.with(new Map([...files.placed, ...links]));
  const isSame = tree === (base.id ?? base.with(new Map()));
  return {
    tree: isSame ? null : tree,
    differences: differencesOf(base, files.placed, links),
    moved: movedAmong(base, inner),
    approximations: files.approximations,
    lfs: await lfsFiles({ worktree, entries, files, pointers, scratch }),
  };
}

/** What stands for submodules in the tree around them, where that may not be what the commit has. */
function linksOf(inner: readonly Inner[]): ReadonlyMap<string, Placed | null> {
  const links = new Map<string, Placed | null>();
  for (const { submodule, measured } of inner) {
    const { path, indexed, isChanged, worktree } = submodule;
    const id = worktree?.status.commit ?? indexed;
    if (measured !== null && measured.tree !== null) links.set(path, { mode: FOLDER_MODE, id: measured.tree });
    else if (isChanged) links.set(path, id === null ? null : { mode: GITLINK, id });
  }
  return links;
}

/** Mode of a commit of another repository. */
const GITLINK = 0o160000;

function differencesOf(
  base: TouchedTree,
  files: ReadonlyMap<string, Placed | null>,
  links: ReadonlyMap<string, Placed | null>,
): readonly EntryDifference[] {
  const folders = [...links].flatMap(([path, link]) => (link?.mode === FOLDER_MODE ? [`${path}/`] : []));
  // What the commit has where a submodule stands as a folder is not what its files are compared with.
  const changes = [...files, ...links].filter(([path]) => !isReplaced(path, folders));
  const entry = (path: string, item: Placed | null): readonly TreeEntry[] =>
    item === null || item.mode === FOLDER_MODE ? [] : [{ path, ...item }];
  return diffEntries(
    changes.flatMap(([path]) => entry(path, base.at(path))),
    changes.flatMap(([path, item]) => entry(path, item)),
  );
}

function movedAmong(base: TouchedTree, inner: readonly Inner[]): readonly GitChange[] {
  return inner.flatMap(({ submodule: { path, worktree }, measured }): GitChange[] => {
    const was = measured === null || measured.tree === null ? null : base.at(path);
    if (was === null || was.id === worktree?.status.commit) return [];
    return [{ path: textOfPath(path), status: was.mode === GITLINK ? "modified" : "type-changed" }];
  });
}

interface LfsInput {
  readonly worktree: Worktree;
  readonly entries: readonly StatusEntry[];
  readonly files: HashedFiles;
  readonly pointers: Pointers;
  readonly scratch: Scratch;
}

async function lfsFiles({ worktree, entries, files, pointers, scratch }: LfsInput): Promise<readonly GitLfsFile[]> {
  const { repository, lfsPaths: indexed } = worktree;
  const touched = new Set(entries.map(({ path }) => pathOfBytes(path)));
  const isTouched = ({ path }: LfsPath): boolean => touched.has(pathOfBytes(path));
  const paths = [
    ...indexed.filter((path) => !isTouched(path)),
    ...(await listLfsPaths(repository, files.index)).filter(isTouched),
  ];
  return describeLfsFiles(repository, paths, await readPointers(scratch, paths, pointers));
}
