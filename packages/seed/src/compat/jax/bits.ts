import { checkSize, joinWords } from "../words.ts";
import { checkKey, countedWords } from "./key.ts";
import type { JaxKey, JaxOptions } from "./key.ts";
import { threefry2x32 } from "./threefry.ts";

/**
 * Draws what `jax.random.bits(key, (size,), "uint32")` draws: unsigned 32-bit words, JAX's default without `jax_enable_x64`.
 *
 * A pure function of the key: never draw twice from one.
 *
 * @param size - Number of values, an integer in [0, 2^32 - 1]. JAX fills a shape in the order of this array.
 * @throws RangeError when `size` is outside or `key` is not two unsigned 32-bit words.
 * @example
 * ```ts
 * import { jaxBits, jaxKey } from "@repro/seed/compat";
 * [...jaxBits(jaxKey(1701), 3, { partitionable: false })]; // => [56197195, 4200222568, 961309823]
 * ```
 * @public
 */
export function jaxBits(key: JaxKey, size: number, options: JaxOptions = {}): Uint32Array {
  checkKey("jaxBits", key);
  checkSize("jaxBits", size);
  if (options.partitionable === false) return countedWords(key, size);
  const out = new Uint32Array(size);
  const pair = new Uint32Array(2);
  for (let index = 0; index < size; index += 1) {
    threefry2x32(key, 0, index, pair);
    out[index] = (pair[0] ?? 0) ^ (pair[1] ?? 0);
  }
  return out;
}

/**
 * Draws what `jax.random.bits(key, (size,), "uint64")` draws with `jax_enable_x64`: unsigned 64-bit words.
 *
 * @param size - Number of values, an integer in [0, 2^31 - 1].
 * @throws RangeError when `size` is outside or `key` is not two unsigned 32-bit words.
 * @example
 * ```ts
 * import { jaxBits64, jaxKey } from "@repro/seed/compat";
 * [...jaxBits64(jaxKey(1701), 1)]; // => [3182764935064573181n]
 * ```
 * @public
 */
export function jaxBits64(key: JaxKey, size: number, options: JaxOptions = {}): BigUint64Array {
  checkKey("jaxBits64", key);
  checkSize("jaxBits64", size);
  if (size > 0x7fff_ffff) throw new RangeError(`jaxBits64: "size" must be at most 2^31 - 1, got ${size}`);
  const out = new BigUint64Array(size);
  if (options.partitionable === false) {
    const words = countedWords(key, 2 * size);
    return out.map((_, index) => joinWords(words[index] ?? 0, words[size + index] ?? 0));
  }
  const pair = new Uint32Array(2);
  return out.map((_, index) => {
    threefry2x32(key, 0, index, pair);
    return joinWords(pair[0] ?? 0, pair[1] ?? 0);
  });
}
