/**
 * Every code that this package throws.
 *
 * @public
 */
export type ComputeErrorCode =
  | "COMPUTE_BACKEND_CHANGED"
  | "COMPUTE_BACKEND_UNUSABLE"
  | "COMPUTE_OPENED_TOO_LATE"
  | "COMPUTE_PEER_MISSING"
  | "COMPUTE_SIMD_REQUIRED"
  | "COMPUTE_VARIABLE_CONFLICT"
  | "COMPUTE_WEIGHTS_MALFORMED";
