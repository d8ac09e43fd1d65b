import type { BytePath, FileKind, FileStat } from "../files.ts";
import { INTENT_TO_ADD, MODE, SKIP_WORKTREE, STAGE_MASK, entryAt, modeAt } from "../repository/index-entries.ts";
import { createListing } from "./listing.ts";
import type { Listing } from "./listing.ts";
import type { IgnoreRules, ScanOptions } from "./options.ts";
import { changedMeanwhile } from "./readable.ts";
import type { WorktreeScan } from "./result.ts";
import { isProvenSame } from "./stat-match.ts";
import type { StatComparison } from "./stat-match.ts";
import { modeOf } from "./worktree-mode.ts";

/** A scan that is under way. */
export interface Scan extends ScanOptions {
  readonly comparison: StatComparison;
  /** What was found so far. */
  readonly found: { readonly [List in keyof WorktreeScan]: WorktreeScan[List][number][] };
  /** Counts one more path; tells whether it is time to let others have their turn. */
  readonly isTurnDue: () => boolean;
  readonly takeTurn: () => Promise<void>;
}

/** A folder of the work tree, and the entries of the index that are below it. */
export interface ScannedFolder {
  /** Path from the root with a slash at its end; empty for the root. */
  readonly prefix: BytePath;
  /** First entry below it. */
  readonly from: number;
  /** First entry that is not below it any more. */
  readonly to: number;
  readonly listing: Listing;
  /** Rules for what it holds; `null` when it is ignored, and so is all in it that is not tracked. */
  readonly ignore: IgnoreRules | null;
}

/** Entries of the index for one name in a folder. */
interface Child {
  readonly name: BytePath;
  /** Path from the root, without a slash at its end. */
  readonly path: BytePath;
  readonly from: number;
  readonly to: number;
  /** Whether the entries are below the name, and not for the name itself. */
  readonly isFolder: boolean;
}

/** Compares a folder with the index. */
export async function scanFolder(scan: Scan, folder: ScannedFolder): Promise<void> {
  const { kinds } = folder.listing;
  const claimed = new Set<BytePath>();
  for (let at = folder.from; at < folder.to;) {
    const child = childAt(scan, folder, at);
    const listed = kinds.has(child.name) ? child.name : otherSpelling(scan, folder, child);
    const kind = listed === undefined ? undefined : kinds.get(listed);
    const isThere = child.isFolder
      ? await scanTrackedFolder(scan, folder, child, kind)
      : scanTracked(scan, child, kind);
    if (isThere && listed !== undefined) claimed.add(listed);
    if (scan.isTurnDue()) await scan.takeTurn();
    at = child.to;
  }
  if (folder.ignore !== null && claimed.size < kinds.size) await scanUntracked(scan, folder, folder.ignore, claimed);
}

function childAt({ index: { paths } }: Scan, { prefix, to }: ScannedFolder, from: number): Child {
  const path = paths[from] ?? "";
  const slash = path.indexOf("/", prefix.length);
  if (path.length === prefix.length) throw changedMeanwhile(path);
  let end = from + 1;
  if (slash === -1) {
    while (end < to && paths[end] === path) end += 1;
    return { name: path.slice(prefix.length), path, from, to: end, isFolder: false };
  }
  const name = path.slice(prefix.length, slash);
  const upTo = `${path.slice(0, slash)}0`; // "0" is what follows "/"
  return { name, path: path.slice(0, slash), from, to: firstAtOrAfter(paths, upTo, end, to), isFolder: true };
}

/** First position in a sorted list, from `low` up to `high`, whose path is not before `path`. */
function firstAtOrAfter(paths: readonly BytePath[], path: BytePath, low: number, high: number): number {
  let [first, last] = [low, high];
  while (first < last) {
    const middle = (first + last) >>> 1;
    if ((paths[middle] ?? "") < path) first = middle + 1;
    else last = middle;
  }
  return first;
}

/**
 * Finds a tracked name that the folder lists in other letters. The index's spelling must lead to it: on a file system
 * that tells the two apart, they are two files.
 */
function otherSpelling(scan: Scan, { listing }: ScannedFolder, { name, path }: Child): BytePath | undefined {
  const other = scan.config.ignoreCase ? listing.otherSpelling(name) : undefined;
  return other === undefined || scan.files.stat(`${scan.root}/${path}`) === null ? undefined : other;
}

/** Compares what the index has under a name. Tells whether that is still what stands there, be it changed. */
function scanTracked(scan: Scan, child: Child, kind: FileKind | undefined): boolean {
  const isThere =
    kind === "file" || kind === "link"
      ? scanTrackedFile(scan, child)
      : kind === "directory" && scanTrackedRepository(scan, child);
  if (!isThere) markGone(scan, child, kind !== undefined);
  return isThere;
}

function scanTrackedFile(scan: Scan, child: Child): boolean {
  const { index, found, config, comparison } = scan;
  const at = preferredOf(scan, child);
  const stat = scan.files.stat(`${scan.root}/${child.path}`);
  if (!isKept(stat)) return false;
  const indexMode = modeAt(index, at);
  const mode = modeOf(stat, indexMode, config);
  const isSettled = ((index.flags[at] ?? 0) & (STAGE_MASK | INTENT_TO_ADD)) === 0;
  if (isSettled && mode === indexMode && isProvenSame(index, at, stat, comparison)) return true;
  found.candidates.push({ path: child.path, stat, mode, entry: entryAt(index, at) });
  return true;
}

