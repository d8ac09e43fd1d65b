import { hashBytes } from "@repro/core";
import type { Digest } from "@repro/core";

import { createSeed, deriveSeed, keyBytes } from "../../src/key/key.ts";
import type { Seed } from "../../src/key/key.ts";
import { jaxFoldIn, jaxKey } from "../../src/compat/jax/key.ts";
import { jaxPermutation } from "../../src/compat/jax/permutation.ts";
import { jaxUniform } from "../../src/compat/jax/uniform.ts";
import { createNumpyGenerator } from "../../src/compat/numpy-engine/pcg64.ts";
import { createNumpyRandomState } from "../../src/compat/numpy-engine/random-state.ts";
import { numpyIntegers, numpyRandint } from "../../src/compat/numpy/integers.ts";
import { numpyStandardNormal } from "../../src/compat/numpy/normal.ts";
import { numpyRandom } from "../../src/compat/numpy/random.ts";
import { torchRandperm } from "../../src/compat/torch/draws.ts";
import { createTorchGenerator } from "../../src/compat/torch/generator.ts";
import { bootstrap } from "../../src/samplers/bootstrap.ts";
import { choice } from "../../src/samplers/choice.ts";
import { binomial } from "../../src/samplers/distribution/binomial.ts";
import { categorical, createCategorical } from "../../src/samplers/distribution/categorical.ts";
import { beta, dirichlet } from "../../src/samplers/distribution/dirichlet.ts";
import { exponential, gumbel } from "../../src/samplers/distribution/exponential.ts";
import { gamma } from "../../src/samplers/distribution/gamma.ts";
import { poisson } from "../../src/samplers/distribution/poisson.ts";
import { truncatedNormal } from "../../src/samplers/distribution/truncated-normal.ts";
import { fillInt, int } from "../../src/samplers/integer.ts";
import { exp, log, log1p } from "../../src/samplers/logarithm.ts";
import { fillNormal, normal } from "../../src/samplers/normal.ts";
import { permutation, shuffle } from "../../src/samplers/shuffle.ts";
import { bool, fillUniform, uniform, uniformFloat32 } from "../../src/samplers/uniform.ts";
import { epochOrder } from "../../src/split/epoch.ts";
import { kFold } from "../../src/split/fold.ts";
import { groupSplit } from "../../src/split/group.ts";
import { createIndexPermutation, permuteIndex } from "../../src/split/permute-index.ts";
import { split } from "../../src/split/random.ts";
import { stableSplit } from "../../src/split/stable.ts";
import { stratifiedSplit } from "../../src/split/stratified.ts";
import { createCounterStream } from "../../src/stream/counter.ts";
import { createStream } from "../../src/stream/stream.ts";
import type { Stream } from "../../src/stream/stream.ts";

/** What an entry draws from. */
interface Source {
  /** A stream of the entry's own. */
  readonly rng: Stream;
  /** The seed of that stream. */
  readonly seed: Seed;
  /** How many numbers it is to give, about: of eight bytes, or twice as many of four. */
  readonly count: number;
}

type Bytes = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/*
 * One line for each engine, sampler, order and split, under the name that is frozen. Whoever adds a sampler adds its line
 * here and writes golden.json anew with write.mjs; the lines that were there must come out as they were.
 */
