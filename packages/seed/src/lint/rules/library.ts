import type { Finding, Subject } from "../report.ts";
import { nodesWithin } from "../syntax/module.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, keyOf, nameOf } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { originOf } from "../syntax/origin.ts";
import { argumentAt, resolve, staticValue } from "../syntax/value.ts";
import { comparators } from "./random.ts";

/** Also at the end of a chain: `_(list).map(f).shuffle()`. */
const LODASH = /^lodash:(?:(?:chain)?\(\)\.(?:\w+\(\)\.)*)?(?:shuffle|sample|sampleSize|random)$/;
/** pure-rand 8.4.2: state (-1, ~seed, seed, 0) for the first two, the seed itself for the third. Its mersenne mixes. */
const UNMIXED = /^pure-rand:(?:xoroshiro128plus|xorshift128plus|congruential32)$/;
const OPENDIR = /^fs(?:\/promises)?:(?:promises\.)?opendir(?:Sync)?\(\)$/;

/** Other libraries and the platform: `unseeded-library`, `adjacent-seeds`, `directory-order`, `locale-order`. */
export function* libraryTraps(subject: Subject): Generator<Finding> {
  const { module, calls } = subject;
  for (const { node, callee, origin } of calls) {
    const name = /\w*$/.exec(origin)?.[0] ?? "";
    if (LODASH.test(origin))
      yield {
        rule: "unseeded-library",
        node: callee,
        message: `${name} keeps the Math.random that it found when it was loaded`,
      };
    const seed = UNMIXED.test(origin) ? argumentAt(node, 0) : undefined;
    if (seed?.state === "present" && isNeighbour(seed.node, module)) {
      const message = `${name} does not mix its seed: generators of neighbouring seeds give nearly the same numbers`;
      yield { rule: "adjacent-seeds", node: seed.node, message };
    }
  }
  for (const node of module.nodes) {
    const right = node.type === "ForOfStatement" ? child(node, "right") : undefined;
    if (right !== undefined && OPENDIR.test(originOf(resolve(right, module), module) ?? ""))
      yield { rule: "directory-order", node: right, message: "opendir gives entries in the order of the file system" };
  }
  for (const comparator of new Set(comparators(subject).values())) yield* localeTraps(comparator);
}

/** A sum with something that varies, or the counter of a loop. */
function isNeighbour(seed: SyntaxNode, module: Module): boolean {
  const value = resolve(seed, module);
  if (value.type === "Identifier") return module.bindingOf(value)?.isCounter === true;
  if (value.type !== "BinaryExpression" || !["+", "-", "^", "|"].includes(String(value["operator"]))) return false;
  return ["left", "right"].some((side) => {
    const operand = child(value, side);
    return operand !== undefined && staticValue(operand, module) === undefined;
  });
}

function* localeTraps(comparator: SyntaxNode): Generator<Finding> {
  for (const node of nodesWithin(comparator, () => true)) {
    const callee = node.type === "CallExpression" ? child(node, "callee") : undefined;
    const member = callee === undefined ? undefined : (child(callee, "expression") ?? callee);
    if (member?.type !== "MemberExpression" || keyOf(member) !== "localeCompare") continue;
    const at = child(member, "property") ?? member;
    if (children(node, "arguments").length > 0 && nameOf(at) === "localeCompare")
      yield {
        rule: "locale-order",
        node: at,
        message: "localeCompare orders by the language and the ICU of the machine",
      };
  }
}
