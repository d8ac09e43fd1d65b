import { createHash } from "node:crypto";
import type { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

import type { Digest } from "@repro/core";

/**
 * The part of WebGPU that is needed to ask whether there is a device.
 *
 * @public
 */
export interface GpuAdapters {
  /** Answers `null` where there is no usable device. */
  requestAdapter(): Promise<GpuAdapter | null>;
}

/**
 * The part of a WebGPU adapter that is recorded.
 *
 * @public
 */
export interface GpuAdapter {
  /** What the adapter says about itself; engines differ in what they fill in. */
  readonly info?: { readonly vendor?: string; readonly device?: string; readonly description?: string };
}

/**
 * The machine, as this package sees it.
 *
 * @public
 */
export interface ComputeHost {
  /** Environment variables. Native backends read them, so `openCompute` sets those that are missing here. */
  readonly env: Record<string, string | undefined>;
  /** Processor architecture in Node's words: `"x64"`, `"arm64"`. */
  readonly arch: string;
  /** Model of the processor, `"unknown"` where the system does not tell. */
  readonly cpuModel: string;
  /** Processors this process may use; at least 1. */
  readonly cores: number;
  /** Whether `env` is the environment that native code sees: in a worker thread it is a copy. */
  readonly ownsEnvironment: boolean;
  /** `navigator.gpu`, absent where the engine has none. */
  readonly gpu?: GpuAdapters | undefined;
  /** Finds the file of a package or of a file in it; `undefined` when it is not installed. */
  readonly resolve: (specifier: string) => string | undefined;
  /** Imports a file that `resolve` found. */
  readonly load: (file: string) => Promise<unknown>;
  /** Reads a file that `resolve` found. */
  readonly readFile: (file: string, signal?: AbortSignal) => Promise<Uint8Array>;
}

/**
 * The machine this process runs on. Packages are looked up from this package's own place.
 *
 * @public
 */
export function computeHost(): ComputeHost {
  const { resolve } = createRequire(import.meta.url);
  return {
    env: process.env,
    arch: arch(),
    cpuModel: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    ownsEnvironment: isMainThread,
    gpu: (globalThis as { navigator?: { gpu?: GpuAdapters } }).navigator?.gpu,
    resolve(specifier) {
      try {
        return resolve(specifier);
      } catch {
        return undefined; // not installed is an answer; what it means is the caller's to say
      }
    },
    // The file that `import` of the package's name resolves to as well, so both are one instance: tfjs 4 is CommonJS in Node.
    load: (file) => import(pathToFileURL(file).href),
    readFile: (file, signal) => readFile(file, { signal }),
  };
}

/**
 * Starts tfjs-wasm without the listeners that its Emscripten runtime leaves on the process: they throw again whatever the
 * program failed by, so that it exits with 7 instead of 1, under a stack that points into tfjs-wasm.
 */
export async function withoutEmscriptenListeners<T>(start: () => Promise<T>): Promise<T> {
  const events: EventEmitter = process;
  const before = new Set(FAILURES.flatMap((event) => events.rawListeners(event)));
  try {
    return await start();
  } finally {
    for (const event of FAILURES) {
      const added = events.rawListeners(event).filter((listener) => !before.has(listener));
      // Only those that read like Emscripten's: the program may have added its own meanwhile.
      const theirs = added.filter((listener) => /ExitStatus|throw reason/.test(String(listener)));
      for (const listener of theirs) events.removeListener(event, listener as () => void);
    }
  }
}

const FAILURES = ["uncaughtException", "unhandledRejection"];

/** SHA-256 by node's own code, which hashes weights of any size about ten times as fast as a JavaScript one. */
export function sha256(chunks: readonly Uint8Array[]): Digest {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}
