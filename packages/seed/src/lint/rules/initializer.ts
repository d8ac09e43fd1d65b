import { distributionOf, isRandomInitializer, takesZeroForNone } from "../facts.ts";
import type { Distribution } from "../facts.ts";
import type { Call, Finding, Subject } from "../report.ts";
import type { Module } from "../syntax/module.ts";
import { children, keyOf } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { memberOf, resolve, seedUse, staticValue } from "../syntax/value.ts";
import type { Lookup } from "../syntax/value.ts";
import { zeroMessage } from "./tensor.ts";

/** What each layer starts from when nothing is said: its option, and the initializer of `layers/*.js`. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  conv1d: { kernelInitializer: "glorotNormal" },
  conv2d: { kernelInitializer: "glorotNormal" },
  conv2dTranspose: { kernelInitializer: "glorotNormal" },
  conv3d: { kernelInitializer: "glorotNormal" },
  conv3dTranspose: { kernelInitializer: "glorotNormal" },
  convLstm2d: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  convLstm2dCell: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  dense: { kernelInitializer: "glorotNormal" },
  depthwiseConv2d: { depthwiseInitializer: "glorotNormal" },
  embedding: { embeddingsInitializer: "randomUniform" },
  gru: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  gruCell: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  lstm: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  lstmCell: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  separableConv2d: { depthwiseInitializer: "glorotUniform" },
  simpleRNN: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
  simpleRNNCell: { kernelInitializer: "glorotNormal", recurrentInitializer: "orthogonal" },
};

/** A call of a random initializer. */
export interface InitializerCall extends Call {
  readonly name: string;
  readonly seed: Lookup;
  /** `undefined` when it is not known. */
  readonly distribution: Distribution | undefined;
}

/** The random initializers of a file. */
export function initializerCalls({ module, calls }: Subject): readonly InitializerCall[] {
  return calls.flatMap((call) => {
    const name = /^tf:initializers\.(\w+)$/.exec(call.origin)?.[1] ?? "";
    if (!isRandomInitializer(name)) return [];
    const [config] = children(call.node, "arguments");
    const scaling = memberOf(config, "distribution", module);
    const known = scaling.state === "present" ? staticValue(scaling.node, module)?.value : undefined;
    const distribution = distributionOf(name, scaling.state === "absent" ? null : known);
    return [{ ...call, name, seed: memberOf(config, "seed", module), distribution }];
  });
}

/** Initializers: `zero-seed` and `unseeded-initializer`. */
export function* initializerTraps(subject: Subject): Generator<Finding> {
  const { module, calls } = subject;
  for (const { node, callee, name, seed, distribution } of initializerCalls(subject)) {
    const use = seedUse(seed, module);
    const title = `tf.initializers.${name}`;
    const place = seed.state === "present" ? seed.node : node;
    if (use === "none") yield { rule: "unseeded-initializer", node: callee, message: `${title} has no seed` };
    if (use === "falsy" && takesZeroForNone(distribution))
      yield { rule: "zero-seed", node: place, message: zeroMessage(title, seed, module) };
  }
  for (const { node, callee, origin } of calls) {
    const layer = /^tf:layers\.(\w+)$/.exec(origin)?.[1];
    if (layer !== undefined) yield* layerInitializers(layer, callee, children(node, "arguments")[0], module);
  }
}

function* layerInitializers(
  layer: string,
  callee: SyntaxNode,
  config: SyntaxNode | undefined,
  module: Module,
): Generator<Finding> {
  for (const { key, value } of initializerOptions(config, module)) {
    const named = staticValue(value, module)?.value;
    if (typeof named !== "string" || !isRandomInitializer(named)) continue;
    const message = `${key} "${named}" of tf.layers.${layer} has no seed`;
    yield { rule: "unseeded-initializer", node: value, message };
  }
  if (memberOf(config, "weights", module).state !== "absent") return;
  const defaults = Object.hasOwn(DEFAULTS, layer) ? (DEFAULTS[layer] ?? {}) : {};
  const missing = Object.keys(defaults).filter((key) => isUnset(memberOf(config, key, module), module));
  if (missing.length === 0) return;
  const all = missing.map((key) => `${key} (${defaults[key] ?? ""})`).join(" and ");
  const message = `tf.layers.${layer} starts from its default ${all}, without a seed`;
  yield { rule: "unseeded-initializer", node: callee, message, severity: "info" };
}

function isUnset(option: Lookup, module: Module): boolean {
  if (option.state !== "present") return option.state === "absent";
  const known = staticValue(option.node, module);
  return known !== undefined && (known.value === undefined || known.value === null);
}

/** One option of a layer that takes an initializer. */
export interface InitializerOption {
  readonly key: string;
  readonly value: SyntaxNode;
}

/** The initializers that a layer's configuration names, in order. */
export function initializerOptions(config: SyntaxNode | undefined, module: Module): readonly InitializerOption[] {
  const object = config === undefined ? undefined : resolve(config, module);
  if (object?.type !== "ObjectExpression") return [];
  const keys = children(object, "properties").map((property) => keyOf(property) ?? "");
  return [...new Set(keys)].flatMap((key) => {
    const option = key.endsWith("Initializer") ? memberOf(object, key, module) : undefined;
    return option?.state === "present" ? [{ key, value: option.node }] : [];
  });
}
