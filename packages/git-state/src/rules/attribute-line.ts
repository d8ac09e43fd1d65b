import type { BytePath } from "../files.ts";
import type { CaseRule } from "./byte-set.ts";
import type { PathPattern } from "./path-pattern.ts";
import { parsePathPattern } from "./path-pattern.ts";

/** What a line says of one attribute: set, unset, a value, or `null`: unspecified, whatever other lines say. */
export interface Assignment {
  readonly name: string;
  readonly value: boolean | string | null;
}

/** A line of `.gitattributes`: for a pattern, or what a macro stands for. */
export interface AttributeLine {
  readonly subject: { readonly pattern: PathPattern } | { readonly macro: string };
  readonly assignments: readonly Assignment[];
}

/** Git passes over lines that are as long, in bytes. */
const TOO_LONG = 2048;
const MACRO = "[attr]";

/**
 * Reads a line of `.gitattributes`.
 *
 * @returns `null` for a line without meaning to git: empty, a comment, 2048 bytes or longer, an attribute's name that is
 *   none, or a pattern with `!`.
 * @remarks gitattributes(5), "DESCRIPTION" and "DEFINING MACRO ATTRIBUTES".
 */
export function parseAttributeLine(line: BytePath, caseRule: CaseRule): AttributeLine | null {
  const start = line.search(/[^ \t\r\n]/);
  if (start === -1 || line[start] === "#" || line.length >= TOO_LONG) return null;
  const { subject, rest } = splitSubject(line.slice(start));
  const assignments = rest
    .split(BLANKS)
    .filter((word) => word !== "")
    .map(parseAssignment);
  if (!assignments.every((one) => one !== null)) return null;
  if (subject.startsWith(MACRO) && subject.length > MACRO.length) {
    const [macro = ""] = subject
      .slice(MACRO.length)
      .replace(/^[ \t\r\n]+/, "")
      .split(BLANKS);
    return isName(macro) ? { subject: { macro }, assignments } : null;
  }
  const pattern = parsePathPattern(subject, caseRule);
  return pattern.negative ? null : { subject: { pattern }, assignments };
}

const BLANKS = /[ \t\r\n]+/;

function splitSubject(line: BytePath): { readonly subject: BytePath; readonly rest: BytePath } {
  const quoted = line.startsWith('"') ? unquote(line) : null;
  if (quoted !== null) return quoted;
  const blank = line.search(BLANKS);
  return blank === -1 ? { subject: line, rest: "" } : { subject: line.slice(0, blank), rest: line.slice(blank) };
}

/** A C string literal at the start of a line; a NUL ends what it stands for. */
function unquote(line: BytePath): { readonly subject: BytePath; readonly rest: BytePath } | null {
  const body = /^"(?:[^"\\]|\\(?:[abfnrtv"\\]|[0-3][0-7][0-7]))*"/.exec(line)?.[0];
  if (body === undefined) return null;
  const text = body.slice(1, -1).replace(/\\(?:[0-3][0-7][0-7]|.)/gs, (escape) => unescaped(escape.slice(1)));
  return { subject: text.replace(/\0.*$/s, ""), rest: line.slice(body.length) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescaped(escape: string): string {
  return escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (ESCAPES[escape] ?? escape);
}

function parseAssignment(word: BytePath): Assignment | null {
  const [, sign = "", name = "", , value] = /^([-!]?)([^=]*)(=(.*))?$/s.exec(word) ?? [];
  if (!isName(name)) return null;
  if (sign !== "") return { name, value: sign === "!" ? null : false };
  return { name, value: value ?? true };
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9._][A-Za-z0-9._-]*$/.test(name);
}
