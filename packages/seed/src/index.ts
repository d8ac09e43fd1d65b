export { epochOrder } from "./split/epoch.ts";
export type { EpochOrderOptions } from "./split/epoch.ts";
export type { SeedErrorCode } from "./error.ts";
export type { GuardMode } from "./guard/guard.ts";
export { withSeed } from "./guard/scope.ts";
export type { WithSeedOptions } from "./guard/scope.ts";
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
export { fillInt, int } from "./samplers/integer.ts";
export { fillNormal, normal } from "./samplers/normal.ts";
export { permutation, shuffle } from "./samplers/shuffle.ts";
export type { Shuffleable } from "./samplers/shuffle.ts";
export { bool, fillUniform, uniform, uniformFloat32 } from "./samplers/uniform.ts";
export { stratifiedSplit } from "./split/stratified.ts";
export { createCounterStream } from "./stream/counter.ts";
export type { CounterStream } from "./stream/counter.ts";
export type { EngineName } from "./stream/engine.ts";
export { restoreStream, saveStream, streamStateSchema } from "./stream/saved.ts";
export type { StreamState } from "./stream/saved.ts";
export { createStream } from "./stream/stream.ts";
export type { Stream } from "./stream/stream.ts";
export type { SeedValue } from "./key/value.ts";
