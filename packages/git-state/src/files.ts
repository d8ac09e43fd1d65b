import { createHash } from "node:crypto";
import type { BigIntStats, Dirent } from "node:fs";
import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import type { ZlibOptions } from "node:zlib";

/**
 * A path, or a part of one, in which each character stands for one byte: names need not be UTF-8, and git sorts by bytes.
 */
export type BytePath = string;

/** Writes bytes as a path. */
export function pathOfBytes(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The bytes of a path. */
export function bytesOfPath(path: BytePath): Uint8Array {
  return Buffer.from(path, "latin1");
}

/** Writes ordinary text as a path. */
export function pathOfText(text: string): BytePath {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Text of a path; bytes that are not UTF-8 become U+FFFD. */
export function textOfPath(path: BytePath): string {
  return isAscii(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** The same bytes as a `Buffer`, for programs of others that ask for one. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What the file system says of a path, as the index keeps it: whole numbers, the larger ones modulo 2^32. */
export interface FileStat {
  readonly kind: FileKind;
  /** Permission bits: `0o755`. */
  readonly permissions: number;
  /** Length in bytes. */
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly inode: number;
  readonly user: number;
  readonly group: number;
}

export type FileKind = "file" | "directory" | "link" | "other";

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: BytePath;
  readonly kind: FileKind;
}

/** Reads a file system. Nothing that could write to one is among its members. */
export interface FileReader {
  /** What is at a path, without following a link; `null` when nothing is. */
  stat(path: BytePath): FileStat | null;
  /** Entries of a folder in no order; `null` when there is no such folder. */
  list(path: BytePath): readonly FolderEntry[] | null;
  /** Contents of a file, following links; `null` when there is none. */
  read(path: BytePath): Uint8Array | null;
  /**
   * Hands out a file's contents part by part, following links. A part is gone when the next one comes.
   *
   * @returns Their length in bytes; `null` when there is no such file.
   */
  readParts(path: BytePath, take: (part: Uint8Array) => void): number | null;
  /** Where a link leads, as it is written; `null` when there is no link. */
  readLink(path: BytePath): BytePath | null;
  /** The absolute path of the same thing without links on the way; `null` when there is nothing. */
  realPath(path: BytePath): BytePath | null;
}

/** Reads this machine's files. Whatever fails for another reason than absence is thrown as node throws it. */
export const hostFiles: FileReader = {
  stat: (path) => {
    const stat = orNull(() => lstatSync(nodePath(path), STAT_OPTIONS));
    return stat === null || stat === undefined ? null : statOf(stat);
  },
  list: (path) => {
    // With "latin1" node hands names out byte by byte.
    const entries = orNull(() => readdirSync(nodePath(path), { withFileTypes: true, encoding: "latin1" }));
    return entries === null ? null : entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  },
  read: (path) => orNull(() => readFileSync(nodePath(path))),
  readParts: (path, take) => {
    const file = orNull(() => openSync(nodePath(path), "r"));
    return file === null ? null : readOpenFile(file, take);
  },
  readLink: (path) => {
    const target = orNull(() => readlinkSync(nodePath(path), "buffer"));
    return target === null ? null : pathOfBytes(target);
  },
  realPath: (path) => {
    const real = orNull(() => realpathSync.native(nodePath(path), "buffer"));
    return real === null ? null : pathOfBytes(real);
  },
};

const PART_BYTES = 1 << 20;

function readOpenFile(file: number, take: (part: Uint8Array) => void): number {
  const buffer = new Uint8Array(PART_BYTES);
  let sizeBytes = 0;
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      take(buffer.subarray(0, length));
      sizeBytes += length;
    }
  } finally {
    closeSync(file);
  }
  return sizeBytes;
}

/** A hash that is being computed. */
export interface Hasher {
  readonly update: (part: Uint8Array | string) => void;
  /** The hash of all parts, in hexadecimal digits; asked once. */
  readonly hex: () => string;
}

/** Starts a hash. */
export function createHasher(algorithm: "sha1" | "sha256"): Hasher {
  const hash = createHash(algorithm);
  return { update: (part) => void hash.update(part), hex: () => hash.digest("hex") };
}

/** Hashes bytes, given in parts: 40 or 64 hexadecimal digits. */
export function hashHex(algorithm: "sha1" | "sha256", ...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function nodePath(path: BytePath): string | Buffer {
  return isAscii(path) ? path : Buffer.from(path, "latin1");
}

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

const BILLION = 1_000_000_000n;

function statOf(stat: BigIntStats): FileStat {
  return {
    kind: kindOf(stat),
    permissions: Number(stat.mode) & 0o7777,
    sizeBytes: Number(stat.size),
    mtimeSeconds: Number(stat.mtimeNs / BILLION) >>> 0,
    mtimeNanoseconds: Number(stat.mtimeNs % BILLION),
    ctimeSeconds: Number(stat.ctimeNs / BILLION) >>> 0,
    ctimeNanoseconds: Number(stat.ctimeNs % BILLION),
    inode: Number(BigInt.asUintN(32, stat.ino)),
    user: Number(stat.uid) >>> 0,
    group: Number(stat.gid) >>> 0,
  };
}

function kindOf(entry: BigIntStats | Dirent): FileKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
    // EINVAL is what readlink says of something that is no link.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EINVAL") return null;
    throw error;
  }
}

/** Bytes as hexadecimal digits, two a byte. */
export function hexOfBytes(bytes: Uint8Array, start = 0, end: number = bytes.byteLength): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("hex");
}

/** The bytes that hexadecimal digits stand for, one character a byte. */
export function pathOfHex(digits: string): BytePath {
  return Buffer.from(digits, "hex").toString("latin1");
}

/** Compresses bytes in zlib's format (RFC 1950), at its usual level. */
export async function deflateBytes(bytes: Uint8Array): Promise<Uint8Array> {
  return promisify(deflate)(bytes);
}

/** Undoes {@link deflateBytes}; fails when the bytes are damaged, or more than `maxBytes` come out. */
export async function inflateBytes(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  // Zlib knows no limit of 0 bytes: one byte too many is found out by the caller.
  return promisify<Uint8Array, ZlibOptions, Buffer>(inflate)(bytes, { maxOutputLength: maxBytes + 1 });
}

/** Lets whatever else waits in this process have its turn. */
export async function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
