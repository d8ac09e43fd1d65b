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
const name = fc.oneof(
  fc.constantFrom(...NAMES, "diff", "x.y_z"),
  macro,
  fc.constantFrom("", "-a", "a/b", "é", ".a", "--"),
);
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
  .array(
    fc.constantFrom("a", "*", " ", '"', "\\", "\\a", "\\n", "\\101", "\\052", "\\000", "\\4", "\\18", "\\t", "\\v"),
  )
  .map((parts) => `"${parts.join("")}"`);
const subject = fc.oneof(
  { arbitrary: fc.constantFrom("*", "a", "a*", "*b", "**/a", "b/**", "/a"), weight: 3 },
  { arbitrary: nastyPattern.map((pattern) => pattern.replaceAll(" ", "?")), weight: 3 },
  { arbitrary: quoted, weight: 2 },
  { arbitrary: oddlyQuoted, weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom("[attr]", "[attr]", '"[attr] ', "[attr] "), macro).map((p) => p.join("")),
    weight: 2,
  },
);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "", " ", "\t", "#", "!"),
    subject,
    fc.array(
      fc.tuple(blank, state).map((parts) => parts.join("")),
      { maxLength: 4 },
    ),
    fc.constantFrom("", "", "", " ", "\r", "\0x", `\t${" ".repeat(2030)}`),
  )
  .map(([start, pattern, states, end]) => `${start}${pattern}${states.join("")}${end}`);
const fileOf = (lines: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("", "", "\u00ef\u00bb\u00bf"),
      fc.array(lines, { maxLength: 8 }),
      fc.constantFrom("", "\n", "\r\n"),
    )
    .map(([mark, all, end]) => `${mark}${all.join("\n")}${end}`);
const file = fileOf(line);
const simpleState = fc.constantFrom(
  "text",
  "-text",
  "!text",
  "text=auto",
  "m1",
  "m2",
  "-m2",
  "!m3",
  "m3",
  "m3=a",
  "binary",
);
const macroLine = fc
  .tuple(
    fc.constantFrom("[attr]m1", "[attr]m2", "[attr]m3", "[attr]binary", "*"),
    fc.array(simpleState, { maxLength: 3 }),
  )
  .map(([start, states]) => [start, ...states].join(" "));
const topFile = fc.oneof(fileOf(macroLine), fileOf(fc.oneof(line, macroLine)));
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

function gits(
  { global, info, root, folders, ignoreCase }: Case,
  paths: readonly string[],
): Map<string, ContentAttributes> {
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
      global: topFile,
      info: topFile,
      root: topFile,
      folders: fc.noBias(fc.array(folder, { minLength: 1, maxLength: 150, size: "max" })),
      ignoreCase: fc.boolean(),
    });
    fc.assert(fc.property(cases, check), { numRuns: SLOW ? 50 : 8 });
  });

  test("in lines at the edges of what a line may be", () => {
    const states = (length: number, end: string): string => `* text${" ".repeat(length - 6 - end.length)}${end}`;
    const lines = [
      "# text",
      "\\# text",
      " # text",
      "#a text",
      "! text",
      "!a text",
      "\\!a text",
      '"!a" text',
      '"a"text',
      '"a" text',
      '"\\101" text',
      '"\\377" text',
      '"\\401" text',
      '"\\10" text',
      '"\\x" text',
      '"a text',
      '"\\a" text',
      '"\\000a" text',
      "a text -",
      "a -text=x",
      "a !text=x",
      "a text=",
      "a text\u00a0",
      "a \u000btext",
      "a text,eol",
      "a --text",
      "a a.b_-1 text",
      "[attr]x text\n* x",
      "[attr] text",
      "[attr]a text",
      "[attr]text eol=lf\n* text",
      "a/ text",
      "a text\0\n* ident",
      states(2047, ""),
      states(2048, ""),
      states(2049, ""),
      states(2047, "\n"),
      states(2048, "\n"),
      states(2049, "\n"),
      states(2048, "\r\n"),
      states(2049, "\r\n"),
      states(2050, "\r\n"),
      `* text\n${"x".repeat(3000)}\n* ident`,
    ];
    const files = [
      "a",
      "b",
      "#",
      "#a",
      "!",
      "!a",
      '"a',
      '"a"',
      "A",
      "\u00ff",
      "\\",
      "\u0007",
      "[attr]",
      "[attr]a",
      '"\\401"',
      '"401"',
      "x",
    ];
    const folders = lines.map((gitattributes) => ({ gitattributes, files, folders: new Map<string, Folder>() }));
    check({ global: "", info: "", root: "", folders, ignoreCase: false });
    // At the root a line may define a macro; in a folder git passes over it.
    for (const root of lines.filter((one) => one.startsWith("[attr]"))) {
      check({ global: "", info: "", root, folders: folders.slice(0, 3), ignoreCase: false });
    }
  });

  test("with macros that any of the files may define, and macros in macros", () => {
    const folders = [{ gitattributes: null, files: ["a"], folders: new Map<string, Folder>() }];
    const cases = fc.record({ global: topFile, info: topFile, root: topFile, ignoreCase: fc.constant(false) });
    fc.assert(
      fc.property(cases, (one) => check({ ...one, folders })),
      { numRuns: SLOW ? 500 : 80 },
    );
  });

  test("with those of the system under all others", () => {
    const [system, global] = [bytesOf("* text ident m1\n[attr]m1 eol=lf\n"), bytesOf("* -text\n[attr]m1 eol=crlf\n")];
    const rules = createAttributeRules({ ignoreCase: false, system, global, info: null, root: null });
    expect(rules.attributesOf("a")).toEqual({ text: false, ident: true, eol: "crlf" });
  });

  test("in a chain of macros without end", () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => `[attr]m${index} m${index + 1}\n`).join("");
    const root = bytesOf(`${chain}[attr]m50000 text m0\n* m0\n`);
    const rules = createAttributeRules({ ignoreCase: false, system: null, global: null, info: null, root });
    expect(rules.attributesOf("a")).toEqual({ text: true });
  });
});
