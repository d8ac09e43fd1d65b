import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { AttributeRules, ContentAttributes } from "../../src/rules/attributes.ts";
import { createAttributeRules } from "../../src/rules/attributes.ts";
import { SLOW, bytesOf, nastyName, nastyPattern, withPeer } from "./batch.ts";

const NAMES = ["crlf", "eol", "filter", "ident", "text", "working-tree-encoding"] as const;

interface Folder {
  readonly gitattributes: string | null;
  readonly files: readonly string[];
  readonly folders: ReadonlyMap<string, Folder>;
}

interface Case {
  readonly global: string;
  readonly info: string;
  readonly root: string;
  readonly folders: readonly Folder[];
  readonly ignoreCase: boolean;
}

const macro = fc.constantFrom("binary", "m1", "m2", "m3");
const name = fc.oneof(fc.constantFrom(...NAMES, "diff", "x.y_z"), macro, fc.constantFrom("", "-a", "a/b", "é", ".a", "--"));
const state = fc
  .tuple(
    fc.constantFrom("", "", "", "-", "!", "+"),
    fc.oneof({ arbitrary: fc.constantFrom(...NAMES, "binary", "m1", "m2", "m3"), weight: 20 }, name),
    fc.constantFrom("", "", "", "=", "=auto", "=lf", "=a=b", "=\u00ff", "=true"),
  )
  .map((parts) => parts.join(""));
const blank = fc.constantFrom(" ", " ", " ", "\t", "  ", "\r ", "");
const quoted = nastyPattern.map((pattern) => `"${pattern.replaceAll(/["\\]/g, "\\$&")}"`);
const oddlyQuoted = fc
  .array(fc.constantFrom("a", "*", " ", '"', "\\", "\\a", "\\n", "\\101", "\\052", "\\000", "\\4", "\\18", "\\t", "\\v"))
  .map((parts) => `"${parts.join("")}"`);
const subject = fc.oneof(
  { arbitrary: fc.constantFrom("*", "a", "a*", "*b", "**/a", "b/**", "/a"), weight: 3 },
  { arbitrary: nastyPattern.map((pattern) => pattern.replaceAll(" ", "?")), weight: 3 },
  { arbitrary: quoted, weight: 2 },
  { arbitrary: oddlyQuoted, weight: 1 },
  { arbitrary: fc.tuple(fc.constantFrom("[attr]", "[attr]", '"[attr] ', "[attr] "), macro).map((p) => p.join("")), weight: 2 },
);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "", " ", "\t", "#", "!"),
    subject,
    fc.array(fc.tuple(blank, state).map((parts) => parts.join("")), { maxLength: 4 }),
    fc.constantFrom("", "", "", " ", "\r", "\0x", `\t${" ".repeat(2030)}`),
  )
  .map(([start, pattern, states, end]) => `${start}${pattern}${states.join("")}${end}`);
const file = fc
  .tuple(fc.constantFrom("", "", "\u00ef\u00bb\u00bf"), fc.array(line, { maxLength: 8 }), fc.constantFrom("", "\n", "\r\n"))
  .map(([mark, lines, end]) => `${mark}${lines.join("\n")}${end}`);
const plainName = fc.oneof(nastyName, fc.constantFrom("a", "b", "ab", "A"));
const { folder } = fc.letrec<{ folder: Folder }>((tie) => ({
  folder: fc.record({
    gitattributes: fc.option(file),
    files: fc.uniqueArray(plainName, { maxLength: 4 }),
    folders: fc
      .oneof({ maxDepth: 2 }, fc.constant([]), fc.array(fc.tuple(plainName, tie("folder")), { maxLength: 3 }))
      .map((folders) => new Map(folders)),
  }),
}));

function ours({ global, info, root, folders, ignoreCase }: Case): Map<string, ContentAttributes> {
  const found = new Map<string, ContentAttributes>();
  const visit = (path: string, { files, folders }: Folder, rules: AttributeRules): void => {
    for (const file of files) found.set(`${path}/${file}`, rules.attributesOf(file));
    for (const [name, inner] of folders) visit(`${path}/${name}`, inner, enter(rules, name, inner));
  };
  const enter = (rules: AttributeRules, name: string, { gitattributes }: Folder): AttributeRules =>
    rules.enter(name, gitattributes === null ? null : bytesOf(gitattributes));
  const [globalBytes, infoBytes, rootBytes] = [global, info, root].map(bytesOf);
  const top = createAttributeRules({
    ignoreCase,
    system: null,
    global: globalBytes ?? null,
    info: infoBytes ?? null,
    root: rootBytes ?? null,
  });
  for (const [index, one] of folders.entries()) visit(`c${index}`, one, enter(top, `c${index}`, one));
  return found;
}

function gits({ global, info, root, folders, ignoreCase }: Case, paths: readonly string[]): Map<string, ContentAttributes> {
  const config = { "core.ignoreCase": String(ignoreCase), "core.attributesFile": ".git/global" };
  return withPeer((peer) => {
    peer.write(".git/global", global);
    peer.write(".git/info/attributes", info);
    peer.write(".gitattributes", root);
    const build = (path: string, { gitattributes, folders }: Folder): void => {
      if (gitattributes !== null) peer.write(`${path}/.gitattributes`, gitattributes);
      for (const [name, inner] of folders) build(`${path}/${name}`, inner);
    };
    for (const [index, one] of folders.entries()) build(`c${index}`, one);
    const answers = peer.ask(["check-attr", "-z", "--stdin", ...NAMES], paths);
    const found = new Map<string, Record<string, boolean | string>>(paths.map((path) => [path, {}]));
    for (let at = 0; at < answers.length; at += 3) {
      const [path = "", attribute = "", value = ""] = answers.slice(at, at + 3);
      const read = { set: true, unset: false }[value] ?? value;
      const attributes = found.get(path);
      if (attributes !== undefined && value !== "unspecified") attributes[attribute] = read;
    }
    return found;
  }, config);
}

function check(one: Case): void {
  const answers = ours(one);
  const expected = gits(one, [...answers.keys()]);
  const wrong = [...answers].filter(([path, attributes]) => !same(expected.get(path), attributes));
  expect(wrong.map(([path, attributes]) => ({ path, attributes, expected: expected.get(path) }))).toEqual([]);
}

function same(a: ContentAttributes | undefined, b: ContentAttributes): boolean {
  return a !== undefined && NAMES.every((name) => a[name] === b[name]);
}

describe("attributes are the ones that git finds", () => {
  test("in trees with rules in any folder, info/attributes and core.attributesFile, with macros", () => {
    const cases = fc.record({
      global: file,
      info: file,
      root: file,
      folders: fc.noBias(fc.array(folder, { minLength: 1, maxLength: 150, size: "max" })),
      ignoreCase: fc.boolean(),
    });
    fc.assert(fc.property(cases, check), { numRuns: SLOW ? 100 : 8 });
  });

  test("in a chain of macros without end", () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => `[attr]m${index} m${index + 1}\n`).join("");
    const root = bytesOf(`${chain}[attr]m50000 text m0\n* m0\n`);
    const rules = createAttributeRules({ ignoreCase: false, system: null, global: null, info: null, root });
    expect(rules.attributesOf("a")).toEqual({ text: true });
  });
});
