import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hashBytes } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import type { GitObserved } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixedEnv, fixtureAt, makeRepository, makeShim, tempFolder } from "./fixture.ts";

async function observed({ root, env }: Fixture): Promise<GitObserved> {
  const state = await captureGitState({ cwd: root, env, engine: "git" });
  if (state.observed === undefined) throw new Error("nothing was observed");
  return state.observed;
}

/** A clone of a repository, with a remote-tracking branch. */
function cloneOf(source: Fixture, ...args: string[]): Fixture {
  const root = join(tempFolder(), "clone");
  source.git("clone", "--quiet", "--template=", ...args, `file://${source.root}`, root);
  return fixtureAt(root);
}

const digestOf = (text: string): string => hashBytes(new TextEncoder().encode(text));

describe("tags", () => {
  test("are those that name the commit, annotated or not, sorted by code point", async () => {
    const fixture = makeRepository();
    fixture.git("tag", "v1-light");
    fixture.git("tag", "--annotate", "--message", "m", "v1");
    fixture.git("tag", "group/\u00e9");
    fixture.git("tag", "\u{1f3f7}");
    fixture.git("tag", "tree", "HEAD^{tree}");
    fixture.git("pack-refs", "--all");
    fixture.git("tag", "--annotate", "--message", "m", "Loose");
    expect((await observed(fixture)).tags).toEqual(["Loose", "group/\u00e9", "v1", "v1-light", "\u{1f3f7}"]);
    fixture.commit("second");
    expect((await observed(fixture)).tags).toEqual([]);
  });

  test("are found through another tag", async () => {
    const fixture = makeRepository();
    fixture.git("tag", "--annotate", "--message", "m", "inner");
    fixture.git("tag", "--annotate", "--message", "m", "outer", "inner");
    expect((await observed(fixture)).tags).toEqual(["inner", "outer"]);
  });

  test("that lead nowhere are a damage, which git tells: GIT_COMMAND_FAILED", async () => {
    const fixture = makeRepository();
    fixture.write(".git/refs/tags/lost", `${"1".repeat(40)}\n`);
    const error = await failure(observed(fixture));
    expect(error).toMatchObject({ code: "GIT_COMMAND_FAILED" });
    expect(error.message).toContain("refs/tags/lost");
  });

  test("are found on a detached HEAD, and under a branch of the same name", async () => {
    const fixture = makeRepository();
    fixture.git("tag", "main");
    fixture.git("checkout", "--quiet", "--detach");
    expect(await observed(fixture)).toMatchObject({ tags: ["main"], branch: null, detached: true });
  });
});

describe("whether the commit can be fetched", () => {
  test("not without a remote", async () => {
    expect(await observed(makeRepository())).toMatchObject({ onRemote: false, upstream: null });
  });

  test("from a clone, until a commit is made, and again when it is pushed", async () => {
    const source = makeRepository();
    source.git("checkout", "--quiet", "--detach");
    const clone = cloneOf(source, "--branch=main");
    expect(await observed(clone)).toMatchObject({
      onRemote: true,
      upstream: { name: "origin/main", ahead: 0, behind: 0 },
    });
    clone.commit("local");
    expect(await observed(clone)).toMatchObject({
      onRemote: false,
      upstream: { name: "origin/main", ahead: 1, behind: 0 },
    });
    clone.git("push", "--quiet", "origin", "main:topic");
    expect(await observed(clone)).toMatchObject({ onRemote: true, upstream: { ahead: 1 } });
  });

  test("by an older commit that a remote branch contains", async () => {
    const source = makeRepository();
    source.commit("second");
    const clone = cloneOf(source);
    clone.git("checkout", "--quiet", "--detach", "HEAD~1");
    expect(await observed(clone)).toMatchObject({ onRemote: true, upstream: null });
  });

  test("unknown where a shallow clone does not find out", async () => {
    const source = makeRepository();
    source.commit("second");
    const clone = cloneOf(source, "--depth=1");
    expect(await observed(clone)).toMatchObject({ onRemote: true, clone: { shallow: true } });
    clone.commit("local");
    expect((await observed(clone)).onRemote).toBe(null);
  });

  test("unknown where git fails to find out, and the rest is recorded", async () => {
    const source = makeRepository();
    source.git("tag", "v1");
    const env = fixedEnv({ PATH: makeShim('[ "$1" = rev-list ] && { echo fatal: bad object >&2; exit 128; }') });
    expect(await observed({ ...source, env })).toMatchObject({ onRemote: null, tags: ["v1"] });
  });

  test("an upstream that is gone is none", async () => {
    const clone = cloneOf(makeRepository());
    clone.git("update-ref", "-d", "refs/remotes/origin/main");
    expect(await observed(clone)).toMatchObject({ upstream: null, onRemote: false });
  });
});

