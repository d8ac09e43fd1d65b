import { readFileSync } from "node:fs";
import { join } from "node:path";

import { findProgram, runProgram, succeeds } from "./program.ts";
import { storedFolder } from "./store.ts";

/** What the locked packages need. */
const WANTED = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
/** Which interpreter it is, to the build. */
const VERSION = "import sys; print(sys.version, sys.platform, sys.base_prefix)";
/** The first thing that each package does on import is to load its native code. */
const IMPORTS = "import jax, mpmath, numpy, torch";

/**
 * Makes the virtual environment of the Python peers from a lock file with digests, once for each lock and interpreter.
 *
 * @param lock - Absolute path of `requirements.txt`.
 * @returns Absolute path of its interpreter.
 * @throws Error when no Python fits, and when a package cannot be had or is not the one that was locked.
 */
export function installPython(lock: string): string {
  const base = findPython();
  const recipe = [readFileSync(lock, "utf8"), runProgram(base, ["-c", VERSION])];
  const folder = storedFolder("python", recipe, (draft) => {
    runProgram(base, ["-m", "venv", draft]);
    const flags = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--no-cache-dir"];
    runProgram(join(draft, "bin/python"), ["-m", "pip", "install", "--quiet", ...flags, "--requirement", lock]);
    runProgram(join(draft, "bin/python"), ["-c", IMPORTS]);
  });
  return join(folder, "bin/python");
}

/** The `python3` of the search path, or Debian's own where that one is too old or has no `venv`. */
function findPython(): string {
  const candidates = [findProgram("python3"), "/usr/bin/python3"].filter((path) => path !== undefined);
  const found = candidates.find((path) => succeeds(path, ["-c", WANTED]));
  if (found === undefined) throw new Error("missing: Python 3.11 or newer with venv. On Debian: python3-venv");
  return found;
}
