import { runInThisContext } from "node:vm";

import { describe, expect, test } from "vitest";

import { withClaims } from "./claim.ts";
import { same, throwsCode } from "./outcome.ts";

/** Runs what {@link withClaims} made, without imports. */
async function run(code: string): Promise<void> {
  const body = runInThisContext(`(async (__same, __throws) => {\n${withClaims(code)}\n})`) as Body;
  await body(same, throwsCode);
}

type Body = (__same: typeof same, __throws: typeof throwsCode) => Promise<void>;

describe("a claim that holds passes", () => {
  test.each([
    "1 + 1; // => 2",
    "[{ a: 1 }].map((x) => x.a) // => [1]",
    "1 + 1;\n// => 2",
    "await Promise.resolve(null); // => null",
    "({\n  a: 1,\n}); // => { a: 1 }",
    "const x = 3; // => 3\nx; // => 3",
    "for (const x of [1, 1]) {\n  x; // => 1\n}",
    '"// a text"; // => "// a text"',
    "null.x; // => throws TypeError",
    'Promise.reject(Object.assign(new Error(), { code: "MADE_UP" })); // => throws MADE_UP',
    "[1].map(() => {\n  2; // => 2\n  return 3;\n}); // => [3]",
    "new Uint8Array([1]); // => Uint8Array.of(1)",
  ])("%s", async (code) => {
    await expect(run(code)).resolves.toBeUndefined();
  });
});

describe("a claim that does not hold fails", () => {
  test.each([
    "1 + 1; // => 3",
    "const x = 3; // => 4",
    "1 + 1;\n// => 3\n2;",
    "({ a: 1 }); // => { a: 1, b: 2 }",
    "[1].map(() => {\n  2; // => 1\n  return 3;\n}); // => [3]",
    "1; // => throws TypeError",
    'Promise.reject(Object.assign(new Error(), { code: "MADE_UP" })); // => throws ANOTHER',
    "new Uint8Array([1]); // => [1]",
  ])("%s", async (code) => {
    await expect(run(code)).rejects.toThrow(/expected/);
  });
});

describe("a claim that would check nothing is refused", () => {
  test.each([
    ["// => 1", /follow no expression/],
    ["if (true) {} // => 1", /follow no expression/],
    ["1;\n\n// => 1", /follow no expression/],
    ["const x = 1, y = 2; // => 2", /declaration of one variable/],
    ["1; // => about one", /must be a JavaScript value/],
    ['1; // => "sha256:…', /must be a JavaScript value/],
  ])("%s", (code, message) => {
    expect(() => withClaims(code)).toThrow(message);
  });
});

test("lines stay where they are", () => {
  const code = "({\n  a: 1,\n}); // => { a: 1 }\nconst b = 2; // => 2\nthrow b;";
  expect(withClaims(code).split("\n").length).toBe(code.split("\n").length);
  expect(withClaims(code).split("\n")[4]).toBe("throw b;");
});
