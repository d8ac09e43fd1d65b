import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ROOT, publishedPackages } from "../src/workspace.ts";
import { createSandbox } from "./docs/sandbox.ts";
import { snippetsOf } from "./docs/snippet.ts";
import type { Snippet } from "./docs/snippet.ts";
import { typeErrorsOf } from "./docs/types.ts";

const documents = [
  join(ROOT, "README.md"),
  ...filesBelow(join(ROOT, "docs/guide"), ".md"),
  ...publishedPackages().flatMap(({ path }) => [join(path, "README.md"), ...filesBelow(join(path, "src"), ".ts")]),
].filter((path) => existsSync(path));

const snippets = documents.flatMap((path) => snippetsOf(path));
const sandbox = createSandbox();
const written = new Map<Snippet, string>();
let typeErrors: ReadonlyMap<string, readonly string[]> = new Map();

beforeAll(() => {
  for (const snippet of snippets) {
    try {
      written.set(snippet, sandbox.write(snippet));
    } catch {
      // Its own test writes it again, and fails with what is wrong.
    }
  }
  typeErrors = typeErrorsOf([...written.values()]);
});

afterAll(() => {
  sandbox.dispose();
});

test("the documentation has blocks to run", () => {
  expect(snippets.length).toBeGreaterThan(0);
});

test.each(snippets.map((snippet) => [nameOf(snippet), snippet] as const))("%s", async (_, snippet) => {
  const path = written.get(snippet) ?? sandbox.write(snippet);
  await sandbox.run(path);
  expect(typeErrors.get(path)).toEqual([]);
});

function nameOf({ file, line }: Snippet): string {
  return `${relative(ROOT, file)}:${line}`;
}

function filesBelow(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted((a, b) => (a < b ? -1 : 1));
}
