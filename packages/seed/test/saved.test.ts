import { hashBytes, isReproError } from "@repro/core";
import {
  createCounterStream,
  createSeed,
  createSeedLedger,
  createStream,
  deriveSeed,
  fillNormal,
  normal,
  restoreStream,
  saveStream,
  streamStateSchema,
} from "@repro/seed";
import type { Stream, StreamState } from "@repro/seed";
import fc from "fast-check";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isReproError(error)) return error.code;
    throw error;
  }
  return "nothing was thrown";
}

const throughJson = (state: StreamState): unknown => JSON.parse(JSON.stringify(state));
const seed = createSeed(42);
const kinds = [
  ["sequential", createStream],
  ["counter", createCounterStream],
] as const;

describe.each(kinds)("a saved %s stream", (_kind, open) => {
  it("goes on where it stood, after any draws, scalar or bulk", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (words, normals) => {
        const rng = open(seed, "a", 1);
        for (let index = 0; index < words; index += 1) rng.next();
        fillNormal(rng, new Float64Array(normals));
        const restored = restoreStream(createSeed(42), throughJson(saveStream(rng)));
        expect([restored.draws, restored.path, restored.engine]).toEqual([rng.draws, rng.path, rng.engine]);
        expect([restored.next(), normal(restored)]).toEqual([rng.next(), normal(rng)]);
      }),
    );
  });

  it("is found from a seed on the way to it", () => {
    const rng = open(seed, "a", "b");
    rng.next();
    const state = saveStream(rng);
    const restored = restoreStream(deriveSeed(seed, "a"), state);
    expect(restored.path).toEqual(["a", "b"]);
    expect(restored.next()).toBe(rng.next());
  });

  it("is not taken for one of another seed, path or engine", () => {
    const state = saveStream(open(seed, "a"));
    const other = state.engine === "xoroshiro128plus@1" ? createCounterStream : createStream;
    const code = (from: unknown, below = seed): string => codeOf(() => restoreStream(below, from));
    expect(code(state, createSeed(43))).toBe("SEED_STATE_MISMATCH");
    expect(code({ ...state, path: ["b"] })).toBe("SEED_STATE_MISMATCH");
    expect(code({ ...state, path: [] })).toBe("SEED_STATE_MISMATCH");
    expect(code(state, deriveSeed(seed, "b"))).toBe("SEED_STATE_MISMATCH");
    expect(code({ ...state, engine: saveStream(other(seed, "a")).engine })).toBe("LAYER_STATE_INVALID");
  });

  it("counts on in the ledger, with the head of its first words", () => {
    const rng = open(seed, "a");
    const first = Int32Array.from({ length: 10 }, () => rng.next());
    const ledger = createSeedLedger();
    const counted = createSeed(42, { ledger });
    restoreStream(counted, saveStream(rng)).next();
    expect(ledger.streams()).toMatchObject([{ draws: 11, head: hashBytes(new Uint8Array(first.buffer, 0, 32)) }]);
    expect(codeOf(() => open(counted, "a"))).toBe("SEED_PATH_REUSED");
  });

  it.each<[string, (state: StreamState) => unknown]>([
    ["nothing", () => undefined],
    ["text", (state) => JSON.stringify(state)],
    ["another version", (state) => ({ ...state, schema: "repro/seed-stream/v2" })],
    ["another engine", (state) => ({ ...state, engine: "mt19937" })],
    ["a later version of the engine", (state) => ({ ...state, engine: state.engine.replace("@1", "@2") })],
    ["too few words", (state) => ({ ...state, state: state.state.slice(1) })],
    ["too many words", (state) => ({ ...state, state: [...state.state, 1] })],
    ["a word of 33 bits", (state) => ({ ...state, state: [2 ** 32, ...state.state.slice(1)] })],
    ["no state at all", (state) => ({ ...state, state: state.state.map(() => 0) })],
    ["negative draws", (state) => ({ ...state, draws: -1 })],
    ["a path of fractions", (state) => ({ ...state, path: [0.5] })],
    ["something more", (state) => ({ ...state, more: 1 })],
  ])("refuses %s", (_what, change) => {
    expect(codeOf(() => restoreStream(seed, change(saveStream(open(seed, "a")))))).toBe("LAYER_STATE_INVALID");
  });

  it("is JSON that its schema describes, frozen", () => {
    const state = saveStream(open(seed, "a"));
    expect(streamStateSchema.parse(throughJson(state))).toEqual(state);
    expect(Object.isFrozen(state) && Object.isFrozen(state.state)).toBe(true);
  });
});

describe("a saved counter stream", () => {
  it("keeps places beyond 2^32", () => {
    const far = createCounterStream(seed, "a").at(2 ** 40 + 3);
    expect(restoreStream(seed, saveStream(far)).next()).toBe(far.next());
  });

  it("is refused when its words are not those of the key, or its place is none", () => {
    const state = saveStream(createCounterStream(seed, "a"));
    const changed = (index: number, word: number): unknown => ({ ...state, state: state.state.with(index, word) });
    for (const [index, word] of [
      [0, 1],
      [3, 1],
      [4, -1],
      [4, 2 ** 30],
    ] as const) {
      expect(codeOf(() => restoreStream(seed, changed(index, word)))).toBe("SEED_STATE_MISMATCH");
    }
  });
});

it("a generator of pure-rand cannot be saved: it has no path", () => {
  expect(() => saveStream(xoroshiro128plus(1) as unknown as Stream)).toThrow(TypeError);
});

it("the layout changes only in a major", () => {
  expect(saveStream(createCounterStream(seed, "a", 1).at(5))).toEqual({
    schema: "repro/seed-stream/v1",
    path: ["a", 1],
    engine: "philox4x32-10@1",
    keyDigest: saveStream(createStream(seed, "a", 1)).keyDigest,
    state: [...createCounterStream(seed, "a", 1).getState().slice(0, 4), 0, 5],
    draws: 0,
  });
  expect(saveStream(createStream(seed, "a", 1))).toMatchInlineSnapshot(`
    {
      "draws": 0,
      "engine": "xoroshiro128plus@1",
      "keyDigest": "sha256:47a3107404add19fcb0b2f3e76f6c4b2dab4a0ba3822d82243eeb3825a15edcf",
      "path": [
        "a",
        1,
      ],
      "schema": "repro/seed-stream/v1",
      "state": [
        1951564741,
        -1511070241,
        -256035256,
        -1082206383,
      ],
    }
  `);
});
