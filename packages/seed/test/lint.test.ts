import { isReproError } from "@repro/core";
import type { ReproError } from "@repro/core";
import { assertNoSeedTraps, findSeedTraps } from "@repro/seed/lint";
import type { SeedTrap } from "@repro/seed/lint";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { loadParser } from "../src/lint/parser.ts";

const TF = 'import * as tf from "@tensorflow/tfjs";\n';

async function failureOf(run: Promise<unknown>): Promise<ReproError> {
  const error: unknown = await run.catch((reason: unknown) => reason);
  if (!isReproError(error)) throw new Error("it did not fail with a ReproError", { cause: error });
  return error;
}

async function placesOf(source: string, file?: string): Promise<readonly string[]> {
  const traps = await findSeedTraps(source, file === undefined ? {} : { file });
  return traps.map(({ rule, line, column }) => `${line}:${column} ${rule}`);
}

describe("findSeedTraps", () => {
  it("gives frozen findings in the order of the text, with all that is needed to act", async () => {
    const traps = await findSeedTraps(`${TF}tf.randomNormal([2]);\nconst x = 1, seed = Date.now();`, { file: "a.ts" });
    expect(traps).toEqual([
      {
        rule: "unseeded-tensor",
        severity: "warning",
        message: "tf.randomNormal has no seed",
        remedy: "give it a seed that is not 0, or fill it from a stream of @repro/seed",
        file: "a.ts",
        line: 2,
        column: 1,
      },
      {
        rule: "clock-seed",
        severity: "warning",
        message: "a seed that is read from a clock differs in every run",
        remedy: "take the seed from a setting that is recorded, such as REPRO_SEED",
        file: "a.ts",
        line: 3,
        column: 21,
      },
    ]);
    expect(Object.isFrozen(traps) && traps.every((trap) => Object.isFrozen(trap))).toBe(true);
  });

  it("counts lines by every line end, and columns in UTF-16 code units", async () => {
    expect(await placesOf("/* 😀 */ Math.random();\r\n  Math.random();\n\tMath.random();\u2028Math.random();")).toEqual(
      ["1:10", "2:3", "3:2", "4:1"].map((place) => `${place} math-random`),
    );
  });

  it.each([
    ["a.ts", "const x = <number>Math.random();"],
    ["a.mts", "enum A { B }\nconst f = <T>(x: T): T => x;\nMath.random();"],
    ["a.tsx", "const f = <T,>(x: T) => <p>{Math.random()}</p>;"],
    ["a.jsx", "const p = <p>{Math.random()}</p>;"],
    ["a.cjs", "#!/usr/bin/env node\nwith (a) { Math.random(); }\nreturn;"],
    ["a.mjs", "await Math.random();"],
    ["a.js", "// @flow\nconst x: number = Math.random();"],
    [undefined, "const x = <number>Math.random();"],
    [undefined, "const p = <p>{Math.random() as number}</p>;"],
    [
      "a.ts",
      "@dec() class A { @inject() accessor x = 1; constructor(@param() private y: number) { using z = Math.random(); } }",
    ],
    [
      "a.ts",
      "namespace N { export const x = Math.random(); }\nabstract class A { abstract f(): void; g?(): void; }\ndeclare const Math2: number;",
    ],
  ])("reads the syntax of %s: %s", async (file, source) => {
    expect((await placesOf(source, file)).filter((place) => place.endsWith("math-random"))).toHaveLength(1);
  });

  it("says where a text does not parse", async () => {
    const error = await failureOf(findSeedTraps("const a = 1;\nconst b = ;", { file: "b.ts" }));
    expect(error).toMatchObject({ code: "SEED_LINT_SYNTAX", data: { file: "b.ts", line: 2, column: 11 } });
    expect(error.message).not.toContain("\n");
  });

  it("names the package to install when there is no parser", async () => {
    const error = await failureOf(loadParser(() => Promise.reject(new Error("ERR_MODULE_NOT_FOUND"))));
    expect(error).toMatchObject({
      code: "SEED_LINT_PARSER_MISSING",
      remedy: expect.stringContaining("@babel/parser@7"),
    });
  });

  it("refuses what is no text", async () => {
    await expect(findSeedTraps(7 as unknown as string)).rejects.toThrow(TypeError);
    await expect(findSeedTraps("", { file: null as unknown as string })).rejects.toThrow(TypeError);
  });

  it("takes names that are no names for what they are", async () => {
    expect(
      await placesOf("__proto__.random(); constructor.seed = toString; ({ __proto__: { seed: hasOwnProperty } });"),
    ).toEqual([]);
    expect(
      await placesOf(`${TF}tf.layers.constructor({}); tf.toString(0, 0, 0); tf.layers.__proto__({ seed: 0 });`),
    ).toEqual(["2:78 ignored-seed"]);
  });
});

