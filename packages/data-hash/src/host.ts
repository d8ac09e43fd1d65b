import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import type { BigIntStats } from "node:fs";
import { sep } from "node:path";
import { setImmediate } from "node:timers/promises";

export { dirname, isAbsolute, join, relative, resolve } from "node:path";

/**
 * What a name in a folder stands for. `"other"` is a pipe, a socket or a device.
 *
 * @public
 */
export type FileKind = "file" | "folder" | "link" | "other";

/**
 * What the file system knows about a file without reading it.
 *
 * @public
 */
export interface FileFacts {
  /** What it is. */
  readonly kind: FileKind;
  /** Length in bytes. */
  readonly sizeBytes: number;
  /** Time of the last change of its bytes, in nanoseconds since 1970. */
  readonly modifiedNs: bigint;
  /** Number of the file on its device, whatever its name. */
  readonly inode: bigint;
  /** Number of the device. */
  readonly device: bigint;
}

/**
 * One name in a folder.
 *
 * @public
 */
export interface FolderItem {
  /** The name, without its folder. */
  readonly name: string;
  /** What it is; a link is not followed. */
  readonly kind: FileKind;
  /** False when `name` cannot say the name's bytes, because they are not UTF-8. */
  readonly isExact: boolean;
}

/**
 * The file system as this package needs it. Tests pass one that fails on purpose.
 *
 * Its calls are synchronous, because one small file costs node's asynchronous calls ten times as much; readers call
 * `pause` often enough for timers and signals to be served. Failures are node's errors, with their `code`.
 *
 * @public
 */
export interface DataFs {
  /** Opens a file for reading, without waiting for the writer of a pipe. Returns a descriptor. */
  open(path: string): number;
  /** Reads the next bytes into `into`; returns how many, 0 at the end. */
  read(descriptor: number, into: Uint8Array): number;
  /** Facts of an open file. */
  factsOf(descriptor: number): FileFacts;
  /** Closes a descriptor. */
  close(descriptor: number): void;
  /** Facts of a path, links followed; `undefined` where there is nothing. */
  stat(path: string): FileFacts | undefined;
  /** Facts of a path itself, links not followed; `undefined` where there is nothing. */
  statLink(path: string): FileFacts | undefined;
  /** The names in a folder, in no particular order. */
  list(folder: string): readonly FolderItem[];
  /** The path without links in it. */
  realPath(path: string): string;
  /** Makes a folder and those above it. */
  makeFolder(path: string): void;
  /** Copies a file to a name that must be free, sharing its blocks where the file system can; the copy is writable. */
  copy(from: string, to: string): void;
  /** Removes a file. */
  remove(path: string): void;
  /** Now, on the clock that `modifiedNs` is read from, in nanoseconds since 1970. */
  nowNs(): bigint;
  /** Lets other work of this process run. */
  pause(): Promise<void>;
}

/**
 * The file system of this machine.
 *
 * @public
 */
export const nodeFs: DataFs = {
  open: (path) => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)),
  read: (descriptor, into) => readSync(descriptor, into),
  factsOf: (descriptor) => factsFrom(fstatSync(descriptor, { bigint: true })),
  close: (descriptor) => closeSync(descriptor),
  stat: (path) => optionalFacts(statSync(path, { bigint: true, throwIfNoEntry: false })),
  statLink: (path) => optionalFacts(lstatSync(path, { bigint: true, throwIfNoEntry: false })),
  list: listFolder,
  realPath: (path) => realpathSync(path),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  copy: (from, to) => {
    copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(to, statSync(to).mode | 0o200); // an object of the DVC cache is read-only, a work tree's file is not
  },
  remove: (path) => rmSync(path, { force: true }),
  nowNs: () => BigInt(Date.now()) * 1_000_000n,
  pause: () => setImmediate(),
};

function optionalFacts(stats: BigIntStats | undefined): FileFacts | undefined {
  return stats === undefined ? undefined : factsFrom(stats);
}

function factsFrom(stats: BigIntStats): FileFacts {
  const { size, mtimeNs: modifiedNs, ino: inode, dev: device } = stats;
  return { kind: kindOf(stats), sizeBytes: Number(size), modifiedNs, inode, device };
}

interface KindAnswers {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(item: KindAnswers): FileKind {
  if (item.isFile()) return "file";
  if (item.isDirectory()) return "folder";
  return item.isSymbolicLink() ? "link" : "other";
}

function listFolder(folder: string): readonly FolderItem[] {
  const items = readdirSync(folder, { withFileTypes: true });
  // Node turns bytes that are not UTF-8 into U+FFFD; only then are the names' bytes worth a second look.
  if (!items.some((item) => item.name.includes("\uFFFD"))) {
    return items.map((item) => ({ name: item.name, kind: kindOf(item), isExact: true }));
  }
  return readdirSync(folder, { withFileTypes: true, encoding: "buffer" }).map((item) => {
    const name = item.name.toString("utf8");
    return { name, kind: kindOf(item), isExact: Buffer.from(name).equals(item.name) };
  });
}

/** Writes a path with `/`, whatever this machine writes. */
export function withSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** One hash of node's: OpenSSL is three times as fast as WebAssembly at MD5 and SHA-256. */
export function createNodeHash(algorithm: "md5" | "sha256"): { update(bytes: Uint8Array): void; digest(): string } {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}
