// What tfjs-layers 4.22 does with seeds. Source text writes `heNormal` and `lstm`, models `HeNormal` and `LSTM`: names are
// compared without case.

/** What a layer draws by: the rules `repeated-draws`, `ignored-seed` and `unseeded-layer` of source text and of models. */
export type LayerKind = "repeating" | "seedless" | "counting" | "recurrent";

const LAYERS: Readonly<Record<LayerKind, RegExp>> = {
  /** `layers/core.js`: the seed goes to `tf.dropout` unchanged, in every step. */
  repeating: /^(?:dropout|spatialDropout1d)$/i,
  /** `layers/noise.js`: no seed is read. */
  seedless: /^(?:gaussianNoise|gaussianDropout|alphaDropout)$/i,
  /** `layers/preprocessing/random_width.js`: its seed counts up, one for each call. */
  counting: /^randomWidth$/i,
  /** `layers/recurrent.js`: masks are drawn without a seed. */
  recurrent: /^(?:simpleRNN|gru|lstm|convLstm2d)(?:Cell)?$/i,
};

/** Whether a layer draws in the way that is named. */
export function isLayer(name: string, kind: LayerKind): boolean {
  return LAYERS[kind].test(name);
}

/** Whether a layer that has no seed draws from `Math.random` in every step. */
export function drawsInSteps(name: string): boolean {
  return isLayer(name, "repeating") || isLayer(name, "seedless") || isLayer(name, "counting");
}

/** Options that stop a layer from drawing when they are 0. */
export const RATES: readonly string[] = ["rate", "stddev"];

/**
 * What an initializer draws: initializers of one distribution draw the same numbers from one seed, up to a factor, and those
 * of two distributions other ones. `initializers.js`.
 */
export type Distribution = "normal" | "uniform";

const NORMAL = /^(?:randomNormal|truncatedNormal|glorotNormal|heNormal|leCunNormal|orthogonal)$/i;
const UNIFORM = /^(?:randomUniform|glorotUniform|heUniform|leCunUniform)$/i;

/** Whether a name is that of an initializer that draws. */
export function isRandomInitializer(name: string): boolean {
  return NORMAL.test(name) || UNIFORM.test(name) || /^varianceScaling$/i.test(name);
}

/**
 * The distribution of a random initializer; `scaling` is the option `distribution` of `varianceScaling`, `null` when it has
 * none and `undefined` when that is not known, as is then the answer.
 */
export function distributionOf(name: string, scaling: unknown): Distribution | undefined {
  if (NORMAL.test(name) || UNIFORM.test(name)) return NORMAL.test(name) ? "normal" : "uniform";
  return scaling === "uniform" || scaling === "normal" ? scaling : scaling === null ? "normal" : undefined;
}

/** Normals are drawn by `seed ? seed : Math.random()`, which takes 0 for no seed; uniform numbers by `seed == null`. */
export function takesZeroForNone(distribution: Distribution | undefined): boolean {
  return distribution === "normal";
}
