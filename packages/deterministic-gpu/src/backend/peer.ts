import { ReproError } from "@repro/core";
import type * as tfjs from "@tensorflow/tfjs";

import type { ComputeErrorCode } from "../error.ts";
import type { ComputeHost } from "../host.ts";

/** Version of every tfjs package that this one is tested with. */
const VERSION = "4.22.0";

/** TensorFlow.js, as its own package types it. */
export type Tfjs = typeof tfjs;

/** Imports the user's copy of TensorFlow.js; another backend registers itself in that copy's engine. */
export async function loadTfjs(host: ComputeHost, signal?: AbortSignal): Promise<Tfjs> {
  return (await loadPeer("@tensorflow/tfjs", host, signal)) as Tfjs;
}

/**
 * Imports an optional peer dependency.
 *
 * @throws ReproError `COMPUTE_PEER_MISSING` when it is not installed, `COMPUTE_BACKEND_UNUSABLE` when importing it fails.
 */
export async function loadPeer(peer: string, host: ComputeHost, signal?: AbortSignal): Promise<unknown> {
  signal?.throwIfAborted();
  const file = host.resolve(peer);
  if (file === undefined) {
    throw new ReproError<ComputeErrorCode>(`openCompute: ${peer} is not installed`, {
      code: "COMPUTE_PEER_MISSING",
      remedy: `npm install ${peer}@${VERSION}`,
      data: { peer, version: VERSION },
    });
  }
  try {
    const loaded = await host.load(file);
    signal?.throwIfAborted();
    return loaded;
  } catch (cause) {
    signal?.throwIfAborted();
    throw unusable(peer, `${peer} is installed but cannot be loaded`, reinstall(peer), cause);
  }
}

/** The error of a backend that is there but does not work. */
export function unusable(
  backend: string,
  reason: string,
  remedy: string,
  cause?: unknown,
): ReproError<ComputeErrorCode> {
  return new ReproError<ComputeErrorCode>(`openCompute: ${reason}`, {
    code: "COMPUTE_BACKEND_UNUSABLE",
    remedy,
    data: { backend, reason },
    cause,
  });
}

/** The install script of tfjs-node downloads libtensorflow; where that fails, the package is left without its addon. */
function reinstall(peer: string): string {
  if (!peer.startsWith("@tensorflow/tfjs-node")) return `npm install ${peer}@${VERSION}`;
  return (
    `use backend: "wasm", or put libtensorflow 2.9.1 into node_modules/${peer}/deps ` +
    `and run "npx node-pre-gyp install --build-from-source" in node_modules/${peer}`
  );
}
