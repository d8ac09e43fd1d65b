import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parsePathPattern } from "../../src/rules/path-pattern.ts";
import { compilePattern } from "../../src/rules/pattern.ts";
import { SLOW, nastyName, nastyPattern, withPeer } from "./batch.ts";

/** Patterns as they stand in .gitattributes, each with an attribute of its own, against every path: one call of git. */
function answersOfGit(patterns: readonly string[], paths: readonly string[], ignoreCase: boolean): Set<string> {
  const lines = patterns.map((pattern, index) => `"${pattern.replaceAll(/["\\]/g, "\\$&")}" a${index}\n`);
  return withPeer(
    (peer) => {
      peer.write(".gitattributes", lines.join(""));
      const answers = peer.ask(["check-attr", "-z", "-a", "--stdin"], paths);
      const pairs = new Set<string>();
      for (let at = 0; at < answers.length; at += 3) {
        if (/^a\d+$/.test(answers[at + 1] ?? "")) pairs.add(`${answers[at]}\0${answers[at + 1]}`);
      }
      return pairs;
    },
    { "core.ignoreCase": String(ignoreCase) },
  );
}

function check(patterns: readonly string[], paths: readonly string[], ignoreCase: boolean): void {
  const expected = answersOfGit(patterns, paths, ignoreCase);
  const wrong: unknown[] = [];
  for (const [index, line] of patterns.entries()) {
    const pattern = parsePathPattern(line, { ignoreCase });
    for (const path of paths) {
      const subject = pattern.nameOnly ? path.slice(path.lastIndexOf("/") + 1) : path;
      const ours = !pattern.negative && !pattern.foldersOnly && pattern.matches(subject);
      if (ours !== expected.has(`${path}\0a${index}`)) wrong.push({ line, path, ours });
    }
  }
  expect(wrong).toEqual([]);
}

const nastyPath = fc.array(nastyName, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const many = { minLength: 1, maxLength: 500, size: "max" } as const;
const lists = fc.noBias(fc.tuple(fc.uniqueArray(nastyPattern, many), fc.uniqueArray(nastyPath, many)));

/** Paths that patterns may well match: with something for each star, question mark and bracket. */
function likelyPaths(patterns: readonly string[]): string[] {
  const fillings = ["", "a", "b/a", "A", "a/b/"];
  const paths = patterns.flatMap((pattern) =>
    fillings.map((filling) =>
      pattern
        .replaceAll(/\*+|\?/g, filling)
        .replaceAll(/\[(\[:\w*:\]|[^\]])+\]/g, filling.charAt(0) || "b")
        .replaceAll("\\", ""),
    ),
  );
  return paths.filter((path) => path.split("/").every((name) => !["", ".", ".."].includes(name)));
}

describe("a pattern matches the paths that it matches for git", () => {
  test.each([false, true])("with ignoreCase %s", (ignoreCase) => {
    fc.assert(
      fc.property(lists, ([patterns, paths]) => {
        check(patterns, [...new Set([...paths, ...likelyPaths(patterns)])], ignoreCase);
      }),
      { numRuns: SLOW ? 100 : 5 },
    );
  });

  test("for every byte in every class", () => {
    const classes = ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper"];
    const patterns = [...classes, "xdigit", "word", ""].flatMap((name) => [`[[:${name}:]]`, `[![:${name}:]_]x`]);
    const bytes = Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).filter((c) => c !== "/");
    const paths = bytes.filter((byte) => byte !== ".").flatMap((byte) => [byte, `${byte}x`]);
    for (const ignoreCase of [false, true]) check(patterns, paths, ignoreCase);
  });

  test("made to take for ever: it ends", () => {
    const options = { ignoreCase: true, pathname: true };
    expect(compilePattern(`${"a*".repeat(500)}b`, options)("a".repeat(4000))).toBe(false);
    expect(compilePattern(`${"**/".repeat(1000)}b`, options)("a/".repeat(2000))).toBe(false);
    expect(compilePattern(`${"**/*a*/".repeat(200)}b`, options)("a/".repeat(2000))).toBe(false);
    expect(compilePattern("[".repeat(100_000), options)("a")).toBe(false);
    expect(compilePattern("*a".repeat(100_000), options)("a".repeat(4000))).toBe(false);
  });
});
