import type { Finding, Subject } from "../report.ts";
import { nodesWithin } from "../syntax/module.ts";
import type { Module } from "../syntax/module.ts";
import { child, children, isFunction, keyOf, nameOf } from "../syntax/node.ts";
import type { SyntaxNode } from "../syntax/node.ts";
import { originOf } from "../syntax/origin.ts";

const CLOCK =
  /^(?:global:(?:Date|Date\(\)|Date\.now|performance\.now|process\.(?:hrtime|hrtime\.bigint|uptime))|perf_hooks:performance\.now|process:hrtime(?:\.bigint)?|tf:util\.now)\(\)$/;
const ENTROPY =
  /^(?:global:crypto|crypto:(?:webcrypto)?)\.?(?:getRandomValues|randomBytes|randomFill|randomFillSync|randomInt|randomUUID)\(\)$/;
/** Names that hold a seed: `seed`, `#seed`, `rngSeed`, `RANDOM_SEED`; and not `reseed` or `linseed`. */
const SEED_NAME = /^#?(?:\w*_)?(?:seed|Seed|SEED)$|[a-z0-9]Seed$/;
/** Functions whose first argument is a seed. */
const SEEDERS =
  /^(?:@repro\/seed:(?:createSeed|parseSeed|seedLayer)|seedrandom:(?:alea|tychei|xor128|xor4096|xorshift7|xorwow)?|pure-rand:(?:xoroshiro128plus|xorshift128plus|congruential32|mersenne)|random-seed:(?:create)?|random:(?:use)?)$/;

/** Seeds that nobody can give again: `clock-seed` and `entropy-seed`. */
export function* entropyTraps({ module, calls }: Subject): Generator<Finding> {
  const reported = new Set<SyntaxNode>();
  const seeds = module.nodes.flatMap((node) => seedValue(node) ?? []);
  const given = calls.flatMap(({ node, origin }) =>
    SEEDERS.test(origin) ? children(node, "arguments").slice(0, 1) : [],
  );
  for (const seed of [...seeds, ...given])
    for (const found of sourcesWithin(seed, module)) {
      if (reported.has(found.node)) continue;
      reported.add(found.node);
      yield found;
    }
}

/** The value that a node gives to a name that holds a seed. */
function seedValue(node: SyntaxNode): SyntaxNode | undefined {
  const named = (name: string | undefined, value: SyntaxNode | undefined): SyntaxNode | undefined =>
    name !== undefined && SEED_NAME.test(name) && !isFunction(value) ? value : undefined;
  const target = (of: SyntaxNode | undefined): string | undefined =>
    of?.type === "MemberExpression" ? keyOf(of) : nameOf(of);
  if (node.type === "VariableDeclarator") return named(target(child(node, "id")), child(node, "init"));
  if (node.type === "Property" || node.type === "PropertyDefinition") return named(keyOf(node), child(node, "value"));
  if (node.type === "AssignmentExpression" || node.type === "AssignmentPattern")
    return named(target(child(node, "left")), child(node, "right"));
  return undefined;
}

function* sourcesWithin(value: SyntaxNode, module: Module): Generator<Finding> {
  if (value.type === "ObjectExpression") return; // data that a database starts from; its own `seed` is a seed of its own
  for (const node of nodesWithin(value, (inner) => !isFunction(inner) && inner.type !== "ObjectExpression")) {
    if (node.type !== "CallExpression" && node.type !== "NewExpression") continue;
    const origin = originOf(node, module) ?? "";
    const isGivenTime = origin === "global:Date()" && children(node, "arguments").length > 0; // new Date(0)
    if (!isGivenTime && CLOCK.test(origin.replace(/^global:Date\(\)$/, "global:Date()()")))
      yield { rule: "clock-seed", node, message: "a seed that is read from a clock differs in every run" };
    else if (ENTROPY.test(origin))
      yield { rule: "entropy-seed", node, message: "a seed that is drawn from crypto differs in every run" };
  }
}
