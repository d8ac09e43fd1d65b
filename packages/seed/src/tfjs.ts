export type { UnseededSource } from "./guard/source.ts";
export type { Seed } from "./key/key.ts";
export type { SeedPathElement } from "./key/path.ts";
export type { SeedValue } from "./key/value.ts";
export type { DrawCount, SeedLedger, StreamIdentity, StreamRecord, UnseededUse } from "./record/ledger.ts";
export type { EngineName } from "./stream/engine.ts";
export type { ShuffleOptions, Splittable, TrainTestSplit, TrainTestSplitOptions } from "./tfjs/data.ts";
export type { VarianceScaling } from "./tfjs/distribution.ts";
export type { FitOptions, ModelData } from "./tfjs/fit.ts";
export type {
  InitializerPath,
  OrthogonalOptions,
  RandomNormalOptions,
  RandomUniformOptions,
  SeededInitializers,
} from "./tfjs/initializer.ts";
export type {
  DropoutOptions,
  GaussianNoiseOptions,
  MaskedDropoutOptions,
  NoiseLayerOptions,
  SeededLayers,
} from "./tfjs/noise.ts";
export type { Initializer, Tfjs } from "./tfjs/peer.ts";
export { createSeededTfjs } from "./tfjs/seeded.ts";
export type { SeededTfjs } from "./tfjs/seeded.ts";
