import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import * as fs from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

import type { Digest } from "@repro/core";

/**
 * The calls that write and read records. Pass another one to see what a full disk does.
 *
 * @public
 */
export type RunFileSystem = Pick<
  typeof fs,
  | "closeSync"
  | "copyFileSync"
  | "existsSync"
  | "fsyncSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readdirSync"
  | "renameSync"
  | "rmSync"
  | "statSync"
  | "writeSync"
>;

/** The file system of this machine. */
export const machineFileSystem: RunFileSystem = fs;

/**
 * What a run reads of its own process.
 *
 * @public
 */
export interface RunProcess {
  /** Path of node, of the script, and the arguments. */
  readonly argv: readonly string[];
  /** Options of node itself. */
  readonly execArgv: readonly string[];
  /** Absolute working directory. */
  readonly cwd: string;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Process id. */
  readonly pid: number;
  /** Name of the machine. */
  readonly hostname: string;
}

export function currentProcess(): RunProcess {
  const { argv, execArgv, env, pid } = process;
  return { argv, execArgv, cwd: process.cwd(), env, pid, hostname: hostname() };
}

/** Wall clock, RFC 3339 in UTC. */
export function now(): string {
  return new Date().toISOString();
}

/** Monotonic clock, milliseconds. */
export function monotonicMs(): number {
  return performance.now();
}

/** Random hexadecimal digits for names that must not collide. They are never recorded as part of a result. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

/** Fast SHA-256 of chunks. */
export function sha256(chunks: Iterable<Uint8Array>): Digest {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/** SHA-256 and length of a file, read in pieces of 1 MiB. */
export function hashFile(file: string): { digest: Digest; sizeBytes: number } {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  const handle = fs.openSync(file, "r");
  let sizeBytes = 0;
  try {
    for (let read = -1; read !== 0; sizeBytes += read) {
      read = fs.readSync(handle, buffer);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    fs.closeSync(handle);
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

/** Running SHA-256. */
export function createSha256(): { update(bytes: Uint8Array): void; digest(): Digest } {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digest: () => `sha256:${hash.digest("hex")}` };
}

/** Copy-on-write where the file system can. */
export const COPY_MODE: number = constants.COPYFILE_FICLONE;

/** Path arithmetic, so that only this file names the platform. */
export const path: {
  readonly dirname: typeof dirname;
  readonly isAbsolute: typeof isAbsolute;
  readonly join: typeof join;
  readonly relative: typeof relative;
  readonly resolve: typeof resolve;
  readonly sep: string;
} = { dirname, isAbsolute, join, relative, resolve, sep };

/** A fresh folder of this process alone, its path free of symbolic links. */
export function makeTemporaryFolder(prefix: string): string {
  return fs.realpathSync(fs.mkdtempSync(join(tmpdir(), prefix)));
}

/** Resolves symbolic links, so that a path can be told to lie inside another. */
export function realPath(folder: string): string {
  return fs.realpathSync(folder);
}

/** Whether a process of this machine is still there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** As {@link realPath}, for a path that may not be there. */
export function realPathIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.realpathSync(file) : undefined;
}

/** Name and version of this package, for whoever reads a record later. */
export function ownVersion(): { readonly name: string; readonly version: string } {
  const text = fs.readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { name, version } = JSON.parse(text) as { name: string; version: string }; // the package's own manifest
  return { name, version };
}

/** How a command ended. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Where a command runs, and what its standard streams are. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: "inherit" | "ignore";
  readonly stdout: "inherit" | "stderr";
  readonly signal?: AbortSignal;
}

/** Runs a command to its end; an abort asks it to stop with SIGTERM. */
export function runToEnd(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandEnd> {
  const [file, ...args] = argv;
  return new Promise((done, fail) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: [options.stdin, options.stdout === "inherit" ? "inherit" : 2, "inherit"],
    });
    const stop = (): void => void child.kill("SIGTERM");
    options.signal?.addEventListener("abort", stop, { once: true });
    child.once("error", fail);
    child.once("close", (exitCode, signal) => {
      options.signal?.removeEventListener("abort", stop);
      done({ exitCode, signal });
    });
  });
}
