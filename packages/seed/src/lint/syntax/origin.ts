import type { Module } from "./module.ts";
import { child, children, keyOf, nameOf, unwrap, unwrapOnce } from "./node.ts";
import type { SyntaxNode } from "./node.ts";

/** Steps from an expression to its root that are followed: a name that is defined by itself must end somewhere. */
const MAX_STEPS = 500;

const TFJS = /(?:^|[:/])@tensorflow\/tfjs(-[a-z0-9-]+)?(?:@[^/]*)?(?:\/.*)?$/;
const LODASH = /^(?:lodash|lodash-es|underscore)(?:\/fp)?$/;
const LODASH_PART = /^(?:lodash\.|lodash(?:-es)?\/(?:fp\/)?)([A-Za-z]+)(?:\.js)?$/;
/** Helpers that compilers put around `require`: their value is the module. */
const INTEROP = /^(?:__importStar|__importDefault|__toESM|_?interopRequire(?:Wildcard|Default))$/;
/** Specifiers of the program's own files, and the usual aliases for them. */
const LOCAL = /^(?:[.~#/]|@\/)/;
const GLOBAL_OBJECTS: ReadonlySet<string> = /* @__PURE__ */ new Set(["global", "globalThis", "self", "window"]);

/** Steps that one question has left, shared by the questions that it asks in turn. */
interface Budget {
  steps: number;
}

/**
 * Where an expression's value comes from, as `module:path`: `tf:layers.dropout`, `global:Math.random`,
 * `tf:data.array().shuffle`. Every package of tfjs is `tf`, and so is whatever is called `tf` and comes from no other package.
 *
 * @returns `undefined` when it comes from no module and no global.
 */
export function originOf(start: SyntaxNode, module: Module): string | undefined {
  return follow(start, module, { steps: MAX_STEPS });
}

function follow(start: SyntaxNode, module: Module, budget: Budget): string | undefined {
  const members: string[] = []; // from the outside in
  let node: SyntaxNode | undefined = start;
  while (node !== undefined && budget.steps > 0) {
    budget.steps -= 1;
    const loaded = loadedModule(node, module, budget);
    if (loaded !== undefined) return join(loaded, members);
    const inner = unwrapOnce(node);
    if (inner !== undefined) node = inner;
    else if (node.type === "Identifier") {
      const followed = followName(node, module, members, budget);
      if (typeof followed === "string" || followed === undefined) return followed;
      node = followed;
    } else node = intoObject(node, members);
  }
  return undefined;
}

/** One step down a chain of members and calls; `undefined` at its end. */
function intoObject(node: SyntaxNode, members: string[]): SyntaxNode | undefined {
  const isCall = node.type === "CallExpression" || node.type === "NewExpression";
  if (!isCall && node.type !== "MemberExpression") return undefined;
  const step = isCall ? "()" : keyOf(node);
  if (step === undefined) return undefined;
  members.push(step);
  return child(node, isCall ? "callee" : "object");
}

/** Follows a name to what it was initialised with; a text is the end of the way. */
function followName(
  node: SyntaxNode,
  module: Module,
  members: string[],
  budget: Budget,
): SyntaxNode | string | undefined {
  const name = nameOf(node) ?? "";
  const binding = module.bindingOf(node);
  if (binding === undefined) return join("global:", [...members, name]);
  if (binding.imported !== undefined) {
    const { module: specifier, name: imported } = binding.imported;
    return name === "tf" && LOCAL.test(specifier)
      ? join("tf:", members)
      : join(canonicalModule(specifier), [...members, imported]);
  }
  const init = binding.reassigned ? undefined : binding.init;
  if (name === "tf" && !isForeign(init === undefined ? undefined : follow(init, module, budget)))
    return join("tf:", members);
  members.push(...binding.path.toReversed());
  return init;
}

/** Whether an origin is a package, of tfjs or of others, and not a file of the program or a global. */
export function isForeign(origin: string | undefined): boolean {
  return origin !== undefined && !origin.startsWith("global:") && !LOCAL.test(origin);
}

/** The module that an expression loads: `require("x")`, `import("x")`, and what compilers write around them. */
function loadedModule(node: SyntaxNode, module: Module, budget: Budget): string | undefined {
  if (node.type === "ImportExpression") return specifierOf(child(node, "source"));
  if (node.type !== "CallExpression") return undefined;
  const callee = child(node, "callee");
  const [first] = children(node, "arguments");
  if (callee?.type !== "Identifier" || first === undefined) return undefined;
  if (INTEROP.test(nameOf(callee) ?? "")) {
    const inner = unwrap(first);
    budget.steps -= 1;
    return budget.steps > 0 ? loadedModule(inner, module, budget) : undefined;
  }
  return isRequire(callee, module, budget) ? specifierOf(first) : undefined;
}

function isRequire(callee: SyntaxNode, module: Module, budget: Budget): boolean {
  const binding = module.bindingOf(callee);
  if (binding === undefined) return nameOf(callee) === "require";
  const maker = binding.init?.type === "CallExpression" ? child(binding.init, "callee") : undefined;
  return maker !== undefined && follow(maker, module, budget) === "module:createRequire";
}

function specifierOf(node: SyntaxNode | undefined): string | undefined {
  return typeof node?.["value"] === "string" ? canonicalModule(node["value"]) : undefined;
}

/** Whether a node is the specifier by which a file loads tfjs, or its types alone. */
export function loadsTfjs(node: SyntaxNode, module: Module): boolean {
  if (typeof node["value"] !== "string" || !TFJS.test(node["value"])) return false;
  return /^(?:Import|Export|TSExternalModuleReference$|CallExpression$)/.test(module.parentOf(node)?.type ?? "");
}

/** One name for the many of a package, ending in `:` or the way into it. */
function canonicalModule(specifier: string): string {
  const tfjs = TFJS.exec(specifier);
  if (tfjs !== null) return tfjs[1] === "-data" ? "tf:data." : "tf:";
  const part = LODASH_PART.exec(specifier)?.[1];
  if (part !== undefined && part !== "fp") return `lodash:${part}`;
  if (LODASH.test(specifier)) return "lodash:";
  if (specifier.startsWith("pure-rand/")) return "pure-rand:";
  return `${specifier.replace(/^node:/, "")}:`;
}

/** Joins a root and the members below it, which come from the outside in. */
function join(root: string, members: readonly string[]): string {
  const path: string[] = [];
  for (const member of members.toReversed()) {
    if (member === "()") path.push(`${path.pop() ?? ""}()`);
    else if (path.length > 0 || !isTransparent(member, root)) path.push(member);
  }
  if (root === "global:" && path[0] === "tf") return `tf:${path.slice(1).join(".")}`; // a script tag's
  return root + path.join(".");
}

/** The default export of a module without one is the module; `globalThis.Math` is `Math`. */
function isTransparent(member: string, root: string): boolean {
  return member === "" || (root === "global:" ? GLOBAL_OBJECTS.has(member) : member === "default");
}
