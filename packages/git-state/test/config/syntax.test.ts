import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConfigValue } from "../../src/config/syntax.ts";
import { parseConfig } from "../../src/config/syntax.ts";
import { fixedEnv } from "../fixture.ts";
import { SLOW, bytesOf } from "../rules/batch.ts";
import { thrown } from "./thrown.ts";

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "git-state-config-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What git reads of a file; `null` when it refuses it. */
function peer(text: string): readonly ConfigValue[] | null {
  writeFileSync(join(folder, "config"), bytesOf(text));
  const args = ["config", "--file", join(folder, "config"), "--list", "-z"];
  const { status, stdout } = spawnSync("git", args, { cwd: folder, env: fixedEnv(), encoding: "utf8" });
  if (status !== 0) return null;
  return stdout
    .split("\0")
    .slice(0, -1)
    .map((item) => {
      const end = item.indexOf("\n");
      return end === -1 ? { name: item, value: "true" } : { name: item.slice(0, end), value: item.slice(end + 1) };
    });
}

function ours(text: string): readonly ConfigValue[] | null {
  try {
    return parseConfig(bytesOf(text), { file: "c" });
  } catch (error) {
    if (isReproError(error, "GIT_UNREADABLE")) return null;
    throw error;
  }
}

/** Git before 2.45 makes a space of every blank inside a value, where later ones keep it. */
function spaced(values: readonly ConfigValue[] | null): readonly ConfigValue[] | null {
  return values?.map(({ name, value }) => ({ name, value: value.replace(/[\t\r]/g, " ") })) ?? null;
}

const header = fc.oneof(
  fc.constantFrom(
    "[a]",
    "[A-b.9]",
    '[a "B"]',
    '[remote "x\\"y\\\\z\\q"]',
    "[a.B.c]",
    '[a\t "é ]"]',
    '[a "#;"]',
    "[a ]",
  ),
  fc.constantFrom(
    "[a",
    "[]",
    '[a""]',
    '[a "b" ]',
    '[a "b',
    '[a "b\\',
    "[é]",
    '[a "\u00ff"]',
    "[a\r\n]",
    '[.a ""]',
    "[-]",
    "]",
  ),
);
const piece = fc.oneof(
  fc.constantFrom(
    ...'ab=#;"\\ \t[]'.split(""),
    "\\n",
    "\\t",
    "\\b",
    "\\\\",
    '\\"',
    "\\\n",
    "\\\r\n",
    "\\x",
    '"a b"',
    '" # "',
  ),
  fc.constantFrom("\r", "\v", "\f", "\u00ff", "\u00c3\u00a9", "  ", "true", " a ", "\\", "\n"),
);
const value = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const name = fc.constantFrom("x", "Some-Name9", "9x", "x_y", "x.y", "-x", "x y", "", "é", "X");
const line = fc.oneof(
  { arbitrary: header, weight: 3 },
  {
    arbitrary: fc.tuple(header, fc.constantFrom("", " ", "\t"), name, value).map(([h, b, n, v]) => `${h}${b}${n}=${v}`),
    weight: 2,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom("", "  ", "\t"), name, fc.constantFrom("=", " = ", "\t=\t", ""), value)
      .map((all) => all.join("")),
    weight: 6,
  },
  {
    arbitrary: fc.tuple(fc.constantFrom("#", ";", " # ", "\v", "\f", "\r", ""), value).map((all) => all.join("")),
    weight: 2,
  },
);
const goodLine = fc.oneof(
  fc.constantFrom(
    "[a]",
    '[b "C\\"d"]',
    "[E.F]",
    "[g]h=i",
    "# c",
    '; "',
    "",
    "  j",
    "K = l # m",
    'n = "o # p"; q',
    "r = s\\\n  t",
    "u=v  w\t",
    'x=" y "',
    'z=\\n\\t\\\\\\"',
    '[a "d"] b',
    "e = \r",
  ),
);
const fileOf = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("", "", "", "\u00ef\u00bb\u00bf", "\u00ef\u00bb", "\n"),
      fc.constantFrom("[s]\n", "[s]\n", ""),
      fc.array(fc.tuple(one, fc.constantFrom("\n", "\n", "\n", "\r\n")), { maxLength: 6 }),
      fc.constantFrom("", "", "", "\\", "\r", "y"),
    )
    .map(([mark, first, lines, end]) => mark + first + lines.flat().join("") + end);

describe("git reads in a configuration file what is read here, and refuses what is refused here", () => {
  test("in files with few mistakes", () => {
    let read = 0;
    fc.assert(
      fc.property(fileOf(goodLine), (text) => {
        const expected = peer(text);
        if (expected !== null && expected.length > 1) read += 1;
        expect(spaced(ours(text))).toEqual(spaced(expected));
      }),
      { numRuns: SLOW ? 5000 : 200 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test("in files with many mistakes", () => {
    fc.assert(
      fc.property(fileOf(line), (text) => {
        expect(spaced(ours(text))).toEqual(spaced(peer(text)));
      }),
      { numRuns: SLOW ? 10_000 : 300 },
    );
  });
});

describe("a configuration file", () => {
  test("keeps tabs inside a value, as later versions of git do", () => {
    expect(ours("[a]\nb = c\td \t# e")).toEqual([{ name: "a.b", value: "c\td" }]);
  });

  test("with a NUL byte is refused, where git reads a part of it", () => {
    expect(ours("[a]\nb = c\0d\n")).toBeNull();
    expect(peer("[a]\nb = c\0d\n")).toEqual([{ name: "a.b", value: "c" }]);
  });

  test("that is wrong gives the file and the line, and nothing of what stands there", () => {
    const secret = "hunter22";
    for (const wrong of [
      `x = "${secret}\n`,
      `${secret} is not one\n`,
      `[${secret}\n`,
      `x = ${secret}\\q\n`,
      `x = \0${secret}`,
    ]) {
      const error = thrown(() => parseConfig(bytesOf(`[a]\n\n# c\n${wrong}`), { file: "the/file" }));
      expect(error).toMatchObject({ code: "GIT_UNREADABLE", data: { file: "the/file", line: 4 } });
      expect(error.message).toContain('"the/file"');
      expect(error.message).toMatch(/in line 4$/);
      expect(JSON.stringify([error.message, error.remedy, error.data, String(error.cause)])).not.toContain(secret);
    }
  });

  test("of many megabytes is read in one go", () => {
    const blanks = `${" \t".repeat(1 << 20)}${"# comment\n".repeat(1 << 18)}`;
    const long = "v".repeat(1 << 21);
    expect(ours(`${blanks}[a "${long}"]\n${blanks}b = ${long}\n${blanks}`)).toEqual([
      { name: `a.${long}.b`, value: long },
    ]);
  });
});
