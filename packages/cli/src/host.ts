import { readFileSync } from "node:fs";
import { parseArgs, styleText } from "node:util";

export { parseArgs };

/** Arguments behind the program's name. */
export function commandLine(): readonly string[] {
  return process.argv.slice(2);
}

/** Variables of this process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Absolute working directory. */
export function workingFolder(): string {
  return process.cwd();
}

/** Version of this package. */
export function ownVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version; // the package's own manifest
}

/** Whether standard error is a terminal that shows colours (https://no-color.org). */
export function showsColour(): boolean {
  return process.stderr.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** Text in a colour, for a terminal. */
export function coloured(format: "bold" | "dim" | "green" | "red" | "yellow", text: string): string {
  return styleText(format, text);
}

/** Writes to standard output: the one result. */
export function writeOut(text: string): void {
  process.stdout.write(text);
}

/** Writes to standard error: everything else. */
export function writeError(text: string): void {
  process.stderr.write(text);
}

/** Sets the status with which the process will end, once all output has been written. */
export function setExitCode(code: number): void {
  process.exitCode = code;
}

/**
 * Aborts when the terminal or the system asks this process to stop; a second request ends it at once.
 *
 * @param reasonOf - Makes what is thrown wherever work was under way.
 */
export function onStop(reasonOf: (signal: string) => Error): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => controller.abort(reasonOf(name)));
  }
  return controller.signal;
}
