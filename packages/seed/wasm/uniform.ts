// In AssemblyScript, compiled by wasm/build.mjs. Fills memory from xoroshiro128+: with words, and
// from words with doubles in [0, 1), integers, or normals.
//
// One sequence is cut into four equal parts that are computed side by side, two in each SIMD register; each part starts
// where a jump over those before it leads. What comes out is the sequence itself, bit for bit.

/** The state: s0 and s1. */
const STATE: usize = 0;
/** Where the four parts start: s0 of each, then s1 of each. */
const STARTS: usize = 16;
/** Tables of the ziggurat, which JavaScript fills in: 257 right edges, how much of each layer lies inside, and heights. */
const EDGE: usize = 128;
const INSIDE: usize = EDGE + 8 * 257;
const HEIGHT: usize = INSIDE + 8 * 257;
/** Four parts of words. */
const WORD: usize = HEIGHT + 8 * 257;
/** Four parts of doubles. */
const OUT: usize = WORD + 4 * 8192;

/** Doubles in a part, and the jump over one, of two steps a double: x^(2^14) modulo the characteristic polynomial. */
const PART: i32 = 8192;
const JUMP_LOW: u64 = 0x588abd4c2ce2ba80;
const JUMP_HIGH: u64 = 0x30a7c4eef203c7eb;

/** Words in a part, and the jump over one: x^(2^11). test/vectors/jump.py computes both. */
const WORDS: i32 = 2048;
const WORDS_JUMP_LOW: u64 = 0x2c88ef71166bc53d;
const WORDS_JUMP_HIGH: u64 = 0xbb18e9c8d463bb1b;

export function tables(): i32 {
  return <i32>EDGE;
}

export function words(): i32 {
  return <i32>WORD;
}

export function doubles(): i32 {
  return <i32>OUT;
}

/** Advances the state at STATE: a sum of the states on the way, chosen by the coefficients of a polynomial. */
function jump(low: u64, high: u64): void {
  let s0 = load<u64>(STATE);
  let s1 = load<u64>(STATE, 8);
  let sum0: u64 = 0;
  let sum1: u64 = 0;
  for (let half = 0; half < 2; half++) {
    let coefficients = half == 0 ? low : high;
    for (let bit = 0; bit < 64; bit++) {
      const mask = 0 - (coefficients & 1);
      sum0 ^= s0 & mask;
      sum1 ^= s1 & mask;
      coefficients >>= 1;
      const t = s0 ^ s1;
      s0 = rotl(s0, 24) ^ t ^ (t << 16);
      s1 = rotl(t, 37);
    }
  }
  store<u64>(STATE, sum0);
  store<u64>(STATE, sum1, 8);
}

/** Writes where each part starts, and leaves the state where the next round goes on. */
function start(low: u64, high: u64): void {
  for (let part: usize = 0; part < 4; part++) {
    store<u64>(STARTS + 8 * part, load<u64>(STATE));
    store<u64>(STARTS + 8 * part, load<u64>(STATE, 8), 32);
    jump(low, high);
  }
}

@inline
function next0(s0: v128, t: v128): v128 {
  const turned = i8x16.shuffle(s0, s0, 5, 6, 7, 0, 1, 2, 3, 4, 13, 14, 15, 8, 9, 10, 11, 12); // by 24 bits
  return v128.xor(v128.xor(turned, t), i64x2.shl(t, 16));
}

@inline
function next1(t: v128): v128 {
  return v128.or(i64x2.shl(t, 37), i64x2.shr_u(t, 27));
}

