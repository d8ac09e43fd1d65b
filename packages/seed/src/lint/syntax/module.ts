import { isNode } from "./node.ts";
import type { SyntaxNode } from "./node.ts";
import { declare, lookUp, markWrites, openScope } from "./scope.ts";
import type { Binding, Scope } from "./scope.ts";

/** A parsed file, ready for questions about names. */
export interface Module {
  /** Every node, each before its children. */
  readonly nodes: readonly SyntaxNode[];
  /** The node around one. */
  parentOf(node: SyntaxNode): SyntaxNode | undefined;
  /** What an identifier stands for; `undefined` for a global. */
  bindingOf(identifier: SyntaxNode): Binding | undefined;
}

/** Fields that lead back up, or hold no code. */
const SKIPPED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "comments",
  "errors",
  "extra",
  "innerComments",
  "leadingComments",
  "loc",
  "parent",
  "range",
  "tokens",
  "trailingComments",
  "typeAnnotation",
]);

interface Visit {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
  readonly scope: Scope;
}

/** Walks a program once, with a work list: a chain of 100,000 members is deeper than any stack. */
export function readModule(program: SyntaxNode): Module {
  const nodes: SyntaxNode[] = [];
  const parents = new Map<SyntaxNode, SyntaxNode>();
  const scopes = new Map<SyntaxNode, Scope>();
  const root: Scope = { node: program, parent: undefined, holdsVar: true, bindings: new Map() };
  const work: Visit[] = [{ node: program, parent: undefined, scope: root }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const { node, parent, scope } = next;
    nodes.push(node);
    if (parent !== undefined) parents.set(node, parent);
    if (node.type === "Identifier") scopes.set(node, scope);
    const inner = node === program ? root : (openScope(node, scope) ?? scope);
    declare(node, scope, inner, parent);
    for (const below of childrenOf(node).toReversed()) work.push({ node: below, parent: node, scope: inner });
  }
  const scopeOf = (node: SyntaxNode): Scope | undefined => scopes.get(node);
  for (const node of nodes) markWrites(node, scopeOf);
  return {
    nodes,
    parentOf: (node) => parents.get(node),
    bindingOf: (node) => (typeof node["name"] === "string" ? lookUp(node["name"], scopeOf(node)) : undefined),
  };
}

/** The nodes right below one, in the order of its fields. */
function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const below: SyntaxNode[] = [];
  for (const field of Object.keys(node)) {
    if (SKIPPED.has(field) || (field === "value" && node["shorthand"] === true && node["value"] === node["key"]))
      continue;
    const value: unknown = node[field];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) below.push(item);
    } else if (isNode(value)) below.push(value);
  }
  return below;
}

/** Every node below one, itself included, without entering what `enters` refuses. */
export function* nodesWithin(root: SyntaxNode, enters: (node: SyntaxNode) => boolean): Generator<SyntaxNode> {
  const work = [root];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    yield next;
    if (next === root || enters(next)) work.push(...childrenOf(next).toReversed());
  }
}
