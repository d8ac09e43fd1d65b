import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";

import { hashBytes, isReproError } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import type { GitState } from "../src/index.ts";
import { isTagName, tagRun } from "../src/tag.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixedEnv, fixtureAt, listing, makeRepository, makeTrap, tempFolder } from "./fixture.ts";

const capture = async ({ root, env }: Fixture): Promise<GitState> => captureGitState({ cwd: root, env });

describe("a tag of a run", () => {
  test("is annotated, on the recorded commit and not on HEAD, and git takes it for sound", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    fixture.commit("later");
    const tag = await tagRun(state, { name: "runs/1", cwd: join(fixture.root, "src"), env: fixture.env });
    expect(tag).toEqual({
      name: "runs/1",
      id: fixture.git("rev-parse", "refs/tags/runs/1"),
      commit: state.commit,
      created: true,
    });
    expect(fixture.git("cat-file", "tag", "runs/1")).toBe(
      [
        `object ${state.commit}`,
        "type commit",
        "tag runs/1",
        "tagger Ada <ada@example.com> 1767323045 +0000",
        "",
        "Run runs/1",
        "",
        `Worktree-Tree: ${state.worktreeTree}`,
      ].join("\n"),
    );
    expect(fixture.git("fsck", "--strict", "--no-dangling")).toBe("");
    expect((await capture(fixture)).observed?.tags).toEqual([]);
  });

  test("says that a dirty work tree is not in it, and which patch is", async () => {
    const fixture = makeRepository();
    fixture.write("a.txt", "edited\n");
    const captured = await capture(fixture);
    const digest = hashBytes(new Uint8Array());
    const patch = { attachment: "git/worktree.patch", digest, sizeBytes: 0, secrets: [] } as const;
    const approximations = [{ reason: "names", path: "a" }] as const;
    const state: GitState = { ...captured, patch, fidelity: "approximate", approximations };
    await tagRun(state, { name: "dirty", message: "  best so far\r\nby far\n\n", cwd: fixture.root, env: fixture.env });
    expect(fixture.git("for-each-ref", "--format=%(contents)", "refs/tags/dirty").trimEnd()).toBe(
      [
        "Run dirty",
        "",
        "best so far",
        "by far",
        "",
        "The work tree differed from this commit in 1 path(s).",
        "The commit alone does not give the code back.",
        "",
        `Worktree-Tree: ${state.worktreeTree}`,
        `Worktree-Patch: ${digest}`,
        "Worktree-Fidelity: approximate",
      ].join("\n"),
    );
  });

  test("takes letters of any language, in name and message", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    const options = {
      name: "l\u00e4ufe/\u{1f3c3}",
      message: "sch\u00f6n\n# kein Kommentar",
      cwd: fixture.root,
      env: fixture.env,
    };
    expect(await tagRun(state, options)).toMatchObject({ created: true });
    expect(await tagRun(state, options)).toMatchObject({ created: false });
    expect(fixture.git("cat-file", "tag", options.name)).toContain("sch\u00f6n\n# kein Kommentar\n");
  });

  test("again changes nothing, not even a file's time", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    const options = { name: "v1", cwd: fixture.root, env: fixture.env };
    const first = await tagRun(state, options);
    const before = listing(fixture.root);
    const later = { ...fixture.env, GIT_COMMITTER_DATE: "2027-01-02T03:04:05Z", GIT_COMMITTER_NAME: "Bob" };
    expect(await tagRun(state, { ...options, env: later })).toEqual({ ...first, created: false });
    expect(listing(fixture.root)).toEqual(before);
    fixture.git("pack-refs", "--all");
    expect(await tagRun(state, options)).toEqual({ ...first, created: false });
  });

  test("changes one object and one ref, and no other file", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    const names = (): string[] => listing(fixture.root).map((line) => line.split(" ")[0] ?? "");
    const [before, files] = [names(), readFileSync(join(fixture.root, ".git/config"))];
    const { id } = await tagRun(state, { name: "v1", cwd: fixture.root, env: fixture.env });
    const added = names().filter((name) => !before.includes(name));
    expect(added).toEqual(
      expect.arrayContaining([".git/refs/tags/v1", `.git/objects/${id.slice(0, 2)}/${id.slice(2)}`]),
    );
    expect(added.filter((name) => !/^\.git\/(?:objects|refs)\b/.test(name))).toEqual([]);
    expect(readFileSync(join(fixture.root, ".git/config"))).toEqual(files);
  });

  test.for(["sha1", "sha256"])(
    "is made in a %s repository, a linked work tree and a shallow clone",
    async (objectFormat) => {
      const source = makeRepository({ objectFormat });
      source.commit("second");
      const linked = fixtureAt(join(tempFolder(), "linked"));
      source.git("worktree", "add", "--quiet", linked.root, "HEAD~1");
      const shallow = fixtureAt(join(tempFolder(), "shallow"));
      source.git("clone", "--quiet", "--depth=1", `file://${source.root}`, shallow.root);
      for (const fixture of [linked, shallow]) {
        const state = await capture(fixture);
        const { commit } = await tagRun(state, { name: "v1", cwd: fixture.root, env: fixture.env });
        expect(commit).toBe(state.commit);
        expect((await capture(fixture)).observed?.tags).toEqual(["v1"]);
      }
      expect(source.git("rev-parse", "v1^{}")).toBe(linked.git("rev-parse", "HEAD"));
    },
  );
});

