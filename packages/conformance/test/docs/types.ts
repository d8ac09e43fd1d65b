import { join } from "node:path";

import ts from "typescript";

import { ROOT } from "../../src/workspace.ts";

/**
 * Type-checks modules as tests are type-checked: against the sources of our packages.
 *
 * @returns For each path what the compiler says about it, one line each.
 */
export function typeErrorsOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const config = join(ROOT, "packages/conformance/tsconfig.test.json");
  const { options } =
    ts.getParsedCommandLineOfConfigFile(config, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic }) ?? {};
  // What an example declares to show it, and never uses, is no mistake.
  const program = ts.createProgram(paths, { ...options, noUnusedLocals: false, noUnusedParameters: false });
  return new Map(paths.map((path) => [path, errorsIn(program, path)]));
}

function errorsIn(program: ts.Program, path: string): readonly string[] {
  const file = program.getSourceFile(path);
  return ts.getPreEmitDiagnostics(program, file).map(({ messageText, start = 0 }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

function onUnRecoverableConfigFileDiagnostic({ messageText }: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(messageText, " "));
}
