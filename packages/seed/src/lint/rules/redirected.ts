import type { Call, Subject } from "../report.ts";
import { nodesWithin } from "../syntax/module.ts";
import type { Module } from "../syntax/module.ts";
import { children, isFunction } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { argumentAt, memberOf, staticValue } from "../syntax/value.ts";

/** The nodes in functions that are written as the body of a `withSeed` that redirects `Math.random`. */
export function redirectedNodes({ module, calls }: Subject): ReadonlySet<SyntaxNode> {
  const inside = new Set<SyntaxNode>();
  for (const call of calls) {
    const body = children(call.node, "arguments")[2];
    if (body === undefined || inside.has(body) || !isFunction(body) || !redirects(call, module)) continue;
    for (const node of nodesWithin(body, () => true)) inside.add(node);
  }
  return inside;
}

/** Options that cannot be read off the text may redirect. */
function redirects({ node, origin }: Call, module: Module): boolean {
  if (origin !== "@repro/seed:withSeed") return false;
  const options = argumentAt(node, 1);
  const mode = options.state === "present" ? memberOf(options.node, "random", module) : options;
  if (mode.state !== "present") return mode.state === "unknown";
  const known = staticValue(mode.node, module);
  return known === undefined || known.value === "redirect";
}
