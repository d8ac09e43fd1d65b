import type { ReproError } from "@repro/core";

import type { ActiveBackend } from "./engine.ts";
import { activate, readFlags } from "./engine.ts";
import type { ComputeErrorCode } from "../error.ts";
import type { ComputeHost, GpuAdapter } from "../host.ts";
import { loadPeer, unusable } from "./peer.ts";
import type { Tfjs } from "./peer.ts";

const WEBGPU_PEER = "@tensorflow/tfjs-backend-webgpu";

/** Which matmul program is used; 3 is MatMulPacked, which unlike the split-K one adds without atomics. */
const MATMUL_FLAG = "WEBGPU_MATMUL_PROGRAM_TYPE";
const MATMUL_PACKED = 3;

/** Compute shaders. The peer registers its backend only where `navigator.gpu` is there when it is imported. */
export async function openWebgpu(tf: Tfjs, host: ComputeHost, signal?: AbortSignal): Promise<ActiveBackend> {
  const adapter = await requireAdapter(host);
  const peer = (await loadPeer(WEBGPU_PEER, host, signal)) as { readonly version_webgpu?: string };
  const [before] = Object.values(await readFlags(tf, [MATMUL_FLAG]));
  const setBack = await activate(tf, "webgpu", (cause) => noWebgpu("the webgpu backend does not start", cause));
  tf.env().set(MATMUL_FLAG, MATMUL_PACKED);
  return {
    restore: async () => {
      if (before !== undefined) tf.env().set(MATMUL_FLAG, before);
      await setBack();
    },
    facts: {
      backend: "webgpu",
      backendVersion: peer.version_webgpu ?? "unknown",
      libraryVersion: null,
      binary: null,
      flags: await readFlags(tf, [MATMUL_FLAG, "WEBGPU_CPU_FORWARD"]),
      simd: false,
      threads: 0,
      variables: {},
      device: [adapter.info?.description, adapter.info?.device, adapter.info?.vendor].find(Boolean) ?? "unknown",
    },
  };
}

async function requireAdapter(host: ComputeHost): Promise<GpuAdapter> {
  if (host.gpu === undefined) throw noWebgpu("this engine has no navigator.gpu");
  const adapter = await host.gpu.requestAdapter();
  if (adapter === null) throw noWebgpu("navigator.gpu has no adapter");
  return adapter;
}

function noWebgpu(reason: string, cause?: unknown): ReproError<ComputeErrorCode> {
  const remedy =
    'use backend: "wasm"; in Node, navigator.gpu comes from the package "webgpu" and needs a Vulkan driver';
  return unusable("webgpu", reason, remedy, cause);
}
