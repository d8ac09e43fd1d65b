import { expect, it } from "vitest";

import { isReproError, ReproError } from "@repro/core";

it("carries code, remedy, data and cause", () => {
  const cause = new Error("below");
  const error = new ReproError("f: it failed", { code: "AREA_WHAT", remedy: "do this", data: { path: "a" }, cause });
  expect(error).toMatchObject({ name: "ReproError", code: "AREA_WHAT", remedy: "do this", data: { path: "a" }, cause });
  expect(error).toBeInstanceOf(Error);
});

it("is recognised across copies of the package, by code", () => {
  const copy = Object.assign(new Error("from another copy"), {
    [Symbol.for("@repro/core/ReproError")]: true,
    code: "AREA_WHAT",
  });
  expect(isReproError(copy)).toBe(true);
  expect(isReproError(copy, "AREA_WHAT")).toBe(true);
  expect(isReproError(copy, "AREA_OTHER")).toBe(false);
});

it.each([null, undefined, 1, "AREA_WHAT", new Error("x"), { code: "AREA_WHAT" }])(
  "does not take %s for one",
  (value) => {
    expect(isReproError(value)).toBe(false);
  },
);
