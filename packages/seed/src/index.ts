export { epochOrder } from "./split/epoch.ts";
export type { EpochOrderOptions } from "./split/epoch.ts";
export type { SeedErrorCode } from "./error.ts";
export type { ClockGuardMode, CryptoGuardMode, GuardMode, GuardOptions, GuardState } from "./guard/guard.ts";
export { withSeed } from "./guard/scope.ts";
export type { UnseededSource } from "./guard/source.ts";
export { createSeededWorker, workerSeed } from "./guard/worker.ts";
export type { SeededWorkerOptions } from "./guard/worker.ts";
export { createSeed, deriveSeed, parseSeed } from "./key/key.ts";
export type { Seed, SeedOptions } from "./key/key.ts";
export type { SeedPathElement } from "./key/path.ts";
export { diffSeedState } from "./record/diff.ts";
export { seedLayer } from "./record/layer.ts";
export type { SeedLayerOptions } from "./record/layer.ts";
export { createSeedLedger } from "./record/ledger.ts";
export type {
  DrawCount,
  SeedLedger,
  SeedLedgerOptions,
  StreamIdentity,
  StreamRecord,
  UnseededUse,
} from "./record/ledger.ts";
export { seedPartSchema } from "./record/part.ts";
export type { SeedPart } from "./record/part.ts";
export { seedStateSchema } from "./record/state.ts";
export type { SeedState } from "./record/state.ts";
export { bootstrap } from "./samplers/bootstrap.ts";
export type { BootstrapOptions } from "./samplers/bootstrap.ts";
export { choice } from "./samplers/choice.ts";
export type { ChoiceOptions } from "./samplers/choice.ts";
export { binomial } from "./samplers/distribution/binomial.ts";
export { categorical, createCategorical } from "./samplers/distribution/categorical.ts";
export type { Categorical } from "./samplers/distribution/categorical.ts";
export { beta, dirichlet } from "./samplers/distribution/dirichlet.ts";
export { exponential, gumbel } from "./samplers/distribution/exponential.ts";
export { gamma } from "./samplers/distribution/gamma.ts";
export { poisson } from "./samplers/distribution/poisson.ts";
export { truncatedNormal } from "./samplers/distribution/truncated-normal.ts";
export type { TruncatedNormalOptions } from "./samplers/distribution/truncated-normal.ts";
export { fillInt, int } from "./samplers/integer.ts";
export { fillNormal, normal } from "./samplers/normal.ts";
export { permutation, shuffle } from "./samplers/shuffle.ts";
export type { Shuffleable } from "./samplers/shuffle.ts";
export { bool, fillUniform, uniform, uniformFloat32 } from "./samplers/uniform.ts";
export { kFold } from "./split/fold.ts";
export type { Fold, KFoldOptions } from "./split/fold.ts";
export type { SplitParts } from "./split/fractions.ts";
export { groupSplit } from "./split/group.ts";
export { createIndexPermutation, permuteIndex, unpermuteIndex } from "./split/permute-index.ts";
export type { IndexPermutation } from "./split/permute-index.ts";
export { split } from "./split/random.ts";
export { stableSplit } from "./split/stable.ts";
export { stratifiedSplit } from "./split/stratified.ts";
export { timeSplit } from "./split/time.ts";
export type { TimeSplitOptions } from "./split/time.ts";
export { createCounterStream } from "./stream/counter.ts";
export type { CounterStream } from "./stream/counter.ts";
export type { EngineName } from "./stream/engine.ts";
export { restoreStream, saveStream, streamStateSchema } from "./stream/saved.ts";
export type { StreamState } from "./stream/saved.ts";
export { createStream } from "./stream/stream.ts";
export type { Stream } from "./stream/stream.ts";
export type { SeedValue } from "./key/value.ts";
