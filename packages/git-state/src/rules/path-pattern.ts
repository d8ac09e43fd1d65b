import type { BytePath } from "../files.ts";
import type { CaseRule } from "./byte-set.ts";
import type { PathTest } from "./pattern.ts";
import { compilePattern, smallLetters } from "./pattern.ts";

/** The pattern of one line of `.gitignore` or `.gitattributes`. */
export interface PathPattern {
  /** Whether it starts with `!`. */
  readonly negative: boolean;
  /** Whether it ends with `/`, and so matches folders only. */
  readonly foldersOnly: boolean;
  /** Whether `matches` takes a name without its folders; otherwise the path from the folder of the pattern's file. */
  readonly nameOnly: boolean;
  readonly matches: PathTest;
}

/**
 * Reads a pattern as it stands in a file.
 *
 * A pattern with a slash before its end is for the whole path from the folder of its file, any other for the name.
 *
 * Git compares what precedes the first of `*?[\` byte by byte and has the rest matched as a pattern of its own. So the
 * stars of `a**` stand first in what is matched, and go over slashes although the manual says otherwise.
 *
 * @remarks gitignore(5), "PATTERN FORMAT".
 */
export function parsePathPattern(line: BytePath, caseRule: CaseRule): PathPattern {
  const negative = line.startsWith("!");
  const whole = negative ? line.slice(1) : line;
  const foldersOnly = whole.endsWith("/");
  const pattern = foldersOnly ? whole.slice(0, -1) : whole;
  const nameOnly = !pattern.includes("/");
  const matches = nameOnly
    ? compilePattern(pattern, { ...caseRule, pathname: false })
    : wholePathTest(pattern, caseRule);
  return { negative, foldersOnly, nameOnly, matches };
}

function wholePathTest(pattern: BytePath, caseRule: CaseRule): PathTest {
  const anchored = pattern.startsWith("/") ? pattern.slice(1) : pattern;
  const special = anchored.search(/[*?[\\]/);
  const prefix = special === -1 ? anchored : anchored.slice(0, special);
  const rest = compilePattern(anchored.slice(prefix.length), { ...caseRule, pathname: true });
  const test: PathTest = (path) => path.startsWith(prefix) && rest(path.slice(prefix.length));
  if (!caseRule.ignoreCase) return test;
  const small = smallLetters(prefix);
  return (path) => smallLetters(path.slice(0, small.length)) === small && rest(path.slice(small.length));
}
