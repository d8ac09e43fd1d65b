import { readFileSync } from "node:fs";

import ts from "typescript";

/** One place where a module names another. */
export interface Import {
  /** The module's name as written; `undefined` where it is computed. */
  readonly specifier: string | undefined;
  /** `"type"` vanishes when compiled; `"dynamic"` is loaded when it is reached; `"static"` is loaded with the module. */
  readonly kind: "static" | "type" | "dynamic";
  /** `file:line`, for the message. */
  readonly line: number;
}

/** Parses a source file, with parents set. */
export function parseModule(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true);
}

/** Every import of a module: `import`, `export … from`, `import()`, `require()`, and types written `import("…")`. */
export function importsOf(module: ts.SourceFile): readonly Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const { specifier, kind } = importAt(node) ?? {};
    if (kind !== undefined) {
      const { line } = module.getLineAndCharacterOfPosition(node.getStart());
      found.push({ specifier: specifier === undefined ? undefined : textOf(specifier), kind, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(module);
  return found;
}

function importAt(node: ts.Node): { specifier: ts.Node | undefined; kind: Import["kind"] } | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier, kind: isTypeOnly(node.importClause) ? "type" : "static" };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: node.moduleSpecifier, kind: node.isTypeOnly ? "type" : "static" };
  }
  if (ts.isImportTypeNode(node)) return { specifier: node.argument, kind: "type" };
  if (ts.isExternalModuleReference(node)) return { specifier: node.expression, kind: "static" };
  if (ts.isCallExpression(node)) return dynamicImport(node);
  return undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function dynamicImport(node: ts.CallExpression): ReturnType<typeof importAt> {
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
  return isImport || isRequire ? { specifier: node.arguments[0], kind: "dynamic" } : undefined;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isLiteralTypeNode(node)) return textOf(node.literal);
  return ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** Whether a module has a default export, in any of its spellings. */
export function hasDefaultExport(module: ts.SourceFile): boolean {
  return module.statements.some((statement) => {
    if (ts.isExportAssignment(statement)) return true;
    if (ts.isExportDeclaration(statement)) return namedExports(statement).some(({ name }) => name.text === "default");
    return (
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
    );
  });
}

function namedExports(statement: ts.ExportDeclaration): readonly ts.ExportSpecifier[] {
  const clause = statement.exportClause;
  return clause !== undefined && ts.isNamedExports(clause) ? clause.elements : [];
}

/** The statements of an index file that are more than `export { a } from` or `export type { A } from`. */
export function unwantedInIndex(module: ts.SourceFile): readonly string[] {
  return module.statements.filter((statement) => !isPlainReexport(statement)).map((statement) => statement.getText());
}

function isPlainReexport(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return false;
  const names = namedExports(statement);
  return names.length > 0 && names.every((name) => !name.isTypeOnly);
}

/** Lines that are neither empty nor only a comment. */
export function codeLines(module: ts.SourceFile): number {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true, ts.LanguageVariant.Standard, module.text);
  const lines = new Set<number>();
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) {
    lines.add(module.getLineAndCharacterOfPosition(scanner.getTokenStart()).line);
    lines.add(module.getLineAndCharacterOfPosition(scanner.getTokenEnd()).line);
  }
  return lines.size;
}
