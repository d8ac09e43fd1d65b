import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { symlinkSync } from "node:fs";
import { availableParallelism, cpus, hostname, release, totalmem } from "node:os";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

import type { Digest } from "@repro/core";
import { ReproError } from "@repro/core";

import type { EnvLockErrorCode } from "./error.ts";

/** Largest file that is read, in bytes: ten times the largest lockfile we know of. Ours. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Most output of an installer that is kept, in bytes. Ours; an installer that prints more is stopped. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * One name in a folder.
 *
 * @public
 */
export interface FolderEntry {
  /** The name alone. */
  readonly name: string;
  /** What it is; a symbolic link is not followed. */
  readonly kind: "file" | "folder" | "link" | "other";
}

/**
 * How a command ended.
 *
 * @public
 */
export interface CommandResult {
  /** Exit status; `null` when the command could not be started or was killed. */
  readonly status: number | null;
  /** What it wrote to standard output and standard error; the reason where it could not be started. */
  readonly output: string;
  /** Whether no such command is on the path. */
  readonly notFound: boolean;
}

/**
 * Where a command runs.
 *
 * @public
 */
export interface CommandOptions {
  /** Absolute working directory. */
  readonly cwd: string;
  /** Its environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Stops the command. */
  readonly signal?: AbortSignal;
}

/**
 * What the running process knows about itself and its machine.
 *
 * @public
 */
export interface MachineFacts {
  /** `process.versions`. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** Command-line flags of the runtime itself. */
  readonly execArgv: readonly string[];
  /** Absolute path of the runtime. */
  readonly execPath: string;
  /** `process.platform`. */
  readonly os: string;
  /** `process.arch`. */
  readonly arch: string;
  /** Version of glibc in this process; `null` where it runs on another C library. */
  readonly glibc: string | null;
  /** Processors that this process may use. */
  readonly logicalCores: number;
  /** Model of the first processor; `null` where the system does not tell. */
  readonly cpuModel: string | null;
  /** Memory of the machine, in bytes. */
  readonly memoryBytes: number;
  /** Name of the machine. */
  readonly hostName: string;
  /** Release of the kernel. */
  readonly kernel: string;
}

/**
 * The machine, as far as this package touches it. Pass your own to test faults.
 *
 * @public
 */
export interface EnvHost {
  /**
   * Reads a file whole.
   *
   * @returns `undefined` when there is none.
   * @throws ReproError `ENV_UNREADABLE` when it cannot be read, is no regular file, or is above 64 MiB.
   */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Lists a folder in no defined order; `undefined` when there is none. Throws as `readFile`. */
  readFolder(path: string): Promise<readonly FolderEntry[] | undefined>;
  /** The text of a symbolic link; `undefined` when there is none. */
  readLink(path: string): Promise<string | undefined>;
  /** Makes a symbolic link to a folder, and the folders above the link. */
  makeLink(target: string, path: string): Promise<void>;
  /** Runs a command without a shell. */
  run(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult>;
  /** What this process knows about the machine. */
  machine(): MachineFacts;
  /** The time, RFC 3339 in UTC. */
  now(): string;
}

/**
 * The machine this process runs on.
 *
 * Reads synchronously behind asynchronous signatures: an environment is hundreds of small files, and for those the thread
 * pool costs more than the reads (360 manifests here: 56 ms through it, 34 ms without).
 *
 * @public
 */
export function createNodeHost(): EnvHost {
  return {
    readFile: async (path) => orAbsent(path, () => readRegularFile(path)),
    readFolder: async (path) =>
      orAbsent(path, () => readdirSync(path, { withFileTypes: true }).map((e) => ({ name: e.name, kind: kindOf(e) }))),
    readLink: async (path) => orAbsent(path, () => readlinkSync(path)),
    makeLink: async (target, path) => {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(target, path, "dir");
    },
    run: runCommand,
    machine: readMachine,
    now: () => new Date().toISOString(),
  };
}

function readRegularFile(path: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a named pipe must not make us wait
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw unreadable(path, "it is not a regular file");
    if (found.size > MAX_FILE_BYTES)
      throw unreadable(path, `it has ${found.size} bytes, the limit is ${MAX_FILE_BYTES}`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function orAbsent<Result>(path: string, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EINVAL") return undefined; // EINVAL: readlink of what is no link
    throw cause instanceof ReproError ? cause : unreadable(path, code ?? String(cause), cause);
  }
}

function unreadable(path: string, fault: string, cause?: unknown): ReproError<EnvLockErrorCode> {
  return new ReproError(`captureEnv: "${path}" cannot be read: ${fault}`, {
    code: "ENV_UNREADABLE",
    remedy: "make it readable for the user that runs this",
    data: { path, fault },
    cause,
  });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): FolderEntry["kind"] {
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "link";
  return entry.isFile() ? "file" : "other";
}

function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const settings = { cwd: options.cwd, env: options.env, signal: options.signal, maxBuffer: MAX_OUTPUT_BYTES };
    execFile(command, [...args], settings, (error, stdout, stderr) => {
      if (options.signal?.aborted === true) return reject(options.signal.reason);
      const code: unknown = error === null ? 0 : error.code; // a number when it ran, a name such as ENOENT when it did not
      const said = `${stdout}${stderr}`;
      resolve({
        status: typeof code === "number" ? code : null,
        output: said === "" && error !== null ? error.message : said,
        notFound: code === "ENOENT",
      });
    });
  });
}

function readMachine(): MachineFacts {
  return {
    versions: process.versions,
    execArgv: process.execArgv,
    execPath: process.execPath,
    os: process.platform,
    arch: process.arch,
    glibc: glibcVersion(),
    logicalCores: availableParallelism(),
    cpuModel: cpus()[0]?.model ?? null,
    memoryBytes: totalmem(),
    hostName: hostname(),
    kernel: release(),
  };
}

/** `excludeNetwork` came with Node 20.13, which the types do not know. */
interface DiagnosticReport {
  excludeNetwork: boolean;
  getReport(): { readonly header?: { readonly glibcVersionRuntime?: unknown } };
}

/** The diagnostic report is the only place where node tells its C library. We take one string of it and drop the rest. */
function glibcVersion(): string | null {
  const report = process.report as unknown as DiagnosticReport;
  const { excludeNetwork } = report;
  report.excludeNetwork = true; // or it asks the name server about every open socket
  try {
    const version = report.getReport().header?.glibcVersionRuntime;
    return typeof version === "string" ? version : null;
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** Environment variables of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Hashes a file's bytes: lockfiles of megabytes, for which core's own SHA-256 is an order of magnitude slower. */
export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Joins paths with the separator of the machine. */
export function joinPath(...parts: readonly string[]): string {
  return join(...parts);
}

/** The way from one folder to another, with `/`; `"."` when they are the same. */
export function pathBetween(from: string, to: string): string {
  return relative(from, to).split(sep).join("/") || ".";
}

/** The same, for a path inside the folder; `undefined` for any other. */
export function pathInside(folder: string, path: string): string | undefined {
  const way = pathBetween(folder, path);
  return way === ".." || way.startsWith("../") || isAbsolute(way) ? undefined : way;
}
