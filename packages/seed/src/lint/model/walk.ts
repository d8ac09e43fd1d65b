import { escapePointer } from "@repro/core";

import { modelError } from "../failure.ts";

/** A JSON object on the way, with its members as they are: data properties alone, whatever their names. */
export interface ModelObject {
  readonly pointer: string;
  readonly members: ReadonlyMap<string, unknown>;
  /** Distance from the root. */
  readonly depth: number;
}

/** Nesting that no model reaches: Keras nests a model in a model in a layer. */
export const MAX_MODEL_DEPTH = 200;
/** Values in one model: one of 10,000 layers has about a million. */
export const MAX_MODEL_VALUES = 2_000_000;

interface Visit {
  readonly value: object;
  readonly pointer: string;
  readonly depth: number;
}

/**
 * Every object of a value, each before those inside it, in the order of their members, without recursion.
 *
 * @throws ReproError `SEED_LINT_MODEL` when a value contains itself, nests too deep, or never ends.
 */
export function* objectsOf(root: object): Generator<ModelObject> {
  const path: object[] = []; // the objects around the current one
  const around = new Set<object>(); // the same, for a quick answer
  const work: Visit[] = [{ value: root, pointer: "", depth: 0 }];
  let values = 0;
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const { value, pointer, depth } = next;
    for (const left of path.splice(depth)) around.delete(left);
    if (around.has(value)) throw modelError(pointer, "it contains itself");
    if (depth >= MAX_MODEL_DEPTH) throw modelError(pointer, `it nests deeper than ${MAX_MODEL_DEPTH} levels`);
    path.push(value);
    around.add(value);
    const members = membersOf(value);
    values += members.size + 1;
    if (values > MAX_MODEL_VALUES) throw modelError(pointer, `it has more than ${MAX_MODEL_VALUES} values`);
    if (!Array.isArray(value)) yield { pointer, members, depth };
    const below = [...members].flatMap(([key, member]) =>
      typeof member === "object" && member !== null
        ? [{ value: member, pointer: `${pointer}/${escapePointer(key)}`, depth: depth + 1 }]
        : [],
    );
    for (const visit of below.toReversed()) work.push(visit);
  }
}

/** Own data properties; none of buffers, whose numbers are weights. */
export function membersOf(value: object): ReadonlyMap<string, unknown> {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return new Map();
  return new Map(
    Object.keys(value).flatMap((key) => {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      return descriptor !== undefined && "value" in descriptor ? [[key, descriptor.value as unknown] as const] : [];
    }),
  );
}

/** The members of a member; none when it is no object. */
export function inside(members: ReadonlyMap<string, unknown>, key: string): ReadonlyMap<string, unknown> {
  const value = members.get(key);
  return typeof value === "object" && value !== null ? membersOf(value) : new Map();
}

export function textOf(members: ReadonlyMap<string, unknown>, ...keys: readonly string[]): string | undefined {
  const value = keys.map((key) => members.get(key)).find((found) => found !== undefined);
  return typeof value === "string" ? value : undefined;
}