/** Of a conflict's entries, the one whose mode git keeps: ours, else the first. */
function preferredOf({ index: { flags } }: Scan, { from, to }: Child): number {
  const next = from + 1;
  return next < to && ((flags[next] ?? 0) & STAGE_MASK) === 2 ? next : from;
}

/** Takes a folder for the repository that the index has there, or for one that has taken a file's place. */
function scanTrackedRepository(scan: Scan, child: Child): boolean {
  const at = preferredOf(scan, child);
  const isRepository = isNestedRepository(scan, child.path, listingOf(scan, child.path));
  if (!isRepository && modeAt(scan.index, at) !== MODE.gitlink) return false;
  scan.found.repositories.push({ path: child.path, entry: entryAt(scan.index, at), isRepository });
  return true;
}

async function scanTrackedFolder(
  scan: Scan,
  folder: ScannedFolder,
  child: Child,
  kind: FileKind | undefined,
): Promise<boolean> {
  const listing = kind === "directory" ? listingOf(scan, child.path) : null;
  if (listing === null) {
    markGone(scan, child, kind === "file" || kind === "link");
    return false;
  }
  const entry = { name: child.name, kind: "directory" } as const;
  const outer = folder.ignore === null || folder.ignore.isIgnored(entry) ? null : folder.ignore;
  const prefix = `${child.path}/`;
  const ignore = outer === null ? null : outer.enter(child.name, await gitignoreOf(scan, prefix, listing, child));
  await scanFolder(scan, { prefix, from: child.from, to: child.to, listing, ignore });
  return true;
}

/** Contents of a folder's `.gitignore`: of the tracked one, where the work tree is too sparse to hold it. */
async function gitignoreOf(
  scan: Scan,
  prefix: BytePath,
  listing: Listing,
  { from, to }: Pick<Child, "from" | "to">,
): Promise<Uint8Array | null> {
  const path = `${prefix}.gitignore`;
  const kind = listing.kinds.get(".gitignore");
  if (kind === "file") return scan.files.read(`${scan.root}/${path}`);
  const at = kind === undefined ? firstAtOrAfter(scan.index.paths, path, from, to) : to;
  if (at >= to || scan.index.paths[at] !== path || ((scan.index.flags[at] ?? 0) & SKIP_WORKTREE) === 0) return null;
  return scan.readBlob(entryAt(scan.index, at).id);
}

async function scanUntracked(
  scan: Scan,
  folder: ScannedFolder,
  ignore: IgnoreRules,
  claimed: ReadonlySet<BytePath>,
): Promise<void> {
  const { kinds } = folder.listing;
  for (const name of [...kinds.keys()].filter((one) => !claimed.has(one)).toSorted()) {
    if (scan.isTurnDue()) await scan.takeTurn();
    const kind = kinds.get(name) ?? "other";
    const path = folder.prefix + name;
    if (ignore.isIgnored({ name, kind }) || scan.isProduct(path)) continue;
    if (kind === "directory") await scanUntrackedFolder(scan, name, path, ignore);
    else addUntracked(scan, path);
  }
}

async function scanUntrackedFolder(scan: Scan, name: BytePath, path: BytePath, outer: IgnoreRules): Promise<void> {
  const listing = listingOf(scan, path);
  if (listing === null) return; // it went away: an empty folder would not count either
  if (isNestedRepository(scan, path, listing)) {
    scan.found.repositories.push({ path, entry: null, isRepository: true });
    return;
  }
  const prefix = `${path}/`;
  const ignore = outer.enter(name, await gitignoreOf(scan, prefix, listing, { from: 0, to: 0 }));
  await scanFolder(scan, { prefix, from: 0, to: 0, listing, ignore });
}

function addUntracked(scan: Scan, path: BytePath): void {
  const stat = scan.files.stat(`${scan.root}/${path}`);
  if (isKept(stat)) scan.found.candidates.push({ path, stat, mode: modeOf(stat, null, scan.config), entry: null });
}

/** Tells whether git keeps what is there. It may have changed since the folder was listed. */
function isKept(stat: FileStat | null): stat is FileStat {
  return stat !== null && (stat.kind === "file" || stat.kind === "link");
}

/** Lists a folder; `null` when there is none any more. */
export function listingOf(
  { files, root, config }: Pick<Scan, "files" | "root" | "config">,
  path: BytePath,
): Listing | null {
  const entries = files.list(path === "" ? root : `${root}/${path}`);
  return entries === null ? null : createListing(entries, config);
}

function isNestedRepository(scan: Scan, path: BytePath, listing: Listing | null): boolean {
  return listing !== null && listing.hasGit && scan.isRepository(path);
}

/** Marks what is not there any more. A file that need not be there counts as there, unless something took its place. */
function markGone({ index, found }: Scan, { from, to }: Child, isReplaced: boolean): void {
  for (let at = from; at < to; at += 1) {
    const path = index.paths[at] ?? "";
    const mayBeAbsent = !isReplaced && ((index.flags[at] ?? 0) & SKIP_WORKTREE) !== 0;
    if (!mayBeAbsent && found.gone.at(-1) !== path) found.gone.push(path);
  }
}