describe("how much of the repository is there", () => {
  const whole = { shallow: false, partial: false, sparse: false, linkedWorktree: false };

  test("all of it", async () => {
    expect((await observed(makeRepository())).clone).toEqual(whole);
  });

  test("a partial clone", async () => {
    const source = makeRepository();
    source.git("config", "uploadpack.allowFilter", "true");
    const clone = cloneOf(source, "--filter=blob:none");
    expect((await observed(clone)).clone).toEqual({ ...whole, partial: true });
    clone.git("config", "--unset", "remote.origin.partialclonefilter");
    clone.git("config", "remote.origin.promisor", "off");
    expect((await observed(clone)).clone).toEqual(whole);
  });

  test("a sparse checkout, with and without cones", async () => {
    for (const cone of ["--cone", "--no-cone"]) {
      const fixture = makeRepository();
      fixture.git("sparse-checkout", "set", cone, "src");
      expect((await observed(fixture)).clone).toEqual({ ...whole, sparse: true });
      fixture.git("sparse-checkout", "disable");
      expect((await observed(fixture)).clone).toEqual(whole);
    }
  });

  test("a linked work tree, and the main one beside it", async () => {
    const fixture = makeRepository();
    const root = join(tempFolder(), "linked");
    fixture.git("worktree", "add", "--quiet", root);
    fixture.write(".git/info/exclude", "*.log\n");
    expect(await observed(fixtureAt(root))).toMatchObject({
      clone: { ...whole, linkedWorktree: true },
      rules: { "info/exclude": digestOf("*.log\n") },
    });
    expect((await observed(fixture)).clone).toEqual(whole);
  });
});

describe("settings", () => {
  test("only those that are set, the last one wins, whoever set it", async () => {
    const fixture = makeRepository();
    fixture.git("config", "--unset", "core.filemode");
    expect((await observed(fixture)).config).toEqual({});
    const home = tempFolder();
    writeFileSync(join(home, ".gitconfig"), "[core]\n autocrlf = true\n eol = crlf\n symlinks\n");
    fixture.git("config", "core.autoCRLF", "input");
    fixture.git("config", "core.editor", "vi");
    const env = { ...fixture.env, HOME: home, GIT_CONFIG_GLOBAL: undefined };
    expect((await observed({ ...fixture, env })).config).toEqual({
      "core.autocrlf": "input",
      "core.eol": "crlf",
      "core.symlinks": "true",
    });
  });

  test("of one work tree only", async () => {
    const fixture = makeRepository();
    fixture.git("config", "extensions.worktreeConfig", "true");
    fixture.git("config", "--worktree", "core.ignoreCase", "true");
    expect((await observed(fixture)).config).toMatchObject({ "core.ignorecase": "true" });
  });
});

describe("rules outside of the work tree", () => {
  test("none where there are none", async () => {
    expect((await observed(makeRepository())).rules).toEqual({});
  });

  test("of the repository", async () => {
    const fixture = makeRepository();
    fixture.write(".git/info/exclude", "*.log\n");
    fixture.write(".git/info/attributes", "*.x -text\n");
    expect((await observed(fixture)).rules).toEqual({
      "info/exclude": digestOf("*.log\n"),
      "info/attributes": digestOf("*.x -text\n"),
    });
  });

  test("of the user: in the usual places, under XDG_CONFIG_HOME, or where the settings say", async () => {
    const fixture = makeRepository();
    const home = tempFolder();
    const rules = async (more: object): Promise<unknown> =>
      (await observed({ ...fixture, env: fixedEnv({ HOME: home, ...more }) })).rules;
    mkdirSync(join(home, ".config/git"), { recursive: true });
    writeFileSync(join(home, ".config/git/ignore"), "usual\n");
    writeFileSync(join(home, "mine"), "mine\n");
    expect(await rules({})).toEqual({ "core.excludesFile": digestOf("usual\n") });
    expect(await rules({ XDG_CONFIG_HOME: "" })).toEqual({ "core.excludesFile": digestOf("usual\n") });
    expect(await rules({ XDG_CONFIG_HOME: join(home, "elsewhere") })).toEqual({});
    fixture.git("config", "core.excludesFile", "~/mine");
    fixture.git("config", "core.attributesFile", "src/run.sh"); // relative: to the root of the work tree
    expect(await rules({})).toEqual({
      "core.excludesFile": digestOf("mine\n"),
      "core.attributesFile": digestOf("#!/bin/sh\necho run\n"),
    });
    fixture.git("config", "core.excludesFile", "");
    fixture.git("config", "core.attributesFile", join(home, "absent"));
    expect(await rules({})).toEqual({});
  });

  test("what cannot be read adds no rules, as for git: a loop of links, a closed file", async () => {
    const fixture = makeRepository();
    mkdirSync(join(fixture.root, ".git/info"));
    symlinkSync("attributes", join(fixture.root, ".git/info/attributes"));
    const closed = join(tempFolder(), "closed");
    writeFileSync(closed, "*\n");
    chmodSync(closed, 0o000);
    fixture.git("config", "core.attributesFile", closed);
    const { rules } = await observed(fixture);
    expect(Object.keys(rules)).toEqual(process.getuid?.() === 0 ? ["core.attributesFile"] : []);
  });
});
