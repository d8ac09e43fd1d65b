import { findProgram, runProgram } from "./program.ts";

/** Something that Debian has: where it is found, and the packages that bring it. */
export interface DebianPeer {
  /** Name of a program on the search path. */
  readonly program: string;
  readonly packages: readonly string[];
}

/** The battery of the peers lane, the keeper of large files, and what makes a virtual environment. */
export const PEER_PROGRAMS: readonly DebianPeer[] = [
  { program: "dieharder", packages: ["dieharder"] },
  { program: "git-lfs", packages: ["git-lfs"] },
  { program: "python3", packages: ["python3", "python3-venv"] },
];

/** The engines of the portability lane that are not Node, and what runs Node for another processor. */
export const ENGINE_PROGRAMS: readonly DebianPeer[] = [
  { program: "gjs", packages: ["gjs"] }, // SpiderMonkey
  { program: "jsc", packages: ["libjavascriptcoregtk-4.0-bin"] },
  { program: "chromium", packages: ["chromium"] },
  {
    program: "qemu-aarch64-static",
    packages: ["qemu-user-static", "libc6-arm64-cross", "libstdc++6-arm64-cross", "libatomic1-arm64-cross"],
  },
];

/**
 * Installs what is missing, where this process may.
 *
 * @throws Error that names what is missing, when it may not.
 */
export function installPrograms(peers: readonly DebianPeer[]): void {
  const missing = peers.filter(({ program }) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const packages = missing.flatMap((peer) => peer.packages);
  if (findProgram("apt-get") === undefined || process.getuid?.() !== 0) {
    const programs = missing.map(({ program }) => program).join(", ");
    throw new Error(`missing: ${programs}. As root, on Debian: apt-get install ${packages.join(" ")}`);
  }
  const lock = ["-o", "DPkg::Lock::Timeout=300"]; // another lane may be installing
  runProgram("apt-get", [...lock, "update", "-q"]);
  runProgram("apt-get", [...lock, "install", "-q", "-y", "--no-install-recommends", ...packages]);
}
