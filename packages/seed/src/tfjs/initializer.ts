import { ReproError, isReproError } from "@repro/core";
import type { DataType, Tensor, serialization } from "@tensorflow/tfjs";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import type { SeedPathElement } from "../key/path.ts";
import { deriveSeed } from "../key/key.ts";
import type { Stream } from "../stream/stream.ts";
import { createStream } from "../stream/stream.ts";
import type { VarianceScaling, WeightDistribution } from "./distribution.ts";
import { checkDistribution, drawWeights, weightDistributionSchema } from "./distribution.ts";
import type { Initializer, SeedSource } from "./peer.ts";
import { initializerClass } from "./peer.ts";
import { parseSaved, registerSeeded, saveStream } from "./saved.ts";

/**
 * What an initializer's stream is called: a label, or several. Give the layer's name, and the weight's where a layer has
 * more than one drawn weight: `["lstm_1", "recurrent"]`.
 *
 * @public
 */
export type InitializerPath = SeedPathElement | readonly SeedPathElement[];

/**
 * Options of {@link SeededInitializers.randomUniform}.
 *
 * @public
 */
export interface RandomUniformOptions {
  /** Lower end, finite; -0.05 when omitted. 0 is 0; tfjs takes it for none. */
  readonly minval?: number;
  /** Upper end, finite and above `minval`; 0.05 when omitted. */
  readonly maxval?: number;
}

/**
 * Options of {@link SeededInitializers.randomNormal} and {@link SeededInitializers.truncatedNormal}.
 *
 * @public
 */
export interface RandomNormalOptions {
  /** Mean, finite; 0 when omitted. */
  readonly mean?: number;
  /** Standard deviation, before it is cut, finite and not negative; 0.05 when omitted. */
  readonly stddev?: number;
}

/**
 * Options of {@link SeededInitializers.orthogonal}.
 *
 * @public
 */
export interface OrthogonalOptions {
  /** Length of each column, or row; finite, 1 when omitted. */
  readonly gain?: number;
}

/**
 * The random initializers of tfjs, each drawing from the stream `"initializer", ...path` below the seed.
 *
 * The distributions are tfjs's. The values are computed on the CPU in doubles and rounded to float32, so that they are the
 * same on every backend.
 *
 * An initializer is one weight's: a second, of the same layer or of another, throws ReproError `SEED_PATH_REUSED`, since the
 * two would be equal. tfjs itself applies one twice for `separableConv2d` (it takes `depthwiseInitializer` for both kernels)
 * and for the bias of an LSTM with `unitForgetBias`: leave tfjs's own there, and call {@link SeededTfjs.seedWeights}.
 *
 * What is read back from a config or a model's JSON starts with the weights of what was saved, in the same process as well.
 * Of one config that is read several times the first is that; the others draw from `"initializer", ...path, "copy", 1` and
 * so on: tfjs makes both directions of a bidirectional layer of one config. So an initializer that two layers of a model
 * share is not found out where the model's JSON was made, and read, before the model had weights.
 *
 * All throw TypeError or RangeError for a path that {@link deriveSeed} refuses, and RangeError for
 * options outside their bounds.
 *
 * @public
 */
export interface SeededInitializers {
  /** Uniform in [minval, maxval). Rounding to float32 can reach `maxval`. */
  randomUniform(path: InitializerPath, options?: RandomUniformOptions): Initializer;
  /** Normal. */
  randomNormal(path: InitializerPath, options?: RandomNormalOptions): Initializer;
  /** Normal, drawn again beyond two standard deviations. */
  truncatedNormal(path: InitializerPath, options?: RandomNormalOptions): Initializer;
  /**
   * Variance `scale / fan`. `scale` is 1, `mode` `"fanIn"` and `distribution` `"normal"` when omitted; normal is cut at two
   * standard deviations, without correction for the cut, as tfjs does it.
   */
  varianceScaling(path: InitializerPath, options?: Partial<VarianceScaling>): Initializer;
  /** Uniform, variance 1 / mean of both fans. */
  glorotUniform(path: InitializerPath): Initializer;
  /** Normal, cut, variance 1 / mean of both fans. */
  glorotNormal(path: InitializerPath): Initializer;
  /** Uniform, variance 2 / inputs. */
  heUniform(path: InitializerPath): Initializer;
  /** Normal, cut, variance 2 / inputs. */
  heNormal(path: InitializerPath): Initializer;
  /** Uniform, variance 1 / inputs. */
  leCunUniform(path: InitializerPath): Initializer;
  /** Normal, cut, variance 1 / inputs. */
  leCunNormal(path: InitializerPath): Initializer;
  /** Orthonormal columns (rows where there are fewer), times `gain`, 1 when omitted; for at least 2 axes. */
  orthogonal(path: InitializerPath, options?: OrthogonalOptions): Initializer;
}

const CLASS_NAME = "SeededInitializer";

