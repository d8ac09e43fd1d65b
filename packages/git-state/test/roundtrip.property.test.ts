import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { isReproError, withoutObserved } from "@repro/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { fixtureAt, listing, makeRepository, tempFolder } from "./fixture.ts";

const SLOW = process.env["SLOW"] === "1";

let template: string;

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), "git-state-roundtrip-"));
  const at = (name: string): Fixture => makeRepository({ root: join(template, name) });
  const library = at("library");
  library.git("submodule", "--quiet", "add", at("deep").root, "deep");
  library.commit("library");
  const work = at("work");
  work.write("crlf.txt", "one\r\ntwo\r\n");
  work.write("two\nlines/é", "name\n");
  symlinkSync("a.txt", join(work.root, "link"));
  work.git("submodule", "--quiet", "add", library.root, "lib");
  work.commit("with library");
  work.git("submodule", "--quiet", "update", "--init", "--recursive");
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

const KINDS = ["write", "write", "delete", "rename", "link", "chmod", "add", "unadd", "commit", "nest"] as const;

type Step = readonly [kind: (typeof KINDS)[number], where: string, path: string, content: string];

const path = fc.constantFrom(
  "a.txt",
  "data.bin",
  "src",
  "src/run.sh",
  "link",
  "n/x",
  "n",
  "n/y\n",
  " ",
  'q"\\',
  "é/文",
  "crlf.txt",
);

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...KINDS),
  fc.constantFrom("", "", "", "lib", "lib/deep", "n/inner"),
  path,
  fc.constantFrom("", "one\ntwo\nthree\n", "x\r\ny\r\n", "\0\u0001\0\u00ff", "long\n".repeat(50), "no line feed"),
);

/** Takes a step where the file system and git let it: a file cannot be written where a folder is. */
function take(top: Fixture, [kind, where, path, content]: Step): void {
  const at = join(top.root, where);
  const { git, write, commit } = fixtureAt(at);
  try {
    if (kind === "write") write(path, content);
    else if (kind === "delete") rmSync(join(at, path), { recursive: true });
    else if (kind === "rename") git("mv", "--", path, `${path} moved`);
    else if (kind === "chmod") chmodSync(join(at, path), 0o755);
    else if (kind === "add") git("add", "--", path);
    else if (kind === "unadd") git("rm", "-r", "-q", "--cached", "--", path);
    else if (kind === "nest") makeRepository({ root: join(at, dirname(path), "inner") });
    // The top one's commit is what is restored: it stays one that the clone has.
    else if (kind === "commit" && where !== "") commit();
    else if (kind === "link") {
      mkdirSync(dirname(join(at, path)), { recursive: true });
      symlinkSync(content === "" ? "nowhere" : content.replaceAll("\0", ""), join(at, path));
    }
  } catch (error) {
    if (isReproError(error)) throw error; // nothing of ours is called above
  }
}

test("after any edits, a fresh clone and the patch give the same files and the same state", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      const folder = tempFolder();
      const root = join(folder, "work");
      cpSync(join(template, "work"), root, { recursive: true });
      const top = fixtureAt(root);
      for (const one of steps) take(top, one);
      const options = { cwd: root, env: top.env, engine: "git" } as const;
      const before = listing(root);
      const state = await captureGitState(options);
      const { patch } = await captureGitPatch(options);
      expect(listing(root)).toEqual(before);

      // Commits that were made in submodules must come from somewhere: the clone takes each from where it was made.
      const source = join(folder, "clone");
      top.git("clone", "-q", root, source);
      for (const { path, commit } of state.submodules) {
        if (commit === null) continue;
        rmSync(join(source, path), { recursive: true, force: true });
        top.git("clone", "-q", "--no-checkout", join(root, path), join(source, path));
      }
      const restored = join(folder, "restored");
      await restoreGitState(state, { source, env: top.env, root: restored, patch });
      const again = { ...options, cwd: restored };
      expect(withoutObserved(await captureGitState(again))).toEqual(withoutObserved(state));
      expect((await captureGitPatch(again)).patch).toEqual(patch);
    }),
    { numRuns: SLOW ? 300 : 8 },
  );
});
