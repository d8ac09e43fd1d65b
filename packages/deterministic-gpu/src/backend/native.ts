import { ReproError } from "@repro/core";

import type { ActiveBackend } from "./engine.ts";
import { activate, keepBackend } from "./engine.ts";
import type { ComputeErrorCode } from "../error.ts";
import type { ComputeHost } from "../host.ts";
import { loadPeer, unusable } from "./peer.ts";
import type { Tfjs } from "./peer.ts";
import { variablesInForce } from "../variables.ts";

/** How many threads libtensorflow splits one kernel over; its sums, and so its bits, depend on it. */
const THREADS = "TF_NUM_INTRAOP_THREADS";

type NativeBackend = "tensorflow" | "tensorflow-gpu";

/** What tfjs-node's backend object tells; its typings do not. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** TensorFlow's own kernels, through tfjs-node or tfjs-node-gpu. */
export async function openNative(
  tf: Tfjs,
  backend: NativeBackend,
  host: ComputeHost,
  signal?: AbortSignal,
): Promise<ActiveBackend> {
  const variables = { ...variablesInForce(host.env), [THREADS]: threadsInForce(host) };
  const unset = setVariables(tf, variables, host);
  // Read now: tfjs-node makes its backend the active one as soon as it is imported.
  const setBack = keepBackend(tf);
  const restore = async (): Promise<void> => {
    await setBack();
    unset();
  };
  try {
    return { restore, facts: { ...(await startNative(tf, backend, host, signal)), ...threadsOf(backend, variables) } };
  } catch (error) {
    await restore();
    throw error;
  }
}

async function startNative(
  tf: Tfjs,
  backend: NativeBackend,
  host: ComputeHost,
  signal?: AbortSignal,
): Promise<Omit<ActiveBackend["facts"], "threads" | "variables">> {
  const peer = backend === "tensorflow" ? "@tensorflow/tfjs-node" : "@tensorflow/tfjs-node-gpu";
  const { version } = (await loadPeer(peer, host, signal)) as { readonly version: Readonly<Record<string, string>> };
  await activate(tf, "tensorflow", (cause) =>
    unusable(backend, "libtensorflow does not start", `npm rebuild ${peer}`, cause),
  );
  const { isUsingGpuDevice, binding } = tf.backend() as NodeBackend;
  if (backend === "tensorflow-gpu" && isUsingGpuDevice !== true) {
    throw unusable(backend, "libtensorflow finds no GPU", 'check "nvidia-smi", or use backend: "tensorflow"');
  }
  return {
    backend,
    backendVersion: version["tfjs-node"] ?? "unknown",
    libraryVersion: binding?.TF_Version ?? "unknown",
    binary: null,
    flags: {},
    simd: false,
    device: backend === "tensorflow" ? host.cpuModel : "gpu", // its model is the environment layer's to record
  };
}

function threadsOf(
  backend: NativeBackend,
  variables: Readonly<Record<string, string>>,
): Pick<ActiveBackend["facts"], "threads" | "variables"> {
  return { variables, threads: backend === "tensorflow" ? Number(variables[THREADS]) : 0 };
}

/** The number of threads as text; libtensorflow takes 0, or what is no number, for a choice of its own. */
function threadsInForce({ env, cores }: ComputeHost): string {
  const threads = env[THREADS] ?? String(cores);
  if (/^[1-9][0-9]{0,3}$/.test(threads)) return threads;
  throw new ReproError<ComputeErrorCode>(`openCompute: ${THREADS} must be a number of threads, got "${threads}"`, {
    code: "COMPUTE_VARIABLE_CONFLICT",
    remedy: `unset ${THREADS}, or set it to the number of threads the run was recorded with`,
    data: { name: THREADS, wanted: "1 to 9999", got: threads },
  });
}

/** Sets what is missing, and returns what takes it back. */
function setVariables(tf: Tfjs, wanted: Readonly<Record<string, string>>, host: ComputeHost): () => void {
  const missing = Object.keys(wanted).filter((name) => host.env[name] === undefined);
  if (missing.length > 0) requireUnread(tf, missing, host);
  for (const name of missing) host.env[name] = wanted[name];
  return () => {
    for (const name of missing) delete host.env[name];
  };
}

/** Variables count only if the native library has not yet been loaded, and sees the environment that is written. */
function requireUnread(tf: Tfjs, missing: readonly string[], host: ComputeHost): void {
  const loaded = tf.findBackendFactory("tensorflow") !== null;
  if (!loaded && host.ownsEnvironment) return;
  const why = loaded ? "tfjs-node is already loaded" : "native code does not see a worker thread's variables";
  throw new ReproError<ComputeErrorCode>(`openCompute: ${missing.join(", ")} cannot be set any more: ${why}`, {
    code: "COMPUTE_OPENED_TOO_LATE",
    remedy: 'call openCompute before anything imports tfjs-node, or start the program with "repro run"',
    data: { missing, loaded },
  });
}
