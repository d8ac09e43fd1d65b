/**
 * Every code that this package throws, beside `LAYER_STATE_INVALID` of `@repro/core`.
 *
 * @public
 */
export type SeedErrorCode =
  | "SEED_CONFLICT"
  | "SEED_DATASET_INVALID"
  | "SEED_GUARD_INVALID"
  | "SEED_INVALID"
  | "SEED_LOADER_CLOSED"
  | "SEED_LOADER_WORKER_LOST"
  | "SEED_MISSING"
  | "SEED_PART_INVALID"
  | "SEED_PART_UNWRITABLE"
  | "SEED_PATH_REUSED"
  | "SEED_SAMPLE_FAILED"
  | "SEED_STATE_MISMATCH"
  | "SEED_UNSEEDED_RANDOM";