describe("what it refuses", () => {
  const names = [
    "",
    "-v",
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    ".a",
    "a/.b",
    "a.",
    "a.lock",
    "a.lock/b",
  ].concat(["/a", "a/", "a//b", "a@{1}", "a\nb", "a\0", "a\u007f", "\ud800", "HEAD"]);
  test("a name that is none, before anything else: RangeError", async () => {
    const state = await capture(makeRepository());
    for (const name of names) {
      await expect(tagRun(state, { name, cwd: "/nonexistent", env: { PATH: "" } }), name).rejects.toThrow(RangeError);
    }
  });

  test("what git check-ref-format refuses, and nothing else", () => {
    const parts = fc.constantFrom(..."a b . / .. @ { @{ - ~ \\ : .lock [ * ^ ? \u00e9 \u0001 \u007f".split(" "));
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 5 }), (chosen) => {
        const name = chosen.join("");
        const { status } = spawnSync("git", ["check-ref-format", `refs/tags/${name}`], { env: fixedEnv() });
        const accepted = status === 0 && !name.startsWith("-") && name !== "HEAD";
        expect(isTagName(name)).toBe(accepted);
      }),
      { numRuns: process.env["SLOW"] === undefined ? 200 : 5000 },
    );
  });

  test("a message with a NUL: RangeError", async () => {
    const { root, env } = makeRepository();
    const state = await captureGitState({ cwd: root, env });
    await expect(tagRun(state, { name: "v1", message: "a\0b", cwd: root, env })).rejects.toThrow(RangeError);
  });

  test("a commit that is not there: GIT_COMMIT_MISSING, and how to fetch it", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    fixture.git("remote", "add", "upstream", "https://alice:s3cret@example.com/a.git");
    const error = await failure(
      tagRun({ ...state, commit: "1".repeat(40) }, { name: "v1", cwd: fixture.root, env: fixture.env }),
    );
    expect(error).toMatchObject({ code: "GIT_COMMIT_MISSING", remedy: `git fetch upstream ${"1".repeat(40)}` });
    expect(existsSync(join(fixture.root, ".git/refs/tags/v1"))).toBe(false);
  });

  test("an id that is no commit's: GIT_COMMIT_MISSING", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    expect(
      await failure(tagRun({ ...state, commit: state.tree }, { name: "v1", cwd: fixture.root, env: fixture.env })),
    ).toMatchObject({ code: "GIT_COMMIT_MISSING" });
  });

  test("a name that something else has: GIT_TAG_EXISTS, and it stays what it is", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    const options = { cwd: fixture.root, env: fixture.env };
    fixture.git("tag", "light");
    await tagRun(state, { ...options, name: "run" });
    fixture.commit("later");
    fixture.git("tag", "other");
    const before = fixture.git("show-ref", "--tags");
    const later = await capture(fixture);
    for (const [recorded, name, message] of [
      [state, "light", undefined],
      [state, "other", undefined],
      [state, "run", "another message"],
      [later, "run", undefined],
    ] as const) {
      const error = await failure(
        tagRun(recorded, { ...options, name, ...(message === undefined ? {} : { message }) }),
      );
      expect(error).toMatchObject({ code: "GIT_TAG_EXISTS", data: { name } });
    }
    expect(fixture.git("show-ref", "--tags")).toBe(before);
  });

  test("a name above or below that of another tag: GIT_TAG_EXISTS", async () => {
    for (const pack of [false, true]) {
      const fixture = makeRepository();
      const state = await capture(fixture);
      const options = { cwd: fixture.root, env: fixture.env };
      fixture.git("tag", "a/b");
      if (pack) fixture.git("pack-refs", "--all");
      for (const name of ["a", "a/b/c"]) {
        expect(await failure(tagRun(state, { ...options, name }))).toMatchObject({
          code: "GIT_TAG_EXISTS",
          data: { name, existing: "a/b" },
        });
      }
    }
  });

  test("nobody to have made it: GIT_COMMAND_FAILED, and how to say who", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    fixture.git("config", "user.useConfigOnly", "true");
    const env = fixedEnv({ GIT_COMMITTER_NAME: undefined, GIT_COMMITTER_EMAIL: undefined });
    const error = await failure(tagRun(state, { name: "v1", cwd: fixture.root, env }));
    expect(error).toMatchObject({ code: "GIT_COMMAND_FAILED", remedy: expect.stringContaining("user.email") });
    fixture.git("config", "user.name", "Bob");
    fixture.git("config", "user.email", "bob@example.com");
    await tagRun(state, { name: "v1", cwd: fixture.root, env });
    expect(fixture.git("cat-file", "tag", "v1")).toContain("tagger Bob <bob@example.com> ");
  });

  test("an aborted signal: its reason", async () => {
    const fixture = makeRepository();
    const state = await capture(fixture);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(tagRun(state, { name: "v1", cwd: fixture.root, env: fixture.env, signal })).rejects.toBe(reason);
  });
});