describe("findSeedTraps, hostile text", () => {
  it("fails with a typed error on parentheses deeper than any stack", async () => {
    expect(await failureOf(findSeedTraps("(".repeat(100_000)))).toMatchObject({ code: "SEED_LINT_SYNTAX" });
    expect(await failureOf(findSeedTraps(`${"[".repeat(50_000)}${"]".repeat(50_000)}`))).toMatchObject({
      code: "SEED_LINT_SYNTAX",
    });
  });

  it("walks chains that are deeper than any stack", async () => {
    expect(await placesOf(`Math.random()${".a".repeat(50_000)};`)).toEqual(["1:1 math-random"]);
    expect(await placesOf(`tf${".a()".repeat(5000)};`)).toEqual([]);
  });

  it("ends on names that are defined by themselves", async () => {
    const circles = [
      "const tf = tf; tf.randomNormal([2]);",
      "const a = b(1), b = a(1); a('x'); b('y');",
      "const { seed } = seed; f({ seed });",
    ];
    for (const circle of circles) await expect(findSeedTraps(circle)).resolves.toBeDefined();
    const chain = Array.from({ length: 2000 }, (_, index) => `const a${index} = a${index + 1};`).join("\n");
    await expect(findSeedTraps(`${chain}\nconst a2000 = Math;\na0.random();`)).resolves.toBeDefined();
  });

  it("only ever fails with typed errors, whatever the text", async () => {
    const words = fc.constantFrom(
      ..."tf Math random seed 0 7 ( ) { } [ ] => = . , ; : ? ! - + await async function class const let var for of in new import export from ' ` ${ } // /* */ \n < > @ # \\ sort shuffle fit ... require layers dropout".split(
        " ",
      ),
    );
    const soup = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join(" ")),
    );
    await fc.assert(
      fc.asyncProperty(soup, fc.constantFrom("a.ts", "a.js", "a.tsx", undefined), async (source, file) => {
        const outcome: unknown = await findSeedTraps(source, file === undefined ? {} : { file }).catch(
          (error: unknown) => error,
        );
        expect(Array.isArray(outcome) || isReproError(outcome, "SEED_LINT_SYNTAX")).toBe(true);
      }),
    );
  });
});

describe("laws of findSeedTraps", () => {
  /** Statements and the rule that each shows, with `T` for the name of tfjs. */
  const statements = [
    ["T.randomNormal([2], 0, 1, 'float32', 0);", "zero-seed"],
    ["T.layers.dropout({ rate: 0.5, seed: 7 });", "repeated-draws"],
    ["T.data.array(xs).shuffle(10);", "unseeded-shuffle"],
    ["T.initializers.heNormal();", "unseeded-initializer"],
    ["Math.random();", "math-random"],
    ["xs.sort(() => Math.random() - 0.5);", "random-comparator"],
    ["f({ seed: Date.now() });", "clock-seed"],
    ["f(1, 'Math.random()');", undefined],
  ] as const;
  const programs = fc.array(fc.constantFrom(...statements), { maxLength: 8 });
  const gaps = fc.constantFrom("", " ", "\n", "\n\n\t", "/* Math.random() */", "// seed: 0\n");

  it("comments, space and the name of the import change nothing but places", async () => {
    const imports = fc.constantFrom(
      ["T", 'import * as T from "@tensorflow/tfjs";'],
      ["tensors", 'import * as tensors from "@tensorflow/tfjs-node";'],
      ["$", 'const $ = require("@tensorflow/tfjs");'],
      ["tf", ""],
    );
    await fc.assert(
      fc.asyncProperty(
        programs,
        imports,
        fc.array(gaps, { minLength: 20, maxLength: 20 }),
        async (program, [name, load], space) => {
          const lines = program.map(
            ([text], index) =>
              `${space[index] ?? ""}${text.replace("T.", () => `${name}.`)}${space[index + 9] ?? ""}\n`,
          );
          const source = `${load ?? ""}\n${lines.join("")}`;
          const expected = program.flatMap(([, rule]) => rule ?? []);
          expect((await findSeedTraps(source)).map(({ rule }) => rule)).toEqual(expected);
        },
      ),
    );
  });

  it("each finding stands where its text stands", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(gaps, { minLength: 1, maxLength: 6 }), async (space) => {
        const source = `${space.join("")}Math.random();`;
        const [trap] = await findSeedTraps(source);
        const line = source.split("\n")[(trap?.line ?? 0) - 1];
        expect(line?.slice((trap?.column ?? 0) - 1)).toBe("Math.random();");
      }),
    );
  });

  it("a function that shadows the names has no findings", async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const body = program.map(([text]) => text.replace("T.", "other.")).join("\n");
        const traps = await findSeedTraps(`${TF}function f(Math, Date, other) {\n${body}\n}`);
        // These two are known by their looks: a comparator without parameters, a shuffle by a number in a file of tfjs.
        expect(traps.filter(({ rule }) => !/^(?:random-comparator|unseeded-shuffle)$/.test(rule))).toEqual([]);
      }),
    );
  });
});

