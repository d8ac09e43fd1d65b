import { symlinkSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { FileKind } from "../../src/files.ts";
import type { IgnoreRules } from "../../src/rules/ignore.ts";
import { createIgnoreRules } from "../../src/rules/ignore.ts";
import type { Peer } from "./batch.ts";
import { SLOW, bytesOf, nastyName, nastyPattern, withPeer } from "./batch.ts";

interface Folder {
  readonly gitignore: string | null;
  readonly entries: ReadonlyMap<string, Folder | "file" | "link">;
}

interface Case {
  readonly global: string;
  readonly exclude: string;
  readonly root: string;
  readonly folders: readonly Folder[];
  readonly ignoreCase: boolean;
}

const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "!", "#", " ", "/", "\\"),
    fc.oneof(nastyPattern, nastyName, fc.constantFrom("", "a", "*", "a*", "*b", "/**", "**/a", "?", "a/b", "a/*")),
    fc.constantFrom("", "", "", "", "/", "/", " ", "  ", "\\ ", "\\  ", "\\\\ ", "\t", "\r", " \r", "\r ", "\0x", "/ "),
  )
  .map((parts) => parts.join(""));
const file = fc
  .tuple(fc.constantFrom("", "", "", "\u00ef\u00bb\u00bf"), fc.array(line, { maxLength: 6 }), fc.constantFrom("", "\n", "\r"))
  .map(([mark, lines, end]) => `${mark}${lines.join("\n")}${end}`);
const { folder } = fc.letrec<{ folder: Folder; entry: Folder | "file" | "link" }>((tie) => ({
  entry: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: fc.constantFrom("file", "link"), weight: 2 },
    { arbitrary: tie("folder"), weight: 3 },
  ),
  folder: fc.record({
    gitignore: fc.option(file),
    entries: fc
      .array(fc.tuple(fc.oneof(nastyName, fc.constantFrom("a", "b", "ab", "A")), tie("entry")), { maxLength: 5 })
      .map((entries) => new Map(entries)),
  }),
}));

function build(peer: Peer, path: string, { gitignore, entries }: Folder): void {
  peer.folder(path);
  if (gitignore !== null) peer.write(`${path}/.gitignore`, gitignore);
  for (const [name, entry] of entries) {
    if (entry === "file") peer.write(`${path}/${name}`, "");
    // Node takes a text as UTF-8, and a link to a folder is a link still.
    else if (entry === "link") symlinkSync(".", Buffer.from(`${join(peer.root, path)}/${name}`, "latin1"));
    else build(peer, `${path}/${name}`, entry);
  }
}

interface Answers {
  /** Every path, and whether it is ignored. */
  readonly ignored: ReadonlyMap<string, boolean>;
  readonly listed: readonly string[];
}

function ours({ global, exclude, root, folders, ignoreCase }: Case): Answers {
  const ignored = new Map<string, boolean>();
  const listed = root === "" ? [] : [".gitignore"];
  const visit = (path: string, inside: Folder, rules: IgnoreRules | null): void => {
    const entries = [...inside.entries, ...(inside.gitignore === null ? [] : [[".gitignore", "file"] as const])];
    for (const [name, entry] of entries) {
      const kind: FileKind = typeof entry === "string" ? entry : "directory";
      const isIgnored = rules === null || rules.isIgnored({ name, kind });
      ignored.set(`${path}/${name}`, isIgnored);
      if (typeof entry !== "string") visit(`${path}/${name}`, entry, isIgnored ? null : enter(rules, name, entry));
      else if (!isIgnored) listed.push(`${path}/${name}`);
    }
  };
  const enter = (rules: IgnoreRules | null, name: string, { gitignore }: Folder): IgnoreRules | null =>
    rules?.enter(name, gitignore === null ? null : bytesOf(gitignore)) ?? null;
  const top = createIgnoreRules({
    ignoreCase,
    global: bytesOf(global),
    exclude: bytesOf(exclude),
    root: root === "" ? null : bytesOf(root),
  });
  if (top.isIgnored({ name: ".gitignore", kind: "file" })) listed.length = 0;
  for (const [index, one] of folders.entries()) {
    const name = `c${index}`;
    visit(name, one, top.isIgnored({ name, kind: "directory" }) ? null : enter(top, name, one));
  }
  return { ignored, listed };
}

function gits({ global, exclude, root, folders, ignoreCase }: Case, paths: readonly string[]): Answers {
  const config = { "core.ignoreCase": String(ignoreCase), "core.excludesFile": ".git/global" };
  return withPeer((peer) => {
    peer.write(".git/global", global);
    peer.write(".git/info/exclude", exclude);
    if (root !== "") peer.write(".gitignore", root);
    for (const [index, one] of folders.entries()) build(peer, `c${index}`, one);
    const answers = peer.ask(["check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"], paths);
    const ignored = new Map<string, boolean>();
    for (let at = 0; at < answers.length; at += 4) {
      const pattern = answers[at + 2] ?? "";
      ignored.set(answers[at + 3] ?? "", answers[at] !== "" && !pattern.startsWith("!"));
    }
    return { ignored, listed: peer.ask(["ls-files", "--others", "--exclude-standard", "-z"]) };
  }, config);
}

function check(one: Case): void {
  const answers = ours(one);
  const expected = gits(one, [...answers.ignored.keys()]);
  const wrong = [...answers.ignored].filter(([path, ignored]) => expected.ignored.get(path) !== ignored);
  expect(wrong).toEqual([]);
  expect(new Set(answers.listed)).toEqual(new Set(expected.listed));
}

describe("git ignores what these rules ignore", () => {
  test("in trees with rules in any folder, info/exclude and core.excludesFile", () => {
    const cases = fc.record({
      global: file,
      exclude: file,
      root: file,
      folders: fc.noBias(fc.array(folder, { minLength: 1, maxLength: 150, size: "max" })),
      ignoreCase: fc.boolean(),
    });
    fc.assert(fc.property(cases, check), { numRuns: SLOW ? 40 : 6 });
  });
});
