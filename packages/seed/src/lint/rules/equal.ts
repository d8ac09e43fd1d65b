import { takesZeroForNone } from "../facts.ts";
import type { Distribution } from "../facts.ts";
import type { Finding, Subject } from "../report.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, isBefore, isFunction, isLoop, keyOf, positionOf, unwrap } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import type { Binding } from "../syntax/scope.ts";
import { memberOf, resolve, seedUse, staticValue } from "../syntax/value.ts";
import { initializerCalls, initializerOptions } from "./initializer.ts";
import type { InitializerCall } from "./initializer.ts";

/** What tells two seeds apart: their text, as tfjs hashes it, or the constant name that both are read from. */
type SeedIdentity = string | Binding;

/** One place where weights start from a seeded initializer. */
interface Use {
  readonly at: SyntaxNode;
  readonly seed: SeedIdentity;
  readonly distribution: Distribution;
}

/** `equal-seeds`, of two initializers, and of layers that use one twice. */
export function* equalSeeds(subject: Subject): Generator<Finding> {
  const initializers = new Map(initializerCalls(subject).map((call) => [call.node, call]));
  yield* layersThatUseOneTwice(subject, initializers);
  const seen = {
    normal: new Map<SeedIdentity, Map<SyntaxNode | undefined, SyntaxNode>>(),
    uniform: new Map<SeedIdentity, Map<SyntaxNode | undefined, SyntaxNode>>(),
  };
  const models = subject.calls.filter(({ origin }) => /^tf:(?:sequential|model)$/.test(origin));
  for (const { at, seed, distribution } of usesOf(subject, initializers)) {
    const firsts = seen[distribution].get(seed) ?? new Map<SyntaxNode | undefined, SyntaxNode>(); // by the function around them
    const around = functionAround(at, subject.module);
    const nearby = firsts.get(around);
    const first = nearby ?? firsts.values().next().value;
    seen[distribution].set(seed, firsts);
    if (nearby === undefined) firsts.set(around, at);
    const loop = nearby === undefined ? loopAround(at, seed, subject.module) : undefined;
    if (loop === undefined && first === undefined) continue;
    const message =
      loop === undefined && first !== undefined
        ? `the seed is that of the initializer in line ${positionOf(first).line}: both draw the same numbers`
        : "the seed is the same in every turn of what is around it: each draws the same numbers";
    // Functions, and turns that each make a model, may build different models: then it is meant so.
    const isMild =
      nearby === undefined && (loop === undefined || models.some(({ node }) => isWithin(node, loop, subject.module)));
    yield { rule: "equal-seeds", node: at, message, ...(isMild ? { severity: "info" } : {}) };
  }
}

/** The nearest loop, or callback of `map` and the like, that goes on with the same seed. */
function loopAround(node: SyntaxNode, seed: SeedIdentity, module: Module): SyntaxNode | undefined {
  for (
    let [inner, around] = [node, module.parentOf(node)];
    around !== undefined;
    [inner, around] = [around, module.parentOf(around)]
  ) {
    if (isFunction(inner) && !isCalledAgain(inner, around)) return undefined;
    const body = isFunction(inner) ? inner : isLoop(around) && around["body"] === inner ? around : undefined;
    if (body !== undefined && (typeof seed === "string" || !isWithin(seed.scope.node, body, module))) return body;
  }
  return undefined;
}

/** Whether a function is the argument of `map`, `flatMap`, `forEach` or `Array.from`. */
function isCalledAgain(callback: SyntaxNode, call: SyntaxNode): boolean {
  const callee = child(call, "callee");
  const method = callee?.type === "MemberExpression" ? (keyOf(callee) ?? "") : "";
  return /^(?:map|flatMap|forEach|from)$/.test(method) && children(call, "arguments").includes(callback);
}

function isWithin(node: SyntaxNode, outer: SyntaxNode, module: Module): boolean {
  let around: SyntaxNode | undefined = node;
  while (around !== undefined && around !== outer) around = module.parentOf(around);
  return around !== undefined;
}

/** Every use in the order of the source: options of layers first, then initializers that no option names. */
function usesOf({ module, calls }: Subject, initializers: ReadonlyMap<SyntaxNode, InitializerCall>): readonly Use[] {
  const named = new Set<SyntaxNode>();
  const uses: Use[] = [];
  for (const { node, origin } of calls) {
    if (!/^tf:layers\.\w+$/.test(origin)) continue;
    for (const { value } of initializerOptions(children(node, "arguments")[0], module)) {
      const call = initializers.get(resolve(value, module));
      const seed = call === undefined ? undefined : identityOf(call, module);
      if (call?.distribution === undefined || seed === undefined) continue;
      named.add(call.node);
      const at = call.node === unwrap(value) ? placeOf(call) : value;
      uses.push({ at, seed, distribution: call.distribution });
    }
  }
  for (const call of initializers.values()) {
    const { node, distribution } = call;
    const seed = identityOf(call, module);
    if (seed !== undefined && distribution !== undefined && !named.has(node))
      uses.push({ at: placeOf(call), seed, distribution });
  }
  return uses.toSorted((a, b) => (isBefore(a.at, b.at) ? -1 : 1));
}

function placeOf(call: InitializerCall): SyntaxNode {
  return call.seed.state === "present" ? call.seed.node : call.node;
}

function identityOf({ seed, distribution }: InitializerCall, module: Module): SeedIdentity | undefined {
  const use = seedUse(seed, module);
  if (seed.state !== "present" || use === "none" || (use === "falsy" && takesZeroForNone(distribution)))
    return undefined;
  const known = staticValue(seed.node, module);
  if (known !== undefined) return String(known.value);
  const name = unwrap(seed.node);
  const binding = name.type === "Identifier" ? module.bindingOf(name) : undefined;
  return binding === undefined || binding.reassigned ? undefined : binding;
}

function functionAround(node: SyntaxNode, module: Module): SyntaxNode | undefined {
  let around = module.parentOf(node);
  while (around !== undefined && !isFunction(around)) around = module.parentOf(around);
  return around;
}

/** `bidirectional` builds its layer twice from one configuration; `separableConv2d` starts both kernels from one initializer. */
function* layersThatUseOneTwice(
  { module, calls }: Subject,
  initializers: ReadonlyMap<SyntaxNode, InitializerCall>,
): Generator<Finding> {
  const seeded = (config: SyntaxNode | undefined): readonly string[] =>
    initializerOptions(config, module).flatMap(({ key, value }) => {
      const call = initializers.get(resolve(value, module));
      return call !== undefined && identityOf(call, module) !== undefined ? [key] : [];
    });
  for (const { node, origin } of calls) {
    const [config] = children(node, "arguments");
    if (origin === "tf:layers.separableConv2d" && seeded(config).includes("depthwiseInitializer")) {
      const option = memberOf(config, "depthwiseInitializer", module);
      const message = "tf.layers.separableConv2d starts both kernels from the seed of depthwiseInitializer";
      if (option.state === "present") yield { rule: "equal-seeds", node: option.node, message };
    }
    const inner = origin === "tf:layers.bidirectional" ? memberOf(config, "layer", module) : undefined;
    if (inner?.state !== "present") continue;
    const layer = resolve(inner.node, module);
    const keys = child(layer, "callee") === undefined ? [] : seeded(children(layer, "arguments")[0]);
    const message = `both directions start from equal weights: ${keys.join(" and ")} has a seed`;
    if (keys.length > 0) yield { rule: "equal-seeds", node: inner.node, message };
  }
}
