import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { replay } from "./compat-replay.ts";
import type { Answer, Request } from "./compat-replay.ts";

interface Vectors {
  readonly madeWith: string;
  readonly cases: readonly { readonly request: Request; readonly answer: Answer }[];
}

describe.each(["numpy", "torch", "jax"] as const)("our %s", (library) => {
  const file = new URL(`vectors/compat-${library}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

  it.each(vectors.cases)(`draws the bits that ${vectors.madeWith} drew for $request.seed, case %#`, (vector) => {
    const answer = replay(library, vector.request);
    for (const [index, call] of vector.request.calls.entries()) {
      expect(answer[index], JSON.stringify(call)).toEqual(vector.answer[index]);
    }
  });
});
