import { bytesOfHex } from "../key/hex.ts";
import { WIDE_CODE } from "./wide-code.ts";

/*
 * The loops of kernel.ts by WebAssembly with SIMD: the same bits, sooner. Engines without it, and pages whose content
 * security policy forbids it, go on in JavaScript.
 */

type FillNormals = (to: number, place: number, end: number, mean: number, sd: number) => number;

/** What wasm/uniform.ts exports. */
interface WideExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly tables: () => number;
  readonly words: () => number;
  readonly doubles: () => number;
  readonly fillWords: () => void;
  readonly fillDoubles: () => void;
  readonly fillBelow: (to: number, place: number, end: number, n: number, shrink: number) => number;
  readonly fillNormals: FillNormals;
  readonly fillNormals32: FillNormals;
  readonly taken: () => number;
}

/** The module and its memory. */
export interface Wide extends Pick<
  WideExports,
  "fillBelow" | "fillDoubles" | "fillNormals" | "fillNormals32" | "fillWords" | "taken"
> {
  /** s0 and s1, each 8 bytes, little-endian. */
  readonly state: DataView;
  /** For `fillNormals`, from who calls it: 257 right edges of layers, as many places inside, and heights. */
  readonly tables: Float64Array;
  readonly words: Int32Array;
  /** What `fillDoubles` and `fillNormals` write. */
  readonly doubles: Float64Array;
  /** What `fillNormals32` writes, in the same place. */
  readonly floats: Float32Array;
  /** What `fillBelow` writes, in the same place. */
  readonly integers: Uint32Array;
}

/** The slice of WebAssembly's interface that is used. */
interface WebAssemblyGlobal {
  readonly WebAssembly?: {
    readonly Module: new (code: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** Compiled when it is first worth it; `null` where it cannot be. Nobody relies on what an earlier call left in it. */
const COMPILED: { wide?: Wide | null } = {};

/** The module, or `null` where WebAssembly cannot be used. */
export function openWide(): Wide | null {
  if (COMPILED.wide === undefined) COMPILED.wide = compileWide();
  return COMPILED.wide;
}

/** Words of one round. */
export const WIDE_WORDS = 8192;
const WIDE_DOUBLES = 32_768;

/** Writes {@link WIDE_WORDS} words to where the module reads them. */
export function fillWideWords(wide: Wide, state: Int32Array): void {
  lend(wide, state, wide.fillWords);
}

/**
 * Writes doubles in [0, 1) to the start of an array, in whole rounds.
 *
 * @returns How many: a multiple of 32,768, and 0 where WebAssembly cannot be used.
 */
export function fillWideFloat64(state: Int32Array, out: Float64Array): number {
  const rounds = Math.floor(out.length / WIDE_DOUBLES);
  const wide = rounds === 0 ? null : openWide();
  if (wide === null) return 0;
  lend(wide, state, () => {
    for (let round = 0; round < rounds; round += 1) {
      wide.fillDoubles();
      out.set(wide.doubles, round * WIDE_DOUBLES);
    }
  });
  return rounds * WIDE_DOUBLES;
}

/** Our states have the upper word of each pair first, and WebAssembly the lower. */
function lend(wide: Wide, state: Int32Array, use: () => void): void {
  for (let index = 0; index < 4; index += 1) wide.state.setInt32(4 * (index ^ 1), state[index] ?? 0, true);
  use();
  for (let index = 0; index < 4; index += 1) state[index] = wide.state.getInt32(4 * (index ^ 1), true);
}

function compileWide(): Wide | null {
  const { WebAssembly } = globalThis as WebAssemblyGlobal;
  if (WebAssembly === undefined) return null;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOfHex(WIDE_CODE)));
    const { memory, tables, words, doubles, ...loops } = exports as WideExports; // the code is ours
    return {
      ...loops,
      state: new DataView(memory.buffer, 0, 16),
      tables: new Float64Array(memory.buffer, tables(), 3 * 257),
      words: new Int32Array(memory.buffer, words(), WIDE_WORDS),
      doubles: new Float64Array(memory.buffer, doubles(), WIDE_DOUBLES),
      floats: new Float32Array(memory.buffer, doubles(), 2 * WIDE_DOUBLES),
      integers: new Uint32Array(memory.buffer, doubles(), 2 * WIDE_DOUBLES),
    };
  } catch {
    return null; // no SIMD, or a policy without wasm-unsafe-eval
  }
}
