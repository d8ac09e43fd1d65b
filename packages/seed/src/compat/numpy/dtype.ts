import { checkSize, exactInteger } from "../words.ts";
import type { NumpyBitGenerator } from "../numpy-engine/bit-generator.ts";
import { boundedBelow32, boundedBelow64 } from "./bounded.ts";
import type { DrawnBits, RangeMethod } from "./bounded.ts";

/**
 * The array that integers of a dtype come in, when their ends are numbers.
 *
 * @public
 */
export interface NumpyIntegerArrays {
  /** 0 and 1. */
  readonly bool: Uint8Array;
  /** [-2^7, 2^7). */
  readonly int8: Int8Array;
  /** [-2^15, 2^15). */
  readonly int16: Int16Array;
  /** [-2^31, 2^31). */
  readonly int32: Int32Array;
  /** Safe integers; ends that are bigints reach all of [-2^63, 2^63), in a `BigInt64Array`. */
  readonly int64: Float64Array;
  /** [0, 2^8). */
  readonly uint8: Uint8Array;
  /** [0, 2^16). */
  readonly uint16: Uint16Array;
  /** [0, 2^32). */
  readonly uint32: Uint32Array;
  /** Safe integers; ends that are bigints reach all of [0, 2^64), in a `BigUint64Array`. */
  readonly uint64: Float64Array;
}

/**
 * NumPy's integer types.
 *
 * @public
 */
export type NumpyIntegerType = keyof NumpyIntegerArrays;

/**
 * How many integers of which type; the type is part of the algorithm.
 *
 * @public
 */
export interface NumpyIntegersOptions {
  /** Number of values, an integer in [0, 2^32 - 1]; a single number when omitted. */
  readonly size?: number | undefined;
  /** Type of the values, `"int64"` when omitted. Types of 32 and 64 bits draw alike in ranges up to 2^32; smaller ones do not. */
  readonly dtype?: NumpyIntegerType;
  /** Whether `high` itself can be drawn; false when omitted. */
  readonly endpoint?: boolean;
}

interface Kind {
  readonly bits: DrawnBits | 64;
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly create: (size: number) => NumpyIntegerArrays[NumpyIntegerType];
}

const KINDS: Readonly<Record<NumpyIntegerType, Kind>> = {
  bool: { bits: 1, lowest: 0n, highest: 1n, create: (size) => new Uint8Array(size) },
  int8: { bits: 8, lowest: -(2n ** 7n), highest: 2n ** 7n - 1n, create: (size) => new Int8Array(size) },
  int16: { bits: 16, lowest: -(2n ** 15n), highest: 2n ** 15n - 1n, create: (size) => new Int16Array(size) },
  int32: { bits: 32, lowest: -(2n ** 31n), highest: 2n ** 31n - 1n, create: (size) => new Int32Array(size) },
  int64: { bits: 64, lowest: -(2n ** 63n), highest: 2n ** 63n - 1n, create: (size) => new Float64Array(size) },
  uint8: { bits: 8, lowest: 0n, highest: 2n ** 8n - 1n, create: (size) => new Uint8Array(size) },
  uint16: { bits: 16, lowest: 0n, highest: 2n ** 16n - 1n, create: (size) => new Uint16Array(size) },
  uint32: { bits: 32, lowest: 0n, highest: 2n ** 32n - 1n, create: (size) => new Uint32Array(size) },
  uint64: { bits: 64, lowest: 0n, highest: 2n ** 64n - 1n, create: (size) => new Float64Array(size) },
};

type Integers = number | bigint | NumpyIntegerArrays[NumpyIntegerType] | BigInt64Array | BigUint64Array;

/** What `integers` and `randint` share: all but the method. */
export function drawIntegers(
  name: string,
  rng: NumpyBitGenerator,
  ends: { readonly low: number | bigint; readonly high: number | bigint },
  options: NumpyIntegersOptions,
  method: RangeMethod,
): Integers {
  const { size, dtype = "int64" } = options;
  const { lowest, range, kind } = checkEnds(name, ends, dtype, options.endpoint === true);
  if (size !== undefined) checkSize(name, size);
  const wide = typeof ends.low === "bigint" || typeof ends.high === "bigint";
  if (!wide) return drawNumbers(rng, lowest, range, kind, size, method);
  if (kind.bits !== 64) throw new TypeError(`${name}: "low" and "high" must be numbers for dtype ${dtype}`);
  return drawBigints(rng, lowest, range, dtype === "int64", size, method);
}

function drawNumbers(
  rng: NumpyBitGenerator,
  lowest: bigint,
  range: bigint,
  kind: Kind,
  size: number | undefined,
  method: RangeMethod,
): Integers {
  const draw = offsets(rng, range, kind.bits, method);
  const start = Number(lowest);
  // An offset that is a bigint may be above 2^53, where only the sum is a safe integer.
  const next = (): number => {
    const offset = draw();
    return typeof offset === "bigint" ? Number(lowest + offset) : start + offset;
  };
  if (size === undefined) return next();
  const out = kind.create(size);
  for (let index = 0; index < size; index += 1) out[index] = next();
  return out;
}

function drawBigints(
  rng: NumpyBitGenerator,
  lowest: bigint,
  range: bigint,
  signed: boolean,
  size: number | undefined,
  method: RangeMethod,
): Integers {
  const draw = offsets(rng, range, 64, method);
  if (size === undefined) return lowest + BigInt(draw());
  const out = signed ? new BigInt64Array(size) : new BigUint64Array(size);
  for (let index = 0; index < size; index += 1) out[index] = lowest + BigInt(draw());
  return out;
}

/** A dtype of 64 bits draws 32 where its range lets it. */
function offsets(
  rng: NumpyBitGenerator,
  range: bigint,
  bits: DrawnBits | 64,
  method: RangeMethod,
): () => number | bigint {
  if (range > 0xffff_ffffn) return boundedBelow64(rng, range, method);
  return boundedBelow32(rng, Number(range), bits === 64 ? 32 : bits, method);
}

function checkEnds(
  name: string,
  ends: { readonly low: number | bigint; readonly high: number | bigint },
  dtype: NumpyIntegerType,
  endpoint: boolean,
): { readonly lowest: bigint; readonly range: bigint; readonly kind: Kind } {
  if (!Object.hasOwn(KINDS, dtype)) throw new TypeError(`${name}: "dtype" must be an integer type, got ${dtype}`);
  const kind = KINDS[dtype];
  const lowest = exactInteger(name, "low", ends.low);
  const highest = exactInteger(name, "high", ends.high) - (endpoint ? 0n : 1n);
  if (lowest < kind.lowest) throw new RangeError(`${name}: "low" must be within ${dtype}, got ${lowest}`);
  if (highest > kind.highest) throw new RangeError(`${name}: "high" must be within ${dtype}, got ${ends.high}`);
  if (lowest <= highest) return { lowest, range: highest - lowest, kind };
  throw new RangeError(
    `${name}: "low" must be ${endpoint ? "at most" : "below"} "high", got ${ends.low} and ${ends.high}`,
  );
}
