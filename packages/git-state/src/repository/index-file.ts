import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { hashHex, hexOfBytes, pathOfBytes } from "../files.ts";
import type { IndexEntries } from "./index-entries.ts";
import {
  INTENT_TO_ADD,
  SKIP_WORKTREE,
  STAT_FIELDS,
  assembleEntries,
  checkEntries,
  damagedIndex,
  emptyColumns,
} from "./index-entries.ts";
import { mergeLink, parseBitmaps, sharedIndexName } from "./index-link.ts";

/** What git last knew of a work tree. */
export interface IndexFile extends IndexEntries {
  /** Layout of the file: 2, 3 or 4. */
  readonly version: number;
  /** Id of the tree that the entries make, where the file says so and it fits them; `null` when it must be computed. */
  readonly cacheTree: string | null;
}

/** Which index is read. */
export interface OpenIndexOptions {
  readonly files: FileReader;
  /** Folder with the file `index`, and with the one that a split index names. */
  readonly gitDir: BytePath;
  readonly idLength: 20 | 32;
}

/**
 * Reads a repository's index. Where there is none, nothing is tracked.
 *
 * @throws ReproError `GIT_UNREADABLE` when it cannot be read, and as {@link readIndex}.
 */
export function openIndex({ files, gitDir, idLength }: OpenIndexOptions): IndexFile {
  const read = (name: BytePath): Uint8Array | null => readIndexFile(files, `${gitDir}/${name}`);
  const bytes = read("index");
  if (bytes === null) return { version: 2, cacheTree: null, ...emptyColumns(0, idLength), paths: [] };
  return readIndex(bytes, { idLength, shared: (id) => read(sharedIndexName(id)) });
}

function readIndexFile(files: FileReader, path: BytePath): Uint8Array | null {
  try {
    return files.read(path);
  } catch (cause) {
    throw damagedIndex("cannot be read", cause);
  }
}

/** How an index's bytes are read. */
export interface ReadIndexOptions {
  /** Bytes of an object id. */
  readonly idLength: 20 | 32;
  /** Finds the bytes of a shared index by its id; a split index cannot be read without. */
  readonly shared?: (id: string) => Uint8Array | null;
}

/**
 * Reads the bytes of an index, and of the shared one where it is split.
 *
 * Paths are safe to be joined to a folder. Ids and stats are what the file says: nothing is looked up.
 *
 * @throws ReproError `GIT_UNREADABLE` when the bytes are cut off, damaged, out of order or hold a path that git would
 *   not write; `GIT_UNSUPPORTED` for another version, or an extension that a reader must know.
 * @remarks gitformat-index(5).
 */
export function readIndex(bytes: Uint8Array, { idLength, shared }: ReadIndexOptions): IndexFile {
  const { version, entries: own, extensions } = parseIndex(bytes, idLength);
  const entries = withShared(own, extensions.get("link"), { idLength, ...(shared === undefined ? {} : { shared }) });
  checkEntries(entries);
  return { version, ...entries, cacheTree: parseCacheTree(extensions.get("TREE"), entries) };
}

interface ParsedIndex {
  readonly version: number;
  readonly entries: IndexEntries;
  readonly extensions: ReadonlyMap<string, Uint8Array>;
  /** Hash of what is before it; zeros when `index.skipHash` left it out. */
  readonly checksum: string;
}

const HEADER_BYTES = 12;
const SIGNATURE = 0x44495243; // "DIRC"

function parseIndex(bytes: Uint8Array, idLength: number): ParsedIndex {
  const end = bytes.byteLength - idLength;
  if (end < HEADER_BYTES) throw cutOff();
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  if (view.getUint32(0) !== SIGNATURE) throw damagedIndex("does not start as one");
  const checksum = readChecksum(bytes, idLength);
  const version = view.getUint32(4);
  if (version < 2 || version > 4) throw unsupported(`has the layout ${version}`);
  const parsed = parseEntries(view, { count: view.getUint32(8), version, idLength });
  return { version, checksum, entries: parsed.entries, extensions: parseExtensions(view, parsed.end) };
}

function readChecksum(bytes: Uint8Array, idLength: number): string {
  const checksum = hexOfBytes(bytes, bytes.byteLength - idLength);
  const body = bytes.subarray(0, bytes.byteLength - idLength);
  if (!/^0+$/.test(checksum) && hashHex(idLength === 20 ? "sha1" : "sha256", body) !== checksum) {
    throw damagedIndex("has the wrong checksum");
  }
  return checksum;
}

/**
 * Checks that the index, and each shared one beside it, are as they were written.
 *
 * @throws ReproError `GIT_UNREADABLE`.
 */
export function verifyIndexChecksum({ files, gitDir, idLength }: OpenIndexOptions): void {
  for (const { name } of files.list(gitDir) ?? []) {
    if (name !== "index" && !name.startsWith(sharedIndexName(""))) continue;
    const bytes = readIndexFile(files, `${gitDir}/${name}`);
    if (bytes === null) continue;
    if (bytes.byteLength < HEADER_BYTES + idLength) throw cutOff();
    readChecksum(bytes, idLength);
  }
}

function withShared(own: IndexEntries, link: Uint8Array | undefined, options: ReadIndexOptions): IndexEntries {
  const { idLength, shared } = options;
  if (link === undefined) return own;
  if (link.byteLength < idLength) throw cutOff();
  const id = hexOfBytes(link, 0, idLength);
  if (/^0+$/.test(id)) return own;
  const bytes = shared?.(id) ?? null;
  if (bytes === null) throw damagedIndex("names a shared index that is missing");
  const other = parseIndex(bytes, idLength);
  if (other.checksum !== id || other.extensions.has("link")) throw damagedIndex("names a shared index that is another");
  const rows = mergeLink(own, other.entries, parseBitmaps(link.subarray(idLength)));
  return assembleEntries(rows, idLength);
}

