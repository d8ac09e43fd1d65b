import type { Digest, LayerState } from "@repro/core";

/**
 * A fact that could not be found out. It is never the same as having found nothing.
 *
 * @public
 */
export interface UnknownFact {
  /** Tells it from a fact. */
  readonly status: "unknown";
  /** Why, one line. */
  readonly reason: string;
}

/**
 * The JavaScript runtime. A version that the runtime does not have (an ICU in a build without one) is `null`.
 *
 * @public
 */
export interface RuntimeState {
  /** Which runtime. */
  readonly name: "node";
  /** Its version, without a `v`. */
  readonly version: string;
  /** Version of the engine: decides what `Math.sin` and its kin return. */
  readonly v8: string | null;
  /** Version of OpenSSL. */
  readonly openssl: string | null;
  /** Version of ICU: decides collation, case mapping by locale and number formats. */
  readonly icu: string | null;
  /** Version of the time zone data. */
  readonly tz: string | null;
  /** `process.versions.modules`: which native addons load. */
  readonly abi: string | null;
  /** Runtime flags that change what code runs or how, those of `NODE_OPTIONS` first; nothing else of the command line. */
  readonly flags: readonly string[];
}

/**
 * The operating system.
 *
 * @public
 */
export interface PlatformState {
  /** `process.platform`. */
  readonly os: string;
  /** `process.arch`. */
  readonly arch: string;
  /** `ID` and `VERSION_ID` of os-release, `"debian 12"`; `null` where there is no os-release. */
  readonly distribution: string | null;
  /** The C library: the mathematical functions of native code are its own. `null` on systems that have one per release. */
  readonly libc: { readonly name: string; readonly version: string } | UnknownFact | null;
  /** Time zone of the machine, which holds where `TZ` is unset. */
  readonly timeZone: string | UnknownFact;
}

/**
 * The processor.
 *
 * @public
 */
export interface CpuState {
  /** Its model, as the system names it. */
  readonly model: string | UnknownFact;
  /** Instruction sets by which numeric libraries choose their kernels, sorted; named as Linux names them. */
  readonly features: readonly string[] | UnknownFact;
  /** Processors that the process may use: thread pools are as large, and sums are split by them. */
  readonly logicalCores: number;
}

/** Programs that write lockfiles. */
export const LOCKFILE_KINDS: readonly LockfileKind[] = [
  "npm",
  "pnpm",
  "yarn",
  "bun",
  "deno",
  "uv",
  "poetry",
  "pdm",
  "pipenv",
  "pylock",
  "conda-lock",
  "pixi",
];

/**
 * A program that writes lockfiles.
 *
 * @public
 */
export type LockfileKind =
  | "npm"
  | "pnpm"
  | "yarn"
  | "bun"
  | "deno"
  | "uv"
  | "poetry"
  | "pdm"
  | "pipenv"
  | "pylock"
  | "conda-lock"
  | "pixi";

/**
 * One lockfile.
 *
 * @public
 */
export interface LockfileState {
  /** Path relative to the root. */
  readonly path: string;
  /** Who writes it. */
  readonly kind: LockfileKind;
  /** Digest of its bytes. */
  readonly digest: Digest;
}

/**
 * One installed package.
 *
 * @public
 */
export interface InstalledPackage {
  /** `name` of its own manifest; the name of its folder where it has none. */
  readonly name: string;
  /** `version` of its own manifest, read from disk; `null` where it has none. */
  readonly version: string | null;
  /** What the package manager says it unpacked (Subresource Integrity); `null` where it does not say. Files are not re-hashed. */
  readonly integrity: string | null;
}

/**
 * One place where what is installed is not what the lockfile says.
 *
 * @public
 */
export interface PackageDrift {
  /** What is wrong. */
  readonly kind: "missing" | "extra" | "version" | "integrity";
  /** Folder of the package relative to the install. */
  readonly location: string;
  /** What the lockfile says: `name@version`, `link:folder` or an integrity; `null` when nothing. */
  readonly expected: string | null;
  /** What is installed; `null` when nothing. */
  readonly actual: string | null;
}

/**
 * Whether what is installed agrees with the lockfile.
 *
 * @public
 */
export interface DriftState {
  /** `"unchecked"` where there is nothing to check against, or no reader for it. */
  readonly status: "checked" | "unchecked";
  /** Why it is unchecked, one line; `null` when checked. */
  readonly reason: string | null;
  /** What is wrong, by location. When unchecked: only dependencies that the manifest declares and nobody installed. */
  readonly findings: readonly PackageDrift[];
}

/**
 * The packages that one package manager put in place.
 *
 * @public
 */
export interface InstallState {
  /** Folder that the package manager ran in, relative to the root; `"."` is the root. */
  readonly path: string;
  /** Who installed; `null` where that left no trace. */
  readonly manager: "npm" | "pnpm" | "yarn" | "bun" | null;
  /** The lockfile it is checked against, relative to the root: one of `lockfiles`. `null` without one. */
  readonly lockfile: string | null;
  /** Folders that have a `node_modules`, relative to the install; `[]` = nothing is installed. */
  readonly folders: readonly string[];
  /** Installed packages by their folder, relative to the install. */
  readonly packages: Readonly<Record<string, InstalledPackage>> | UnknownFact;
  /** Symbolic links in `node_modules`, and what they lead to, relative to the install; `null` = out of the root. */
  readonly links: Readonly<Record<string, string | null>>;
  /** Whether all that agrees with the lockfile. */
  readonly drift: DriftState;
}

/**
 * What was seen but does not change results, or changes from one start to the next.
 *
 * @public
 */
export interface EnvObserved {
  /** When, RFC 3339 in UTC. */
  readonly capturedAt: string;
  /** Name of the machine. */
  readonly hostName: string;
  /** Release of the kernel. */
  readonly kernel: string;
  /** Absolute path of the runtime. */
  readonly execPath: string;
  /** Memory of the machine, in bytes. */
  readonly memoryBytes: number;
}

/**
 * What a program ran on.
 *
 * @public
 */
export interface EnvState extends LayerState {
  /** Layout of this record. */
  readonly schema: "repro/env/v1";
  /** The JavaScript runtime. */
  readonly runtime: RuntimeState;
  /** The operating system. */
  readonly platform: PlatformState;
  /** The processor. */
  readonly cpu: CpuState;
  /** Environment variables that change results, by allow-list; see `RECORDED_VARIABLES`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lockfiles between the working directory and the root, by path. */
  readonly lockfiles: readonly LockfileState[];
  /** Installs between the working directory and the root, by path. */
  readonly installs: readonly InstallState[];
  /** What is not part of the claim "the same". */
  readonly observed?: EnvObserved;
}
