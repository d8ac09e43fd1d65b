import { ReproError, parseState } from "@repro/core";
import type { serialization } from "@tensorflow/tfjs";
import * as z from "zod";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { deriveSeed } from "../key/key.ts";
import type { SeedSource } from "./peer.ts";

/** What a saved model says of a stream. */
interface SavedStream {
  /** Digest of the root seed's key. */
  readonly root: string;
  /** tfjs changes texts between camelCase and snake_case when it saves and loads, except those under `name`. */
  readonly path: readonly ({ readonly name: string } | { readonly index: number })[];
}

const savedStreamSchema: z.ZodType<SavedStream> = /* @__PURE__ */ z.object({
  root: /* @__PURE__ */ z.string(),
  path: /* @__PURE__ */ z.array(
    /* @__PURE__ */ z.union([
      /* @__PURE__ */ z.object({ name: /* @__PURE__ */ z.string() }),
      /* @__PURE__ */ z.object({ index: /* @__PURE__ */ z.int().min(0) }),
    ]),
  ),
});

/** What goes into a model's JSON for the stream of a path. */
export function saveStream(source: SeedSource, path: readonly SeedPathElement[]): serialization.ConfigDict {
  const steps = path.map((step) => (typeof step === "number" ? { index: step } : { name: step }));
  return { root: source.rootDigest, path: steps };
}

/** Checks a value that a model's JSON holds. */
export function parseSaved<T>(schema: z.ZodType<T>, value: unknown, className: string): T {
  return parseState(schema, value, {
    what: `the model's ${className}`,
    code: "SEED_MODEL_INVALID" satisfies SeedErrorCode,
  });
}

type Read<T> = (config: serialization.ConfigDict, seed: Seed) => T;

type Reader<T> = (config: serialization.ConfigDict, saved: SavedStream) => T;

interface SeededClass<T extends serialization.Serializable> extends serialization.SerializableConstructor<T> {
  readers?: Map<string, Reader<T>>;
}

/**
 * Registers a class with this tfjs, so that models that hold objects of it can be loaded.
 *
 * A model names the root of its seed. The class that was registered last reads for every root that was registered before:
 * it takes over the one list from the one before, which tfjs keeps, so that this package keeps nothing. That list keeps each
 * root with its ledger, once, for as long as tfjs lives.
 */
export function registerSeeded<T extends serialization.Serializable>(
  source: SeedSource,
  target: SeededClass<T>,
  read: Read<T>,
): void {
  const { tf, root, rootDigest } = source;
  const before: SeededClass<serialization.Serializable> | undefined =
    tf.serialization.SerializationMap.getMap().classNameMap[target.className]?.[0];
  const readers = (before?.readers as typeof target.readers) ?? new Map<string, Reader<T>>(); // a class of this name makes objects of this kind
  readers.set(rootDigest, (config, saved) => read(config, seedOf(root, saved)));
  target.readers = readers;
  const fromConfig = (_: unknown, config: serialization.ConfigDict): T => {
    const saved = parseSaved(savedStreamSchema, config["seed"], target.className);
    const reader = readers.get(saved.root);
    if (reader === undefined) throw otherSeed(target.className, saved.root, [...readers.keys()]);
    return reader(config, saved);
  };
  target.fromConfig = fromConfig; // tfjs calls it for this class only
  tf.serialization.registerClass(target);
}

function seedOf(root: Seed, saved: SavedStream): Seed {
  return deriveSeed(root, ...saved.path.map((step) => ("name" in step ? step.name : step.index)));
}

function otherSeed(className: string, root: string, known: readonly string[]): ReproError<SeedErrorCode> {
  return new ReproError(`createSeededTfjs: the model's ${className} was made with another seed than the program's`, {
    code: "SEED_MODEL_MISMATCH",
    remedy: "call createSeededTfjs(tf, seed) with the seed that the model was made with before you load it",
    data: { className, root, known },
  });
}
