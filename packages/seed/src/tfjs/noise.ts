import type * as tfjs from "@tensorflow/tfjs";
import { ReproError, isReproError } from "@repro/core";
import * as z from "zod";

import type { SeedErrorCode } from "../error.ts";
import type { Seed } from "../key/key.ts";
import type { CounterStream } from "../stream/counter.ts";
import { createCounterStream } from "../stream/counter.ts";
import type { Stream } from "../stream/stream.ts";
import { alphaMask, dropoutMask, gaussianMask, gaussianNoise, streamOfStep } from "./mask.ts";
import type { SeedSource } from "./peer.ts";
import { parseSaved, registerSeeded, saveStream } from "./saved.ts";

type Layer = tfjs.layers.Layer;
type LayerArgs = NonNullable<ConstructorParameters<typeof tfjs.layers.Layer>[0]>;

/**
 * What every noise layer is given: what tfjs's layers take, and a name.
 *
 * @public
 */
export interface NoiseLayerOptions extends Omit<
  NonNullable<ConstructorParameters<typeof tfjs.layers.Layer>[0]>,
  "name"
> {
  /**
   * Names the layer and its stream: letters, digits and `. _ - /`, the first a letter or digit; one layer's only. `a/b` is two
   * steps of the path. A name that tfjs makes up would depend on the layers made before.
   */
  readonly name: string;
}

/**
 * Options of the layers that drop.
 *
 * @public
 */
export interface DropoutOptions extends NoiseLayerOptions {
  /** Share that is dropped, in [0, 1). tfjs cuts what lies outside, and then drops nothing. */
  readonly rate: number;
}

/**
 * Options of {@link SeededLayers.dropout}.
 *
 * @public
 */
export interface MaskedDropoutOptions extends DropoutOptions {
  /** Shape of the mask, which is repeated along axes of length 1: integers of at least 1; null takes the input's length. The input's shape when omitted. */
  readonly noiseShape?: readonly (number | null)[];
}

/**
 * Options of {@link SeededLayers.gaussianNoise}.
 *
 * @public
 */
export interface GaussianNoiseOptions extends NoiseLayerOptions {
  /** Standard deviation of the noise, finite and not negative. */
  readonly stddev: number;
}

/**
 * The noise layers of tfjs, each drawing from the stream `"noise", name` below the seed.
 *
 * What a layer draws is a function of the seed, its name, the step and the element (`stepNoise@1`, `dropoutMask@1`): computed on the CPU, so the same on
 * every backend, and new in each training step. The step is a weight of the layer that is not trained: it is saved with the
 * model, and a training that goes on after loading goes on with the next step's noise. Nothing is drawn or counted at
 * inference; a layer that is used twice in a model takes two steps at each training step. All throw TypeError for a name that is no text, RangeError for one with other signs and for options outside
 * their bounds, and ReproError `SEED_PATH_REUSED` for a name that has a layer: both would drop the same elements.
 *
 * @public
 */
export interface SeededLayers {
  /** Drops single elements, and divides the others by `1 - rate`. */
  dropout(options: MaskedDropoutOptions): tfjs.layers.Layer;
  /** Drops whole channels of a sequence: input `[batch, steps, channels]`. */
  spatialDropout1d(options: DropoutOptions): tfjs.layers.Layer;
  /** Adds normal noise. */
  gaussianNoise(options: GaussianNoiseOptions): tfjs.layers.Layer;
  /** Multiplies with normal noise of mean 1 and variance `rate / (1 - rate)`. */
  gaussianDropout(options: DropoutOptions): tfjs.layers.Layer;
  /** Sets elements to the negative saturation of SELU, and keeps mean 0 and variance 1. tfjs's own takes the wrong sign. */
  alphaDropout(options: DropoutOptions): tfjs.layers.Layer;
}

/** What tells the kinds apart. */
interface Noise {
  readonly kind: "dropout" | "spatialDropout1d" | "gaussianNoise" | "gaussianDropout" | "alphaDropout";
  /** The rate, or the standard deviation. */
  readonly amount: number;
  readonly noiseShape: readonly (number | null)[] | null;
}

