import { bytesOfHex } from "../key/hex.ts";
import { WIDE_CODE } from "./wide-code.ts";

/*
 * The loops of kernel.ts by WebAssembly with SIMD: the same bits, sooner. Engines without it, and pages whose content
 * security policy forbids it, go on in JavaScript.
 */

/** What wasm/uniform.ts exports. */
interface WideExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly address: () => number;
  readonly fillWords: () => void;
  readonly fillDoubles: () => void;
}

interface Wide {
  /** s0 and s1, each 8 bytes, little-endian. */
  readonly state: DataView;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly fillWords: () => void;
  readonly fillDoubles: () => void;
}

/** The slice of WebAssembly's interface that is used. */
interface WebAssemblyGlobal {
  readonly WebAssembly?: {
    readonly Module: new (code: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** Compiled when it is first worth it; `null` where it cannot be. It keeps nothing from one call to the next. */
const COMPILED: { wide?: Wide | null } = {};

/** Words of one round. */
export const WIDE_WORDS = 8192;
const WIDE_DOUBLES = 32_768;

/**
 * Writes {@link WIDE_WORDS} words to the start of an array.
 *
 * @returns `false`, with nothing done, where WebAssembly cannot be used.
 */
export function fillWideWords(state: Int32Array, out: Int32Array): boolean {
  const wide = (COMPILED.wide ??= compileWide());
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
  const wide = rounds === 0 ? null : (COMPILED.wide ??= compileWide());
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
    const { memory, address, fillWords, fillDoubles } = exports as WideExports; // the code is ours
    return {
      state: new DataView(memory.buffer, 0, 16),
      words: new Int32Array(memory.buffer, address(), WIDE_WORDS),
      doubles: new Float64Array(memory.buffer, address(), WIDE_DOUBLES),
      fillWords,
      fillDoubles,
    };
  } catch {
    return null; // no SIMD, or a policy without wasm-unsafe-eval
  }
}
