/** A node of an ESTree, whoever parsed it: every field is checked where it is read. */
export interface SyntaxNode {
  /** Its kind, such as `"CallExpression"`. */
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A comment, as parsers list them. */
export interface SyntaxComment {
  /** The text between the marks. */
  readonly value: string;
  /** First and last line, from 1. */
  readonly lines: readonly [first: number, last: number];
  /** Column of its mark, from 1. */
  readonly column: number;
}

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The node in a field; `undefined` when there is none. */
export function child(node: SyntaxNode, field: string): SyntaxNode | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in a list field; holes are left out. */
export function children(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value: unknown = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The name of an identifier; `undefined` for every other node. */
export function nameOf(node: SyntaxNode | undefined): string | undefined {
  const name = node?.type === "Identifier" ? node["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Where a node starts. */
export function positionOf(node: SyntaxNode): Position {
  return edgeOf(node["loc"], "start");
}

/** Reads one end of a parser's `loc`, whose columns count from 0. */
export function edgeOf(loc: unknown, edge: "start" | "end"): Position {
  const place = field(loc, edge);
  const line = field(place, "line");
  const column = field(place, "column");
  return { line: typeof line === "number" ? line : 1, column: typeof column === "number" ? column + 1 : 1 };
}

export function isBefore(a: SyntaxNode, b: SyntaxNode): boolean {
  const [left, right] = [positionOf(a), positionOf(b)];
  return left.line < right.line || (left.line === right.line && left.column < right.column);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

/** Wrappers that change no value: TypeScript's, optional chains, `await`. */
const WRAPPERS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "AwaitExpression",
  "ChainExpression",
  "ParenthesizedExpression",
  "TSAsExpression",
  "TSInstantiationExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
]);

/** One wrapper off; `undefined` when there is none. */
export function unwrapOnce(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type === "SequenceExpression") return children(node, "expressions").at(-1); // (0, tf.randomNormal)(…)
  if (!WRAPPERS.has(node.type)) return undefined;
  return child(node, "expression") ?? child(node, "argument");
}

/** All wrappers off. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let inner = node;
  for (let next = unwrapOnce(inner); next !== undefined; next = unwrapOnce(inner)) inner = next;
  return inner;
}

const FUNCTIONS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "ArrowFunctionExpression",
  "FunctionDeclaration",
  "FunctionExpression",
]);

export function isFunction(node: SyntaxNode | undefined): boolean {
  return node !== undefined && FUNCTIONS.has(node.type);
}

export function isLoop({ type }: SyntaxNode): boolean {
  return /^(?:For(?:In|Of)?|While|DoWhile)Statement$/.test(type);
}

/** The name of a member: `a.b`, `a["b"]`, and the key of `{ b: … }`; `undefined` when it is computed. */
export function keyOf(node: SyntaxNode): string | undefined {
  const key = child(node, "property") ?? child(node, "key");
  if (key === undefined) return undefined;
  if (key.type === "PrivateIdentifier" || key.type === "PrivateName") return `#${String(key["name"])}`;
  if (node["computed"] !== true && key.type === "Identifier") return nameOf(key);
  return typeof key["value"] === "string" || typeof key["value"] === "number" ? String(key["value"]) : undefined;
}