interface EntryLayout {
  readonly count: number;
  readonly version: number;
  readonly idLength: number;
}

/** Bits of an entry as the file has them. */
const EXTENDED = 0x4000;
const NAME_LENGTH_MASK = 0xfff;
const EXTENDED_SKIP_WORKTREE = 0x4000;
const EXTENDED_INTENT_TO_ADD = 0x2000;

function parseEntries(
  view: DataView,
  { count, version, idLength }: EntryLayout,
): { entries: IndexEntries; end: number } {
  const fixedBytes = 4 * STAT_FIELDS + idLength + 2;
  if (count * fixedBytes > view.byteLength) throw cutOff();
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const text = pathOfBytes(bytes); // names are cut out of one string
  const columns = emptyColumns(count, idLength);
  const paths: BytePath[] = [];
  let path = "";
  let offset = HEADER_BYTES;
  for (let at = 0; at < count; at += 1) {
    const start = offset;
    if (start + fixedBytes + 2 > bytes.byteLength) throw cutOff();
    for (let field = 0; field < STAT_FIELDS; field += 1) {
      columns.stats[at * STAT_FIELDS + field] = view.getUint32(start + 4 * field);
    }
    for (let byte = 0; byte < idLength; byte += 1) {
      columns.ids[at * idLength + byte] = bytes[start + 4 * STAT_FIELDS + byte] ?? 0;
    }
    const bits = view.getUint16(start + fixedBytes - 2);
    offset = start + fixedBytes;
    const extended = (bits & EXTENDED) === 0 ? 0 : view.getUint16(offset);
    if ((bits & EXTENDED) !== 0) offset += 2;
    columns.flags[at] = flagsOf(bits, extended, version);
    const prefix = version === 4 ? readPrefix(bytes, offset, path) : { path: "", end: offset };
    const nameEnd = text.indexOf("\0", prefix.end);
    if (nameEnd === -1) throw cutOff();
    path = prefix.path + text.slice(prefix.end, nameEnd);
    if ((bits & NAME_LENGTH_MASK) !== Math.min(path.length, NAME_LENGTH_MASK))
      throw damagedIndex("has a name of the wrong length");
    paths.push(path);
    offset = version === 4 ? nameEnd + 1 : start + ((nameEnd - start + 8) & ~7);
  }
  if (offset > bytes.byteLength) throw cutOff();
  return { entries: { ...columns, paths }, end: offset };
}

function flagsOf(bits: number, extended: number, version: number): number {
  const known = EXTENDED_SKIP_WORKTREE | EXTENDED_INTENT_TO_ADD;
  if ((extended & ~known) !== 0 || (version === 2 && (bits & EXTENDED) !== 0))
    throw unsupported("has flags of a later git");
  const stage = (bits >> 12) & 3;
  const skipped = (extended & EXTENDED_SKIP_WORKTREE) === 0 ? 0 : SKIP_WORKTREE;
  return stage | skipped | ((extended & EXTENDED_INTENT_TO_ADD) === 0 ? 0 : INTENT_TO_ADD);
}

/** In layout 4 a name starts with a number: how many bytes of the name before it are left out, from the end. */
function readPrefix(bytes: Uint8Array, start: number, before: BytePath): { path: BytePath; end: number } {
  let end = start;
  let removed = -1;
  let byte = 0x80;
  while ((byte & 0x80) !== 0 && removed <= before.length) {
    byte = bytes[end] ?? 0;
    removed = (removed + 1) * 128 + (byte & 0x7f);
    end += 1;
  }
  if (removed > before.length) throw damagedIndex("has a name that is shortened by more than there is");
  return { path: before.slice(0, before.length - removed), end };
}

function parseExtensions(view: DataView, start: number): ReadonlyMap<string, Uint8Array> {
  const extensions = new Map<string, Uint8Array>();
  let offset = start;
  while (offset < view.byteLength) {
    if (offset + 8 > view.byteLength) throw cutOff();
    const name = pathOfBytes(new Uint8Array(view.buffer, view.byteOffset + offset, 4));
    const sizeBytes = view.getUint32(offset + 4);
    if (offset + 8 + sizeBytes > view.byteLength) throw cutOff();
    if (!/^[A-Z]/.test(name) && !KNOWN.has(name)) throw unsupported("has an extension that a reader must know");
    extensions.set(name, new Uint8Array(view.buffer, view.byteOffset + offset + 8, sizeBytes));
    offset += 8 + sizeBytes;
  }
  return extensions;
}

/** Extensions that a reader must know and that this one knows: split index, sparse folders. */
const KNOWN: ReadonlySet<string> = /* @__PURE__ */ new Set(["link", "sdir"]);

/** The tree of the root is first; it counts the entries in it, or -1 when it is out of date. */
function parseCacheTree(bytes: Uint8Array | undefined, { idLength, paths, flags }: IndexEntries): string | null {
  if (bytes === undefined) return null;
  const line = /^\0(?<count>-?\d+) \d+\n/.exec(pathOfBytes(bytes.subarray(0, 64)));
  const start = line?.[0].length ?? 0;
  const fits = line?.groups?.["count"] === `${paths.length}` && flags.every((bits) => (bits & ~SKIP_WORKTREE) === 0);
  return fits && start + idLength <= bytes.byteLength ? hexOfBytes(bytes, start, start + idLength) : null;
}

function cutOff(): Error {
  return damagedIndex("is cut off");
}

function unsupported(what: string): Error {
  return gitError(`captureGitState: the index ${what}`, {
    code: "GIT_UNSUPPORTED",
    remedy: "install git 2.32 or newer",
    data: { file: "index" },
  });
}
