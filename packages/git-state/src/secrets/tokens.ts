import type { GitSecretWarning } from "../state/state.ts";
import { secretKinds } from "./token-shapes.ts";

/** Bytes of a line that are looked at: a longer one is data, or a program's output. */
const MAX_LINE_BYTES = 65_536;

/** Warnings that are given; whoever gets so many looks at all of the patch. */
export const MAX_WARNINGS = 200;

/**
 * Looks in a patch for what looks like a password, a key or a token.
 *
 * The lines that the patch adds are searched, each up to its first 65,536 bytes, for tokens of well-known shapes, for
 * passwords in URLs, and for values under names such as `password` that look as if drawn by chance. What a patch holds
 * in binary form (files with NUL bytes, UTF-16 and archives among them) cannot be searched, and neither can a token that is broken
 * over lines. A warning names a kind, a path and a line, and holds nothing of what was found.
 *
 * @returns The first 200 warnings in the order of the patch, one for each kind and line. Takes time in proportion to
 *   the patch's length.
 * @remarks diff-format of git-diff(1): paths, quoted as under `core.quotePath`, and hunks.
 */
export function findSecrets(patch: Uint8Array): readonly GitSecretWarning[] {
  return warningsOf(addedLines(patch));
}

/** The contents of a file, before and after a change. */
export interface ChangedContents {
  readonly path: string;
  /** `null` when the file is new. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array;
}

/**
 * Looks for the same in what a change adds to a file, where its patch holds whole contents and not lines.
 *
 * @returns As {@link findSecrets} does, of the lines that the file did not have before.
 */
export function findSecretsIn(change: ChangedContents): readonly GitSecretWarning[] {
  return change.after.includes(0) ? [] : warningsOf(newLines(change)); // with a NUL it is binary to git, too
}

function* newLines({ path, before, after }: ChangedContents): Generator<AddedLine> {
  const known = new Set(before === null ? [] : linesOf(before));
  let line = 0;
  for (const text of linesOf(after)) {
    line += 1;
    if (!known.has(text)) yield { path, line, text };
  }
}

function warningsOf(lines: Iterable<AddedLine>): readonly GitSecretWarning[] {
  const found: GitSecretWarning[] = [];
  for (const { path, line, text } of lines) {
    for (const kind of secretKinds(text)) {
      if (found.push({ kind, path, line }) === MAX_WARNINGS) return found;
    }
  }
  return found;
}

interface AddedLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

const HUNK = /^@@ -\d+(?:,(?<removed>\d+))? \+(?<first>\d+)(?:,(?<added>\d+))? @@/;

function* addedLines(patch: Uint8Array): Generator<AddedLine> {
  let path = "";
  // Lines of the hunk that are still to come: inside of it, "+++ " begins a line of the file.
  let [before, after, line] = [0, 0, 0];
  for (const text of linesOf(patch)) {
    if (before > 0 || after > 0) {
      const sign = text.charAt(0);
      if (sign === "\\") continue; // "\ No newline at end of file"
      if (sign === "+") yield { path, line, text: text.slice(1) };
      if (sign !== "+") before -= 1;
      if (sign === "-") continue;
      after -= 1;
      line += 1;
    } else if (text.startsWith("+++ ")) {
      path = pathOf(text.slice(4));
    } else if (text.startsWith("@@ ")) {
      const { removed = "1", first = "1", added = "1" } = HUNK.exec(text)?.groups ?? {};
      [before, after, line] = [Number(removed), Number(added), Number(first)];
    }
  }
}

/** Bytes that are decoded at once. */
const BLOCK_BYTES = 1_048_576;

/** The lines of some bytes, without their ends, cut where they are too long. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let start = 0;
  while (start < bytes.byteLength) {
    const last =
      bytes.byteLength - start <= BLOCK_BYTES ? bytes.byteLength : bytes.lastIndexOf(LF, start + BLOCK_BYTES);
    if (last > start) {
      for (const line of decoder.decode(bytes.subarray(start, last)).split("\n")) yield line.slice(0, MAX_LINE_BYTES);
      start = last + 1;
    } else {
      yield decoder.decode(bytes.subarray(start, start + MAX_LINE_BYTES));
      const end = bytes.indexOf(LF, start);
      start = end === -1 ? bytes.byteLength : end + 1;
    }
  }
}

const LF = 0x0a;

/** Reads the name behind `+++ `: quoted where it holds anything unusual, else closed by a tab where it holds a blank. */
function pathOf(name: string): string {
  const quoted = /^"(?<name>.*)"/.exec(name)?.groups?.["name"];
  const path = quoted === undefined ? name.replace(/\t$/, "") : unquoted(quoted);
  return path.replace(/^b\//, "");
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

function unquoted(name: string): string {
  const bytes: number[] = [];
  for (const [part] of name.matchAll(/\\[0-7]{3}|\\.|[^\\]+/gs)) {
    if (!part.startsWith("\\")) bytes.push(...new TextEncoder().encode(part));
    else if (part.length === 4) bytes.push(Number.parseInt(part.slice(1), 8));
    else bytes.push(ESCAPES[part.charAt(1)] ?? part.charCodeAt(1));
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