test("no hook, and no program that the repository names, runs", async () => {
  const fixture = makeRepository();
  const state = await capture(fixture);
  const { command, sprung } = makeTrap(tempFolder());
  const hooks = join(tempFolder(), "hooks");
  mkdirSync(hooks);
  for (const name of ["reference-transaction", "post-update", "update", "pre-receive"]) {
    for (const folder of [hooks, join(fixture.root, ".git/hooks")]) {
      mkdirSync(folder, { recursive: true });
      cpSync(command, join(folder, name));
      chmodSync(join(folder, name), 0o755);
    }
  }
  const settings = {
    "core.hooksPath": hooks,
    "tag.gpgSign": "true",
    "tag.forceSignAnnotated": "true",
    "gpg.program": command,
    "gpg.ssh.program": command,
    "gpg.ssh.defaultKeyCommand": command,
    "core.editor": command,
    "core.pager": command,
    "core.fsmonitor": command,
    "core.sshCommand": command,
    "core.logAllRefUpdates": "always",
    "sequence.editor": command,
    "alias.mktag": `!${command}`,
    "alias.var": `!${command}`,
  };
  for (const [name, value] of Object.entries(settings)) fixture.git("config", name, value);
  // The trap works: a hook of this name would run.
  writeFileSync(join(hooks, "reference-transaction"), readFileSync(command));
  await tagRun(state, { name: "v1", cwd: fixture.root, env: fixture.env });
  expect(sprung()).toBe(false);
  expect(fixture.git("cat-file", "tag", "v1")).not.toContain("SIGNATURE");
  expect(() => fixture.git("update-ref", "refs/tags/other", "HEAD")).toThrow();
  expect(sprung()).toBe(true);
});

test("ten at once make one tag, and the others see that it is theirs", async () => {
  const fixture = makeRepository();
  const state = await capture(fixture);
  const options = { name: "v1", cwd: fixture.root, env: fixture.env };
  const tags = await Promise.all(Array.from({ length: 10 }, async () => tagRun(state, options)));
  expect(new Set(tags.map(({ id }) => id)).size).toBe(1);
  expect(tags.filter(({ created }) => created)).toHaveLength(1);
});

test("two at once with different messages: one tag, and one GIT_TAG_EXISTS", async () => {
  const fixture = makeRepository();
  const state = await capture(fixture);
  const options = { name: "v1", cwd: fixture.root, env: fixture.env };
  const results = await Promise.allSettled(["a", "b"].map(async (message) => tagRun(state, { ...options, message })));
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const rejected = results.find(({ status }) => status === "rejected");
  expect(rejected?.status === "rejected" && isReproError(rejected.reason, "GIT_TAG_EXISTS")).toBe(true);
});
