import ts from "typescript";

/** A claim about the value of an expression, or about the error it throws: the text behind `// =>`. */
const CLAIM = /\/\/ =>/;

/** The claim of the statement that ends here: on its last line, or on the one below where that would be too long. */
const CLAIM_BEHIND = /^[ \t]*(?:\n[ \t]*)?\/\/ =>[ \t]*(?<said>.*)/;

/** The other kind of claim: `throws GIT_NOT_A_WORKTREE`, or the name of an error that has no code. */
const THROWS = /^throws (?<code>\w+)$/;

/**
 * Turns the claims of a snippet into calls of `__same` and `__throws`, which whoever runs it supplies.
 *
 * Nothing moves to another line. A claim holds for the expression statement it ends, or for the one variable that is
 * declared there.
 *
 * @throws SyntaxError for a claim that would check nothing: behind another kind of statement, or not a value.
 */
export function withClaims(code: string): string {
  const source = ts.createSourceFile("snippet.ts", code, ts.ScriptTarget.ESNext, true);
  const edits: Edit[] = [];
  let claims = 0;
  const visit = (node: ts.Node): void => {
    const said = claimBehind(node, code);
    if (said !== undefined) {
      claims += 1;
      edits.push(...editsFor(node, said));
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  const written = code.split("\n").filter((line) => CLAIM.test(line)).length;
  if (written !== claims) throw new SyntaxError(`${written - claims} of ${written} "// =>" follow no expression`);
  return applied(code, edits);
}

interface Edit {
  readonly at: number;
  readonly text: string;
}

type Checkable = ts.ExpressionStatement | ts.VariableStatement;

function claimBehind(node: ts.Node, code: string): string | undefined {
  if (!ts.isExpressionStatement(node) && !ts.isVariableStatement(node)) return undefined;
  return CLAIM_BEHIND.exec(code.slice(node.end))?.groups?.["said"]?.trim();
}

function editsFor(node: ts.Node, said: string): readonly Edit[] {
  const statement = node as Checkable; // claimBehind finds claims behind no others
  const code = THROWS.exec(said)?.groups?.["code"];
  if (ts.isVariableStatement(statement)) return editsForVariable(statement, said, code);
  const { expression } = statement;
  const [before, after] =
    code === undefined
      ? ["__same((", `), (${valueOf(said)}))`]
      : ["await __throws(async () => (", `), ${JSON.stringify(code)})`];
  return [
    { at: expression.getStart(), text: before },
    { at: expression.end, text: after },
  ];
}

function editsForVariable(statement: ts.VariableStatement, said: string, code: string | undefined): readonly Edit[] {
  const [declaration, ...others] = statement.declarationList.declarations;
  if (declaration === undefined || others.length > 0 || !ts.isIdentifier(declaration.name) || code !== undefined) {
    throw new SyntaxError(`"// => ${said}" must follow an expression, or the declaration of one variable`);
  }
  return [{ at: statement.end, text: `; __same(${declaration.name.text}, (${valueOf(said)}));` }];
}

/** Checks that what is claimed is one JavaScript expression, so that a remark is not taken for code. */
function valueOf(said: string): string {
  const { diagnostics } = ts.transpileModule(`(${said}\n)`, { reportDiagnostics: true });
  if (diagnostics?.length === 0) return said;
  throw new SyntaxError(`"// => ${said}" must be a JavaScript value, or "throws" and a code`);
}

function applied(code: string, edits: readonly Edit[]): string {
  let result = code;
  // From the end, so that positions stay right; of two at one place the inner one was found last.
  for (const { at, text } of edits.toSorted((a, b) => b.at - a.at))
    result = result.slice(0, at) + text + result.slice(at);
  return result;
}
