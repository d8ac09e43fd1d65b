import type { Module } from "./module.ts";
import { child, children, keyOf, nameOf, unwrap } from "./node.ts";
import type { SyntaxNode } from "./node.ts";

/** A value that can be read off the source; `undefined` when it cannot. */
export interface StaticValue {
  readonly value: string | number | bigint | boolean | null | undefined;
}

/** What is known of one member of an options object. */
export type Lookup =
  | { readonly state: "present"; readonly node: SyntaxNode }
  | { readonly state: "absent" | "unknown" };

const UNKNOWN: Lookup = { state: "unknown" };
const MAX_STEPS = 50;

/** The expression that a constant name stands for; the node itself when it is no such name. */
export function resolve(start: SyntaxNode, module: Module): SyntaxNode {
  let node = unwrap(start);
  for (let step = 0; step < MAX_STEPS && node.type === "Identifier"; step += 1) {
    const binding = module.bindingOf(node);
    const isConstant = binding !== undefined && !binding.reassigned && !binding.mutated && binding.path.length === 0;
    if (!isConstant || binding.init === undefined) return node;
    node = unwrap(binding.init);
  }
  return node;
}

/** Reads a literal, a sign before one, `undefined`, `NaN`, `void 0`, or a constant name of such. */
export function staticValue(start: SyntaxNode, module: Module): StaticValue | undefined {
  const node = resolve(start, module);
  if (node.type === "Literal") return literalValue(node);
  if (node.type === "Identifier") return globalValue(node, module);
  if (node.type === "TemplateLiteral") return templateValue(node);
  if (node.type !== "UnaryExpression") return undefined;
  const argument = child(node, "argument");
  const inner = argument === undefined ? undefined : resolve(argument, module);
  if (inner?.type !== "Literal" || typeof inner["value"] !== "number") return undefined;
  if (node["operator"] === "void") return { value: undefined };
  if (node["operator"] === "-") return { value: -inner["value"] };
  return node["operator"] === "+" ? { value: inner["value"] } : undefined;
}

function literalValue(node: SyntaxNode): StaticValue | undefined {
  const value: unknown = node["value"];
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return { value };
  if (typeof value === "bigint") return { value };
  return value === null && node["regex"] === undefined && node["bigint"] === undefined ? { value } : undefined;
}

function globalValue(node: SyntaxNode, module: Module): StaticValue | undefined {
  if (module.bindingOf(node) !== undefined) return undefined;
  if (nameOf(node) === "undefined") return { value: undefined };
  return nameOf(node) === "NaN" ? { value: Number.NaN } : undefined;
}

function templateValue(node: SyntaxNode): StaticValue | undefined {
  const [quasi] = children(node, "quasis");
  const value: unknown = quasi?.["value"];
  if (children(node, "expressions").length > 0 || typeof value !== "object" || value === null) return undefined;
  return "cooked" in value && typeof value.cooked === "string" ? { value: value.cooked } : undefined;
}

/** Looks up a member of an options argument that is written out, in place or as a constant; the last one of a name holds. */
export function memberOf(argument: SyntaxNode | undefined, name: string, module: Module): Lookup {
  if (argument === undefined) return { state: "absent" };
  const object = resolve(argument, module);
  if (object.type !== "ObjectExpression") return UNKNOWN;
  let found: Lookup = { state: "absent" };
  for (const property of children(object, "properties")) {
    const key = property.type === "Property" ? keyOf(property) : undefined;
    const value = child(property, "value");
    if (key === undefined) found = UNKNOWN; // a spread, or a computed key
    else if (key === name) found = value === undefined ? UNKNOWN : { state: "present", node: value };
  }
  return found;
}

/** Looks up a positional argument. */
export function argumentAt(call: SyntaxNode, index: number): Lookup {
  const values = children(call, "arguments");
  if (values.slice(0, index + 1).some(({ type }) => type === "SpreadElement")) return UNKNOWN;
  const node = values[index];
  return node === undefined ? { state: "absent" } : { state: "present", node };
}

/** What a seed does in code that writes `seed ? seed : Math.random()`. */
export type SeedUse = "none" | "falsy" | "given" | "unknown";

/** Sorts a seed that was looked up. */
export function seedUse(seed: Lookup, module: Module): SeedUse {
  if (seed.state !== "present") return seed.state === "absent" ? "none" : "unknown";
  const known = staticValue(seed.node, module);
  if (known === undefined) return "given";
  if (known.value === undefined || known.value === null) return "none";
  return known.value ? "given" : "falsy"; // 0, -0, NaN, "" and false
}
