import { ReproError } from "@repro/core";

import type { DataErrorCode } from "./error.ts";
import {
  CHUNK_BYTES,
  finishAll,
  namedDigests,
  openHashers,
  requireAlgorithms,
  startHashers,
  updateAll,
} from "./hasher.ts";
import type { Digests, HashAlgorithm, HasherMaker, Hashing, HexDigits } from "./hasher.ts";
import { nodeFs } from "./host.ts";
import type { DataFs, FileFacts } from "./host.ts";

/**
 * What {@link hashFile} takes beside the path.
 *
 * @public
 */
export interface HashFileOptions<Algorithms extends readonly HashAlgorithm[] = readonly ["sha256"]> {
  /** Algorithms, all computed in one read; `["sha256"]` when omitted. */
  readonly algorithms?: Algorithms;
  /** File system; this machine's when omitted. */
  readonly fs?: DataFs;
  /** Stops the reading; it is looked at after every 16 MiB. */
  readonly signal?: AbortSignal;
}

/**
 * Length and digests of one file.
 *
 * @public
 */
export interface FileHash<Algorithms extends readonly HashAlgorithm[] = readonly ["sha256"]> {
  /** Length in bytes. */
  readonly sizeBytes: number;
  /** One digest for each algorithm that was asked for. */
  readonly digests: Digests<Algorithms>;
}

/**
 * Hashes a file's bytes with several algorithms in one read.
 *
 * The file is read in chunks of 1 MiB into one buffer, whatever its size. A link is followed.
 *
 * @param path - The file; a relative path is relative to the process's working directory.
 * @throws RangeError when `algorithms` is empty or names an unknown one.
 * @throws ReproError `DATA_MISSING` where there is no file; `DATA_UNREADABLE` when it cannot be read or is no regular file;
 *   `DATA_CHANGED_WHILE_READ` when its size or its time of change moved meanwhile; `data.path` is the path.
 * @remarks MD5 and SHA-256 by node's OpenSSL, BLAKE3 by hash-wasm.
 * @public
 */
export async function hashFile<const Algorithms extends readonly HashAlgorithm[] = readonly ["sha256"]>(
  path: string,
  options: HashFileOptions<Algorithms> = {},
): Promise<FileHash<Algorithms>> {
  const algorithms = options.algorithms ?? (["sha256"] as const as unknown as Algorithms);
  requireAlgorithms("hashFile", algorithms);
  const reader = await openReader({ ...options, hashings: algorithms });
  const { sizeBytes, digits } = await readDigits(path, reader);
  return Object.freeze({ sizeBytes, digests: namedDigests(algorithms, digits) });
}

/** What all files of one tree are read with: one buffer, one set of hashers. */
export interface Reader {
  readonly fs: DataFs;
  readonly makers: ReadonlyMap<Hashing, HasherMaker>;
  readonly buffer: Uint8Array;
  readonly signal: AbortSignal | undefined;
  /** Bytes read since the last pause. */
  unpaused: number;
}

/** How a reader is opened. */
export interface ReaderOptions {
  readonly hashings: readonly Hashing[];
  readonly fs?: DataFs | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Prepares to read files one after the other. */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  const { fs = nodeFs, signal, hashings } = options;
  signal?.throwIfAborted();
  const makers = await openHashers(hashings);
  return { fs, makers, buffer: new Uint8Array(CHUNK_BYTES), signal, unpaused: 0 };
}

/** A file's digits, and the facts that will tell a later change. */
interface FileDigits {
  readonly sizeBytes: number;
  readonly digits: HexDigits;
  readonly facts: FileFacts;
}

/** Hashes one file with a reader. */
export async function readDigits(path: string, reader: Reader): Promise<FileDigits> {
  const descriptor = attempt(path, () => reader.fs.open(path));
  try {
    return await readOpen(path, descriptor, reader);
  } finally {
    reader.fs.close(descriptor);
  }
}

