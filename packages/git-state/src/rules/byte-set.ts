import type { BytePath } from "../files.ts";

/** A bracket expression of a pattern. */
export interface Bracket {
  /** For each byte, 1 where the expression matches it. */
  readonly allowed: Uint8Array;
  /** Where the pattern goes on after the closing bracket. */
  readonly end: number;
}

/** How letters are compared. */
export interface CaseRule {
  /** Paths were written in small letters before they are compared: ASCII only. */
  readonly ignoreCase: boolean;
}

/**
 * Reads a bracket expression: `[a-z]`, `[!x]`, `[^[:digit:]_]`.
 *
 * A `]` that comes first stands for itself, as does a `-` that is first, last, or follows a range or a class. A
 * backslash takes the next byte literally, also as the end of a range.
 *
 * @param start - Index of the byte after `[`.
 * @returns `null` when the expression is not closed or names an unknown class: such a pattern matches nothing.
 * @remarks glob(7), fnmatch(3); what neither settles was found by comparison with git 2.39.5.
 */
export function parseBracket(pattern: BytePath, start: number, { ignoreCase }: CaseRule): Bracket | null {
  const negated = pattern[start] === "!" || pattern[start] === "^";
  const first = negated ? start + 1 : start;
  const allowed = new Uint8Array(256);
  let at = first;
  let rangeFrom: number | null = null;
  while (pattern[at] !== "]" || at === first) {
    const item = itemAt(pattern, at, rangeFrom);
    if (item === null) return null;
    for (let byte = 0; byte < 256; byte += 1) if (item.has(byte, ignoreCase)) allowed[byte] = 1;
    ({ end: at, rangeFrom } = item);
  }
  if (negated) for (let byte = 0; byte < 256; byte += 1) allowed[byte] = allowed[byte] === 1 ? 0 : 1;
  return { allowed, end: at + 1 };
}

interface Item {
  readonly has: (byte: number, ignoreCase: boolean) => boolean;
  readonly end: number;
  /** Byte at which a range may start that a `-` makes of it. */
  readonly rangeFrom: number | null;
}

function itemAt(pattern: BytePath, at: number, rangeFrom: number | null): Item | null {
  if (at >= pattern.length) return null;
  if (pattern[at] === "-" && rangeFrom !== null && at + 1 < pattern.length && pattern[at + 1] !== "]") {
    return rangeItem(pattern, at + 1, rangeFrom);
  }
  if (pattern.startsWith("[:", at)) {
    const close = pattern.indexOf("]", at + 2);
    if (close === -1) return null;
    if (close > at + 2 && pattern[close - 1] === ":") return classItem(pattern.slice(at + 2, close - 1), close + 1);
  }
  const literal = literalAt(pattern, at);
  if (literal === null) return null;
  return { has: (byte) => byte === literal.byte, end: literal.end, rangeFrom: literal.byte };
}

function rangeItem(pattern: BytePath, at: number, from: number): Item | null {
  const last = literalAt(pattern, at);
  if (last === null) return null;
  const within = (byte: number): boolean => from <= byte && byte <= last.byte;
  const has: Item["has"] = (byte, ignoreCase) => within(byte) || (ignoreCase && isSmall(byte) && within(byte - 0x20));
  return { has, end: last.end, rangeFrom: null };
}

function classItem(name: string, end: number): Item | null {
  const has = CLASSES.get(name);
  return has === undefined ? null : { has, end, rangeFrom: null };
}

function literalAt(pattern: BytePath, at: number): { readonly byte: number; readonly end: number } | null {
  const index = pattern[at] === "\\" ? at + 1 : at;
  return index < pattern.length ? { byte: pattern.charCodeAt(index), end: index + 1 } : null;
}

type ByteTest = (byte: number, ignoreCase: boolean) => boolean;

const isDigit: ByteTest = (byte) => byte >= 0x30 && byte <= 0x39;
const isBig: ByteTest = (byte) => byte >= 0x41 && byte <= 0x5a;
const isLetter: ByteTest = (byte) => isBig(byte, false) || isSmall(byte);
const isVisible: ByteTest = (byte) => byte >= 0x21 && byte <= 0x7e;

function isSmall(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

/** The classes of POSIX in ASCII. */
const CLASSES: ReadonlyMap<string, ByteTest> = /* @__PURE__ */ new Map<string, ByteTest>([
  ["alnum", (byte) => isLetter(byte, false) || isDigit(byte, false)],
  ["alpha", isLetter],
  ["blank", (byte) => byte === 0x20 || byte === 0x09],
  ["cntrl", (byte) => byte < 0x20 || byte === 0x7f],
  ["digit", isDigit],
  ["graph", isVisible],
  ["lower", isSmall],
  ["print", (byte) => byte === 0x20 || isVisible(byte, false)],
  ["punct", (byte) => isVisible(byte, false) && !isLetter(byte, false) && !isDigit(byte, false)],
  // Git counts neither vertical tab nor form feed.
  ["space", (byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d],
  ["upper", (byte, ignoreCase) => isBig(byte, false) || (ignoreCase && isSmall(byte))],
  ["xdigit", (byte) => isDigit(byte, false) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)],
]);
