import type { Module } from "../syntax/module.ts";
import { child, children, isFunction } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { originOf } from "../syntax/origin.ts";
import { argumentAt, memberOf, staticValue } from "../syntax/value.ts";

/** Whether a node stands in a function that is written as the body of a `withSeed` that redirects `Math.random`. */
export function isRedirected(node: SyntaxNode, module: Module): boolean {
  for (
    let [inner, around] = [node, module.parentOf(node)];
    around !== undefined;
    [inner, around] = [around, module.parentOf(around)]
  )
    if (isFunction(inner) && children(around, "arguments")[2] === inner && redirects(around, module)) return true;
  return false;
}

/** Options that cannot be read off the text may redirect. */
function redirects(call: SyntaxNode, module: Module): boolean {
  const callee = child(call, "callee");
  if (callee === undefined || originOf(callee, module) !== "@repro/seed:withSeed") return false;
  const options = argumentAt(call, 1);
  const mode = options.state === "present" ? memberOf(options.node, "random", module) : options;
  if (mode.state !== "present") return mode.state === "unknown";
  const known = staticValue(mode.node, module);
  return known === undefined || known.value === "redirect";
}
