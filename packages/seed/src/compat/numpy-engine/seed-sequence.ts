import { checkSize, exactInteger, joinWords, wordsOf } from "../words.ts";

/**
 * What `numpy.random.SeedSequence` accepts as entropy: a non-negative integer of any size, or a list of them.
 *
 * @public
 */
export type NumpyEntropy = number | bigint | readonly (number | bigint)[];

/**
 * A `numpy.random.SeedSequence`, as plain data. Frozen and JSON-safe.
 *
 * @public
 */
export interface NumpySeedSequence {
  /** The entropy's 32-bit words, lowest first, integer after integer; 0 is one word. */
  readonly entropy: readonly number[];
  /** The spawn key's 32-bit words; empty for a sequence that was not spawned. */
  readonly spawnKey: readonly number[];
}

/**
 * Which place in NumPy's tree of seed sequences.
 *
 * @public
 */
export interface NumpySeedSequenceOptions {
  /** Non-negative integers, as NumPy's `spawn_key`; none when omitted. */
  readonly spawnKey?: readonly (number | bigint)[];
}

/**
 * Makes what `numpy.random.SeedSequence(entropy, spawn_key=spawnKey)` is.
 *
 * @param entropy - A number is a safe integer; a larger integer is a bigint.
 * @throws TypeError when an element is no integer, RangeError when one is negative, fractional or unsafe: NumPy refuses it too.
 * @example
 * ```ts
 * import { createNumpySeedSequence } from "@repro/seed/compat";
 * createNumpySeedSequence(2n ** 32n); // => { entropy: [0, 1], spawnKey: [] }
 * ```
 * @public
 */
export function createNumpySeedSequence(
  entropy: NumpyEntropy,
  options: NumpySeedSequenceOptions = {},
): NumpySeedSequence {
  const { spawnKey = [] } = options;
  return freeze(toWords("entropy", entropy), toWords("spawnKey", spawnKey));
}

/**
 * The child that NumPy's `spawn` gives as number `index` of a fresh sequence: `seq.spawn(index + 1)[index]`.
 *
 * Pure, where NumPy counts calls: the same index is the same child.
 *
 * @param index - Integer in [0, 2^53).
 * @throws RangeError when `index` is outside.
 * @example
 * ```ts
 * import { createNumpySeedSequence, numpySpawn } from "@repro/seed/compat";
 * numpySpawn(createNumpySeedSequence(42), 3); // => { entropy: [42], spawnKey: [3] }
 * ```
 * @public
 */
export function numpySpawn(sequence: NumpySeedSequence, index: number): NumpySeedSequence {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new RangeError(`numpySpawn: "index" must be an integer in [0, 2^53), got ${index}`);
  }
  return freeze(sequence.entropy, [...sequence.spawnKey, ...toWords("index", index)]);
}

/**
 * The words of `seq.generate_state(count)`, or with `"uint64"` of `seq.generate_state(count, numpy.uint64)`.
 *
 * @param count - Words wanted, an integer in [0, 2^32 - 1].
 * @param dtype - Width of a word; `"uint32"` when omitted.
 * @throws RangeError when `count` is outside or the sequence holds anything but words, TypeError when `dtype` is unknown.
 * @remarks O'Neill, Developing a seed_seq alternative, 2015, as in NumPy since 1.19, with a pool of 4 words.
 * @example
 * ```ts
 * import { createNumpySeedSequence, numpyGenerateState } from "@repro/seed/compat";
 * [...numpyGenerateState(createNumpySeedSequence(42), 2)]; // => [3444837047, 2669555309]
 * [...numpyGenerateState(createNumpySeedSequence(42), 1, "uint64")]; // => [11465652750463011511n]
 * ```
 * @public
 */
export function numpyGenerateState(sequence: NumpySeedSequence, count: number, dtype?: "uint32"): Uint32Array;
/**
 * The words of 64 bits, each made of two of 32, the lower one first.
 *
 * @public
 */
export function numpyGenerateState(sequence: NumpySeedSequence, count: number, dtype: "uint64"): BigUint64Array;
export function numpyGenerateState(
  sequence: NumpySeedSequence,
  count: number,
  dtype: "uint32" | "uint64" = "uint32",
): Uint32Array | BigUint64Array {
  checkSize("numpyGenerateState", count, "count");
  if (dtype !== "uint32" && dtype !== "uint64") {
    throw new TypeError(`numpyGenerateState: "dtype" must be uint32 or uint64, got ${String(dtype)}`);
  }
  const pool = mixEntropy(sequence);
  if (dtype === "uint32") return expand(pool, count);
  const words = expand(pool, 2 * count);
  return BigUint64Array.from({ length: count }, (_, i) => joinWords(words[2 * i + 1] ?? 0, words[2 * i] ?? 0));
}