/** The lower words of two outputs as one double: the upper 27 bits of the first, then the upper 26 of the second. */
@inline
function unit(first: v128, second: v128): v128 {
  const words = i8x16.shuffle(second, first, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
  // The lowest bit of a double between 2^25 and 2^26 counts 2^-27.
  const upper = v128.or(i64x2.shr_u(words, 37), f64x2.splat(33554432.0));
  // That of one between 2^-7 and 2^-6 counts 2^-59: the word's upper 26 bits stand six places higher.
  const lower = v128.or(v128.and(words, i64x2.splat(0xffffffc0)), f64x2.splat(0.0078125));
  return f64x2.add(f64x2.sub(upper, f64x2.splat(33554432.0)), f64x2.sub(lower, f64x2.splat(0.0078125)));
}

/** Writes the words of four parts, and leaves the state behind the last. */
export function fillWords(): void {
  start(WORDS_JUMP_LOW, WORDS_JUMP_HIGH);
  let a0 = v128.load(STARTS);
  let b0 = v128.load(STARTS, 16);
  let a1 = v128.load(STARTS, 32);
  let b1 = v128.load(STARTS, 48);
  for (let at: usize = WORD; at < WORD + 4 * WORDS; at += 4) {
    const a = i64x2.add(a0, a1);
    v128.store32_lane(at, a, 0);
    v128.store32_lane(at, a, 2, 4 * WORDS);
    let t = v128.xor(a0, a1);
    a0 = next0(a0, t);
    a1 = next1(t);

    const b = i64x2.add(b0, b1);
    v128.store32_lane(at, b, 0, 8 * WORDS);
    v128.store32_lane(at, b, 2, 12 * WORDS);
    t = v128.xor(b0, b1);
    b0 = next0(b0, t);
    b1 = next1(t);
  }
}

/** Writes the doubles of four parts, and leaves the state behind the last. */
export function fillDoubles(): void {
  start(JUMP_LOW, JUMP_HIGH);
  let a0 = v128.load(STARTS);
  let b0 = v128.load(STARTS, 16);
  let a1 = v128.load(STARTS, 32);
  let b1 = v128.load(STARTS, 48);
  for (let at: usize = OUT; at < OUT + 8 * PART; at += 8) {
    const a = i64x2.add(a0, a1);
    let t = v128.xor(a0, a1);
    a0 = next0(a0, t);
    a1 = next1(t);
    const first = unit(a, i64x2.add(a0, a1));
    v128.store64_lane(at, first, 0);
    v128.store64_lane(at, first, 1, 8 * PART);
    t = v128.xor(a0, a1);
    a0 = next0(a0, t);
    a1 = next1(t);

    const b = i64x2.add(b0, b1);
    t = v128.xor(b0, b1);
    b0 = next0(b0, t);
    b1 = next1(t);
    const second = unit(b, i64x2.add(b0, b1));
    v128.store64_lane(at, second, 0, 16 * PART);
    v128.store64_lane(at, second, 1, 24 * PART);
    t = v128.xor(b0, b1);
    b0 = next0(b0, t);
    b1 = next1(t);
  }
}

/** Words that the last call of fillBelow or fillNormals took. */
let count: i32 = 0;

export function taken(): i32 {
  return count;
}

/**
 * Writes unsigned 32-bit integers to OUT, uniform below n, then n - shrink, n - 2 shrink and so on, as int@1 draws them.
 *
 * @param to - How many are wanted.
 * @param place - Index of the next word.
 * @param end - Index behind the last word.
 * @param n - In [1, 2^32].
 * @returns How many it wrote before the words ended.
 */
export function fillBelow(to: i32, place: i32, end: i32, n: f64, shrink: i32): i32 {
  let at: usize = OUT;
  const last: usize = OUT + 4 * <usize>to;
  let word: usize = WORD + 4 * <usize>place;
  const stop: usize = WORD + 4 * <usize>end;
  let bound = <u64>n;
  while (at < last && word < stop) {
    const product = <u64>load<u32>(word) * bound;
    word += 4;
    const low = product & 0xffffffff;
    if (low >= bound || low >= 0x100000000 % bound) {
      store<u32>(at, <u32>(product >> 32));
      at += 4;
      bound -= shrink;
    }
  }
  count = <i32>((word - WORD) >> 2) - place;
  return <i32>((at - OUT) >> 2);
}

/** The 53 bits of two words. */
@inline
function bits53(word: usize, mask: u32): u64 {
  return (<u64>((load<u32>(word) >> 5) & mask) << 26) | <u64>(load<u32>(word, 4) >> 6);
}

/**
 * Whether y is below e^x, for x in [-20, 0], where e^x is that of src/samplers/logarithm.ts.
 *
 * A short polynomial is within 1e-8 of it and decides nearly always; the divisions of the long one take most of the time.
 */
export function isBelowExp(y: f64, x: f64): bool {
  const k = floor<f64>(x * 1.4426950408889634 + 0.5);
  const r = x - k * 0.6931471803691238 - k * 1.9082149292705877e-10;
  const power = reinterpret<f64>((<i64>k + 1023) << 52);
  const short =
    1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040)))))));
  const above = y - short * power;
  if (above > 1e-7 || above < -1e-7) return above < 0;
  let sum: f64 = 1;
  for (let degree: f64 = 14; degree >= 1; degree -= 1) sum = 1 + (r * sum) / degree;
  return y < sum * power;
}

/**
 * Writes normals to OUT, as normal@1 draws them, rounded to T.
 *
 * @param to - How many are wanted.
 * @param place - Index of the next word.
 * @param end - Index behind the last word.
 * @returns How many it wrote: it stops before one that lies in the tail, and where the words end.
 */
@inline
function normals<T>(to: i32, place: i32, end: i32, mean: f64, sd: f64): i32 {
  const size: usize = sizeof<T>();
  let at: usize = OUT;
  const last: usize = OUT + size * <usize>to;
  let word: usize = WORD + 4 * <usize>place;
  const stop: usize = WORD + 4 * <usize>end;
  while (at < last && word + 4 < stop) {
    const first = load<u32>(word);
    const layer = <usize>(first >> 24);
    const inLayer = <f64>bits53(word, 0x3ffff);
    const distance = (inLayer + 0.5) * 5.6843418860808015e-14 * load<f64>(EDGE + 8 * layer); // 2^-44
    if (inLayer < load<f64>(INSIDE + 8 * layer)) {
      word += 8;
    } else {
      if (layer == 0 || word + 16 > stop) break;
      const low = load<f64>(HEIGHT + 8 * layer);
      const unit = <f64>bits53(word + 8, 0x7ffffff) * 1.1102230246251565e-16; // 2^-53
      word += 16;
      if (!isBelowExp(low + unit * (load<f64>(HEIGHT + 8 * layer, 8) - low), -0.5 * distance * distance)) continue;
    }
    const normal = mean + sd * reinterpret<f64>(reinterpret<u64>(distance) | (<u64>(first & 0x800000) << 40));
    store<T>(at, <T>normal);
    at += size;
  }
  count = <i32>((word - WORD) >> 2) - place;
  return <i32>((at - OUT) / size);
}

export function fillNormals(to: i32, place: i32, end: i32, mean: f64, sd: f64): i32 {
  return normals<f64>(to, place, end, mean, sd);
}

export function fillNormals32(to: i32, place: i32, end: i32, mean: f64, sd: f64): i32 {
  return normals<f32>(to, place, end, mean, sd);
}
