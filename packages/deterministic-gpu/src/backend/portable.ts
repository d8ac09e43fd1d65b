import { ReproError, hashBytes } from "@repro/core";
import type * as tfjsWasm from "@tensorflow/tfjs-backend-wasm";

import type { ActiveBackend } from "./engine.ts";
import { activate, readFlags } from "./engine.ts";
import type { ComputeErrorCode } from "../error.ts";
import type { ComputeHost } from "../host.ts";
import { withoutEmscriptenListeners } from "../host.ts";
import { loadPeer, unusable } from "./peer.ts";
import type { Tfjs } from "./peer.ts";

const WASM_PEER = "@tensorflow/tfjs-backend-wasm";
const SIMD_BINARY = "tfjs-backend-wasm-simd.wasm";

/** The files tfjs-wasm chooses from. All are made to be the SIMD one, so that no other can come to compute. */
const ALL_BINARIES = ["tfjs-backend-wasm.wasm", SIMD_BINARY, "tfjs-backend-wasm-threaded-simd.wasm"];

const SIMD_FLAG = "WASM_HAS_SIMD_SUPPORT";

/** What TensorFlow.js computes in JavaScript, with float64 in between. */
export async function openCpu(tf: Tfjs, host: ComputeHost): Promise<ActiveBackend> {
  const restore = await activate(tf, "cpu", (cause) =>
    unusable("cpu", "the cpu backend does not start", "npm install @tensorflow/tfjs@4.22.0", cause),
  );
  return {
    restore,
    facts: {
      backend: "cpu",
      backendVersion: tf.version["tfjs-backend-cpu"],
      libraryVersion: null,
      binary: null,
      flags: {},
      simd: false,
      threads: 1,
      variables: {},
      device: host.arch, // the engine's Math.exp and others differ between architectures before rounding to float32
    },
  };
}

/** WebAssembly, in its SIMD build and on one thread: the same bits wherever it runs. */
export async function openWasm(tf: Tfjs, host: ComputeHost, signal?: AbortSignal): Promise<ActiveBackend> {
  const wasm = (await loadPeer(WASM_PEER, host, signal)) as typeof tfjsWasm;
  await requireSimd(tf);
  const file = host.resolve(`${WASM_PEER}/dist/${SIMD_BINARY}`);
  if (file === undefined) throw wasmUnusable(`${SIMD_BINARY} is missing from ${WASM_PEER}`);
  const binary = hashBytes(await host.readFile(file, signal));
  const restore = await activateWasm(tf, wasm, file);
  return {
    restore,
    facts: {
      backend: "wasm",
      backendVersion: wasm.version_wasm,
      libraryVersion: null,
      binary,
      flags: await readFlags(tf, [SIMD_FLAG, "WASM_HAS_MULTITHREAD_SUPPORT"]),
      simd: true,
      threads: wasm.getThreadsCount(),
      variables: {},
      device: "any",
    },
  };
}

/** The build without SIMD picks kernels by processor: its elu differs between x86-64 and arm64. */
async function requireSimd(tf: Tfjs): Promise<void> {
  if ((await tf.env().getAsync(SIMD_FLAG)) === true) return;
  throw new ReproError<ComputeErrorCode>("openCompute: the wasm backend computes portable bits only with SIMD", {
    code: "COMPUTE_SIMD_REQUIRED",
    remedy: `leave tf.env() flag ${SIMD_FLAG} alone, and use an engine with WebAssembly SIMD, or backend: "cpu"`,
    data: { flag: SIMD_FLAG },
  });
}

async function activateWasm(tf: Tfjs, wasm: typeof tfjsWasm, file: string): Promise<() => Promise<void>> {
  try {
    wasm.setThreadsCount(1);
    wasm.setWasmPaths(Object.fromEntries(ALL_BINARIES.map((name) => [name, file])));
  } catch (cause) {
    throw wasmUnusable("an earlier start of the wasm backend failed in this process", cause);
  }
  return withoutEmscriptenListeners(() =>
    activate(tf, "wasm", (cause) => wasmUnusable(`${SIMD_BINARY} does not start`, cause)),
  );
}

function wasmUnusable(reason: string, cause?: unknown): ReproError<ComputeErrorCode> {
  return unusable("wasm", reason, `npm install ${WASM_PEER}@4.22.0, then start the program again`, cause);
}