async function readOpen(path: string, descriptor: number, reader: Reader): Promise<FileDigits> {
  const { fs } = reader;
  const facts = attempt(path, () => fs.factsOf(descriptor));
  if (facts.kind !== "file") throw notRegular(path, facts);
  const hashers = startHashers(reader.makers);
  let sizeBytes = 0;
  do {
    // No more than the file had at first: what is appended meanwhile shows in its facts, and might never end.
    const wanted = Math.min(facts.sizeBytes - sizeBytes, CHUNK_BYTES);
    const chunk = attempt(path, () => readChunk(fs, descriptor, reader.buffer.subarray(0, wanted)));
    if (chunk.length < wanted) throw changedWhileRead(path);
    sizeBytes += wanted;
    updateAll(hashers, chunk);
    await breathe(reader, wanted);
  } while (sizeBytes < facts.sizeBytes);
  const after = attempt(path, () => fs.factsOf(descriptor));
  if (!isSameFile(facts, after)) throw changedWhileRead(path);
  if (sizeBytes === 0) requireEmpty(path, descriptor, reader);
  return { sizeBytes, digits: finishAll(hashers), facts };
}

/** Files that the kernel makes up while they are read, as in /proc, say that they are empty. */
function requireEmpty(path: string, descriptor: number, { fs, buffer }: Reader): void {
  if (attempt(path, () => fs.read(descriptor, buffer)) > 0) throw unreadable(path, "it has bytes, but no length");
}

/** Fills the buffer, unless the file ends: a read may return less than was asked for anywhere. */
function readChunk(fs: DataFs, descriptor: number, buffer: Uint8Array): Uint8Array {
  let filled = 0;
  while (filled < buffer.length) {
    const count = fs.read(descriptor, filled === 0 ? buffer : buffer.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** Bytes between two pauses: about 10 ms of hashing. */
const BREATH_BYTES = 16 * CHUNK_BYTES;

/** What opening a file counts for, in bytes. */
const OPEN_BYTES = 65_536;

async function breathe(reader: Reader, bytes: number): Promise<void> {
  reader.unpaused += bytes + OPEN_BYTES;
  if (reader.unpaused < BREATH_BYTES) return;
  reader.unpaused = 0;
  await reader.fs.pause();
  reader.signal?.throwIfAborted();
}

/** Tells whether nothing but the name can have changed between two looks at a file. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedNs === b.modifiedNs && a.inode === b.inode && a.device === b.device;
}

/** Reads a small file whole; `undefined` where there is none. */
export function readSmallFile(fs: DataFs, path: string, maxBytes: number): Uint8Array | undefined {
  const facts = attempt(path, () => fs.stat(path));
  if (facts === undefined) return undefined;
  if (facts.kind !== "file") throw notRegular(path, facts);
  if (facts.sizeBytes > maxBytes) throw unreadable(path, `it is longer than ${maxBytes} bytes`);
  const descriptor = attempt(path, () => fs.open(path));
  try {
    const bytes = attempt(path, () => readChunk(fs, descriptor, new Uint8Array(facts.sizeBytes + 1)));
    if (bytes.length !== facts.sizeBytes) throw changedWhileRead(path);
    return bytes;
  } finally {
    fs.close(descriptor);
  }
}

/** Runs one call to the file system; its failure becomes a typed error that names the path. */
export function attempt<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    const reason = reasonOf(cause);
    if (reason === "ENOENT" || reason === "ENOTDIR") throw missing(path, { cause });
    throw unreadable(path, reason, cause);
  }
}

/** The system's name for a failure: `"EACCES"`. */
export function reasonOf(cause: unknown): string {
  const isNamed = typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string";
  return isNamed ? String(cause.code) : String(cause);
}

/** There is nothing at the path. */
export function missing(path: string, more: { remedy?: string; cause?: unknown } = {}): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" does not exist`, {
    code: "DATA_MISSING",
    remedy: more.remedy ?? "put the data there, or correct the path",
    data: { path },
    cause: more.cause,
  });
}

/** The system refuses to read the path. */
export function unreadable(path: string, reason: string, cause?: unknown): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" cannot be read: ${reason}`, {
    code: "DATA_UNREADABLE",
    remedy: "make it a regular file that this user may read",
    data: { path, reason },
    cause,
  });
}

function notRegular(path: string, facts: FileFacts): ReproError<DataErrorCode> {
  return unreadable(path, facts.kind === "folder" ? "it is a folder" : "it is no regular file");
}

function changedWhileRead(path: string): ReproError<DataErrorCode> {
  return new ReproError(`"${path}" changed while it was read`, {
    code: "DATA_CHANGED_WHILE_READ",
    remedy: "stop what writes to it, then try again",
    data: { path },
  });
}
