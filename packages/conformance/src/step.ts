import { spawn } from "node:child_process";

import { ROOT } from "./workspace.ts";

/** A program that takes longer is stopped: the others have their turn, and whoever waits learns which one hung. */
const LIMIT_MS = 240_000;

/** One program to run. */
export interface Command {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Working directory; the repository when omitted. */
  readonly cwd?: string;
  /** Milliseconds after which the program, and what it started, is stopped; 240,000 when omitted. */
  readonly limitMs?: number;
}

/** One check: it passes when every command exits with 0. */
export interface Step {
  readonly name: string;
  /** Called when the step's turn comes, because a step may need what an earlier one made. */
  readonly commands: () => readonly Command[];
}

/** What came of a step. */
export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
  /** What the commands that failed wrote on both of their streams; empty when none did. */
  readonly output: string;
}

/**
 * Runs the commands of one step, one after the other, to the end of all.
 *
 * @returns A failure, and never a rejection, also when a program cannot be started: the other steps still have their turn.
 */
export async function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  const failures: string[] = [];
  try {
    for (const command of step.commands()) {
      const result = await runCommand(command);
      if (result.exitCode !== 0) failures.push(`$ ${command.argv.join(" ")}\n${result.output}`);
    }
  } catch (error) {
    failures.push(String(error)); // the report of the step is where a program that did not start belongs
  }
  const durationMs = performance.now() - started;
  return { name: step.name, passed: failures.length === 0, durationMs, output: failures.join("\n") };
}

interface CommandResult {
  readonly exitCode: number | null;
  readonly output: string;
}

function runCommand({ argv, cwd = ROOT, limitMs = LIMIT_MS }: Command): Promise<CommandResult> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      detached: true, // a process group of its own, so that what it started can be stopped with it
      stdio: ["ignore", "pipe", "pipe"], // a tool that would ask a question finds nobody to answer
      env: { ...process.env, NO_COLOR: "1", CI: "true" },
    });
    const chunks: Buffer[] = [];
    const release = guardGroup(child.pid, limitMs, () => chunks.push(Buffer.from(`\nstopped after ${limitMs} ms\n`)));
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => {
      release();
      reject(error);
    });
    child.on("close", (exitCode) => {
      release();
      resolve({ exitCode, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** Stops a process group when its time is over, or when this process is interrupted; until it is released. */
function guardGroup(pid: number | undefined, limitMs: number, onLimit: () => void): () => void {
  const stop = (): void => {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  };
  const onInterrupt = (): void => {
    stop();
    process.exit(130); // as a shell says that Ctrl-C ended a program
  };
  const limit = setTimeout(() => {
    onLimit();
    stop();
  }, limitMs);
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt);
  return () => {
    clearTimeout(limit);
    process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
  };
}
