import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { appendFile, cp, lstat, mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { delimiter, resolve } from "node:path";

import type { BytePath } from "./files.ts";

/** Environment variables, as node hands them out. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** How a child process is started. */
export interface ChildOptions {
  readonly cwd: string;
  readonly env: Variables;
  readonly stdin?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The child is killed when it writes more. */
  readonly maxStdoutBytes?: number | undefined;
}

/** What a child process left behind. */
export interface ChildResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  /** Whether it was killed for writing more than `maxStdoutBytes`. */
  readonly overflowed: boolean;
}

/** Enough of stderr for an error message; hostile programs may write without end. */
const MAX_STDERR_CHARS = 65_536;

/**
 * Runs a program to its end, without a shell and without a limit on what it writes.
 *
 * Settles only after the child has closed its pipes, so that nothing writes to a folder that is about to be removed.
 */
export async function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const { signal } = options;
  signal?.throwIfAborted();
  return new Promise((settle, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      ...(signal === undefined ? {} : { signal }),
      windowsHide: true,
    });
    const chunks: Uint8Array[] = [];
    const limit = options.maxStdoutBytes ?? Infinity;
    let sizeBytes = 0;
    let stderr = "";
    child.stdout.on("data", (chunk: Uint8Array) => {
      sizeBytes += chunk.byteLength;
      if (sizeBytes <= limit) chunks.push(chunk);
      else child.kill();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (stderr.length < MAX_STDERR_CHARS) stderr += text;
    });
    child.on("error", (error) => {
      if (child.pid === undefined) fail(error); // it never started; otherwise "close" follows
    });
    child.on("close", (exitCode) => {
      if (signal?.aborted === true) fail(signal.reason);
      else settle({ exitCode, stdout: joined(chunks), stderr, overflowed: sizeBytes > limit });
    });
    child.stdin.on("error", () => {}); // a child that stops reading tells why by its exit code
    child.stdin.end(options.stdin);
  });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.concat(chunks);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** This process's environment. */
export function hostVariables(): Variables {
  return process.env;
}

/** An absolute path; relative ones start at this process's working directory. */
export function absolutePath(path: string): string {
  return resolve(path);
}

/** Separates paths in one environment variable. */
export function pathListSeparator(): string {
  return delimiter;
}

/** The file that is always empty. */
export function emptyFile(): string {
  return devNull;
}

/** Makes a folder of our own among the system's temporary files. */
export async function makeScratchFolder(): Promise<string> {
  return mkdtemp(resolve(tmpdir(), "repro-git-"));
}

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
}

/** Removes a folder and what is in it. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Names what is in a folder; `null` when there is no such folder. */
export async function listFolder(path: string): Promise<readonly string[] | null> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Tells whether something is at a path, a dangling link included. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Copies a folder's contents into another. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
}

/** Copies one file. */
async function copyFile(from: string, to: string): Promise<void> {
  await writeFile(to, await readFile(from));
}

/** Copies one file where it exists. */
export async function copyFileIfPresent(from: string, to: string): Promise<void> {
  if (await pathExists(from)) await copyFile(from, to);
}

/** What a file held while it was read. */
export interface FileContents {
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** How a file is hashed. */
export interface HashFileOptions {
  /** A file whose contents are replaced by what is hashed. It must be there, and keeps its mode. */
  readonly to?: BytePath;
  readonly signal?: AbortSignal | undefined;
}

/** Hashes a file of any length, part by part. Follows no link, neither to the file nor to the one that is replaced. */
export async function hashFile(path: BytePath, { to, signal }: HashFileOptions = {}): Promise<FileContents> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const source = await open(Buffer.from(path, "latin1"), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = to === undefined ? null : await open(Buffer.from(to, "latin1"), REPLACE);
    try {
      const chunks: AsyncIterable<Uint8Array> = source.createReadStream({
        autoClose: false,
        highWaterMark: CHUNK_BYTES,
      });
      for await (const chunk of chunks) {
        signal?.throwIfAborted();
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        await target?.writeFile(chunk); // goes on where the last one ended
      }
    } finally {
      await target?.close();
    }
  } finally {
    await source.close();
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

const REPLACE = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;

const CHUNK_BYTES = 1_048_576;

/** Writes a small text file. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(path, text);
}

/** Adds text to a file, which is made where there is none. */
export async function appendText(path: string, text: string): Promise<void> {
  await appendFile(path, text);
}

function isAbsent(error: unknown): boolean {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
