// C compilers turn a * b + c into one operation with one rounding where the processor has it. What such code computed is
// computed here with + - * only, so that every engine gives the same bits.

const SPLITTER = 0x800_0001; // 2^27 + 1

/**
 * a * b + c with a single rounding, for finite numbers whose product neither overflows nor comes near the subnormals.
 *
 * The exact product is two doubles, the exact sum three; the last two are added with rounding to odd, which keeps the final
 * rounding from being a second one. Boldo and Melquiond, Emulation of FMA and correctly rounded sums: proved algorithms
 * using rounding to odd, IEEE Trans. Comput. 57(4), 2008, doi:10.1109/TC.2007.70819.
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const [inner, innerError] = addExactly(c, productError);
  const [outer, outerError] = addExactly(product, inner);
  return outer + addToOdd(innerError, outerError);
}

/** The same for float32: their product is exact in doubles, so that only the sum needs care. */
export function fusedMultiplyAdd32(a: number, b: number, c: number): number {
  return Math.fround(addToOdd(a * b, c));
}

/** Room to look at the bits of one double; a call leaves nothing in it. */
const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

/** Halves of a double's significand, 26 bits each (Dekker, 1971). */
function split(x: number): readonly [number, number] {
  const scaled = x * SPLITTER;
  const high = scaled - (scaled - x);
  return [high, x - high];
}

/** The rounded sum and what the rounding lost (Knuth's TwoSum). */
function addExactly(a: number, b: number): readonly [number, number] {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

/** The sum; where it is inexact, the neighbour of the exact sum whose last bit is 1. */
function addToOdd(a: number, b: number): number {
  const [sum, error] = addExactly(a, b);
  if (error === 0) return sum;
  bits.setFloat64(0, sum);
  const low = bits.getUint32(4);
  if ((low & 1) === 1) return sum;
  // The neighbour away from zero has the last bit set; the one towards zero is 1 less as an integer, and may borrow.
  if (error > 0 !== sum > 0 && low === 0) bits.setUint32(0, bits.getUint32(0) - 1);
  bits.setUint32(4, error > 0 === sum > 0 ? low + 1 : low - 1);
  return bits.getFloat64(0);
}