const noiseSchema: z.ZodType<Noise> = /* @__PURE__ */ z
  .object({
    kind: /* @__PURE__ */ z.enum(["dropout", "spatialDropout1d", "gaussianNoise", "gaussianDropout", "alphaDropout"]),
    amount: /* @__PURE__ */ z.number().min(0),
    noiseShape: /* @__PURE__ */ z.nullable(
      /* @__PURE__ */ z.array(/* @__PURE__ */ z.nullable(/* @__PURE__ */ z.int().min(1))),
    ),
  })
  .refine(({ kind, amount }) => kind === "gaussianNoise" || amount < 1, "a rate must be below 1");

const CLASS_NAME = "SeededNoise";

/** Steps that a layer can count: its step is an int32. */
const STEPS = 0x7fff_ffff;

/** The noise layers of a source; registers their class. */
export function createLayers(source: SeedSource): SeededLayers {
  const make = registerNoise(source);
  const layer = (options: NoiseLayerOptions, noise: Noise): Layer => {
    checkName(noise.kind, options.name);
    checkNoise(noise);
    return make(options, noise, createCounterStream(source.seed, "noise", ...options.name.split("/")));
  };
  const dropping =
    (kind: Noise["kind"]) =>
    (options: DropoutOptions): Layer =>
      layer(options, { kind, amount: options.rate, noiseShape: null });
  return Object.freeze({
    dropout: (options) =>
      layer(options, { kind: "dropout", amount: options.rate, noiseShape: options.noiseShape ?? null }),
    spatialDropout1d: dropping("spatialDropout1d"),
    gaussianNoise: (options) => layer(options, { kind: "gaussianNoise", amount: options.stddev, noiseShape: null }),
    gaussianDropout: dropping("gaussianDropout"),
    alphaDropout: dropping("alphaDropout"),
  } satisfies SeededLayers);
}

/** What tfjs takes as the name of a weight: the step is one. */
const WEIGHT_NAME = /^[A-Za-z0-9][-A-Za-z0-9_./]*$/;

function checkName(kind: string, name: unknown): void {
  if (typeof name !== "string") throw new TypeError(`${kind}: "name" must be a text, got ${typeof name}`);
  if (WEIGHT_NAME.test(name)) return;
  throw new RangeError(
    `${kind}: "name" must be letters, digits and . _ - /, the first a letter or digit, got "${name}"`,
  );
}

function checkNoise({ kind, amount, noiseShape }: Noise): void {
  const [option, bounds, limit] =
    kind === "gaussianNoise" ? ["stddev", "finite and not negative", Infinity] : ["rate", "in [0, 1)", 1];
  if (typeof amount !== "number") throw new TypeError(`${kind}: "${option}" must be a number, got ${typeof amount}`);
  if (!(amount >= 0 && amount < limit)) throw new RangeError(`${kind}: "${option}" must be ${bounds}, got ${amount}`);
  if (noiseShape !== null) checkNoiseShape(kind, noiseShape);
}

function checkNoiseShape(kind: string, shape: unknown): void {
  if (!Array.isArray(shape)) throw new TypeError(`${kind}: "noiseShape" must be an array, got ${typeof shape}`);
  for (const length of shape as readonly unknown[]) {
    if (length === null) continue;
    if (typeof length !== "number") {
      throw new TypeError(`${kind}: "noiseShape" must hold numbers and null, got ${typeof length}`);
    }
    if (Number.isSafeInteger(length) && length >= 1) continue;
    throw new RangeError(`${kind}: "noiseShape" must hold integers of at least 1 and null, got ${length}`);
  }
}

type MakeLayer = (args: LayerArgs, noise: Noise, stream: CounterStream) => Layer;

