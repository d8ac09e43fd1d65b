import { ReproError, compareCodePoints } from "@repro/core";

import type { DataErrorCode } from "../error.ts";
import { attempt, unreadable } from "../file.ts";
import { join, resolve } from "../host.ts";
import type { DataFs, FileKind, FolderItem } from "../host.ts";
import { DVCIGNORE, isIgnored, readIgnoreRules } from "./ignore.ts";
import type { IgnoreRules } from "./ignore.ts";

/** Folders that never belong to data; `.git` may also be a file. */
const FOREIGN: readonly string[] = [".git", ".hg", ".dvc"];

/**
 * Lists the files of a tree as DVC does: paths relative to it, with `/`, in code-point order.
 *
 * A link to a folder is left out, a link to a file counts as the file. A folder without files leaves no trace. Left out
 * are also `.git`, `.hg`, `.dvc`, what `.dvcignore` files above the tree name, and DVC repositories inside.
 */
export function listTree(fs: DataFs, root: string): readonly string[] {
  const walk: Walk = { fs, root, rules: readIgnoreRules(fs, resolve(root)), files: [], folders: [""] };
  for (let folder = walk.folders.pop(); folder !== undefined; folder = walk.folders.pop()) visit(folder, walk);
  return walk.files.sort(compareCodePoints);
}

interface Walk {
  readonly fs: DataFs;
  readonly root: string;
  readonly rules: IgnoreRules;
  readonly files: string[];
  /** Folders still to visit: `""` or a path with a final `/`. */
  readonly folders: string[];
}

function visit(folder: string, walk: Walk): void {
  const path = join(walk.root, folder);
  const items = attempt(path, () => walk.fs.list(path));
  const isRoot = folder === "";
  if (!isRoot && items.some((item) => item.name === ".dvc" && item.kind === "folder")) return;
  for (const item of items) visitItem(folder, item, walk);
}

function visitItem(folder: string, item: FolderItem, walk: Walk): void {
  const relpath = folder + item.name;
  const path = join(walk.root, relpath);
  if (!item.isExact) throw notUtf8(path);
  const kind = item.kind === "link" ? attempt(path, () => walk.fs.stat(path))?.kind : item.kind;
  if (isForeign(item.name, kind) || isIgnored(walk.rules, relpath, kind === "folder")) return;
  if (kind === undefined) throw linkBroken(path);
  if (item.name === DVCIGNORE) throw ignoreInside(path);
  if (kind === "other") throw unreadable(path, "it is no regular file");
  if (kind === "file") walk.files.push(relpath);
  else if (item.kind === "folder") walk.folders.push(`${relpath}/`);
}

function isForeign(name: string, kind: FileKind | undefined): boolean {
  return FOREIGN.includes(name) && (kind === "folder" || name === ".git");
}

function linkBroken(path: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" is a link to nothing`, {
    code: "DATA_LINK_BROKEN",
    remedy: "remove the link, or bring back what it points to",
    data: { path },
  });
}

function ignoreInside(path: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" lies inside of the data that it would leave out, which DVC refuses too`, {
    code: "DATA_DVCIGNORE_INSIDE",
    remedy: "move its patterns to the .dvcignore of a folder above the data",
    data: { path },
  });
}

function notUtf8(path: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" stands for a name whose bytes are not UTF-8`, {
    code: "DATA_NAME_NOT_UTF8",
    remedy: "rename the file: a record cannot hold such a name",
    data: { path },
  });
}
