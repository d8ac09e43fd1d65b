import { expect, it } from "vitest";

import { isReproError, parseState } from "@repro/core";
import type { CheckedBy } from "@repro/core";

/** A schema written by hand: Standard Schema needs no library. */
const positive: CheckedBy<number> = {
  "~standard": {
    validate: (value) =>
      typeof value === "number" && value > 0
        ? { value }
        : { issues: [{ message: "must be positive", path: ["a/b", { key: 0 }] }, { message: "and more" }] },
  },
};

it("returns what the schema accepts", () => {
  expect(parseState(positive, 2, { what: "a state" })).toBe(2);
});

it("names every fault by its pointer", () => {
  let thrown: unknown;
  try {
    parseState(positive, -2, { what: "a state", code: "OTHER_INVALID" });
  } catch (error) {
    thrown = error;
  }
  if (!isReproError(thrown)) throw new Error("no ReproError");
  expect(thrown.code).toBe("OTHER_INVALID");
  expect(thrown.message).toContain("/a~1b/0");
  expect(thrown.data["issues"]).toEqual([
    { path: "/a~1b/0", message: "must be positive" },
    { path: "", message: "and more" },
  ]);
});

it("refuses a schema that answers later", () => {
  const late: CheckedBy<number> = { "~standard": { validate: async () => ({ value: 1 }) } };
  expect(() => parseState(late, 1, { what: "a state" })).toThrow(TypeError);
});
