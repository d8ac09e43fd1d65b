import { bytesOfHex } from "../key/hex.ts";
import { WIDE_CODE } from "./wide-code.ts";

/*
 * The loops of kernel.ts by WebAssembly with SIMD: the same bits, sooner. Engines without it, and pages whose content
 * security policy forbids it, go on in JavaScript.
 */

/** What wasm/uniform.ts exports. */
interface WideExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly tables: () => number;
  readonly words: () => number;
  readonly doubles: () => number;
  readonly fillWords: () => void;
  readonly fillDoubles: () => void;
  readonly fillNormals: (from: number, to: number, place: number, end: number, mean: number, sd: number) => number;
}

/** The module and its memory. */
export interface Wide extends Pick<WideExports, "fillDoubles" | "fillNormals" | "fillWords"> {
  /** s0 and s1, each 8 bytes, little-endian. */
  readonly state: DataView;
  /** 257 right edges of layers, and as many places inside: for `fillNormals`, from who calls it. */
  readonly tables: Float64Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** The slice of WebAssembly's interface that is used. */
interface WebAssemblyGlobal {
  readonly WebAssembly?: {
    readonly Module: new (code: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** Compiled when it is first worth it; `null` where it cannot be. No caller relies on what another left in it. */
const COMPILED: { wide?: Wide | null } = {};

/** The module, or `null` where WebAssembly cannot be used. */
export function openWide(): Wide | null {
  return (COMPILED.wide ??= compileWide());
}

/** Words of one round. */
export const WIDE_WORDS = 8192;
const WIDE_DOUBLES = 32_768;

/**
 * Writes {@link WIDE_WORDS} words to the start of an array.
 *
 * @returns `false`, with nothing done, where WebAssembly cannot be used.
 */
export function fillWideWords(state: Int32Array, out: Int32Array): boolean {
  const wide = openWide();
  if (wide === null) return false;
  lend(wide, state, () => {
    wide.fillWords();
    out.set(wide.words);
  });
  return true;
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
      tables: new Float64Array(memory.buffer, tables(), 2 * 257),
      words: new Int32Array(memory.buffer, words(), WIDE_WORDS),
      doubles: new Float64Array(memory.buffer, doubles(), WIDE_DOUBLES),
    };
  } catch {
    return null; // no SIMD, or a policy without wasm-unsafe-eval
  }
}
