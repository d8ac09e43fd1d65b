import type { ModelFinding, SeededPlace } from "./layers.ts";
import type { ModelObject } from "./walk.ts";
import { inside, textOf } from "./walk.ts";

/** Random nodes that tfjs-converter 4.22 runs: `operations/op_list/creation.js` and `executors/creation_executor.js`. */
const RANDOM = /^(?:Multinomial|RandomStandardNormal|RandomUniform|RandomUniformInt|TruncatedNormal)$/;
/** Its executor passes no seed. */
const IGNORES_SEED = "RandomUniform";

/** A random node of a graph model. */
export interface RandomNode {
  readonly op: string;
  readonly name: string;
  /** The attribute `seed`, as decimal text; `"0"` when it is not set. */
  readonly seed: string;
  /** The attribute `seed2`, which tfjs does not read. */
  readonly seed2: string;
}

/** Reads a node of a graph: an object with an operation, a name and attributes. */
export function randomNode({ members }: ModelObject): RandomNode | undefined {
  const op = textOf(members, "op") ?? "";
  const name = textOf(members, "name");
  if (!RANDOM.test(op) || name === undefined) return undefined;
  const attributes = inside(members, "attr");
  return { op, name, seed: integerOf(attributes, "seed"), seed2: integerOf(attributes, "seed2") };
}

function integerOf(attributes: ReadonlyMap<string, unknown>, key: string): string {
  const value = inside(attributes, key).get("i"); // 64 bits, so that the converter writes text
  return typeof value === "number" || (typeof value === "string" && /^-?\d{1,20}$/.test(value)) ? String(value) : "0";
}

/** The traps of one random node. */
export function* graphFindings({ op, name, seed, seed2 }: RandomNode, pointer: string): Generator<ModelFinding> {
  const isSet = seed !== "0" || seed2 !== "0";
  if (op === IGNORES_SEED) {
    if (isSet) yield { rule: "ignored-seed", pointer, message: `${op} "${name}" does not read its seed` };
    else yield { rule: "unseeded-tensor", pointer, message: `${op} "${name}" draws from Math.random in every run` };
  } else if (seed !== "0")
    yield {
      rule: "repeated-draws",
      pointer,
      message: `${op} "${name}" with seed ${seed} gives the same numbers in every run`,
    };
  else if (op === "RandomUniformInt")
    yield {
      rule: "repeated-draws",
      pointer,
      message: `${op} "${name}" takes seed 0 for a seed, and gives the same numbers in every run`,
    };
  else
    yield {
      rule: "zero-seed",
      pointer,
      message: `${op} "${name}" has seed 0, which is no seed: it draws from Math.random`,
    };
}

/** Two operations of normals draw the same numbers, up to what one of them refuses; every other draws its own. */
function distributionOfNode(op: string): string {
  return op.endsWith("Normal") ? "normal" : op;
}

/** Where two nodes can have one seed: `seed2`, which tells them apart in TensorFlow, is not read. */
export function seededNode({ op, name, seed }: RandomNode, pointer: string): SeededPlace | undefined {
  return op === IGNORES_SEED || seed === "0"
    ? undefined
    : { pointer, seed, distribution: distributionOfNode(op), owner: `${op} "${name}"` };
}
