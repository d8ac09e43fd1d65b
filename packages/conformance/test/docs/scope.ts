import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import ts from "typescript";

import { ROOT } from "../../src/workspace.ts";

/** A name that a module exports. */
interface ExportedName {
  readonly name: string;
  readonly isType: boolean;
}

/**
 * The import that a snippet in a doc comment need not write: what its package and its own file export.
 *
 * @returns One line without a line feed; empty for Markdown, which shows its imports.
 */
export function importsFor(file: string, code: string): string {
  const [first, folder] = relative(ROOT, file).split(sep);
  if (first !== "packages" || folder === undefined || !file.endsWith(".ts")) return "";
  const source = parse(file, code);
  const taken = new Set(declaredNames(source));
  const index = join(ROOT, "packages", folder, "src/index.ts");
  const modules = [
    { specifier: `@repro/${folder}`, names: existsSync(index) ? exportedNames(index) : [] },
    { specifier: file, names: exportedNames(file) },
  ];
  return modules.flatMap(({ specifier, names }) => importLine(specifier, names, code, taken)).join(" ");
}

function importLine(specifier: string, names: readonly ExportedName[], code: string, taken: Set<string>): string[] {
  const used = names.filter(({ name }) => !taken.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  for (const { name } of used) taken.add(name);
  const list = used.map(({ name, isType }) => (isType ? `type ${name}` : name));
  return list.length === 0 ? [] : [`import { ${list.join(", ")} } from ${JSON.stringify(specifier)};`];
}

function exportedNames(file: string): readonly ExportedName[] {
  return parse(file, readFileSync(file, "utf8")).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reexportedNames(statement);
    const isExported = (ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []).some(
      ({ kind }) => kind === ts.SyntaxKind.ExportKeyword,
    );
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return isExported ? namesOf(statement).map((name) => ({ name, isType })) : [];
  });
}

function reexportedNames(statement: ts.ExportDeclaration): readonly ExportedName[] {
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
  return clause.elements.map(({ name, isTypeOnly }) => ({
    name: name.text,
    isType: isTypeOnly || statement.isTypeOnly,
  }));
}

function declaredNames(source: ts.SourceFile): readonly string[] {
  return source.statements.flatMap((statement) => namesOf(statement));
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement.importClause);
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function namesIn(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] {
  const bindings = clause?.namedBindings;
  const named = bindings === undefined ? [] : ts.isNamedImports(bindings) ? bindings.elements : [bindings];
  return [clause?.name, ...named.map(({ name }) => name)].flatMap((name) => name?.text ?? []);
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
}
