import type { Call, Finding, Subject } from "../report.ts";
import { argumentAt, seedUse, staticValue } from "../syntax/value.ts";
import type { Lookup } from "../syntax/value.ts";

/** Where a function of tfjs takes its seed, and whether it takes 0 for none. */
interface SeedArgument {
  readonly index: number;
  readonly zeroIsNone: boolean;
}

/** tfjs-core 4.22: `ops/*.js` and `ops/rand_util.js`, where `seed ? seed : Math.random()` stands against `seed == null`. */
const SEEDS: Readonly<Record<string, SeedArgument>> = {
  "tf:multinomial": { index: 2, zeroIsNone: true },
  "tf:randomGamma": { index: 4, zeroIsNone: true },
  "tf:randomNormal": { index: 4, zeroIsNone: true },
  "tf:randomStandardNormal": { index: 2, zeroIsNone: true },
  "tf:randomUniform": { index: 4, zeroIsNone: false },
  "tf:randomUniformInt": { index: 3, zeroIsNone: false },
  "tf:truncatedNormal": { index: 4, zeroIsNone: true },
};

/** Functions of tfjs that shuffle or draw with `Math.random`, and take no seed: `util_base.js`. */
const SEEDLESS = /^tf:util\.(?:shuffle|shuffleCombo|createShuffledIndices|randUniform)$/;

/** Random tensors: `unseeded-tensor`, `zero-seed`, `backend-seed`, and `repeated-draws` of `tf.dropout`. */
export function* tensorTraps({ module, calls }: Subject): Generator<Finding> {
  for (const call of calls) {
    const name = call.origin.replace(/^tf:/, "tf.");
    if (call.origin === "tf:dropout") yield* dropoutTraps({ module, calls }, call);
    else if (SEEDLESS.test(call.origin))
      yield {
        rule: "unseeded-tensor",
        node: call.callee,
        message: `${name} draws from Math.random, and takes no seed`,
      };
    const place = Object.hasOwn(SEEDS, call.origin) ? SEEDS[call.origin] : undefined;
    if (place === undefined) continue;
    const seed = argumentAt(call.node, place.index);
    const use = seedUse(seed, module);
    const node = seed.state === "present" ? seed.node : call.callee;
    if (use === "none") yield { rule: "unseeded-tensor", node: call.callee, message: `${name} has no seed` };
    else if (use === "falsy" && place.zeroIsNone)
      yield { rule: "zero-seed", node, message: zeroMessage(name, seed, module) };
    else if (use === "given" && call.origin === "tf:multinomial")
      yield {
        rule: "backend-seed",
        node,
        message: "the same seed of tf.multinomial gives other samples on each backend",
      };
  }
}

function* dropoutTraps({ module }: Pick<Subject, "module" | "calls">, call: Call): Generator<Finding> {
  const seed = argumentAt(call.node, 3);
  const use = seedUse(seed, module);
  if (use === "none") yield { rule: "unseeded-tensor", node: call.callee, message: "tf.dropout has no seed" };
  if (seed.state !== "present" || use === "none") return;
  if (staticValue(seed.node, module) === undefined) return; // it may differ from step to step
  yield {
    rule: "repeated-draws",
    node: seed.node,
    message: "tf.dropout with a constant seed drops the same elements each time",
  };
}

/** What `seed: 0` does, in words. */
export function zeroMessage(name: string, seed: Lookup, module: Subject["module"]): string {
  const known = seed.state === "present" ? staticValue(seed.node, module)?.value : undefined;
  const written = typeof known === "string" ? `"${known}"` : Object.is(known, -0) ? "-0" : String(known);
  return `${name} takes seed ${written} for no seed, and draws from Math.random`;
}
