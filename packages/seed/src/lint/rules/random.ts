import type { Finding, Subject } from "../report.ts";
import { nodesWithin } from "../syntax/module.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, isFunction, keyOf, unwrap } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { originOf } from "../syntax/origin.ts";
import { resolve, staticValue } from "../syntax/value.ts";

const RANDOM = "global:Math.random";

/** `Math.random`: called, kept, or replaced; and sorts that draw: `math-random`, `captured-random`, `replaced-random`, `random-comparator`. */
export function* randomTraps(subject: Subject): Generator<Finding> {
  const { module } = subject;
  const sorted = new Set<SyntaxNode>();
  const sorts = comparators(subject);
  const drawing = new Set([...new Set(sorts.values())].filter((comparator) => drawsInComparator(comparator, subject)));
  for (const comparator of drawing) for (const node of nodesWithin(comparator, () => true)) sorted.add(node);
  for (const [argument, comparator] of sorts) {
    const message = "a comparator that draws random numbers gives a biased order, another one on each engine";
    if (drawing.has(comparator)) yield { rule: "random-comparator", node: argument, message };
  }
  for (const node of module.nodes) {
    if (sorted.has(node)) continue;
    if (node.type === "MemberExpression" && keyOf(node) === "random" && originOf(node, module) === RANDOM)
      yield* memberTraps(node, module);
    if (node.type === "ObjectPattern") yield* patternTraps(node, module);
  }
  for (const { node, callee, origin } of subject.calls) {
    const isAlias = origin === RANDOM && callee.type === "Identifier" && !sorted.has(node);
    if (isAlias) yield { rule: "math-random", node: callee, message: "Math.random has no seed" };
  }
}

/** What `sort` and `toSorted` are given, with the function that it is. */
export function comparators({ calls, module }: Subject): ReadonlyMap<SyntaxNode, SyntaxNode> {
  const found = new Map<SyntaxNode, SyntaxNode>();
  for (const { node, callee } of calls) {
    const member = child(callee, "expression") ?? callee;
    const [first] = children(node, "arguments");
    const isSort = member.type === "MemberExpression" && /^(?:sort|toSorted)$/.test(keyOf(member) ?? "");
    const comparator = isSort && first !== undefined ? resolve(first, module) : undefined;
    if (first !== undefined && comparator !== undefined && isFunction(comparator)) found.set(first, comparator);
  }
  return found;
}

/** Draws from Math.random, or sets the result of a call against 0.5 and takes nothing to compare. */
function drawsInComparator(comparator: SyntaxNode, { module }: Subject): boolean {
  const takesNone = children(comparator, "params").length === 0;
  for (const node of nodesWithin(comparator, () => true)) {
    if (node.type === "Identifier" && takesNone && node["name"] === "arguments") return false;
    if (node.type === "BinaryExpression" && takesNone && tossesCoin(node, module)) return true;
    if (node.type === "MemberExpression" && originOf(node, module) === RANDOM) return true;
  }
  return false;
}

/** `rng() - 0.5`, `0.5 < rng()`. */
function tossesCoin(node: SyntaxNode, module: Module): boolean {
  const sides = ["left", "right"].map((side) => child(node, side));
  return sides.some(isCall) && sides.some((side) => side !== undefined && staticValue(side, module)?.value === 0.5);
}

function isCall(node: SyntaxNode | undefined): boolean {
  return node !== undefined && unwrap(node).type === "CallExpression";
}

function* memberTraps(node: SyntaxNode, module: Module): Generator<Finding> {
  let inner = node;
  let parent = module.parentOf(node);
  while (parent !== undefined && unwrap(parent) === node) [inner, parent] = [parent, module.parentOf(parent)];
  if (parent === undefined) return;
  const method = parent["object"] === inner ? keyOf(parent) : undefined;
  if (parent["callee"] === inner || isArgument(parent, inner) || method === "call" || method === "apply")
    yield { rule: "math-random", node, message: "Math.random has no seed" };
  else if (parent["left"] === inner && parent.type === "AssignmentExpression")
    yield { rule: "replaced-random", node, message: "this changes Math.random for all code, and for good" };
  else if (method === "bind" || keeps(parent, inner))
    yield { rule: "captured-random", node, message: "a reference to Math.random escapes scopes that are opened later" };
}

function isArgument(parent: SyntaxNode, node: SyntaxNode): boolean {
  return children(parent, "arguments").includes(node);
}

/** Whether a parent stores the value: comparisons, `typeof` and `delete` do not. */
function keeps(parent: SyntaxNode, node: SyntaxNode): boolean {
  if (parent.type === "VariableDeclarator") return parent["init"] === node;
  if (/^(?:Assignment(?:Expression|Pattern))$/.test(parent.type)) return parent["right"] === node;
  if (/^(?:Property|PropertyDefinition|AccessorProperty)$/.test(parent.type)) return parent["value"] === node;
  if (parent.type === "ArrowFunctionExpression") return parent["body"] === node;
  return /^(?:ArrayExpression|ConditionalExpression|ExportDefaultDeclaration|JSXExpressionContainer|LogicalExpression|ReturnStatement|YieldExpression)$/.test(
    parent.type,
  );
}

/** `const { random } = Math`. */
function* patternTraps(pattern: SyntaxNode, module: Module): Generator<Finding> {
  const parent = module.parentOf(pattern);
  const value = parent === undefined ? undefined : (child(parent, "init") ?? child(parent, "right"));
  if (value === undefined || originOf(value, module) !== "global:Math") return;
  for (const property of children(pattern, "properties"))
    if (keyOf(property) === "random")
      yield {
        rule: "captured-random",
        node: property,
        message: "a reference to Math.random escapes scopes that are opened later",
      };
}
