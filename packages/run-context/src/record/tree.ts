import { compareCodePoints, ReproError } from "@repro/core";

import type { RunErrorCode } from "../error.ts";

import { machineFileSystem, path, realPath } from "../host.ts";
import type { RunFileSystem } from "../host.ts";

/**
 * Finds the root that recorded paths are relative to: the nearest folder upward that holds `.git`, else `cwd` itself.
 *
 * @param cwd - Absolute path.
 * @returns Absolute path, free of symbolic links.
 */
export function findRoot(cwd: string, fs: RunFileSystem = machineFileSystem): string {
  const start = realPath(cwd);
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (path.dirname(folder) === folder) return start;
  }
}

/**
 * A path as records hold it.
 *
 * @returns Relative to `root` with `/`, `"."` for the root itself; undefined when it lies outside.
 */
export function insideRoot(root: string, absolute: string): string | undefined {
  const relative = path.relative(root, absolute);
  if (relative === "") return ".";
  if (relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).join("/");
}

/**
 * Writes a path as records hold it.
 *
 * @param file - Absolute, or relative to `cwd`.
 * @param options - `cwd`: absolute working directory.
 * @returns Relative to the work tree's root, with `/`.
 * @throws ReproError `RUN_PATH_OUTSIDE` when it lies outside the work tree.
 * @public
 */
export function rootRelative(file: string, options: { readonly cwd: string }): string {
  const root = findRoot(options.cwd);
  const relative = insideRoot(root, path.resolve(realPath(options.cwd), file));
  if (relative !== undefined) return relative;
  throw new ReproError<RunErrorCode>(`rootRelative: "${file}" lies outside the work tree "${root}"`, {
    code: "RUN_PATH_OUTSIDE",
    remedy: "let the program write its results into the work tree",
    data: { path: file, root },
  });
}

/** The files of a work tree at one moment: what tells whether each has been written since, by its path from the root. */
export type TreeSnapshot = ReadonlyMap<string, string>;

/** Folders that hold no results: what begins with a dot, installed packages, Python's compiled modules (they hold times). */
const PASSED_OVER = /^(\.|node_modules$|__pycache__$)/;

/**
 * Notes every regular file of a work tree, without reading any.
 *
 * Folders whose name begins with a dot, `node_modules` and `__pycache__` are passed over.
 */
export function snapshotTree(root: string, fs: RunFileSystem): TreeSnapshot {
  return snapshot(root, "", (name) => PASSED_OVER.test(name), fs);
}

/**
 * Notes the files that named paths hold: each a file, or a folder with all that is in it, or nothing yet.
 *
 * @param paths - Relative to `root`, with `/`.
 */
export function snapshotPaths(root: string, paths: readonly string[], fs: RunFileSystem): TreeSnapshot {
  return new Map(paths.flatMap((name) => [...snapshot(root, name, () => false, fs)]));
}

function snapshot(
  root: string,
  start: string,
  passesOver: (name: string) => boolean,
  fs: RunFileSystem,
): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (name: string): void => {
    for (const entry of fs.readdirSync(path.join(root, name), { withFileTypes: true })) {
      const child = name === "" ? entry.name : `${name}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!passesOver(entry.name)) visit(child);
      } else note(child, entry.isFile());
    }
  };
  const note = (name: string, listed: boolean): void => {
    // A file that is listed and not found has a name that is not UTF-8: noted, so that nothing is passed over in silence.
    const mark = fileMark(path.join(root, name), fs) ?? (listed ? "not found" : undefined);
    if (mark !== undefined) files.set(name, mark);
  };
  if (isFolder(path.join(root, start), fs)) visit(start);
  else note(start, false);
  return files;
}

function isFolder(file: string, fs: RunFileSystem): boolean {
  return fs.existsSync(file) && fs.statSync(file).isDirectory();
}

/** What changes whenever a file is written: size, times and inode; undefined when it is not a file. */
function fileMark(file: string, fs: RunFileSystem): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const stat = fs.statSync(file, { bigint: true });
  return stat.isFile() ? `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}` : undefined;
}

/**
 * The files that were created or written between two snapshots, in code-point order.
 */
export function writtenSince(before: TreeSnapshot, after: TreeSnapshot): readonly string[] {
  return [...after.keys()].filter((name) => before.get(name) !== after.get(name)).toSorted(compareCodePoints);
}
