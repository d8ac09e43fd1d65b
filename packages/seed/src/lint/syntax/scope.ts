import { child, children, isFunction, isNode, keyOf, nameOf } from "./node.ts";
import type { SyntaxNode } from "./node.ts";

/** What a name stands for in a scope. */
export interface Binding {
  readonly name: string;
  /** Module and exported name of an import; an empty name is the module itself. */
  readonly imported: { readonly module: string; readonly name: string } | undefined;
  /** What it was initialised with, a declared function itself; `undefined` for parameters, loop variables and classes. */
  readonly init: SyntaxNode | undefined;
  /** Members to take from `init`, in order: `const { a: { b } } = init` is `["a", "b"]`. */
  readonly path: readonly string[];
  /** The scope that holds it. */
  readonly scope: Scope;
  /** Whether the head of `for (…;…;…)` declares it. */
  readonly isCounter: boolean;
  /** Whether it is assigned to after its declaration. */
  reassigned: boolean;
  /** Whether a member of it is assigned to. */
  mutated: boolean;
}

/** The names that one node declares. */
export interface Scope {
  readonly node: SyntaxNode;
  readonly parent: Scope | undefined;
  /** Whether `var` stops here. */
  readonly holdsVar: boolean;
  readonly bindings: Map<string, Binding>;
}

const BLOCKS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "BlockStatement",
  "CatchClause",
  "ClassExpression",
  "ForInStatement",
  "ForOfStatement",
  "ForStatement",
  "SwitchStatement",
]);
const VAR_SCOPES: ReadonlySet<string> = /* @__PURE__ */ new Set(["Program", "StaticBlock", "TSModuleBlock"]);
const NAMED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "ClassDeclaration",
  "FunctionDeclaration",
  "TSDeclareFunction",
  "TSEnumDeclaration",
  "TSModuleDeclaration",
]);

/** The scope that a node opens; `outer` when it opens none. */
export function openScope(node: SyntaxNode, outer: Scope | undefined): Scope | undefined {
  const holdsVar = isFunction(node) || VAR_SCOPES.has(node.type);
  if (!holdsVar && !BLOCKS.has(node.type)) return outer;
  return { node, parent: outer, holdsVar, bindings: new Map() };
}

/** Looks a name up from the inside out. */
export function lookUp(name: string, scope: Scope | undefined): Binding | undefined {
  for (let current = scope; current !== undefined; current = current.parent) {
    const binding = current.bindings.get(name);
    if (binding !== undefined) return binding;
  }
  return undefined;
}

/** Adds what a node declares: `outer` is the scope around it, `inner` the one that it opens. */
export function declare(node: SyntaxNode, outer: Scope, inner: Scope, parent: SyntaxNode | undefined): void {
  if (NAMED.has(node.type))
    declarePattern(child(node, "id"), outer, node.type === "FunctionDeclaration" ? node : undefined);
  if (node.type === "FunctionExpression" || node.type === "ClassExpression") declarePattern(child(node, "id"), inner);
  if (isFunction(node)) for (const param of children(node, "params")) declarePattern(param, inner);
  if (node.type === "CatchClause") declarePattern(child(node, "param"), inner);
  if (node.type === "VariableDeclaration") declareVariables(node, outer, parent);
  if (node.type === "ImportDeclaration") declareImports(node, outer);
  if (node.type === "TSImportEqualsDeclaration") declareImportEquals(node, outer);
}

function declareVariables(node: SyntaxNode, outer: Scope, parent: SyntaxNode | undefined): void {
  let scope = outer;
  while (node["kind"] === "var" && !scope.holdsVar && scope.parent !== undefined) scope = scope.parent;
  const isCounter = parent?.type === "ForStatement" && parent["init"] === node;
  for (const declarator of children(node, "declarations"))
    declarePattern(child(declarator, "id"), scope, child(declarator, "init"), isCounter);
}

