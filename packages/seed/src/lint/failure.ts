import { ReproError } from "@repro/core";

import type { SeedErrorCode } from "../error.ts";
import { edgeOf } from "./syntax/node.ts";

/** The error of a missing parser. */
export function parserMissing(cause: unknown): ReproError<SeedErrorCode> {
  return new ReproError("findSeedTraps: @babel/parser is not installed", {
    code: "SEED_LINT_PARSER_MISSING",
    remedy: "npm install --save-dev @babel/parser@7",
    data: { package: "@babel/parser" },
    cause,
  });
}

/** A syntax error with its place; parentheses that nest deeper than the parser's stack have none. */
export function syntaxError(failure: unknown, file: string): ReproError<SeedErrorCode> {
  const loc = typeof failure === "object" && failure !== null && "loc" in failure ? failure.loc : undefined;
  const { line, column } = edgeOf({ start: loc }, "start");
  const reason = failure instanceof Error ? failure.message.replaceAll(/\s+/g, " ").slice(0, 200) : "it cannot be read";
  return new ReproError(`findSeedTraps: ${file}:${line}:${column} does not parse: ${reason}`, {
    code: "SEED_LINT_SYNTAX",
    remedy: "give the file's name, whose ending says which syntax it is in, or leave the file out",
    data: { file, line, column, reason },
    cause: failure,
  });
}

/** The error of a model that cannot be walked. */
export function modelError(pointer: string, reason: string, cause?: unknown): ReproError<SeedErrorCode> {
  return new ReproError(`findModelTraps: the model cannot be read: ${reason}`, {
    code: "SEED_LINT_MODEL",
    remedy: "give what model.json holds, or model.toJSON(null, false)",
    data: { pointer: pointer.slice(0, 200), reason },
    ...(cause === undefined ? {} : { cause }),
  });
}
