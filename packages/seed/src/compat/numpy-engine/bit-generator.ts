import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/**
 * One of NumPy's bit generators where it stands: a generator of pure-rand, with the two draws that NumPy adds.
 *
 * @public
 */
export interface NumpyBitGenerator extends RandomGenerator {
  /** NumPy's name of the engine. */
  readonly bitGenerator: "PCG64" | "MT19937";
  /** The upper 32 bits of the last 64-bit word, signed. */
  readonly high: number;
  /** The lower 32 bits of the last 64-bit word, signed. */
  readonly low: number;
  /** Draws NumPy's next 32-bit word: a signed 32-bit integer. */
  next(): number;
  /** Draws NumPy's next 64-bit word into {@link high} and {@link low}. */
  next64(): void;
  /** Draws NumPy's next double in [0, 1), a multiple of 2^-53. */
  nextDouble(): number;
  /** Copies the generator where it stands. The copy repeats what this one will draw. */
  clone(): NumpyBitGenerator;
}

/** Throws unless a generator is of the kind whose algorithms a function follows: another one would give wrong numbers. */
export function checkBitGenerator(name: string, rng: NumpyBitGenerator, kind?: "PCG64" | "MT19937"): void {
  const found: unknown = (rng as Partial<NumpyBitGenerator> | undefined)?.bitGenerator;
  if (found === kind || (kind === undefined && (found === "PCG64" || found === "MT19937"))) return;
  const makers = { PCG64: "createNumpyGenerator", MT19937: "createNumpyRandomState" };
  const wanted = kind === undefined ? `${makers.PCG64} or ${makers.MT19937}` : makers[kind];
  const got = typeof found === "string" ? found : typeof rng;
  throw new TypeError(`${name}: "rng" must be made by ${wanted}, got ${got}`);
}
