import { withoutObserved } from "@repro/core";
import { join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../../src/index.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, makeRepository, tempFolder } from "../fixture.ts";
import { stepOf, take } from "../steps.ts";

const SLOW = process.env["SLOW"] === "1";

const step = stepOf(["write", "write", "write", "delete", "link", "chmod", "add", "unadd", "commit", "flag"], {
  paths: [".gitignore", "n/.gitignore", ".gitattributes", "n/.gitattributes"],
  contents: ["n\n!n/x\n", "*.txt\n!a.txt\n", "* text=auto\n", "*.txt text\n*.sh eol=crlf\n", "$Id: x $\n", "* ident\n"],
});

test("after any steps, both engines give the same state, and the built-in engine's patch makes the same tree", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const fixture = makeRepository();
      for (const one of steps) take(fixture, one);
      const options = { cwd: fixture.root, env: fixture.env };
      const byGit = await captureGitState({ ...options, engine: "git" });
      const builtIn = await captureGitState({ ...options, engine: "built-in" });
      expect(withoutObserved(builtIn)).toEqual(withoutObserved(byGit));
      expect({ ...builtIn.observed, engine: null }).toEqual({ ...byGit.observed, engine: null });
      const { patch, tree } = await captureGitPatch({ ...options, engine: "built-in" });
      expect(tree).toBe(byGit.worktreeTree);
      expect(applied(fixture, patch)).toBe(tree);
    }),
    { numRuns: SLOW ? 300 : 12 },
  );
});

/** The tree that git makes of a patch in a fresh clone. */
function applied({ root, env, git }: Fixture, patch: Uint8Array): string {
  const clone = fixtureAt(join(tempFolder(), "clone"), env);
  git("clone", "-q", "--no-checkout", root, clone.root);
  clone.git("read-tree", "HEAD");
  clone.write("../patch", patch);
  if (patch.byteLength > 0) clone.git("apply", "--cached", "--whitespace=nowarn", "../patch");
  return clone.git("write-tree");
}
