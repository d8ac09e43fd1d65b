/**
 * How sure a trap bites: `"error"` when the code cannot do what it says, `"warning"` when two runs differ unless something
 * else seeds them, `"info"` for what is often meant so.
 *
 * @public
 */
export type SeedTrapSeverity = "error" | "warning" | "info";

/**
 * Name of a rule. Rules about tfjs hold for tfjs 4.22; each has a test that shows the trap itself.
 *
 * @public
 */
export type SeedTrapRule =
  | "adjacent-seeds"
  | "backend-seed"
  | "captured-random"
  | "clock-seed"
  | "directory-order"
  | "entropy-seed"
  | "equal-seeds"
  | "fit-shuffle"
  | "ignored-seed"
  | "locale-order"
  | "math-random"
  | "random-comparator"
  | "repeated-draws"
  | "replaced-random"
  | "reshuffle-ignored"
  | "shared-stream"
  | "suppression"
  | "unseeded-initializer"
  | "unseeded-layer"
  | "unseeded-library"
  | "unseeded-shuffle"
  | "unseeded-tensor"
  | "zero-seed";

/**
 * One trap in source text.
 *
 * @public
 */
export interface SeedTrap {
  /** The rule that found it. */
  readonly rule: SeedTrapRule;
  /** How sure it bites. */
  readonly severity: SeedTrapSeverity;
  /** What happens, one line. */
  readonly message: string;
  /** What to do instead, one line. */
  readonly remedy: string;
  /** The file, as it was given; `"(source)"` when none was. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column in UTF-16 code units, from 1. */
  readonly column: number;
}

/**
 * One trap in a model's JSON.
 *
 * @public
 */
export interface ModelTrap {
  /** The rule that found it. */
  readonly rule: SeedTrapRule;
  /** How sure it bites. */
  readonly severity: SeedTrapSeverity;
  /** What happens, one line; names the layer or node. */
  readonly message: string;
  /** What to do instead, one line. */
  readonly remedy: string;
  /** Where it is, an RFC 6901 JSON pointer. */
  readonly pointer: string;
}

/** What a rule says of itself. */
export interface RuleText {
  /** Of what it reports, unless a report says otherwise. */
  readonly severity: SeedTrapSeverity;
  /** What it finds, one line. */
  readonly finds: string;
  /** What to do instead, one line. */
  readonly remedy: string;
}

/** Every rule, by name. */
export const RULES: Readonly<Record<SeedTrapRule, RuleText>> = {
  "adjacent-seeds": {
    severity: "error",
    finds: "pure-rand generators that start from neighbouring integers",
    remedy: 'createStream(seed, "worker", i) of @repro/seed: its states come from a hash',
  },
  "backend-seed": {
    severity: "warning",
    finds: "tf.multinomial with a seed, which gives other samples on each backend",
    remedy: "draw the samples on the CPU from a stream of @repro/seed",
  },
  "captured-random": {
    severity: "warning",
    finds: "references to Math.random, which escape every scope that is opened later",
    remedy: "call Math.random() where the number is needed, or pass a stream",
  },
  "clock-seed": {
    severity: "warning",
    finds: "seeds that are read from a clock",
    remedy: "take the seed from a setting that is recorded, such as REPRO_SEED",
  },
  "directory-order": {
    severity: "info",
    finds: "loops over opendir, whose order is that of the file system",
    remedy: "collect the names, and sort them by code units",
  },
  "entropy-seed": {
    severity: "warning",
    finds: "seeds that are drawn from crypto",
    remedy: "take the seed from a setting that is recorded, such as REPRO_SEED",
  },
  "equal-seeds": {
    severity: "warning",
    finds: "initializers of one distribution that start from the same seed, and so draw the same numbers",
    remedy: "give every initializer a seed of its own, or use the initializers of @repro/seed/tfjs, keyed by name",
  },
  "fit-shuffle": {
    severity: "warning",
    finds: "model.fit that shuffles with Math.random",
    remedy: 'shuffle: false with the order of epochOrder, or fit inside withSeed(seed, { random: "redirect" }, …)',
  },
  "ignored-seed": {
    severity: "error",
    finds: "seeds and seeded initializers that tfjs does not read",
    remedy:
      'leave it out, and use the layers of @repro/seed/tfjs, or run inside withSeed(seed, { random: "redirect" }, …)',
  },
  "locale-order": {
    severity: "info",
    finds: "sorts by the language of the machine",
    remedy: "compare code units: (a, b) => (a < b ? -1 : a > b ? 1 : 0)",
  },
  "math-random": {
    severity: "warning",
    finds: "calls of Math.random",
    remedy: 'uniform(createStream(seed, "<purpose>")), or run inside withSeed(seed, { random: "redirect" }, …)',
  },
  "random-comparator": {
    severity: "error",
    finds: "sorts whose comparator draws random numbers",
    remedy: "shuffle(stream, array) of @repro/seed",
  },
  "repeated-draws": {
    severity: "error",
    finds: "seeded dropout and graph nodes, which draw the same numbers in every step",
    remedy:
      'use the dropout of @repro/seed/tfjs, keyed by step; or no seed, inside withSeed(seed, { random: "redirect" }, …)',
  },
  "replaced-random": {
    severity: "warning",
    finds: "assignments to Math.random, which change it for all code and for good",
    remedy: 'withSeed(seed, { random: "redirect" }, …), or node --import @repro/seed/register',
  },
  "reshuffle-ignored": {
    severity: "error",
    finds: "Dataset.shuffle(…, …, false), which reshuffles all the same",
    remedy: "order the samples by epochOrder of @repro/seed before they become a Dataset",
  },
  "shared-stream": {
    severity: "error",
    finds: "one stream drawn from after an await by callbacks that run together",
    remedy: 'give each callback a stream of its own, createStream(seed, "<purpose>", index)',
  },
  suppression: {
    severity: "warning",
    finds: "repro-seed-ignore comments without a rule or reason, or that suppress nothing",
    remedy: "write // repro-seed-ignore <rule>: <reason> on the line of the finding or the line before, or remove it",
  },
  "unseeded-initializer": {
    severity: "warning",
    finds: "random initializers without a seed",
    remedy: "give it a seed of its own that is not 0, or use the initializers of @repro/seed/tfjs",
  },
  "unseeded-layer": {
    severity: "warning",
    finds: "dropout and noise that draw from Math.random in every step",
    remedy: 'use the layers of @repro/seed/tfjs, or run inside withSeed(seed, { random: "redirect" }, …)',
  },
  "unseeded-library": {
    severity: "warning",
    finds: "shuffle, sample and random of lodash and underscore",
    remedy: "shuffle, permutation or int of @repro/seed with a stream",
  },
  "unseeded-shuffle": {
    severity: "warning",
    finds: "Dataset.shuffle without a seed, which takes the clock",
    remedy: 'give shuffle a seed that is not empty, such as "train"',
  },
  "unseeded-tensor": {
    severity: "warning",
    finds: "random tensors and tf.util.shuffle without a seed",
    remedy: "give it a seed that is not 0, or fill it from a stream of @repro/seed",
  },
  "zero-seed": {
    severity: "error",
    finds: "seed 0, or an empty one, where tfjs takes it for no seed",
    remedy: "use a seed that is not 0, or a stream of @repro/seed, where 0 is a seed",
  },
};

/** Whether a text names a rule. */
export function isRule(name: string): name is SeedTrapRule {
  return Object.hasOwn(RULES, name);
}
