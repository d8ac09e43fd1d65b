/**
 * The environment variables that are recorded, because numeric libraries, runtimes or locale change results by them.
 *
 * Whole names, never patterns: people pass passwords as `LC_…` to get them through ssh. Whatever is not listed is not
 * read. A variable whose name says that it is a secret is never recorded, even when asked for.
 *
 * @remarks Names from the manuals of CUDA, cuBLAS, NCCL, TensorFlow, XLA, PyTorch, OpenMP 5.2, MKL, OpenBLAS, BLIS,
 * NumExpr, CPython, Node and POSIX.1-2024 chapter 8.
 * @public
 */
export const RECORDED_VARIABLES: readonly string[] = [
  "BLIS_NUM_THREADS",
  "CUBLAS_WORKSPACE_CONFIG",
  "CUDA_LAUNCH_BLOCKING",
  "CUDA_VISIBLE_DEVICES",
  "GOTO_NUM_THREADS",
  "LANG",
  "LANGUAGE",
  "LC_ADDRESS",
  "LC_ALL",
  "LC_COLLATE",
  "LC_CTYPE",
  "LC_IDENTIFICATION",
  "LC_MEASUREMENT",
  "LC_MESSAGES",
  "LC_MONETARY",
  "LC_NAME",
  "LC_NUMERIC",
  "LC_PAPER",
  "LC_TELEPHONE",
  "LC_TIME",
  "MKL_CBWR",
  "MKL_DYNAMIC",
  "MKL_NUM_THREADS",
  "NCCL_ALGO",
  "NCCL_PROTO",
  "NODE_ENV",
  "NUMEXPR_NUM_THREADS",
  "NVIDIA_TF32_OVERRIDE",
  "OMP_DYNAMIC",
  "OMP_NUM_THREADS",
  "OMP_PLACES",
  "OMP_PROC_BIND",
  "OMP_SCHEDULE",
  "OPENBLAS_CORETYPE",
  "OPENBLAS_NUM_THREADS",
  "PYTHONHASHSEED",
  "SOURCE_DATE_EPOCH",
  "TF_CUDNN_DETERMINISTIC",
  "TF_CUDNN_USE_AUTOTUNE",
  "TF_DETERMINISTIC_OPS",
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_NUM_INTEROP_THREADS",
  "TF_NUM_INTRAOP_THREADS",
  "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
  "TZ",
  "UV_THREADPOOL_SIZE",
  "VECLIB_MAXIMUM_THREADS",
  "XLA_FLAGS",
];

const SECRET_NAME = /TOKEN|SECRET|KEY|PASS|PWD|CRED|AUTH|PRIVATE|COOKIE|SESSION|SIGNATURE|^AWS_|^GH_|^GITHUB_/i;

/**
 * Takes the recorded variables out of an environment.
 *
 * @param more - Further names to record, which {@link requireHarmless} has let pass.
 */
export function recordedVariables(
  env: Readonly<Record<string, string | undefined>>,
  more: readonly string[],
): Readonly<Record<string, string>> {
  const found = [...RECORDED_VARIABLES, ...more].flatMap((name): [string, string][] => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

/** Tells whether a variable's name says that its value is a secret. */
export function readsLikeSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Refuses names that read like the name of a secret. */
export function requireHarmless(names: readonly string[]): void {
  const secret = names.find(readsLikeSecret);
  if (secret === undefined) return;
  throw new RangeError(`captureEnv: "variables" must not name secrets, got "${secret}"`);
}