/** The initializers of a source; registers their class. */
export function createInitializers(source: SeedSource): SeededInitializers {
  const make = registerInitializer(source);
  const draw = (name: string, path: InitializerPath, distribution: WeightDistribution): Initializer => {
    checkDistribution(name, distribution);
    const steps = typeof path === "object" ? path : [path];
    return make(distribution, deriveSeed(source.seed, "initializer", ...steps));
  };
  const scaled =
    (name: string, options: VarianceScaling) =>
    (path: InitializerPath): Initializer =>
      draw(name, path, { kind: "varianceScaling", ...options });
  return Object.freeze({
    randomUniform: (path, { minval = -0.05, maxval = 0.05 } = {}) =>
      draw("randomUniform", path, { kind: "randomUniform", minval, maxval }),
    randomNormal: (path, { mean = 0, stddev = 0.05 } = {}) =>
      draw("randomNormal", path, { kind: "randomNormal", mean, stddev }),
    truncatedNormal: (path, { mean = 0, stddev = 0.05 } = {}) =>
      draw("truncatedNormal", path, { kind: "truncatedNormal", mean, stddev }),
    varianceScaling: (path, { scale = 1, mode = "fanIn", distribution = "normal" } = {}) =>
      draw("varianceScaling", path, { kind: "varianceScaling", scale, mode, distribution }),
    glorotUniform: scaled("glorotUniform", { scale: 1, mode: "fanAvg", distribution: "uniform" }),
    glorotNormal: scaled("glorotNormal", { scale: 1, mode: "fanAvg", distribution: "normal" }),
    heUniform: scaled("heUniform", { scale: 2, mode: "fanIn", distribution: "uniform" }),
    heNormal: scaled("heNormal", { scale: 2, mode: "fanIn", distribution: "normal" }),
    leCunUniform: scaled("leCunUniform", { scale: 1, mode: "fanIn", distribution: "uniform" }),
    leCunNormal: scaled("leCunNormal", { scale: 1, mode: "fanIn", distribution: "normal" }),
    orthogonal: (path, { gain = 1 } = {}) => draw("orthogonal", path, { kind: "orthogonal", gain }),
  } satisfies SeededInitializers);
}

type MakeInitializer = (distribution: WeightDistribution, seed: Seed) => Initializer;

function registerInitializer(source: SeedSource): MakeInitializer {
  const { tf } = source;
  class SeededInitializer extends initializerClass(tf) {
    static className: string = CLASS_NAME;
    static fromConfig: serialization.FromConfigMethod<serialization.Serializable>;
    readonly #distribution: WeightDistribution;
    readonly #seed: Seed;
    readonly #open: (seed: Seed) => Stream;
    #applied = false;

    constructor(distribution: WeightDistribution, seed: Seed, open: (seed: Seed) => Stream) {
      super();
      this.#distribution = distribution;
      this.#seed = seed;
      this.#open = open;
    }

    override apply(shape: number[], dtype?: DataType): Tensor {
      if (dtype !== undefined && dtype !== null && dtype !== "float32") {
        throw new RangeError(`apply: "dtype" must be float32, got ${dtype}`);
      }
      const stream = this.#applied ? openAgain(this.#seed) : this.#open(this.#seed);
      const values = drawWeights(stream, this.#distribution, shape);
      this.#applied = true;
      return tf.tensor(values, shape, "float32");
    }

    override getConfig(): serialization.ConfigDict {
      return { distribution: { ...this.#distribution }, seed: saveStream(source, this.#seed.path) };
    }
  }
  const readings = new WeakMap<object, number>();
  registerSeeded(source, SeededInitializer, (config, seed) => {
    const distribution = parseSaved(weightDistributionSchema, config["distribution"], CLASS_NAME);
    const before = readings.get(config) ?? 0;
    readings.set(config, before + 1);
    return new SeededInitializer(distribution, before === 0 ? seed : deriveSeed(seed, "copy", before), reopenStream);
  });
  return (distribution, seed) => new SeededInitializer(distribution, seed, createStream);
}

/** The stream of an initializer that is read back: where the one that was saved is still there, it gives the same again on purpose. */
function reopenStream(seed: Seed): Stream {
  return openUnless(seed, () => createStream({ ...seed, ledger: undefined }));
}

/** The stream of an initializer that has drawn a weight: only a ledger that allows reuse gives it. */
function openAgain(seed: Seed): Stream {
  return openUnless(seed, () => {
    throw appliedBefore(seed.path);
  });
}

function openUnless(seed: Seed, reused: () => Stream): Stream {
  try {
    return createStream(seed);
  } catch (error) {
    if (isReproError(error, "SEED_PATH_REUSED")) return reused();
    throw error;
  }
}

function appliedBefore(path: readonly SeedPathElement[]): ReproError<SeedErrorCode> {
  return new ReproError(`apply: the initializer "${path.join("/")}" has drawn a weight, and a second would be equal`, {
    code: "SEED_PATH_REUSED",
    remedy:
      "make an initializer for each weight; where tfjs applies one twice in a layer (separableConv2d, the bias of an LSTM " +
      "with unitForgetBias), leave tfjs's own there and call seedWeights(model)",
    data: { path },
  });
}
