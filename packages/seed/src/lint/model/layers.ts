import { RATES, distributionOf, drawsInSteps, isLayer, isRandomInitializer, takesZeroForNone } from "../facts.ts";
import type { Distribution } from "../facts.ts";
import type { SeedTrapRule, SeedTrapSeverity } from "../trap.ts";
import type { ModelObject } from "./walk.ts";
import { inside, textOf } from "./walk.ts";

/** One finding of a model, before its texts are completed. */
export interface ModelFinding {
  readonly rule: SeedTrapRule;
  readonly pointer: string;
  readonly message: string;
  readonly severity?: SeedTrapSeverity;
}

/** Where an initializer's seed stands. */
export interface SeededPlace {
  readonly pointer: string;
  readonly seed: string;
  /** What it draws: only places of one kind draw the same numbers. */
  readonly distribution: string;
  readonly owner: string;
}

/** The traps of one layer or initializer of Keras; `owner` is the name of the layer around it. */
export function* layerFindings({ pointer, members }: ModelObject, owner: string): Generator<ModelFinding> {
  const className = classOf(members);
  const config = inside(members, "config");
  const seed = config.get("seed");
  const at = `${pointer}/config`;
  const isSeeded = seed !== undefined && seed !== null;
  if (isRandomInitializer(className)) {
    const falsy = takesZeroForNone(drawnBy(className, config)) && isSeeded && !seed;
    if (falsy)
      yield {
        rule: "zero-seed",
        pointer: `${at}/seed`,
        message: `${className} of ${owner} takes seed ${describe(seed)} for no seed`,
      };
    // A loaded model gets its weights from the file: only one that is trained anew starts from these.
    else if (!isSeeded)
      yield {
        rule: "unseeded-initializer",
        pointer,
        message: `${className} of ${owner} has no seed`,
        severity: "info",
      };
    return;
  }
  const name = textOf(config, "name") ?? owner;
  if (isLayer(className, "repeating") && isSeeded)
    yield {
      rule: "repeated-draws",
      pointer: `${at}/seed`,
      message: `${className} "${name}" with a seed drops the same elements in every step`,
    };
  if (isLayer(className, "seedless") && isSeeded)
    yield { rule: "ignored-seed", pointer: `${at}/seed`, message: `${className} "${name}" does not read its seed` };
  // What reads no seed draws with one as well.
  const isUnseeded = drawsInSteps(className) && (!isSeeded || isLayer(className, "seedless"));
  if (isUnseeded && !RATES.some((key) => config.get(key) === 0))
    yield {
      rule: "unseeded-layer",
      pointer,
      message: `${className} "${name}" draws from Math.random in every training step`,
      severity: "info",
    };
  if (/^SeparableConv[12]D$/.test(className)) yield* separableFindings(at, config, name);
  if (isLayer(className, "recurrent")) yield* recurrentFindings(at, className, config, name);
}

function* separableFindings(at: string, config: ReadonlyMap<string, unknown>, name: string): Generator<ModelFinding> {
  for (const key of ["pointwise_initializer", "pointwiseInitializer"]) {
    const seed = inside(inside(config, key), "config").get("seed");
    const message = `"${name}" ignores ${key}: the depthwise initializer starts both kernels`;
    if (seed !== undefined && seed !== null) yield { rule: "ignored-seed", pointer: `${at}/${key}`, message };
  }
}

function* recurrentFindings(
  at: string,
  className: string,
  config: ReadonlyMap<string, unknown>,
  name: string,
): Generator<ModelFinding> {
  for (const key of ["dropout", "recurrent_dropout", "recurrentDropout"]) {
    const rate = config.get(key);
    const message = `${key} of ${className} "${name}" draws from Math.random, and takes no seed`;
    if (typeof rate === "number" && rate > 0)
      yield { rule: "unseeded-layer", pointer: `${at}/${key}`, message, severity: "info" };
  }
}

/** The class that a serialised object of Keras names; `""` when it is no such object. */
export function classOf(members: ReadonlyMap<string, unknown>): string {
  const config = members.get("config");
  return typeof config === "object" && config !== null ? (textOf(members, "class_name", "className") ?? "") : "";
}

/** The seed of an initializer that draws by it, as tfjs hashes it; `undefined` for all else. */
export function seededInitializer({ pointer, members }: ModelObject, owner: string): SeededPlace | undefined {
  const className = classOf(members);
  const config = inside(members, "config");
  const seed = config.get("seed");
  if (!isRandomInitializer(className) || (typeof seed !== "number" && typeof seed !== "string")) return undefined;
  const distribution = drawnBy(className, config);
  if (distribution === undefined || (!seed && takesZeroForNone(distribution))) return undefined;
  return { pointer: `${pointer}/config/seed`, seed: String(seed), distribution, owner };
}

function drawnBy(className: string, config: ReadonlyMap<string, unknown>): Distribution | undefined {
  return distributionOf(className, config.get("distribution") ?? null);
}

function describe(seed: unknown): string {
  return typeof seed === "string" ? `"${seed}"` : typeof seed === "number" ? String(seed) : typeof seed;
}
