import {
  bool,
  createSeed,
  createStream,
  epochOrder,
  seedLayer,
  shuffle,
  stratifiedSplit,
  uniform,
  uniformFloat32,
} from "@repro/seed";
import type { Stream } from "@repro/seed";
import { describe, expect, it } from "vitest";

function stream(name: string): Stream {
  return createStream(createSeed(42), "pinned", name);
}

function times<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}

// Keys, words, uniform, int, normal and permutation are pinned by vectors/streams.json.
describe("outputs change only in a major", () => {
  it("bool@1", () => {
    const rng = stream("bool");
    expect(times(8, () => bool(rng, 0.3))).toEqual([false, false, false, true, false, false, true, false]);
  });

  it("uniformFloat32@1", () => {
    const rng = stream("f32");
    expect(times(3, () => uniformFloat32(rng))).toEqual([0.6448275446891785, 0.5616330504417419, 0.7313788533210754]);
  });

  it("uniform@1 of a range", () => {
    const rng = stream("range");
    expect(times(3, () => uniform(rng, -1, 3))).toEqual([-0.02108568500208019, 1.822579754289786, 2.3502213850597995]);
  });

  it("shuffle@1", () => {
    expect(shuffle(stream("shuffle"), "abcdef".split("")).join("")).toBe("becafd");
  });

  it("the order of an epoch", () => {
    expect([...epochOrder(createSeed(42), { epoch: 3, size: 8 })]).toEqual([6, 4, 7, 3, 0, 1, 2, 5]);
  });

  it("a stratified split", () => {
    const parts = stratifiedSplit(createSeed(42), "aabbbabcca".split(""), [0.5, 0.3, 0.2]);
    expect(parts.map((part) => [...part])).toEqual([
      [0, 3, 4, 5, 7],
      [2, 8, 9],
      [1, 6],
    ]);
  });

  it("the hash seed of Python", async () => {
    const attach = (): Promise<never> => Promise.reject(new Error("nothing is attached"));
    const opened = await seedLayer(42).open({ root: "/", cwd: "/", env: {}, partsFolder: "/parts", attach });
    expect(opened.variables?.["PYTHONHASHSEED"]).toBe("1049162271");
  });
});