/** A sequence for whoever takes either; a plain object with the words is one. */
export function asSeedSequence(seed: NumpyEntropy | NumpySeedSequence): NumpySeedSequence {
  return isSequence(seed) ? seed : createNumpySeedSequence(seed);
}

function isSequence(seed: NumpyEntropy | NumpySeedSequence): seed is NumpySeedSequence {
  return typeof seed === "object" && seed !== null && "entropy" in seed;
}

const POOL_SIZE = 4;
const INIT_A = 0x43b0_d7e5;
const MULTIPLIER_A = 0x931e_8875;
const INIT_B = 0x8b51_f9dd;
const MULTIPLIER_B = 0x58f3_8ded;
const MIX_LEFT = 0xca01_f9dd;
const MIX_RIGHT = 0x4973_f715;

function mixEntropy({ entropy, spawnKey }: NumpySeedSequence): Uint32Array {
  checkWords("entropy", entropy);
  checkWords("spawnKey", spawnKey);
  // Zeros up to the pool's size keep a spawn key from being taken for entropy.
  const padding = spawnKey.length > 0 ? Math.max(0, POOL_SIZE - entropy.length) : 0;
  const words = [...entropy, ...Array.from({ length: padding }, () => 0), ...spawnKey];
  const hash = createHash(INIT_A, MULTIPLIER_A);
  const pool = Uint32Array.from({ length: POOL_SIZE }, (_, index) => hash(words[index] ?? 0));
  const mixInto = (target: number, word: number): void => {
    pool[target] = mix(pool[target] ?? 0, hash(word));
  };
  for (let from = 0; from < POOL_SIZE; from += 1) {
    for (let to = 0; to < POOL_SIZE; to += 1) if (from !== to) mixInto(to, pool[from] ?? 0);
  }
  for (const word of words.slice(POOL_SIZE)) {
    for (let to = 0; to < POOL_SIZE; to += 1) mixInto(to, word);
  }
  return pool;
}

function expand(pool: Uint32Array, count: number): Uint32Array {
  const hash = createHash(INIT_B, MULTIPLIER_B);
  const words = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) words[index] = hash(pool[index % POOL_SIZE] ?? 0);
  return words;
}

/** Each call multiplies the constant, so that equal words hash differently. */
function createHash(init: number, multiplier: number): (word: number) => number {
  let constant = init;
  return (word) => {
    const mixed = word ^ constant;
    constant = Math.imul(constant, multiplier);
    const product = Math.imul(mixed, constant);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

function mix(x: number, y: number): number {
  const difference = (Math.imul(MIX_LEFT, x) - Math.imul(MIX_RIGHT, y)) | 0;
  return (difference ^ (difference >>> 16)) >>> 0;
}

/** A sequence can come from a file: it may hold anything. */
function checkWords(label: string, words: readonly number[]): void {
  if (!Array.isArray(words)) throw new TypeError(`numpyGenerateState: "${label}" must be an array of words`);
  for (const word of words as readonly unknown[]) {
    if (typeof word === "number" && word === word >>> 0) continue;
    throw new RangeError(`numpyGenerateState: "${label}" must hold integers in [0, 2^32 - 1], got ${String(word)}`);
  }
}

function toWords(label: string, value: NumpyEntropy): readonly number[] {
  if (Array.isArray(value)) return value.flatMap((element) => toWords(label, checkElement(label, element)));
  const integer = exactInteger("createNumpySeedSequence", label, value);
  if (integer < 0n) throw new RangeError(`createNumpySeedSequence: "${label}" must not be negative, got ${integer}`);
  return integer === 0n ? [0] : wordsOf(integer);
}

function checkElement(label: string, element: unknown): number | bigint {
  if (typeof element === "number" || typeof element === "bigint") return element;
  throw new TypeError(`createNumpySeedSequence: "${label}" must hold integers, got ${typeof element}`);
}

function freeze(entropy: readonly number[], spawnKey: readonly number[]): NumpySeedSequence {
  return Object.freeze({ entropy: Object.freeze([...entropy]), spawnKey: Object.freeze([...spawnKey]) });
}
