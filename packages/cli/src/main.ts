#!/usr/bin/env node
import { canonicalText, isReproError, ReproError } from "@repro/core";

import { HELP, parseCommandLine } from "./arguments.ts";
import type { CliErrorCode, Request } from "./arguments.ts";
import { diff, replay, run, show } from "./commands.ts";
import type { Answer } from "./commands.ts";
import { errorJson, exitCodeOf } from "./exit.ts";
import { commandLine, ownVersion, setExitCode, writeError, writeOut } from "./host.ts";
import { describeError } from "./report.ts";
import { createStyle } from "./style.ts";

const style = createStyle();

async function answer(request: Request): Promise<Answer> {
  switch (request.command) {
    case "help":
      return { exitCode: 0, json: { help: HELP }, text: HELP };
    case "version":
      return { exitCode: 0, json: { version: ownVersion() }, text: `${ownVersion()}\n` };
    case "run":
      return run(request, style);
    case "replay":
      return replay(request.run, style);
    case "show":
      return show(request.run, style);
    case "diff":
      return diff(request.recorded, request.actual, style);
  }
}

/** Whether `--json` was asked for, also where the rest of the line cannot be read. What stands behind `--` is not ours. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}

async function main(argv: readonly string[]): Promise<void> {
  const json = wantsJson(argv);
  try {
    const request = parseCommandLine(argv);
    const { exitCode, json: document, text } = await answer(request);
    // `repro run` leaves standard output to the command it wraps.
    if (json) writeOut(`${canonicalText(document)}\n`);
    else if (request.command === "run") writeError(text);
    else writeOut(text);
    setExitCode(exitCode);
  } catch (error) {
    const known = isReproError(error) ? error : defect(error);
    if (json) writeOut(`${canonicalText(errorJson(known))}\n`);
    else writeError(describeError(known, style));
    setExitCode(exitCodeOf(known));
  }
}

/** What should not have happened: nothing can be told, and whoever mends it needs the place. */
function defect(error: unknown): ReproError<CliErrorCode> {
  writeError(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new ReproError(`repro: a defect: ${error instanceof Error ? error.message : String(error)}`, {
    code: "CLI_DEFECT",
    remedy: "report it with the lines above",
    cause: error,
  });
}

await main(commandLine());
