import type { Finding, Subject } from "../report.ts";
import { nodesWithin } from "../syntax/module.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, isBefore, isFunction, isLoop, keyOf } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { originOf } from "../syntax/origin.ts";
import { resolve } from "../syntax/value.ts";

const TOGETHER = /^global:Promise\.(?:all|allSettled|any|race)$/;
const STREAM = /^(?:@repro\/seed:create(?:Counter)?Stream|pure-rand:\w+)\(\)$/;
/** Functions that draw from their first argument: those of `@repro/seed`, and the distributions of pure-rand 8. */
const SAMPLER =
  /^@repro\/seed:(?:uniform|uniformFloat32|bool|int|normal|truncatedNormal|exponential|gamma|beta|dirichlet|poisson|binomial|categorical|gumbel|choice|permutation|shuffle|fill[A-Z]\w*)$|^pure-rand:uniform\w+$/;

/** `shared-stream`: callbacks under `Promise.all` that draw from one stream after an `await`. */
export function* streamTraps({ module, calls }: Subject): Generator<Finding> {
  for (const { node, origin } of calls) {
    const [all] = TOGETHER.test(origin) ? children(node, "arguments") : [];
    const mapped = all === undefined ? undefined : resolve(all, module);
    const callee = mapped?.type === "CallExpression" ? child(mapped, "callee") : undefined;
    if (mapped === undefined || callee?.type !== "MemberExpression" || keyOf(callee) !== "map") continue;
    const [callback] = children(mapped, "arguments").map((argument) => resolve(argument, module));
    if (callback?.["async"] === true && isFunction(callback)) yield* lateDraws(callback, module);
  }
}

function* lateDraws(callback: SyntaxNode, module: Module): Generator<Finding> {
  const own = [...nodesWithin(callback, (inner) => !isFunction(inner))];
  const waits = own.filter(
    (node) =>
      (node.type === "AwaitExpression" && !/^(?:Return|Throw)/.test(module.parentOf(node)?.type ?? "")) ||
      (node.type === "ForOfStatement" && node["await"] === true),
  );
  for (const node of own) {
    const stream = drawnFrom(node, module);
    if (stream === undefined || !isOutside(stream, callback, module)) continue;
    const late = waits.some((wait) => isAfter(node, wait, module));
    const message =
      "the callbacks draw from one stream in the order in which they resume, which differs from run to run";
    if (late) yield { rule: "shared-stream", node: stream, message };
  }
}

/** The stream that a call draws from: `rng.next()`, or the first argument of a sampler. */
function drawnFrom(node: SyntaxNode, module: Module): SyntaxNode | undefined {
  const callee = node.type === "CallExpression" ? child(node, "callee") : undefined;
  if (callee === undefined) return undefined;
  const [first] = children(node, "arguments");
  if (SAMPLER.test(originOf(callee, module) ?? ""))
    return first !== undefined && isStream(first, module, true) ? first : undefined;
  const object = callee.type === "MemberExpression" && keyOf(callee) === "next" ? child(callee, "object") : undefined;
  return object !== undefined && isStream(object, module, false) ? object : undefined;
}

function isStream(node: SyntaxNode, module: Module, unlessKnown: boolean): boolean {
  const origin = node.type === "Identifier" ? originOf(node, module) : "";
  return origin === undefined ? unlessKnown : STREAM.test(origin);
}

function isOutside(stream: SyntaxNode, callback: SyntaxNode, module: Module): boolean {
  const binding = module.bindingOf(stream);
  if (binding === undefined) return false;
  for (let around: SyntaxNode | undefined = binding.scope.node; around !== undefined; around = module.parentOf(around))
    if (around === callback) return false;
  return true;
}

/** After it in the source, or inside a loop with it; but `rng.next()` in `await f(rng.next())` comes first. */
function isAfter(draw: SyntaxNode, wait: SyntaxNode, module: Module): boolean {
  let isOperand = false;
  for (
    let around = module.parentOf(draw);
    around !== undefined && !isFunction(around);
    around = module.parentOf(around)
  ) {
    if (around === wait && wait.type === "AwaitExpression") isOperand = true;
    if (isLoop(around) && [...nodesWithin(around, (inner) => !isFunction(inner))].includes(wait)) return true;
  }
  return !isOperand && isBefore(wait, draw);
}
