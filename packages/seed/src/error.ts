/**
 * Every code that this package throws, beside `LAYER_STATE_INVALID` of `@repro/core`.
 *
 * @public
 */
export type SeedErrorCode =
  | "SEED_CONFLICT"
  | "SEED_GUARD_INVALID"
  | "SEED_INVALID"
  | "SEED_MISSING"
  | "SEED_PART_INVALID"
  | "SEED_PART_UNWRITABLE"
  | "SEED_PATH_REUSED"
  | "SEED_STATE_MISMATCH"
  | "SEED_UNSEEDED_RANDOM";
