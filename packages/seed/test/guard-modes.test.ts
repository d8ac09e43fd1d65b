import { isDeepStrictEqual } from "node:util";

import { isReproError } from "@repro/core";
import { createSeed, createSeedLedger, withSeed } from "@repro/seed";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { GuardState } from "../src/guard/guard.ts";
import { GUARD_MODES, checkGuard, checkOptions, parseGuard, writeGuard } from "../src/guard/guard.ts";

const states: fc.Arbitrary<GuardState> = fc
  .record({
    random: fc.constantFrom("none", ...GUARD_MODES.random),
    crypto: fc.constantFrom("none", ...GUARD_MODES.crypto),
    clock: fc.constantFrom("none", ...GUARD_MODES.clock),
    time: fc.oneof(fc.constantFrom(0, 8.64e15, -8.64e15), fc.integer({ min: -8.64e15, max: 8.64e15 })),
  })
  .map(({ time, ...modes }) => ({ ...modes, frozenAt: modes.clock === "freeze" ? time : null }));

describe("REPRO_GUARD", () => {
  it("means what was written, for every state", () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(parseGuard(writeGuard(state))).toEqual(state);
      }),
    );
  });

  it("is written in one way for each state", () => {
    fc.assert(
      fc.property(states, states, (a, b) => {
        expect(writeGuard(a) === writeGuard(b)).toBe(isDeepStrictEqual(a, b));
      }),
    );
  });

  it.each<[string | undefined, Partial<GuardState>]>([
    [undefined, { random: "record", crypto: "none", clock: "none", frozenAt: null }],
    ["record", { random: "record" }],
    ["none", { random: "none" }],
    ["redirect", { random: "redirect", crypto: "none" }],
    ["random=redirect", { random: "redirect" }],
    ["clock=freeze", { random: "record", clock: "freeze", frozenAt: 0 }],
    ["clock=freeze@-1,random=none,crypto=throw", { random: "none", crypto: "throw", clock: "freeze", frozenAt: -1 }],
  ])("%j is %j", (text, state) => {
    expect(parseGuard(text)).toMatchObject(state);
  });

  it.each([
    ["", '"random" must be redirect, throw, record or none, got ""'],
    ["off", 'got "off"'],
    ["Redirect", 'got "Redirect"'],
    ["random=freeze", '"random" must be redirect, throw, record or none, got "freeze"'],
    ["crypto=redirect", '"crypto" must be throw, record or none, got "redirect"'],
    ["clock=redirect", '"clock" must be freeze, throw, record or none, got "redirect"'],
    ["random=throw,", 'SOURCE=MODE, got ""'],
    ["random=throw, crypto=throw", 'got " crypto"'],
    ["random=throw;crypto=throw", "SOURCE=MODE"],
    ["random=throw,random=record", '"random" is named twice'],
    ["time=freeze", 'a source must be random, crypto or clock, got "time"'],
    ["__proto__=throw", 'got "__proto__"'],
    ["clock=throw@5", "a time is for clock=freeze only"],
    ["clock=freeze@", "must be an integer"],
    ["clock=freeze@1.5", "must be an integer"],
    ["clock=freeze@-0", "must be an integer"],
    ["clock=freeze@8640000000000001", "must be an integer"],
    ["clock=freeze@1e3", "must be an integer"],
    ["clock=freeze@1@2", "must be an integer"],
  ])("%j is refused, by the environment and by a program", (text, says) => {
    const refused = (): GuardState => parseGuard(text);
    expect(refused).toThrow(says);
    try {
      refused();
    } catch (error) {
      expect(isReproError(error, "SEED_GUARD_INVALID") && error.data["got"]).toBe(text);
    }
    expect(() => checkGuard("seedLayer", text)).toThrow(RangeError);
    expect(() => checkGuard("seedLayer", text)).toThrow(says);
  });

  it("answers anything else with a typed error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z=,@0-9-]{0,40}$/)), (text) => {
        try {
          expect(parseGuard(writeGuard(parseGuard(text)))).toEqual(parseGuard(text));
        } catch (error) {
          expect(isReproError(error, "SEED_GUARD_INVALID")).toBe(true);
        }
      }),
    );
  });
});

describe("options", () => {
  it("leave a source alone that they leave out", () => {
    expect(checkOptions("f", {})).toEqual({ random: "none", crypto: "none", clock: "none", frozenAt: null });
    expect(checkOptions("f", { clock: "freeze" })).toMatchObject({ clock: "freeze", frozenAt: 0 });
    expect(checkOptions("f", { clock: "freeze", frozenAt: -0 })).toMatchObject({ frozenAt: 0 });
  });

  it.each([
    [{ random: "freeze" }, TypeError, '"random"'],
    [{ random: null }, TypeError, '"random"'],
    [{ crypto: "redirect" }, TypeError, '"crypto"'],
    [{ clock: 1 }, TypeError, '"clock"'],
    [{ frozenAt: 5 }, TypeError, 'clock: "none"'],
    [{ clock: "throw", frozenAt: 5 }, TypeError, 'clock: "throw"'],
    [{ clock: "freeze", frozenAt: "5" }, TypeError, "a number, got string"],
    [{ clock: "freeze", frozenAt: Number.NaN }, RangeError, "got NaN"],
    [{ clock: "freeze", frozenAt: 0.5 }, RangeError, "got 0.5"],
    [{ clock: "freeze", frozenAt: 8.64e15 + 2 }, RangeError, "in [-8.64e15, 8.64e15]"],
  ])("%j are refused before any work", async (options, type, says) => {
    let ran = false;
    const error: unknown = await withSeed(createSeed(0), options as never, () => (ran = true)).catch((e: unknown) => e);
    expect([ran, error]).toEqual([false, expect.any(type)]);
    expect(String(error)).toContain(says);
  });

  it.each(["random", "crypto", "clock"])("need a ledger to record %s into", async (kind) => {
    const options = { [kind]: "record" };
    await expect(withSeed(createSeed(0), options, () => 1)).rejects.toThrow(TypeError);
    expect(await withSeed(createSeed(0, { ledger: createSeedLedger() }), options, () => 1)).toBe(1);
  });
});
