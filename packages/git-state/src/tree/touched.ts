import type { BytePath } from "../files.ts";
import { hashHex } from "../files.ts";
import type { TreeItem } from "./flatten.ts";
import { canonicalMode } from "./flatten.ts";
import { createTreeStack } from "./tree-stack.ts";
import type { TreeEntry } from "./tree.ts";
import { FOLDER_MODE } from "./tree.ts";

/** A tree object. */
export interface ReadTree {
  readonly id: string;
  readonly items: readonly TreeItem[];
}

/** Reads tree objects, many at once, in the order in which they are named. */
export type ReadTrees = (names: readonly string[]) => Promise<readonly ReadTree[]>;

/** What stands at a path; a folder stands for all that is in its tree. */
export type Placed = Pick<TreeEntry, "mode" | "id">;

/** The part of a tree that holds some paths: nothing else of it is read, however large it is. */
export interface TouchedTree {
  /** Id of the tree; `null` where there is none. */
  readonly id: string | null;
  /** What the tree has at one of the paths; `null` for nothing. */
  readonly at: (path: BytePath) => Placed | null;
  /**
   * Computes the id of the tree that has other things at those paths; `null` stands for nothing.
   *
   * Folders that come to hold nothing are left out; where a folder is put, what else the paths say of it does not count.
   */
  readonly with: (changes: ReadonlyMap<BytePath, Placed | null>) => string;
}

/** How a tree is looked into. */
export interface TouchOptions {
  readonly readTrees: ReadTrees;
  /** A name of the tree that `readTrees` understands; `null` for one without entries. */
  readonly tree: string | null;
  readonly paths: Iterable<BytePath>;
  readonly objectFormat: "sha1" | "sha256";
}

/** A folder on the way to the paths. */
interface Folder {
  /** What the tree has in it, by name. */
  items: ReadonlyMap<BytePath, TreeItem>;
  readonly folders: Map<BytePath, Folder>;
}

/** Reads the folders of a tree that hold some paths: one call of `readTrees` for each level. */
export async function touchTree({ readTrees, tree, paths, objectFormat }: TouchOptions): Promise<TouchedTree> {
  const root = createFolder();
  for (const path of paths) folderOf(root, path.split("/").slice(0, -1));
  const [top] = tree === null ? [] : await readTrees([tree]);
  let level: readonly (readonly [Folder, ReadTree])[] = top === undefined ? [] : [[root, top]];
  while (level.length > 0) {
    for (const [folder, { items }] of level) folder.items = new Map(items.map((item) => [item.name, item]));
    const next = level.flatMap(([folder]) => innerOf(folder));
    const read = next.length === 0 ? [] : await readTrees(next.map(([, id]) => id));
    level = read.flatMap((inner, at) => (next[at] === undefined ? [] : [[next[at][0], inner]]));
  }
  return {
    id: top?.id ?? null,
    at: (path) => itemAt(root, path),
    with: (changes) => rebuild(root, { changes, objectFormat, stack: createTreeStack() }, top?.id),
  };
}

function createFolder(): Folder {
  return { items: new Map(), folders: new Map() };
}

function folderOf(root: Folder, names: readonly BytePath[]): Folder {
  let folder = root;
  for (const name of names) {
    const inner = folder.folders.get(name) ?? createFolder();
    folder.folders.set(name, inner);
    folder = inner;
  }
  return folder;
}

/** The folders in one that the tree has. */
function innerOf({ folders, items }: Folder): readonly (readonly [Folder, string])[] {
  return [...folders].flatMap(([name, folder]) => {
    const item = items.get(name);
    return item?.mode === FOLDER_MODE ? [[folder, item.id] as const] : [];
  });
}

function itemAt(root: Folder, path: BytePath): Placed | null {
  const names = path.split("/");
  const item = folderOf(root, names.slice(0, -1)).items.get(names.at(-1) ?? "");
  return item === undefined ? null : { mode: canonicalMode(item.mode), id: item.id };
}

interface Rebuilding {
  readonly changes: ReadonlyMap<BytePath, Placed | null>;
  readonly objectFormat: "sha1" | "sha256";
  readonly stack: ReturnType<typeof createTreeStack>;
}

function rebuild(root: Folder, rebuilding: Rebuilding, id: string | undefined): string {
  const { changes } = rebuilding;
  const leaves = new Map<Folder, Map<BytePath, Placed | null>>();
  for (const [path, placed] of changes) {
    const names = path.split("/");
    const folder = folderOf(root, names.slice(0, -1));
    const own = leaves.get(folder) ?? new Map<BytePath, Placed | null>();
    leaves.set(folder, own.set(names.at(-1) ?? "", placed));
  }
  const idOf = (folder: Folder, before: string | undefined): string => {
    const items = new Map<BytePath, Placed>(folder.items);
    const own = leaves.get(folder);
    for (const [name, inner] of folder.folders) {
      const was = folder.items.get(name);
      const isFolder = was?.mode === FOLDER_MODE;
      const now = idOf(inner, isFolder ? was.id : undefined);
      if (now !== empty) items.set(name, { mode: FOLDER_MODE, id: now });
      else if (isFolder) items.delete(name);
    }
    for (const [name, placed] of own ?? []) {
      const hasInner = folder.folders.has(name) && items.get(name)?.mode === FOLDER_MODE;
      if (placed !== null && !(placed.mode === FOLDER_MODE && placed.id === empty)) items.set(name, placed);
      else if (placed !== null || !hasInner) items.delete(name);
    }
    return before !== undefined && isSame(items, folder.items) ? before : write(items, rebuilding);
  };
  const empty = write(new Map(), rebuilding);
  return idOf(root, id);
}

function isSame(items: ReadonlyMap<BytePath, Placed>, before: ReadonlyMap<BytePath, TreeItem>): boolean {
  if (items.size !== before.size) return false;
  return [...before].every(([name, was]) => {
    const now = items.get(name);
    return now !== undefined && now.id === was.id && canonicalMode(now.mode) === canonicalMode(was.mode);
  });
}

function write(items: ReadonlyMap<BytePath, Placed>, { objectFormat, stack }: Rebuilding): string {
  // In a tree, a folder is sorted as if its name ended in a slash.
  const keyed = [...items].map(([name, { mode, id }]) => ({
    key: mode === FOLDER_MODE ? `${name}/` : name,
    name,
    mode,
    id,
  }));
  stack.open();
  for (const { name, mode, id } of keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    stack.add(canonicalMode(mode), name, id);
  }
  const bytes = stack.close();
  return hashHex(objectFormat, `tree ${bytes.byteLength}\0`, bytes);
}