const ENTRIES: Readonly<Record<string, (from: Source) => Bytes>> = {
  "key of integers": ({ seed, count }) => keys(count, (index) => deriveSeed(seed, index)),
  "key of labels": ({ seed, count }) => keys(count, (index) => deriveSeed(seed, `läyer ${index}`, "𝛼")),
  "stream xoroshiro128plus@1": ({ rng, count }) => words(2 * count, () => rng.next()),
  "stream philox4x32-10@1": ({ seed, count }) => {
    const rng = createCounterStream(seed, "counter").at(2 ** 52 + 1);
    return words(2 * count, () => rng.next());
  },
  "uniform@1": ({ rng, count }) => doubles(count, () => uniform(rng)),
  "uniform@1, range": ({ rng, count }) => doubles(count, () => uniform(rng, -1e300, 3)),
  "uniform@1, filled": ({ rng, count }) => fillUniform(rng, new Float64Array(count)),
  "uniformFloat32@1": ({ rng, count }) => doubles(count, () => uniformFloat32(rng)),
  "uniformFloat32@1, filled": ({ rng, count }) => fillUniform(rng, new Float32Array(2 * count)),
  "bool@1": ({ rng, count }) => Uint8Array.from({ length: 8 * count }, () => Number(bool(rng, 0.3))),
  "int@1, 6": ({ rng, count }) => words(2 * count, () => int(rng, 6)),
  "int@1, 3 * 2^30": ({ rng, count }) => words(2 * count, () => int(rng, 0xc000_0000)),
  "int@1, 5 * 2^50": ({ rng, count }) => doubles(count, () => int(rng, 0x14_0000_0000_0000)),
  "int@1, filled": ({ rng, count }) => fillInt(rng, new Uint32Array(2 * count), 1000),
  "normal@1": ({ rng, count }) => doubles(count, () => normal(rng)),
  "normal@1, mean and sd": ({ rng, count }) => doubles(count, () => normal(rng, 1 / 3, 0.05)),
  "normal@1, filled": ({ rng, count }) => fillNormal(rng, new Float32Array(2 * count), { mean: -2, sd: 7 }),
  "log, our own": ({ rng, count }) => doubles(count, () => log(uniform(rng, 0.5, 1) * tiny(rng))),
  "exp, our own": ({ rng, count }) => doubles(count, () => exp(uniform(rng, -20, 0))),
  "exp, our own, of any size": ({ rng, count }) => doubles(count, () => exp(uniform(rng, -746, 710))),
  "log1p, our own": ({ rng, count }) => doubles(count, () => log1p(uniform(rng, -1, 1) * tiny(rng))),
  "exponential@1": ({ rng, count }) => doubles(count, () => exponential(rng, 0.3)),
  "gumbel@1": ({ rng, count }) => doubles(count, () => gumbel(rng, -3, 0.5)),
  "truncatedNormal@1": ({ rng, count }) => doubles(count, () => truncatedNormal(rng, { low: -1, high: 0.5 })),
  "truncatedNormal@1, tail": ({ rng, count }) => doubles(count, () => truncatedNormal(rng, { low: 8, high: Infinity })),
  "gamma@1": ({ rng, count }) => doubles(count, () => gamma(rng, 1.7, 2)),
  "gamma@1, shape below 1": ({ rng, count }) => doubles(count, () => gamma(rng, 0.05, 3)),
  "beta@1": ({ rng, count }) => doubles(count, () => beta(rng, 0.3, 40)),
  "dirichlet@1": ({ rng, count }) => joined(Array.from({ length: count / 4 }, () => dirichlet(rng, [0.1, 1, 2.5, 4]))),
  "poisson@1": ({ rng, count }) => doubles(count, () => poisson(rng, 2.5)),
  "poisson@1, large": ({ rng, count }) => doubles(count, () => poisson(rng, 30.5)),
  "binomial@1": ({ rng, count }) => doubles(count, () => binomial(rng, 10, 0.3)),
  "binomial@1, large": ({ rng, count }) => doubles(count, () => binomial(rng, 1_000_000_000, 0.7)),
  "categorical@1": ({ rng, count }) => {
    const table = createCategorical([0.1, 0.2, 0.3, 1e-9, 0, 0.4]);
    return words(2 * count, () => categorical(rng, table));
  },
  "permutation@1": ({ rng, count }) => permutation(rng, 2 * count),
  "shuffle@1": ({ rng, count }) =>
    shuffle(
      rng,
      Float64Array.from({ length: count }, (_, index) => index / 3),
    ),
  epochOrder: ({ seed, count }) => epochOrder(seed, { epoch: 3, size: 2 * count }),
  stratifiedSplit: ({ seed, rng, count }) =>
    joined(
      stratifiedSplit(
        seed,
        Array.from({ length: count }, () => int(rng, 9)),
        [0.7, 0.2, 0.1],
      ),
    ),
  "choice@1": ({ rng, count }) => Float64Array.from(choice(rng, 2 ** 53, { count: count / 8 })),
  "choice@1, weights": ({ rng, count }) => {
    const weights = doubles(count / 8, () => uniform(rng));
    const some = choice(rng, weights.length, { count: count / 16, weights });
    return Float64Array.from([...some, ...choice(rng, weights.length, { count, weights, replace: true })]);
  },
  bootstrap: ({ seed, count }) => bootstrap(seed, { replicate: 7, size: 2 * count }),
  split: ({ seed, count }) => joined(split(seed, 2 * count, [0.5, 0.3, 0.2])),
  groupSplit: ({ seed, rng, count }) => {
    const groups = Array.from({ length: count }, () => int(rng, 1000));
    return joined(groupSplit(seed, groups, [0.9, 0.1]));
  },
  kFold: ({ seed, count }) => joined(kFold(seed, count / 4, { folds: 5 }).flatMap(({ train, test }) => [train, test])),
  stableSplit: ({ seed, count }) =>
    Uint8Array.from({ length: count / 16 }, (_, row) => stableSplit(seed, `row-${row}`, [0.8, 0.1, 0.1])),
  permuteIndex: ({ seed, count }) => {
    const order = createIndexPermutation(seed, { size: 2 ** 53 });
    return Float64Array.from({ length: count / 16 }, (_, index) => permuteIndex(order, index));
  },
  "numpy random": ({ count }) => numpyRandom(createNumpyGenerator(42), count / 4),
  "numpy standard_normal": ({ count }) => numpyStandardNormal(createNumpyGenerator(42), count / 4),
  "numpy integers": ({ count }) => numpyIntegers(createNumpyGenerator(42), -5, 2 ** 40, { size: count / 8 }),
  "numpy randint of RandomState": ({ count }) => numpyRandint(createNumpyRandomState(42), 0, 1000, { size: count / 4 }),
  "torch randperm": ({ count }) => Float64Array.from(torchRandperm(createTorchGenerator(42), count)),
  "jax uniform": ({ count }) => jaxUniform(jaxFoldIn(jaxKey(42), 7), count),
  "jax permutation": ({ count }) => Float64Array.from(jaxPermutation(jaxKey(42), count / 4)),
};