describe("repro-seed-ignore", () => {
  it.each([
    "// repro-seed-ignore math-random: a game\nMath.random();",
    "Math.random(); // repro-seed-ignore math-random: a game",
    "/* repro-seed-ignore math-random: a game */ Math.random();",
    "// repro-seed-ignore math-random: a game\n// and another remark\nMath.random();",
    "// repro-seed-ignore math-random: a game\n// repro-seed-ignore clock-seed: a game\nf({ seed: Date.now() + Math.random() });",
    "// repro-seed-ignore math-random, clock-seed: a game\nf({ seed: Date.now() + Math.random() });",
    "/**\n * repro-seed-ignore math-random: a game\n */\nMath.random();".replace("/**\n *", "/*"),
    "<p>\n  {/* repro-seed-ignore math-random: a game */}\n{Math.random()}</p>;",
    "// repro-seed-ignore math-random: a game\r\nMath.random();",
  ])("suppresses %j", async (source) => {
    expect(await placesOf(source)).toEqual([]);
  });

  it.each([
    ["no reason", "// repro-seed-ignore math-random\nMath.random();", ["1:1 suppression", "2:1 math-random"]],
    ["an empty reason", "// repro-seed-ignore math-random: \nMath.random();", ["1:1 suppression", "2:1 math-random"]],
    ["another rule", "// repro-seed-ignore clock-seed: x\nMath.random();", ["1:1 suppression", "2:1 math-random"]],
    ["a line between", "// repro-seed-ignore math-random: x\n\nMath.random();", ["1:1 suppression", "3:1 math-random"]],
    [
      "other code before it",
      "f(); // repro-seed-ignore math-random: x\nMath.random();",
      ["1:6 suppression", "2:1 math-random"],
    ],
    ["one of two rules unused", "Math.random(); // repro-seed-ignore math-random, clock-seed: x", ["1:16 suppression"]],
  ])("reports one with %s", async (_title, source, places) => {
    expect(await placesOf(source)).toEqual(places);
  });
});

describe("assertNoSeedTraps", () => {
  const of = async (source: string): Promise<readonly SeedTrap[]> => findSeedTraps(source, { file: "a.ts" });

  it("throws the first finding that is severe enough, and carries all", async () => {
    const traps = await of("Math.random();\nxs.sort(() => Math.random() - 0.5);");
    const error = await failureOf((async () => assertNoSeedTraps(traps))());
    expect(error).toMatchObject({ code: "SEED_LINT_TRAPS", data: { count: 2, traps } });
    expect(error.message).toMatch(
      /^assertNoSeedTraps: a\.ts:1:1: Math\.random has no seed \(math-random\), and 1 more$/,
    );
    const severe = await failureOf((async () => assertNoSeedTraps(traps, { atLeast: "error" }))());
    expect(severe.data).toMatchObject({ count: 1, traps: [{ rule: "random-comparator" }] });
  });

  it("lets milder ones pass, information unless asked", async () => {
    const traps = await of("names.sort((a, b) => a.localeCompare(b));");
    expect(traps.map(({ severity }) => severity)).toEqual(["info"]);
    expect(() => assertNoSeedTraps(traps)).not.toThrow();
    expect(() => assertNoSeedTraps(traps, { atLeast: "info" })).toThrow(/locale-order/);
    expect(() => assertNoSeedTraps([])).not.toThrow();
  });

  it("refuses a severity that there is not", () => {
    expect(() => assertNoSeedTraps([], { atLeast: "fatal" as "error" })).toThrow(RangeError);
  });
});
