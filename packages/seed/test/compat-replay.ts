import {
  createNumpyGenerator,
  createNumpyRandomState,
  createNumpySeedSequence,
  createTorchGenerator,
  jaxBits,
  jaxBits64,
  jaxFoldIn,
  jaxKey,
  jaxPermutation,
  jaxRandint,
  jaxSplit,
  jaxUniform,
  numpyChoice,
  numpyGenerateState,
  numpyIntegers,
  numpyPermutation,
  numpyRandint,
  numpyRandom,
  numpyRandomFloat32,
  numpyRandomRaw,
  numpyShuffle,
  numpySpawn,
  numpyStandardNormal,
  torchRand,
  torchRandint,
  torchRandperm,
} from "@repro/seed/compat";
import type { NumpyIntegersOptions, NumpyIntegerType } from "@repro/seed/compat";

/** What the scripts in test/peers read. Integers that may be large, and floats, are texts there. */
export interface Request {
  readonly kind?: "generator" | "state" | "sequence";
  readonly seed: string | readonly string[];
  readonly spawnKey?: readonly string[];
  readonly x64?: boolean;
  readonly partitionable?: boolean;
  readonly version?: "2.6" | "2.7";
  readonly calls: readonly Call[];
}

export type Call = readonly [name: string, ...values: readonly unknown[]];
export type Answer = readonly (readonly string[])[];

/** Each has parameters of its own; whoever wrote a request chose its arguments by them. */
type Draw = (...values: never[]) => Iterable<number | bigint>;

const integersOf = (seed: string | readonly string[]): bigint | bigint[] =>
  typeof seed === "string" ? BigInt(seed) : seed.map(BigInt);

/** A float as the peers write it: the hexadecimal digits of its bits. */
export function floatText(value: number, bits: 32 | 64 = 64): string {
  const view = new DataView(new ArrayBuffer(8));
  if (bits === 32) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return Buffer.from(view.buffer, 0, bits / 8).toString("hex");
}

export function floatOf(text: string): number {
  return new DataView(Uint8Array.from(Buffer.from(text, "hex")).buffer).getFloat64(0);
}

const FLOATS = new Set(["random", "randomFloat32", "normal", "rand", "uniform"]);

function textsOf(name: string, values: Iterable<number | bigint>): string[] {
  const bits = values instanceof Float32Array ? 32 : 64;
  return Array.from(values, (value) => (FLOATS.has(name) ? floatText(Number(value), bits) : String(value)));
}

/** Ends are numbers where they are safe integers, and bigints elsewhere: both draw the same. */
function ends(low: string, high: string): [number, number] {
  const safe = [low, high].every((end) => Number.isSafeInteger(Number(end)));
  return safe ? [Number(low), Number(high)] : ([BigInt(low), BigInt(high)] as unknown as [number, number]);
}

function numpyCalls(request: Request): Readonly<Record<string, Draw>> {
  if (request.kind === "state") {
    const seed = integersOf(request.seed);
    const rng = createNumpyRandomState(typeof seed === "object" ? seed.map(Number) : Number(seed));
    return {
      random: (size: number) => numpyRandom(rng, size),
      words: (size: number) => Uint32Array.from({ length: size }, () => rng.next()),
      randint: (low: string, high: string, size: number, dtype: NumpyIntegerType) =>
        numpyRandint(rng, ...ends(low, high), { size, dtype }),
      shuffle: (n: number) => numpyShuffle(rng, [...Array(n).keys()]),
      permutation: (n: number) => numpyPermutation(rng, n),
    };
  }
  const sequence = createNumpySeedSequence(integersOf(request.seed), {
    spawnKey: (request.spawnKey ?? []).map(BigInt),
  });
  if (request.kind === "sequence") {
    return {
      state: (count: number, dtype: "uint32") => numpyGenerateState(sequence, count, dtype),
      spawned: (index: number, count: number) => numpyGenerateState(numpySpawn(sequence, index), count),
    };
  }
  const rng = createNumpyGenerator(sequence);
  return {
    random: (size: number) => numpyRandom(rng, size),
    randomFloat32: (size: number) => numpyRandomFloat32(rng, size),
    raw: (size: number) => numpyRandomRaw(rng, size),
    integers: (low: string, high: string, size: number, dtype: NumpyIntegerType, endpoint: boolean) => {
      const options: NumpyIntegersOptions & { readonly size: number } = { size, dtype, endpoint };
      return numpyIntegers(rng, ...ends(low, high), options);
    },
    shuffle: (n: number) => numpyShuffle(rng, [...Array(n).keys()]),
    permutation: (n: number) => numpyPermutation(rng, n),
    choice: (n: number, size: number, replace: boolean, shuffle: boolean, p: readonly string[] | null) =>
      numpyChoice(rng, n, { size, replace, shuffle, ...(p === null ? {} : { p: p.map(floatOf) }) }),
    normal: (size: number) => numpyStandardNormal(rng, size),
  };
}

function torchCalls(request: Request): Readonly<Record<string, Draw>> {
  const rng = createTorchGenerator(BigInt(request.seed as string));
  return {
    rand: (size: number, dtype: "float32" | "float64") => torchRand(rng, size, dtype),
    randint: (low: number, high: number, size: number) =>
      torchRandint(rng, low, high, size, request.version === undefined ? {} : { version: request.version }),
    randperm: (n: number) => torchRandperm(rng, n),
  };
}

function jaxCalls(request: Request): Readonly<Record<string, Draw>> {
  const options = { partitionable: request.partitionable === true };
  const key = jaxKey(BigInt(request.seed as string), { x64: request.x64 === true });
  let index = 0;
  const folded = (): typeof key => jaxFoldIn(key, index++);
  return {
    key: () => folded(),
    split: (count: number) => jaxSplit(folded(), count, options).flat(),
    foldIn: (value: number) => jaxFoldIn(folded(), value),
    bits: (size: number) => jaxBits(folded(), size, options),
    bits64: (size: number) => jaxBits64(folded(), size, options),
    uniform: (size: number, dtype: "float32" | "float64", low: string, high: string) =>
      jaxUniform(folded(), size, { ...options, dtype, minval: floatOf(low), maxval: floatOf(high) }),
    randint: (size: number, low: string, high: string, dtype: "int32" | "int64") =>
      jaxRandint(folded(), size, BigInt(low), BigInt(high), { ...options, dtype }),
    permutation: (n: number) => jaxPermutation(folded(), n, options),
  };
}

/** What our functions draw where a peer draws its answer. */
export function replay(library: "numpy" | "torch" | "jax", request: Request): Answer {
  const calls = { numpy: numpyCalls, torch: torchCalls, jax: jaxCalls }[library](request);
  return request.calls.map(([name, ...values]) => textsOf(name, calls[name]!(...(values as never[]))));
}
