import type { BytePath } from "../files.ts";
import type { CaseRule } from "./byte-set.ts";
import { parseBracket } from "./byte-set.ts";

/** Tells whether a path matches. */
export type PathTest = (path: BytePath) => boolean;

/** How a pattern is read. */
export interface PatternOptions extends CaseRule {
  /** Whether `/` is matched only by itself and by `**` as a whole part of the path; otherwise it is a byte as any. */
  readonly pathname: boolean;
}

/**
 * Makes a test of a glob pattern as git understands it.
 *
 * `?` is one byte, `*` any number, `[…]` one of a set, a backslash takes the next byte literally. With `pathname` none of
 * them is `/`, but `**` is any number of folders where it is a whole part: first or after a `/`, and last or before one.
 * A pattern that is malformed (open bracket, unknown class, backslash at the end) matches nothing.
 *
 * A test takes time in proportion to the length of pattern times path at most, whatever the pattern.
 *
 * With `ignoreCase` letters of ASCII are equal, except, as in git, a capital letter after a backslash or alone in
 * brackets, which matches nothing.
 *
 * @remarks gitignore(5), "PATTERN FORMAT"; glob(7).
 */
export function compilePattern(pattern: BytePath, options: PatternOptions): PathTest {
  const steps = stepsOf(pattern, options);
  if (steps === null) return () => false;
  const test = testOf(steps);
  return options.ignoreCase ? (path) => test(smallLetters(path)) : test;
}

/** Writes the capital letters of ASCII small. */
export function smallLetters(path: BytePath): BytePath {
  return path.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What a pattern asks for, one after the other. */
type Step =
  | { readonly kind: "text"; readonly text: BytePath }
  | { readonly kind: "byte"; readonly allowed: Uint8Array }
  | { readonly kind: "star"; readonly overSlash: boolean }
  /** Any number of folders, each with its slash. */
  | { readonly kind: "folders" };

const SLASH = 0x2f;

function stepsOf(pattern: BytePath, options: PatternOptions): readonly Step[] | null {
  const steps: Step[] = [];
  let text = "";
  let at = 0;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === "*" || char === "?" || char === "[") {
      if (text !== "") steps.push({ kind: "text", text });
      text = "";
      const read = char === "*" ? starAt(pattern, at, options) : oneByteAt(pattern, at, options);
      if (read === null) return null;
      steps.push(read.step);
      at = read.end;
    } else {
      const literal = char === "\\" ? pattern.charAt(at + 1) : options.ignoreCase ? smallLetters(char) : char;
      if (literal === "") return null;
      text += literal;
      at += char === "\\" ? 2 : 1;
    }
  }
  if (text !== "") steps.push({ kind: "text", text });
  return steps;
}

interface Read {
  readonly step: Step;
  readonly end: number;
}

function starAt(pattern: BytePath, start: number, { pathname }: PatternOptions): Read {
  let end = start + 1;
  while (pattern[end] === "*") end += 1;
  if (!pathname) return { step: { kind: "star", overSlash: true }, end };
  const starts = start === 0 || pattern[start - 1] === "/";
  if (end - start === 1 || !starts) return { step: { kind: "star", overSlash: false }, end };
  if (pattern[end] === "/") return { step: { kind: "folders" }, end: end + 1 };
  return { step: { kind: "star", overSlash: end === pattern.length || pattern.startsWith("\\/", end) }, end };
}

function oneByteAt(pattern: BytePath, start: number, options: PatternOptions): Read | null {
  const any = { allowed: new Uint8Array(256).fill(1), end: start + 1 };
  const bracket = pattern[start] === "?" ? any : parseBracket(pattern, start + 1, options);
  if (bracket === null) return null;
  if (options.pathname) bracket.allowed[SLASH] = 0;
  return { step: { kind: "byte", allowed: bracket.allowed }, end: bracket.end };
}

function testOf(steps: readonly Step[]): PathTest {
  const [first, second, ...more] = steps;
  if (first === undefined) return (path) => path === "";
  if (second === undefined && first.kind === "text") return (path) => path === first.text;
  if (second?.kind === "text" && first.kind === "star" && more.length === 0) {
    return (path) =>
      path.endsWith(second.text) && (first.overSlash || !slashBefore(path, path.length - second.text.length));
  }
  const minimum = steps.reduce((sum, step) => sum + shortest(step), 0);
  const last = steps.at(-1);
  const [start, end] = [first.kind === "text" ? first.text : "", last?.kind === "text" ? last.text : ""];
  return (path) => path.length >= minimum && path.startsWith(start) && path.endsWith(end) && walk(steps, path);
}

function slashBefore(path: BytePath, end: number): boolean {
  const slash = path.indexOf("/");
  return slash !== -1 && slash < end;
}

function shortest(step: Step): number {
  if (step.kind === "text") return step.text.length;
  return step.kind === "byte" ? 1 : 0;
}

/** Follows all ways through a path at once: after each step it knows every place where the path may go on. */
function walk(steps: readonly Step[], path: BytePath): boolean {
  let places: readonly number[] = [0];
  for (const step of steps) {
    places = placesAfter(step, path, places);
    if (places.length === 0) return false;
  }
  return places.at(-1) === path.length;
}

/** @param places - Ascending; so is what comes back. */
function placesAfter(step: Step, path: BytePath, places: readonly number[]): readonly number[] {
  switch (step.kind) {
    case "text":
      return places.filter((place) => path.startsWith(step.text, place)).map((place) => place + step.text.length);
    case "byte":
      return places.filter((place) => step.allowed[path.charCodeAt(place)] === 1).map((place) => place + 1);
    case "folders":
      return placesAfterFolders(path, places);
    case "star":
      return placesAfterStar(path, places, step.overSlash);
  }
}

function placesAfterStar(path: BytePath, places: readonly number[], overSlash: boolean): readonly number[] {
  const after: number[] = [];
  for (const place of places) {
    // Where an earlier place led past this one, it led wherever this one does.
    if (place <= (after.at(-1) ?? -1)) continue;
    const slash = overSlash ? -1 : path.indexOf("/", place);
    const end = slash === -1 ? path.length : slash;
    for (let next = place; next <= end; next += 1) after.push(next);
  }
  return after;
}

function placesAfterFolders(path: BytePath, places: readonly number[]): readonly number[] {
  const after: number[] = [];
  let index = 0;
  for (let place = places[0] ?? path.length; place <= path.length; place += 1) {
    const isPlace = places[index] === place;
    if (isPlace) index += 1;
    if (isPlace || (after.length > 0 && path.charCodeAt(place - 1) === SLASH)) after.push(place);
  }
  return after;
}