function registerNoise(source: SeedSource): MakeLayer {
  const { tf } = source;
  class SeededNoise extends tf.layers.Layer {
    static className: string = CLASS_NAME;
    readonly #noise: Noise;
    readonly #stream: CounterStream;
    #step: tfjs.LayerVariable | undefined;
    /** The step that this layer wrote last, and the data it wrote: reading back from a GPU would stall every step. */
    #written: { readonly data: object; readonly step: number } | undefined;

    constructor(args: LayerArgs, noise: Noise, stream: CounterStream) {
      super(args);
      this.supportsMasking = true;
      this.#noise = noise;
      this.#stream = stream;
    }

    override build(shape: tfjs.Shape | tfjs.Shape[]): void {
      this.#step ??= this.addWeight("step", [], "int32", tf.initializers.zeros(), undefined, false);
      super.build(shape);
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[], kwargs: Record<string, unknown>): tfjs.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const input = Array.isArray(inputs) ? inputs[0] : inputs;
        if (input === undefined) throw new RangeError(`${this.name}: "inputs" must hold a tensor`);
        if (kwargs["training"] !== true) return input;
        return addNoise(tf, input, this.#noise, streamOfStep(this.#stream, this.#nextStep()));
      });
    }

    override getConfig(): tfjs.serialization.ConfigDict {
      const { kind, amount, noiseShape } = this.#noise;
      const noise = { kind, amount, noiseShape: noiseShape === null ? null : [...noiseShape] };
      return { ...super.getConfig(), noise, seed: saveStream(source, this.#stream.path) };
    }

    #nextStep(): number {
      if (this.#step === undefined) throw new TypeError(`${this.name}: the layer must be built before it is called`);
      const variable = this.#step.read();
      const step = this.#written?.data === variable.dataId ? this.#written.step : (variable.dataSync()[0] ?? -1);
      if (!(step >= 0 && step < STEPS)) throw badStep(this.name, step);
      this.#step.write(tf.scalar(step + 1, "int32"));
      this.#written = { data: variable.dataId, step: step + 1 };
      return step;
    }
  }
  const make: MakeLayer = (args, noise, stream) => new SeededNoise(args, noise, stream);
  registerSeeded(source, SeededNoise, (config, seed) => {
    const noise = parseSaved(noiseSchema, config["noise"], CLASS_NAME);
    return make(config, noise, reopenStream(seed)); // the rest is what tfjs's Layer saved, and reads
  });
  return make;
}

/**
 * The stream of a layer that is loaded. Where the layer that was saved is still there, the loaded one goes on with its noise
 * on purpose, and what it draws is counted with neither.
 */
function reopenStream(seed: Seed): CounterStream {
  try {
    return createCounterStream(seed);
  } catch (error) {
    if (!isReproError(error, "SEED_PATH_REUSED")) throw error;
    return createCounterStream({ ...seed, ledger: undefined });
  }
}

function addNoise(tf: typeof tfjs, input: tfjs.Tensor, noise: Noise, rng: Stream): tfjs.Tensor {
  const { kind, amount } = noise;
  if (amount === 0) return input;
  const shape = maskShape(input.shape, noise);
  const size = shape.reduce((product, length) => product * length, 1);
  const tensor = (values: Float32Array): tfjs.Tensor => tf.tensor(values, [...shape], "float32");
  if (kind === "gaussianNoise") return tf.add(input, tensor(gaussianNoise(rng, size, amount)));
  if (kind === "gaussianDropout") return tf.mul(input, tensor(gaussianMask(rng, size, amount)));
  if (kind !== "alphaDropout") return tf.mul(input, tensor(dropoutMask(rng, size, amount)));
  const { factor, offset } = alphaMask(rng, size, amount);
  return tf.add(tf.mul(input, tensor(factor)), tensor(offset));
}

function maskShape(shape: readonly number[], { kind, noiseShape }: Noise): readonly number[] {
  if (kind === "spatialDropout1d") {
    const [batch, steps, channels] = shape;
    if (batch === undefined || steps === undefined || channels === undefined || shape.length !== 3) {
      throw new RangeError(`${kind}: "inputs" must have 3 axes, got [${shape.join(", ")}]`);
    }
    return [batch, 1, channels];
  }
  return noiseShape === null ? shape : noiseShape.map((length, axis) => length ?? shape[axis] ?? 1);
}

function badStep(layer: string, step: number): ReproError<SeedErrorCode> {
  return new ReproError(`${layer}: the step that was loaded is not in [0, 2^31 - 1)`, {
    code: "SEED_MODEL_INVALID",
    remedy: "load the weights that were saved with the model; a layer counts 2^31 - 1 training steps",
    data: { layer, step },
  });
}
