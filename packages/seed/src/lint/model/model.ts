import { isReproError, parseJson } from "@repro/core";

import { modelError } from "../failure.ts";
import type { ModelTrap } from "../trap.ts";
import { RULES } from "../trap.ts";
import { graphFindings, randomNode, seededNode } from "./graph.ts";
import type { ModelFinding, SeededPlace } from "./layers.ts";
import { classOf, layerFindings, seededInitializer } from "./layers.ts";
import type { ModelObject } from "./walk.ts";
import { inside, objectsOf, textOf } from "./walk.ts";

/**
 * Finds the known traps of seeds in a model: a `model.json` of tfjs (layers model or graph model), what `model.toJSON()`
 * gives, or a configuration of Keras.
 *
 * Findings are about building and training the model anew, and about graph nodes that draw in every run. Nothing is
 * changed, loaded or built; unknown members are passed over.
 *
 * @param model - The parsed JSON, or its text.
 * @returns Frozen findings in the order of the JSON, each with a pointer to what is wrong.
 * @throws TypeError when `model` is neither an object nor a string.
 * @throws ReproError `JSON_MALFORMED` or `JSON_TOO_DEEP` when a text is no JSON; `SEED_LINT_MODEL` when an object contains
 *   itself, nests deeper than 200 levels, has more than 2,000,000 values or cannot be read; `data: { pointer, reason }`.
 * @example
 * ```ts
 * import { findModelTraps } from "@repro/seed/lint";
 *
 * const model = { class_name: "Dropout", config: { name: "drop", rate: 0.5, seed: 7 } };
 * findModelTraps(model).map(({ rule, pointer }) => [rule, pointer]); // => [["repeated-draws", "/config/seed"]]
 * ```
 * @public
 */
export function findModelTraps(model: unknown): readonly ModelTrap[] {
  const value = typeof model === "string" ? parseJson(model, { what: "the model" }) : model;
  if (typeof value !== "object" || value === null)
    throw new TypeError(
      `findModelTraps: "model" must be an object or its JSON text, got ${value === null ? "null" : typeof value}`,
    );
  const findings = readFindings(value);
  return Object.freeze(
    findings.map(({ rule, pointer, message, severity }) =>
      Object.freeze({ rule, severity: severity ?? RULES[rule].severity, message, remedy: RULES[rule].remedy, pointer }),
    ),
  );
}

function readFindings(root: object): readonly ModelFinding[] {
  try {
    return [...findingsOf(root)];
  } catch (error) {
    if (isReproError(error)) throw error;
    throw modelError("", "a member cannot be read", error); // a proxy whose traps throw
  }
}

function* findingsOf(root: object): Generator<ModelFinding> {
  const owners: string[] = []; // the layer around each depth
  const seeds = new Map<string, SeededPlace>();
  const graphSeeds = new Map<string, SeededPlace>();
  for (const object of objectsOf(root)) {
    const owner = ownerOf(object, owners);
    if (classOf(object.members) === "") {
      const node = randomNode(object);
      if (node === undefined) continue;
      yield* graphFindings(node, object.pointer);
      yield* equalFindings(seededNode(node, object.pointer), graphSeeds);
    } else {
      yield* layerFindings(object, owner);
      yield* bidirectionalFindings(object, owner);
      yield* equalFindings(seededInitializer(object, owner), seeds);
    }
  }
}

/** The name of the layer that an object is or lies in. */
function ownerOf({ members, depth }: ModelObject, owners: string[]): string {
  const name = classOf(members) === "" ? undefined : textOf(inside(members, "config"), "name");
  const around = owners.slice(0, depth).findLast((owner) => owner !== undefined) ?? "the model";
  owners.length = depth;
  owners[depth] = name === undefined ? around : `"${name}"`;
  return owners[depth] ?? around;
}

function* equalFindings(place: SeededPlace | undefined, seen: Map<string, SeededPlace>): Generator<ModelFinding> {
  if (place === undefined) return;
  const identity = `${place.distribution} ${place.seed}`;
  const first = seen.get(identity);
  if (first === undefined) seen.set(identity, place);
  else {
    const message = `seed ${place.seed} of ${place.owner} is that of ${first.owner}: both draw the same numbers`;
    yield { rule: "equal-seeds", pointer: place.pointer, message };
  }
}

/** tfjs builds both directions from the configuration of one layer, seeds included. */
function* bidirectionalFindings({ pointer, members }: ModelObject, owner: string): Generator<ModelFinding> {
  const layer = inside(inside(members, "config"), "layer");
  if (classOf(members) !== "Bidirectional") return;
  const config = inside(layer, "config");
  for (const key of config.keys()) {
    if (!/_?initializer$/i.test(key)) continue;
    const at = `${pointer}/config/layer/config/${key}`;
    const place = seededInitializer({ pointer: at, members: inside(config, key), depth: 0 }, owner);
    const message = `both directions of ${owner} start from the seed of ${key}, with equal weights`;
    if (place !== undefined) yield { rule: "equal-seeds", pointer: place.pointer, message };
  }
}