function declareImports(node: SyntaxNode, scope: Scope): void {
  const module = child(node, "source")?.["value"];
  if (typeof module !== "string") return;
  for (const specifier of children(node, "specifiers")) {
    const imported = child(specifier, "imported");
    const value = imported?.["value"]; // import { "a-b" as c }
    const name = imported === undefined ? "" : (nameOf(imported) ?? (typeof value === "string" ? value : ""));
    add(scope, nameOf(child(specifier, "local")), { imported: { module, name } });
  }
}

function declareImportEquals(node: SyntaxNode, scope: Scope): void {
  const reference = child(node, "moduleReference");
  const module = reference === undefined ? undefined : child(reference, "expression")?.["value"];
  if (typeof module === "string") add(scope, nameOf(child(node, "id")), { imported: { module, name: "" } });
}

/** Declares every name of a pattern, with the way to its value where there is one. */
function declarePattern(root: SyntaxNode | undefined, scope: Scope, value?: SyntaxNode, isCounter = false): void {
  if (root === undefined) return;
  const work: [SyntaxNode, SyntaxNode | undefined, readonly string[]][] = [[root, value, []]];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const [pattern, init, path] = next;
    if (pattern.type === "Identifier") add(scope, nameOf(pattern), { init, path, isCounter });
    for (const field of ["left", "argument", "parameter"]) {
      const inner = child(pattern, field); // a default, a rest, a parameter property of TypeScript
      if (inner !== undefined) work.push([inner, pattern.type === "TSParameterProperty" ? undefined : init, path]);
    }
    for (const element of children(pattern, "elements")) work.push([element, undefined, []]);
    for (const property of children(pattern, "properties")) {
      const target = child(property, "value");
      const key = keyOf(property);
      if (property.type === "RestElement") work.push([property, init, path]);
      else if (target !== undefined && key !== undefined) work.push([target, init, [...path, key]]);
      else if (target !== undefined) work.push([target, undefined, []]);
    }
  }
}

function add(scope: Scope, name: string | undefined, about: Partial<Binding>): void {
  if (name === undefined) return;
  const { imported, init, path = [], isCounter = false } = about;
  const earlier = scope.bindings.get(name);
  // Two declarations of one name, by var or overloads: which one holds depends on the moment.
  if (earlier === undefined)
    scope.bindings.set(name, { name, imported, init, path, scope, isCounter, reassigned: false, mutated: false });
  else earlier.reassigned = true;
}

/** Marks the bindings that an assignment, an update or a `delete` changes. */
export function markWrites(node: SyntaxNode, scopeOf: (node: SyntaxNode) => Scope | undefined): void {
  const work = targetsOf(node);
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const name = nameOf(next);
    if (name !== undefined) mark(lookUp(name, scopeOf(next)), "reassigned");
    else if (next.type === "MemberExpression") markMember(next, scopeOf);
    else for (const field of ["elements", "properties"]) work.push(...children(next, field));
    for (const field of ["left", "argument", "value"]) work.push(...[next[field]].filter(isNode));
  }
}

function targetsOf(node: SyntaxNode): SyntaxNode[] {
  if (node.type === "AssignmentExpression" || node.type === "ForOfStatement" || node.type === "ForInStatement")
    return [node["left"]].filter(isNode).filter(({ type }) => type !== "VariableDeclaration");
  if (node.type === "UpdateExpression") return [node["argument"]].filter(isNode);
  if (node.type === "UnaryExpression" && node["operator"] === "delete") return [node["argument"]].filter(isNode);
  const callee = node.type === "CallExpression" ? child(node, "callee") : undefined;
  const isAssign = callee?.type === "MemberExpression" && keyOf(callee) === "assign";
  const first = isAssign ? children(node, "arguments")[0] : undefined; // Object.assign(target, …)
  return first === undefined ? [] : [{ type: "MemberExpression", object: first }];
}

function markMember(member: SyntaxNode, scopeOf: (node: SyntaxNode) => Scope | undefined): void {
  let object: SyntaxNode | undefined = member;
  while (object?.type === "MemberExpression") object = child(object, "object");
  const name = nameOf(object);
  if (name !== undefined && object !== undefined) mark(lookUp(name, scopeOf(object)), "mutated");
}

function mark(binding: Binding | undefined, what: "reassigned" | "mutated"): void {
  if (binding !== undefined) binding[what] = true;
}
