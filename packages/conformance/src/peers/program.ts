import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Longest wait for one program that installs something. */
const LIMIT_MS = 600_000;
const SHOWN_CHARACTERS = 4000;

/** Where a program of the search path is; `undefined` when it is on none of its folders. */
export function findProgram(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: either way not to be had
  }
}

/** Whether a program ends with 0. */
export function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: LIMIT_MS }).status === 0;
}

/**
 * Runs a program to its end, and says that it does.
 *
 * @returns What it wrote on standard output.
 * @throws Error with the end of what it wrote, when it does not end with 0.
 */
export function runProgram(program: string, args: readonly string[], cwd?: string): string {
  process.stdout.write(`$ ${[program, ...args].join(" ")}\n`);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"], // a program that would ask a question finds nobody to answer
    encoding: "utf8",
    timeout: LIMIT_MS,
    maxBuffer: 1 << 28,
    // What Python compiles on a first import, it keeps: every test that starts it would wait for it again.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", PYTHONDONTWRITEBYTECODE: "" },
  });
  if (status === 0) return stdout;
  const said = `${stdout ?? ""}${stderr ?? ""}`.slice(-SHOWN_CHARACTERS);
  throw new Error(`${program} ${args.join(" ")} ended with ${status}\n${said}`, { cause: error });
}