/** Functions of the engine's own: what the samplers must not use, and what shows that the engines do differ. */
const NATIVE: Readonly<Record<string, (x: number) => number>> = {
  "Math.cbrt": Math.cbrt,
  "Math.cos": Math.cos,
  "Math.exp": (x) => Math.exp(-x),
  "Math.log": Math.log,
  "Math.log1p": Math.log1p,
  "Math.pow": (x) => Math.pow(x, 0.3),
  "Math.sin": Math.sin,
  "Math.sqrt": Math.sqrt,
  "Math.tanh": Math.tanh,
};

/**
 * Draws from everything that promises the same bits everywhere.
 *
 * @param count - Numbers of eight bytes for each entry.
 * @returns The digest of each entry's bytes, little-endian.
 */
export function drawGolden(count: number): Readonly<Record<string, Digest>> {
  return digestsOf(ENTRIES, (name, entry) => {
    const seed = deriveSeed(createSeed(42), "golden", name);
    return entry({ rng: createStream(seed, "stream"), seed, count });
  });
}

/** The same for functions that promise nothing. */
export function drawNative(count: number): Readonly<Record<string, Digest>> {
  return digestsOf(NATIVE, (name, of) => {
    const rng = createStream(createSeed(42), "native", name);
    return doubles(count, () => of(uniform(rng, 0, 100)));
  });
}

function digestsOf<T>(
  table: Readonly<Record<string, T>>,
  draw: (name: string, entry: T) => Bytes,
): Readonly<Record<string, Digest>> {
  const digests = Object.entries(table).map(
    ([name, entry]) => [name, hashBytes(littleEndian(draw(name, entry)))] as const,
  );
  return Object.fromEntries(digests);
}

/** A power of two from 2^-200 to 1, by multiplication alone. */
function tiny(rng: Stream): number {
  let power = 1;
  for (let left = int(rng, 201); left > 0; left -= 1) power *= 0.5;
  return power;
}

function doubles(count: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count }, draw);
}

function words(count: number, draw: () => number): Int32Array {
  return Int32Array.from({ length: count }, draw);
}

/** A quarter as many bytes as elsewhere: each key is a digest of its own, which takes its time. */
function keys(count: number, seedOf: (index: number) => Seed): Uint8Array {
  return joined(Array.from({ length: count / 16 }, (_, index) => keyBytes(seedOf(index))));
}

function joined(parts: readonly Bytes[]): Uint8Array {
  const bytes = parts.map((part) => littleEndian(part));
  const all = new Uint8Array(bytes.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of bytes) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function littleEndian(numbers: Bytes): Uint8Array {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice();
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const size = numbers.BYTES_PER_ELEMENT;
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
  return bytes;
}
