import { execFileSync } from "node:child_process";
import { readFileSync, existsSync, lstatSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { ROOT } from "../src/workspace.ts";

const MAX_FILE_BYTES = 1_000_000;
/** Written in pieces, so that this file does not match itself. */
const MACHINE_PATH = new RegExp(String.raw`(?:^|[^\w.-])/(?:${["work", "farm", "root", "home"].join("|")})/[\w.]`);
/** Hosts that packages are fetched from, other than the names that RFC 2606 sets aside for examples. */
const REGISTRY_HOST =
  /https?:\/\/(?:registry|files|deb|proxy|index|static|repo\d?|[a-z]*pypi[a-z]*)\.(?!example\b|(?:[a-z-]+\.)*(?:example|invalid|test)\b)[a-z.-]+/;

/** What git keeps, and what it would keep: the files that are not ignored. */
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT })
  .toString("utf8")
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)) && lstatSync(join(ROOT, path)).isFile());

test("the repository has files", () => {
  expect(files).toContain("package.json");
});

test("no file names a folder of the machine it was written on, or the host of a registry", () => {
  expect(files.flatMap((path) => linesMatching(path, MACHINE_PATH))).toEqual([]);
  expect(files.flatMap((path) => linesMatching(path, REGISTRY_HOST))).toEqual([]);
});

test("no file is large enough to be a model or a data set", () => {
  expect(files.filter((path) => lstatSync(join(ROOT, path)).size > MAX_FILE_BYTES)).toEqual([]);
});

test.each([
  [["see ", "work", "main"].join("/"), MACHINE_PATH],
  [['"', "root", ".cache"].join("/"), MACHINE_PATH],
  [["https://registry", "npmjs", "org/zod"].join("."), REGISTRY_HOST],
])("what is looked for is found: %s", (text, pattern) => {
  expect(text).toMatch(pattern);
});

test.each([
  ["packages/work/main", MACHINE_PATH],
  ["https://registry.example/zod", REGISTRY_HOST],
  ["https://registry.npmjs.example/zod", REGISTRY_HOST],
])("what only resembles it is not: %s", (text, pattern) => {
  expect(text).not.toMatch(pattern);
});

function linesMatching(path: string, pattern: RegExp): readonly string[] {
  const bytes = readFileSync(join(ROOT, path));
  if (bytes.includes(0)) return []; // binary
  const lines = bytes.toString("utf8").split("\n");
  return lines.flatMap((line, index) =>
    pattern.test(line) ? `${path}:${index + 1}: ${line.trim().slice(0, 120)}` : [],
  );
}
