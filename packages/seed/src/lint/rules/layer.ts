import { RATES, drawsInSteps, isLayer } from "../facts.ts";
import type { Finding, Subject } from "../report.ts";
import { children } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { memberOf, seedUse, staticValue } from "../syntax/value.ts";

/** Layers: `repeated-draws`, `ignored-seed`, `unseeded-layer`. */
export function* layerTraps({ module, calls }: Subject): Generator<Finding> {
  for (const { node, callee, origin } of calls) {
    const name = /^tf:layers\.(\w+)$/.exec(origin)?.[1];
    if (name === undefined) continue;
    const [config] = children(node, "arguments");
    const seed = memberOf(config, "seed", module);
    const use = seedUse(seed, module);
    const seedNode = seed.state === "present" ? seed.node : callee;
    if (use === "given" || use === "falsy") yield* seededLayer(name, seedNode);
    else if (use === "none" && drawsInSteps(name) && !neverDrops(config, module))
      yield { rule: "unseeded-layer", node: callee, message: `tf.layers.${name} draws from Math.random in every step` };
    if (isLayer(name, "recurrent")) yield* recurrentTraps(name, config, module);
    const pointwise = name === "separableConv2d" ? memberOf(config, "pointwiseInitializer", module) : undefined;
    if (pointwise?.state === "present")
      yield {
        rule: "ignored-seed",
        node: pointwise.node,
        message: "tf.layers.separableConv2d ignores pointwiseInitializer: depthwiseInitializer starts both kernels",
      };
  }
}

function* seededLayer(name: string, node: SyntaxNode): Generator<Finding> {
  if (isLayer(name, "repeating"))
    yield {
      rule: "repeated-draws",
      node,
      message: `tf.layers.${name} with a seed drops the same elements in every step`,
    };
  else if (!isLayer(name, "counting"))
    yield { rule: "ignored-seed", node, message: `tf.layers.${name} does not read its seed` };
}

function* recurrentTraps(name: string, config: SyntaxNode | undefined, module: Subject["module"]): Generator<Finding> {
  for (const field of ["dropout", "recurrentDropout"]) {
    const rate = memberOf(config, field, module);
    const known = rate.state === "present" ? staticValue(rate.node, module) : undefined;
    if (rate.state !== "present" || (known !== undefined && !known.value)) continue; // 0, undefined and null drop nothing
    yield {
      rule: "unseeded-layer",
      node: rate.node,
      message: `${field} of tf.layers.${name} draws from Math.random, and takes no seed`,
    };
  }
}

function neverDrops(config: SyntaxNode | undefined, module: Subject["module"]): boolean {
  return RATES.some((field) => {
    const rate = memberOf(config, field, module);
    return rate.state === "present" && staticValue(rate.node, module)?.value === 0;
  });
}
