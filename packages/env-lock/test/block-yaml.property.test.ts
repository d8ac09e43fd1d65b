import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { readBlockYaml } from "../src/pnpm/block-yaml.ts";
import { PNPM_LOCK } from "./fixture.ts";

function reference(text: string): unknown {
  try {
    return parse(text, { schema: "failsafe", mapAsMap: true, logLevel: "silent" });
  } catch {
    return "refused";
  }
}

const key = fc.oneof(
  fc.constantFrom("a@1.0.0", "@s/b@2.0.0(a@1.0.0)", "x@file:../x.tgz", ".", "packages/w", "it's", "__proto__"),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const scalar = fc.oneof(
  fc.constantFrom(
    "9.0",
    "^1.2",
    ">=18",
    "*",
    "link:../..",
    "a: b",
    "x #y",
    "true",
    "- z",
    "it's",
    "two\nlines",
    "two\n\nlines",
    "",
  ),
  fc.string(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ maxDepth: 4 }, scalar, fc.array(scalar, { maxLength: 3 }), tie("tree"))),
}));

describe("the fast YAML reader", () => {
  test("agrees with yaml on every text that it does not leave to it", () => {
    const style = fc.constantFrom("BLOCK_LITERAL", "PLAIN", "QUOTE_SINGLE");
    const run = fc.property(tree, style, fc.boolean(), (value, style, flow) => {
      const text = stringify(value, {
        defaultStringType: style as "PLAIN",
        lineWidth: 0,
        singleQuote: true,
        collectionStyle: flow ? "flow" : "block",
      });
      const read = readBlockYaml(text);
      if (read !== undefined) expect(read).toEqual(reference(text));
    });
    fc.assert(run, { numRuns: 500 });
  });

  test("agrees with yaml on a lockfile with lines deleted, doubled or indented, or leaves it", () => {
    const rows = PNPM_LOCK.split("\n");
    const edit = fc.tuple(
      fc.nat(rows.length - 1),
      fc.constantFrom("delete", "double", "indent", "dedent", "dash", "colon"),
    );
    const run = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce(edited, rows).join("\n");
      const read = readBlockYaml(text);
      if (read !== undefined) expect(read).toEqual(reference(text));
    });
    fc.assert(run, { numRuns: 500 });
  });

  test("reads the lockfile of this repository, which pnpm wrote, like yaml", () => {
    const text = readFileSync(new URL("../../../pnpm-lock.yaml", import.meta.url), "utf8");
    const read = readBlockYaml(text);
    expect(read).toBeInstanceOf(Map);
    expect(read).toEqual(reference(text));
  });

  test.each([
    "a: |-\n  one\n  two\nb: 1\n",
    "a:\n  - x\n  - 'y: z'\n",
    "a: {b: 'x, y', c: d}\n",
    "a: [x, 'y']\n",
    "a:\n\n  b: c\n",
  ])("reads %j itself", (text) => {
    expect(readBlockYaml(text)).toEqual(reference(text));
    expect(readBlockYaml(text)).not.toBeUndefined();
  });

  test.each([
    "a: &x b\nc: *x\n",
    "? a\n: b\n",
    "a: >-\n  b\n",
    'a: "b"\n',
    "a: b # c\n",
    "a: {b: {c: d}}\n",
    "a:\n",
    "\ta: b\n",
    "a: b\r\n",
  ])("leaves %j to yaml", (text) => {
    expect(readBlockYaml(text)).toBeUndefined();
  });
});

function edited(rows: readonly string[], [at, how]: readonly [number, string]): string[] {
  const row = rows[at] ?? "";
  const changed: Record<string, string[]> = {
    delete: [],
    double: [row, row],
    indent: [`  ${row}`],
    dedent: [row.slice(1)],
    dash: [`- ${row.trim()}`],
    colon: [`${row}:`],
  };
  return [...rows.slice(0, at), ...(changed[how] ?? []), ...rows.slice(at + 1)];
}
