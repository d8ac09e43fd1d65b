import { AsyncLocalStorage, executionAsyncId } from "node:async_hooks";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename, join, posix, resolve, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { SHARE_ENV, Worker, threadId } from "node:worker_threads";
import type { WorkerOptions } from "node:worker_threads";

export type { Worker, WorkerOptions };

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
  /** Takes an environment variable away, so that processes and threads started from here do not have it. */
  forget(variable: string): void;
  /** Names `@repro/seed/register` by its URL in `NODE_OPTIONS`: a process in another folder would not find it by its name. */
  anchorRegister(): void;
}

/** Reads the process and the thread once. */
export function captureHost(): SeedHost {
  return {
    env: process.env,
    script: basename(process.argv[1] ?? ""),
    thread: threadId,
    process: process.pid,
    onExit: (listener) => void process.once("exit", listener),
    forget: (variable) => {
      delete process.env[variable];
    },
    anchorRegister: () => {
      const options = process.env["NODE_OPTIONS"] ?? "";
      const anchored = options.replaceAll(/(--import[= ])"?@repro\/seed\/register"?(?= |$)/g, `$1"${registerUrl()}"`);
      if (anchored !== options) process.env["NODE_OPTIONS"] = anchored;
    },
  };
}

/** A value that follows asynchronous calls. */
export interface AsyncScope<T> {
  /** The value of the innermost {@link AsyncScope.run} around the caller. */
  getStore(): T | undefined;
  /** Calls `body` with the value in place. */
  run<R>(value: T, body: () => R): R;
  /** Whether the value is the same wherever {@link contextId} is, but for the {@link AsyncScope.run} that goes on there. */
  readonly numbered: boolean;
}

/** Makes a scope that has no value yet. */
export function createAsyncScope<T>(): AsyncScope<T> {
  const storage = new AsyncLocalStorage<T>();
  // Up to Node 22 a value hangs on the resource whose number executionAsyncId gives, under a symbol that the storage keeps in
  // this property. From 24 on it is in a frame of the engine, and promises have no numbers.
  const numbered = "kResourceStore" in storage;
  return { getStore: () => storage.getStore(), run: (value, body) => storage.run(value, body), numbered };
}

/** Number of the asynchronous context that runs; 0 when it has none of its own. */
export const contextId: () => number = executionAsyncId;

/** The module `node:crypto`, as CommonJS modules have it, and the engine's Web Crypto in it. */
export function nodeCrypto(): { readonly webcrypto: { readonly subtle: object } } {
  return process.getBuiltinModule("node:crypto");
}

/** Passes what was changed in built-in modules on to the ES modules that import their functions by name. */
export function syncBuiltins(): void {
  syncBuiltinESMExports();
}

/** The folder that call sites are relative to. */
export function workingDirectory(): string {
  return process.cwd();
}

/** Frames to look through for one that lies in a file: `[1].map(Math.random)` is called by native code first. */
const FRAMES = 8;

/**
 * Names the place that called a function, so that it reads the same in every checkout: the file relative to `cwd`, or its
 * base name when it lies outside. Node's own files are passed over: what a stream or an event calls, the program called.
 */
export function callSite(callee: (...args: never[]) => unknown, cwd: string): string {
  if (!Object.isExtensible(Error)) return "(unknown)"; // frozen intrinsics: V8 takes no orders then
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
  const inFiles = frames.filter((site) => typeof site.getFileName() === "string");
  const frame = inFiles.find((site) => site.getFileName()?.startsWith("node:") === false) ?? inFiles[0];
  return frame === undefined ? "(unknown)" : describeFrame(frame, cwd);
}

function describeFrame(frame: NodeJS.CallSite, cwd: string): string {
  const place = `${portablePath(frame.getFileName() ?? "", cwd)}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
  return `${frame.getFunctionName() ?? "(top level)"} (${place})`;
}

/** A file as it reads in every checkout. */
export function portablePath(file: string, cwd: string, windows: boolean = process.platform === "win32"): string {
  const paths = windows ? win32 : posix;
  if (file.startsWith("data:")) return "data:"; // the code itself follows
  const path = file.startsWith("file:") ? fileURLToPath(file, { windows }) : file;
  if (!paths.isAbsolute(path)) return path; // node:internal/…, [eval]
  const installed = path.split(paths.sep).lastIndexOf("node_modules");
  // A replay may find the same package through a link: where it is installed says nothing about the code.
  if (installed !== -1) return path.split(paths.sep).slice(installed).join("/");
  const below = paths.relative(cwd, path);
  if (below.startsWith("..") || paths.isAbsolute(below)) return paths.basename(path);
  return below.split(paths.sep).join("/");
}

/** Writes a file that is there whole or not at all. */
export function writeWholeFile(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `.${name}.unfinished`);
  try {
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, join(folder, name));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
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
  return resolve(runFolder, "parts");
}

/** URL of the compiled `@repro/seed/register`: node 20 cannot run it from source. */
export function registerUrl(): string {
  return new URL("../dist/register.js", import.meta.url).href;
}

/** What {@link startWorker} gives a thread, besides what node's own options give. */
export interface WorkerSetup {
  /** Environment variables, on top of those in the options, or of this process. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Whether a thread is to share the environment of this one, where its variables would be everybody's. */
export function sharesEnvironment({ env }: WorkerOptions): boolean {
  return env === SHARE_ENV;
}

/** Starts a thread that loads `@repro/seed/register` before anything else. */
export function startWorker(file: string | URL, options: WorkerOptions, { variables }: WorkerSetup): Worker {
  const { env = process.env, execArgv = process.execArgv } = options;
  // Text does not load what --import names, and a required module may be an ES module since 20.19.
  const register = options.eval === true ? ["--require", fileURLToPath(registerUrl())] : ["--import", registerUrl()];
  const start = (flags: readonly string[]): Worker =>
    new Worker(file, {
      ...options,
      env: { ...(typeof env === "object" ? env : process.env), ...variables },
      execArgv: [...register, ...flags],
    });
  try {
    return start(execArgv);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // What this process was started with may be for whole processes only; node leaves that out by itself when it is not asked.
    if (code !== "ERR_WORKER_INVALID_EXEC_ARGV" || options.execArgv !== undefined) throw error;
    return start(execArgv.filter((flag) => !message.includes(flag)));
  }
}
