import { createCounterStream, createSeed, createSeedLedger, createStream } from "@repro/seed";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { philox4x32 } from "../src/stream/philox.ts";

function words(counter: readonly [number, number, number, number], key: readonly [number, number]): string {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  return Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(" ");
}

describe("philox4x32", () => {
  const ones = 0xffff_ffff;
  // Known answers of Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
  it.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ] as const)("gives the published words for %j under %j", (counter, key, expected) => {
    expect(words(counter, key)).toBe(expected);
  });

  it("takes words of either sign alike", () => {
    expect(words([-1, -1, -1, -1], [-1, -1])).toBe(words([ones, ones, ones, ones], [ones, ones]));
  });
});

describe("a counter stream", () => {
  const seed = createSeed(42);

  it("gives from any place what it gives there in order", () => {
    const ordered = createCounterStream(seed, "mask");
    const expected = Array.from({ length: 64 }, () => ordered.next());
    fc.assert(
      fc.property(fc.nat(63), (position) => {
        const rng = createCounterStream(seed, "mask").at(position);
        expect(rng.position).toBe(position);
        expect(Array.from({ length: 64 - position }, () => rng.next())).toEqual(expected.slice(position));
      }),
    );
  });

  it("goes on beyond 2^32 blocks, and a clone with it", () => {
    const far = createCounterStream(seed, "mask").at(2 ** 34 - 1);
    const copy = far.clone();
    const drawn = [far.next(), far.next()];
    expect([copy.next(), copy.next()]).toEqual(drawn);
    expect(far.position).toBe(2 ** 34 + 1);
    expect(
      createCounterStream(seed, "mask")
        .at(2 ** 34)
        .next(),
    ).toBe(drawn[1]);
    expect(createCounterStream(seed, "mask").next()).not.toBe(drawn[1]);
  });

  it("ends after 2^53 words", () => {
    const last = createCounterStream(seed, "mask").at(2 ** 53 - 1);
    last.next();
    expect(() => last.next()).toThrow(RangeError);
  });

  it.each([-1, 0.5, NaN, 2 ** 53])("has no place %d", (position) => {
    expect(() => createCounterStream(seed, "mask").at(position)).toThrow(RangeError);
  });

  it("shares nothing with the sequential stream of the same path", () => {
    expect(createCounterStream(seed, "a").next()).not.toBe(createStream(seed, "a").next());
  });

  it("is counted in the ledger by its engine, wherever it was read", () => {
    const ledger = createSeedLedger();
    const rng = createCounterStream(createSeed(42, { ledger }), "mask");
    rng.at(1000).next();
    rng.next();
    expect(ledger.streams()).toMatchObject([{ path: ["mask"], engine: "philox4x32-10@1", draws: 2 }]);
    expect(() => createCounterStream(createSeed(42, { ledger }), "mask")).toThrow(/opened before/);
  });
});
