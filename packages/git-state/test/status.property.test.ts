import fc from "fast-check";
import { expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../src/index.ts";
import { readConfig } from "../src/git/config.ts";
import { parseStatus } from "../src/git/status.ts";
import { makeRepository, peerTree } from "./fixture.ts";
import { stepOf, take } from "./steps.ts";

const SLOW = process.env["SLOW"] === "1";

test("any bytes are a status or are not: reading them ends, and gives entries with paths", () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.stringMatching(/^[12u?!#] [ a-z0-9.]{0,80}$/).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const bytes = Uint8Array.from(lines.flatMap((part) => [...part, 0]));
      for (const { path } of parseStatus(bytes).entries) expect(path).toBeInstanceOf(Uint8Array);
    }),
  );
});

test("a name without a value is true, and a value may hold line feeds", async () => {
  const fixture = makeRepository();
  fixture.write(".git/config", '[core]\n\tbare = false\n[filter "a\\"b.c"]\n\trequired\n\tclean = "x\\ny"\n');
  const entries = await readConfig({ cwd: fixture.root, env: fixture.env, settings: [] });
  expect(entries.filter(({ scope }) => scope === "local")).toEqual([
    { scope: "local", name: "core.bare", value: "false" },
    { scope: "local", name: 'filter.a"b.c.required', value: "true" },
    { scope: "local", name: 'filter.a"b.c.clean', value: "x\ny" },
  ]);
});

const step = stepOf(["write", "write", "delete", "link", "chmod", "add", "unadd"]);

test("after any steps, the tree is the one that git add --all makes, and the patch rebuilds it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const fixture = makeRepository();
      for (const one of steps) take(fixture, one);
      const options = { cwd: fixture.root, env: fixture.env };
      const state = await captureGitState(options);
      const { tree } = await captureGitPatch(options); // throws GIT_PATCH_UNVERIFIED where it does not
      expect(tree).toBe(state.worktreeTree);
      expect(state.dirty).toBe(tree !== state.tree);
      expect(peerTree(fixture)).toBe(tree);
    }),
    { numRuns: SLOW ? 300 : 8 },
  );
});
