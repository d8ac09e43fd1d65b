import type { Call, Finding, Subject } from "../report.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, keyOf } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { isForeign, originOf } from "../syntax/origin.ts";
import { argumentAt, memberOf, resolve, seedUse, staticValue } from "../syntax/value.ts";
import { zeroMessage } from "./tensor.ts";

/** Options of `model.fit` that other libraries' `fit` do not have. */
const FIT_OPTIONS = ["epochs", "batchSize", "validationSplit", "validationData", "initialEpoch", "stepsPerEpoch"];
const MODEL = /^tf:(?:sequential|model|loadLayersModel|models\.modelFromJSON)\(\)$/;
const DATASET = /^tf:data\.\w+\(\)(?:\.\w+\(\))*$/;

/** Training: `fit-shuffle`, `unseeded-shuffle`, `reshuffle-ignored`, and `zero-seed` and `ignored-seed` of both. */
export function* trainingTraps(subject: Subject): Generator<Finding> {
  for (const call of subject.calls) {
    const callee = child(call.callee, "expression") ?? call.callee;
    const object = callee.type === "MemberExpression" ? child(callee, "object") : undefined;
    if (object === undefined) continue;
    const place = child(callee, "property") ?? callee;
    if (keyOf(callee) === "fit") yield* fitTraps(subject, call, object, place);
    if (keyOf(callee) === "shuffle") yield* shuffleTraps(subject, call, object, place);
  }
}

function* fitTraps(
  { module, usesTfjs }: Subject,
  call: Call,
  object: SyntaxNode,
  place: SyntaxNode,
): Generator<Finding> {
  const config = argumentAt(call.node, 2);
  const origin = originOf(object, module);
  const argument = config.state === "present" ? config.node : undefined;
  const looksLike = FIT_OPTIONS.some(
    (name) => argument !== undefined && memberOf(argument, name, module).state === "present",
  );
  const isModel = origin !== undefined && MODEL.test(origin);
  const mayBeModel = usesTfjs && looksLike && !isForeign(origin) && !isOwnObject(object, module);
  if ((!isModel && !mayBeModel) || config.state === "unknown" || children(call.node, "arguments").length < 2) return;
  const seed = memberOf(argument, "seed", module);
  if (seed.state === "present")
    yield { rule: "ignored-seed", node: seed.node, message: "model.fit does not read a seed" };
  const shuffle = memberOf(argument, "shuffle", module);
  const message = "model.fit shuffles the samples with Math.random in every epoch";
  if (shuffle.state === "absent") yield { rule: "fit-shuffle", node: place, message };
  if (shuffle.state !== "present") return;
  const known = staticValue(shuffle.node, module);
  if (known !== undefined && (known.value || known.value === null || known.value === undefined))
    yield { rule: "fit-shuffle", node: shuffle.node, message };
}

function* shuffleTraps(
  { module, usesTfjs }: Subject,
  call: Call,
  object: SyntaxNode,
  place: SyntaxNode,
): Generator<Finding> {
  const origin = originOf(object, module);
  const mayBeDataset = usesTfjs && !isForeign(origin) && !isOwnObject(object, module) && takesSize(call.node, module);
  if (!mayBeDataset && !DATASET.test(origin ?? "")) return;
  const seed = argumentAt(call.node, 1);
  const use = seedUse(seed, module);
  if (use === "none")
    yield { rule: "unseeded-shuffle", node: place, message: "Dataset.shuffle has no seed, and takes the clock" };
  if (use === "falsy" && seed.state === "present") {
    const message = zeroMessage("Dataset.shuffle", seed, module).replace("draws from Math.random", "takes the clock");
    yield { rule: "zero-seed", node: seed.node, message };
  }
  const reshuffle = argumentAt(call.node, 2);
  if (reshuffle.state === "present" && staticValue(reshuffle.node, module)?.value === false)
    yield {
      rule: "reshuffle-ignored",
      node: reshuffle.node,
      message: "reshuffleEachIteration false changes the order all the same, from each iteration to the next",
    };
}

/** An object of a class of the program's own: tfjs makes its models and datasets by functions. */
function isOwnObject(receiver: SyntaxNode, module: Module): boolean {
  return /^(?:NewExpression|ThisExpression)$/.test(resolve(receiver, module).type);
}

/** A receiver that is nowhere defined counts as a dataset when the first argument is a number: no array shuffles so. */
function takesSize(call: SyntaxNode, module: Module): boolean {
  const size = argumentAt(call, 0);
  return size.state === "present" && typeof staticValue(size.node, module)?.value === "number";
}
