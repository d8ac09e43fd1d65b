import { hashBytes } from "@repro/core";
import type { Digest } from "@repro/core";
import type * as tfjs from "@tensorflow/tfjs";

import type { Seed } from "../key/key.ts";
import { keyBytes, plantSeed } from "../key/key.ts";
import { createSeedLedger } from "../record/ledger.ts";

/**
 * TensorFlow.js as the program has it: `@tensorflow/tfjs`, `tfjs-node`, `tfjs-node-gpu`, or what `openCompute` gives.
 *
 * @public
 */
export type Tfjs = typeof tfjs;

/**
 * What tfjs takes as `kernelInitializer` and the like.
 *
 * @public
 */
export type Initializer = ReturnType<Tfjs["initializers"]["glorotUniform"]>;

/** Where everything that is made for one tfjs and one seed takes its streams from. */
export interface SeedSource {
  readonly tf: Tfjs;
  /** Always with a ledger: two layers of one path must be found out. */
  readonly seed: Seed;
  /** The root of the same tree, with the same ledger. */
  readonly root: Seed;
  /** SHA-256 of the root's key: what a saved model names its seed by. */
  readonly rootDigest: Digest;
}

/** Checks both arguments, and gives a seed that has no ledger one of its own. */
export function createSource(tf: Tfjs, seed: Seed): SeedSource {
  const parts: readonly unknown[] = [tf?.initializers?.zeros, tf?.layers?.Layer, tf?.data?.generator];
  if (!parts.every((part) => typeof part === "function")) {
    throw new TypeError('createSeededTfjs: "tf" must be TensorFlow.js with its layers and its data');
  }
  if (typeof seed?.key !== "string" || seed.root === undefined) {
    throw new TypeError('createSeededTfjs: "seed" must be a seed that createSeed made');
  }
  const ledger = seed.ledger ?? createSeedLedger();
  const root = plantSeed(seed.root, { ledger });
  const rootDigest = hashBytes(keyBytes(root));
  return Object.freeze({ tf, seed: Object.freeze({ ...seed, ledger }), root, rootDigest });
}

/** The class behind every initializer of this tfjs, which does not export it and accepts no other. */
export function initializerClass(tf: Tfjs): abstract new () => Initializer {
  const found: unknown = Object.getPrototypeOf(tf.initializers.zeros().constructor);
  if (isInitializerClass(found)) return found;
  throw new TypeError('createSeededTfjs: "tf" must have initializers that derive from one class');
}

function isInitializerClass(value: unknown): value is abstract new () => Initializer {
  return typeof value === "function" && "getConfig" in (value.prototype ?? {});
}
