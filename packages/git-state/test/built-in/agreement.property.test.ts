import { withoutObserved } from "@repro/core";
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { captureGitPatch, captureGitState } from "../../src/index.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, makeRepository, tempFolder } from "../fixture.ts";

const SLOW = process.env["SLOW"] === "1";

type Step = readonly [kind: string, path: string, content: string];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("write", "write", "delete", "link", "chmod", "add", "unadd", "commit", "flag"),
  fc.constantFrom(
    "a.txt",
    "data.bin",
    "src",
    "src/run.sh",
    "n/x",
    "n",
    "n/y\n",
    "-z",
    " ",
    'q"\\',
    "é",
    ".gitignore",
    "n/.gitignore",
    ".gitattributes",
    "n/.gitattributes",
  ),
  fc.constantFrom(
    "",
    "one\ntwo\nthree\n",
    "x\r\n",
    "\0\u0001\0",
    "long\n".repeat(50),
    "n\n!n/x\n",
    "*.txt\n!a.txt\n",
    "* text=auto\n",
    "*.txt text\n*.sh eol=crlf\n",
    "$Id: x $\n",
    "* ident\n",
  ),
);

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

/** Takes a step where the file system lets it: a file cannot be written where a folder is. */
function take({ root, git, write, commit }: Fixture, [kind, path, content]: Step): void {
  try {
    if (kind === "write") write(path, content);
    else if (kind === "delete") rmSync(join(root, path), { recursive: true });
    else if (kind === "chmod") chmodSync(join(root, path), 0o755);
    else if (kind === "add") git("add", "--", path);
    else if (kind === "unadd") git("rm", "-r", "-q", "--cached", "--", path);
    else if (kind === "commit") commit();
    else if (kind === "flag") git("update-index", "--assume-unchanged", "--", path);
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(content === "" ? "nowhere" : content.replaceAll("\0", ""), join(root, path));
    }
  } catch {
    // the step cannot be taken here
  }
}
