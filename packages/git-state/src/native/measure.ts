import type { Base } from "../scratch/base.ts";
import { openBase } from "../scratch/base.ts";
import { expandBase, expandIndex } from "../scratch/expand.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { worktreeTreeOf } from "../scratch/worktree-tree.ts";
import type { GitApproximation, GitChange, GitLfsFile, GitSubmodule } from "../state/state.ts";
import { describeLfsFiles, findUnseen, listLfsPaths, readPointers } from "../lfs/lfs.ts";
import { itemText, splitNul } from "../git/nul-list.ts";
import type { Submodule, Worktree } from "../git/worktree.ts";

/** Two trees that differ. */
export interface Change {
  /** The commit's tree, with submodules whose files differ from their commit expanded to what their own commits have. */
  readonly base: Base;
  /** Id of the tree of what lies there, with those submodules expanded. */
  readonly tree: string;
}

/** A work tree whose changed files have been hashed, submodules included. Paths are from the top work tree. */
export interface Measured {
  /** `null` when nothing differs. */
  readonly change: Change | null;
  readonly approximations: readonly GitApproximation[];
  readonly lfs: readonly GitLfsFile[];
  /** Submodules that moved to another commit and differ from that as well: the two trees do not show the move. */
  readonly moved: readonly GitChange[];
  readonly submodules: readonly GitSubmodule[];
}

/** A submodule that has been measured. */
interface Inner {
  readonly submodule: Submodule;
  readonly measured: Measured | null;
}

/**
 * Hashes what may differ in a work tree and those in it.
 *
 * @param scratch - Reads the objects of all of them.
 * @param keepContents - Whether contents are kept there, for a patch.
 */
export async function measure(scratch: Scratch, worktree: Worktree, keepContents: boolean): Promise<Measured> {
  const { prefix, submodules } = worktree;
  const inner: Inner[] = [];
  for (const submodule of submodules) {
    const measured = submodule.worktree === null ? null : await measure(scratch, submodule.worktree, keepContents);
    inner.push({ submodule, measured });
  }
  const own = await measureOwn(scratch, worktree, inner, keepContents);
  const all = inner.flatMap(({ measured }) => measured ?? []);
  const placed = <Item extends { readonly path: string }>(items: readonly Item[]): readonly Item[] =>
    items.map((item) => ({ ...item, path: prefix + item.path }));
  return {
    change: own.change,
    approximations: [...placed(own.approximations), ...all.flatMap(({ approximations }) => approximations)],
    lfs: [...placed(own.lfs), ...all.flatMap(({ lfs }) => lfs)],
    moved: [...placed(own.moved), ...all.flatMap(({ moved }) => moved)],
    submodules: inner.flatMap(({ submodule, measured }) => [
      stateOf(submodule, measured, prefix),
      ...(measured?.submodules ?? []),
    ]),
  };
}

function stateOf({ path, url, worktree }: Submodule, measured: Measured | null, prefix: string): GitSubmodule {
  const dirty = measured !== null && measured.change !== null;
  return { path: prefix + itemText(path), url, commit: worktree?.status.commit ?? null, dirty };
}

type Own = Omit<Measured, "submodules">;

async function measureOwn(
  scratch: Scratch,
  { repository, status, lfsPaths: indexed }: Worktree,
  inner: readonly Inner[],
  keepContents: boolean,
): Promise<Own> {
  const changed = inner.flatMap(({ submodule, measured }) =>
    measured === null || measured.change === null ? [] : [{ submodule, change: measured.change }],
  );
  const pointers = await readPointers(scratch, indexed);
  const entries = [...status.entries, ...(await findUnseen(repository, indexed, pointers, status.entries))];
  if (entries.length === 0 && changed.length === 0) {
    return { change: null, approximations: [], lfs: describeLfsFiles(repository, indexed, pointers), moved: [] };
  }
  const base = await openBase(scratch, status.commit);
  const own = await worktreeTreeOf({ repository, scratch, base, entries, keepContents });
  const lfsPaths = await listLfsPaths(repository, own.index);
  const lfs = describeLfsFiles(repository, lfsPaths, await readPointers(scratch, lfsPaths, pointers));
  const expand = (treeOf: (change: Change) => string): Parameters<typeof expandBase>[2] =>
    changed.map(({ submodule: { path }, change }) => ({ path, tree: treeOf(change) }));
  const { tree } = await expandIndex(
    scratch,
    base,
    own,
    expand((change) => change.tree),
  );
  const expanded = await expandBase(
    scratch,
    base,
    expand((change) => change.base.tree),
  );
  return {
    change: tree === base.tree ? null : { base: expanded, tree },
    approximations: own.approximations,
    lfs,
    moved: await movedAmong(
      scratch,
      base,
      changed.map(({ submodule }) => submodule),
    ),
  };
}

async function movedAmong(
  scratch: Scratch,
  { index }: Base,
  submodules: readonly Submodule[],
): Promise<readonly GitChange[]> {
  if (submodules.length === 0) return [];
  const entries = splitNul(await scratch.git(["ls-files", "--stage", "-z"], { store: scratch.readable, index }));
  const commits = new Map(
    entries.flatMap((entry) => {
      const { id, path } = /^160000 (?<id>\w+) 0\t(?<path>.*)$/s.exec(itemText(entry))?.groups ?? {};
      return id === undefined || path === undefined ? [] : [[path, id] as const];
    }),
  );
  return submodules.flatMap(({ path, worktree }): GitChange[] => {
    const recorded = commits.get(itemText(path));
    const moved = recorded !== undefined && recorded !== worktree?.status.commit;
    return moved ? [{ path: itemText(path), status: "modified" }] : [];
  });
}
