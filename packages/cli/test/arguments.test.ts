import { describe, expect, it } from "vitest";

import { isReproError } from "@repro/core";

import { parseCommandLine } from "../src/arguments.ts";

function usageOf(argv: readonly string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (isReproError(error, "CLI_USAGE")) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

it("reads everything that run takes, and leaves the program's own options alone", () => {
  expect(
    parseCommandLine([
      ..."run --seed 0 --guard redirect --data a=x=y.csv --data b=z --output m=out --allow-dirty --json".split(" "),
      ..."-- node --json train.mjs -- --seed 1".split(" "),
    ]),
  ).toEqual({
    command: "run",
    argv: ["node", "--json", "train.mjs", "--", "--seed", "1"],
    seed: "0",
    guard: "redirect",
    data: { a: "x=y.csv", b: "z" },
    outputs: { m: "out" },
    allowDirty: true,
    json: true,
  });
});

it("takes no outputs for: whatever the program writes", () => {
  expect(parseCommandLine(["run", "--", "node"])).toMatchObject({ outputs: undefined, seed: undefined, data: {} });
});

it("takes names of data that objects have by themselves", () => {
  expect(parseCommandLine(["run", "--data", "constructor=a", "--", "node"])).toMatchObject({
    data: { constructor: "a" },
  });
});

describe("refuses", () => {
  it.each([
    [["fly"], 'there is no command "fly"'],
    [["run"], "behind --"],
    [["run", "--"], "behind --"],
    [["run", "node", "train.mjs"], "behind --"],
    [["run", "--sead", "1", "--", "node"], "--sead"],
    [["run", "--data", "a", "--", "node"], "NAME=PATH"],
    [["run", "--data", "a=", "--", "node"], "NAME=PATH"],
    [["run", "--data", "../a=b", "--", "node"], "NAME=PATH"],
    [["run", "--data", "a=b", "--data", "a=c", "--", "node"], "twice"],
    [["replay"], "one run"],
    [["diff", "a"], "2 runs"],
    [["show", "a", "b"], "one run"],
  ])("%j", (argv, message) => {
    expect(usageOf(argv)).toContain(message);
  });
});

it.each([[[]], [["--help"]], [["help"]], [["run", "--help"]]])("shows help for %j", (argv) => {
  expect(parseCommandLine(argv)).toEqual({ command: "help" });
});
