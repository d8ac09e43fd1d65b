import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";

/** What the package needs of the process and the thread that it runs in. */
export interface SeedHost {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Base name of the program or worker that this thread runs; empty when there is none. */
  readonly script: string;
  /** Number of this thread, 0 for the main one. */
  readonly thread: number;
  /** Number of this process. */
  readonly process: number;
  /** Calls back when this thread ends in an orderly way. */
  onExit(listener: () => void): void;
}

/** Reads the process and the thread once. */
export function captureHost(): SeedHost {
  return {
    env: process.env,
    script: basename(process.argv[1] ?? ""),
    thread: threadId,
    process: process.pid,
    onExit: (listener) => void process.once("exit", listener),
  };
}

/** The `Math.random` that is in place. */
export function readRandom(): () => number {
  return Math.random;
}

/** Puts a `Math.random` in place. */
export function writeRandom(random: () => number): void {
  Math.random = random;
}

/** A value that follows asynchronous calls. */
export interface AsyncScope<T> {
  /** The value of the innermost {@link AsyncScope.run} around the caller. */
  getStore(): T | undefined;
  /** Calls `body` with the value in place. */
  run<R>(value: T, body: () => R): R;
}

/** Makes a scope that has no value yet. */
export function createAsyncScope<T>(): AsyncScope<T> {
  return new AsyncLocalStorage<T>();
}

/** The folder that call sites are relative to. */
export function workingDirectory(): string {
  return process.cwd();
}

/** Frames to look through for one that lies in a file: `[1].map(Math.random)` is called by native code first. */
const FRAMES = 8;

/**
 * Names the place that called a function, so that it reads the same in every checkout: the file relative to `cwd`, or its
 * base name when it lies outside.
 */
export function callSite(callee: () => unknown, cwd: string): string {
  const { stackTraceLimit } = Error;
  const preparer = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const holder: { stack?: unknown } = {};
  let frames: readonly NodeJS.CallSite[] = [];
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_error, sites) => (frames = sites);
  try {
    Error.captureStackTrace(holder, callee);
    void holder.stack; // V8 prepares the trace when it is first read
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Node 20 has no such property until someone sets it, and assigning undefined would leave one.
    if (preparer === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", preparer);
  }
  const frame = frames.find((site) => typeof site.getFileName() === "string");
  return frame === undefined ? "(unknown)" : describeFrame(frame, cwd);
}

function describeFrame(frame: NodeJS.CallSite, cwd: string): string {
  const place = `${portablePath(frame.getFileName() ?? "", cwd)}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
  return `${frame.getFunctionName() ?? "(top level)"} (${place})`;
}

function portablePath(file: string, cwd: string): string {
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  if (!isAbsolute(path)) return path; // node:internal/…, [eval]
  const installed = path.split(sep).lastIndexOf("node_modules");
  // A replay may find the same package through a link: where it is installed says nothing about the code.
  if (installed !== -1) return path.split(sep).slice(installed).join("/");
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? basename(path) : below.split(sep).join("/");
}

/** Writes a file that is there whole or not at all. */
export function writeWholeFile(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `.${name}.unfinished`);
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, join(folder, name));
}

/** A file of the parts folder. */
export interface PartFile {
  /** Its name in the folder. */
  readonly name: string;
  /** What it holds. */
  readonly text: string;
}

/** Reads the files of a folder whose names a test accepts; none when there is no such folder. */
export async function readPartFiles(
  folder: string,
  accepts: (name: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<readonly PartFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return []; // nobody left a part
    throw error;
  });
  const read = async (name: string): Promise<PartFile> => ({
    name,
    text: await readFile(join(folder, name), { encoding: "utf8", ...(signal === undefined ? {} : { signal }) }),
  });
  return Promise.all(names.filter(accepts).map(read));
}

/** The folder in `REPRO_RUN_DIR` where processes leave their parts. */
export function partsFolderOf(runFolder: string): string {
  return join(runFolder, "parts");
}

/** URL of the compiled `@repro/seed/register`: node 20 cannot run it from source. */
export function registerUrl(): string {
  return new URL("../dist/register.js", import.meta.url).href;
}
