#!/usr/bin/env node
import { canonicalText, isReproError } from "@repro/core";

import { HELP, parseCommandLine } from "./arguments.ts";
import type { Request } from "./arguments.ts";
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
    if (!isReproError(error)) throw error;
    if (json) writeOut(`${canonicalText(errorJson(error))}\n`);
    else writeError(describeError(error, style));
    setExitCode(exitCodeOf(error));
  }
}

await main(commandLine());
