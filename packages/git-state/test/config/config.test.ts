import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { booleanSetting, readConfigFiles } from "../../src/config/config.ts";
import { hostFiles, pathOfText } from "../../src/files.ts";
import type { ConfigEntry } from "../../src/git/config.ts";
import { locateRepository } from "../../src/repository/location.ts";
import { readHead } from "../../src/repository/refs.ts";
import type { Env, Fixture } from "../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository, tempFolder } from "../fixture.ts";
import { SLOW } from "../rules/batch.ts";
import { thrown } from "./thrown.ts";

/** A repository whose user has a home, and whose git reads what the machine has for all only where a test says so. */
function makeHome(more: Env = {}): { readonly home: string; readonly fixture: Fixture } {
  const home = tempFolder();
  const env = { ...fixedEnv(), HOME: home, GIT_CONFIG_GLOBAL: undefined, ...more };
  return { home, fixture: makeRepository({ env, root: join(home, "repo") }) };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What git says, or `null` when it refuses. */
function peer({ root, env }: { root: string; env: Env }): readonly ConfigEntry[] | null {
  const args = ["config", "--list", "--show-scope", "-z"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, env, encoding: "utf8" });
  if (status !== 0) return null;
  const parts = stdout.split("\0").slice(0, -1);
  return Array.from({ length: parts.length / 2 }, (_, at) => {
    const [scope = "", item = ""] = parts.slice(2 * at);
    const end = item.indexOf("\n");
    const [name, value] = end === -1 ? [item, "true"] : [item.slice(0, end), item.slice(end + 1)];
    return { scope, name, value };
  });
}

function ours({ root, env }: { root: string; env: Env }): readonly ConfigEntry[] {
  const place = locateRepository(hostFiles, { cwd: pathOfText(root), env });
  return readConfigFiles(hostFiles, { place, env, branch: readHead(hostFiles, place).branch });
}

function expectSame(fixture: { root: string; env: Env }): readonly ConfigEntry[] {
  const expected = peer(fixture);
  const read = ours(fixture);
  expect(read).toEqual(expected);
  return read;
}

describe("git reads from the same places what is read here", () => {
  test("the system's, the user's two, the repository's, the work tree's, the environment's", () => {
    const { home, fixture } = makeHome({ GIT_CONFIG_NOSYSTEM: undefined });
    const env = {
      ...fixture.env,
      GIT_CONFIG_SYSTEM: join(home, "system"),
      GIT_CONFIG_COUNT: "3",
      GIT_CONFIG_KEY_0: "Core.Abbrev",
      GIT_CONFIG_VALUE_0: "9",
      GIT_CONFIG_KEY_1: "remote.Some.Thing.URL",
      GIT_CONFIG_VALUE_1: "",
      GIT_CONFIG_KEY_2: "a.b",
      GIT_CONFIG_VALUE_2: "é\n",
    };
    put(join(home, "system"), "[a]\nwhere = system\n");
    put(join(home, ".config/git/config"), "[a]\nwhere = xdg\n");
    put(join(home, ".gitconfig"), "[a]\nwhere = home\n");
    fixture.git("config", "core.repositoryFormatVersion", "1");
    fixture.git("config", "extensions.worktreeConfig", "true");
    put(join(fixture.root, ".git/config.worktree"), "[a]\nwhere = worktree\n");
    const read = expectSame({ root: fixture.root, env });
    expect([...new Set(read.map(({ scope }) => scope))]).toEqual(["system", "global", "local", "worktree", "command"]);
    for (const more of [
      { GIT_CONFIG_NOSYSTEM: "1" },
      { GIT_CONFIG_NOSYSTEM: "yes" },
      { GIT_CONFIG_NOSYSTEM: "no" },
      { GIT_CONFIG_NOSYSTEM: "" },
      { GIT_CONFIG_SYSTEM: "/dev/null" },
      { GIT_CONFIG_GLOBAL: join(home, "system") },
      { GIT_CONFIG_GLOBAL: "" },
      { GIT_CONFIG_GLOBAL: join(home, "absent") },
      { XDG_CONFIG_HOME: join(home, "elsewhere") },
      { XDG_CONFIG_HOME: join(home, ".config") },
      { XDG_CONFIG_HOME: "" },
      { HOME: undefined },
      { HOME: "" },
      { GIT_CONFIG_COUNT: "" },
      { GIT_CONFIG_COUNT: "0" },
      { GIT_CONFIG_COUNT: "2" },
    ]) {
      expectSame({ root: fixture.root, env: { ...env, ...more } });
    }
  });

  test("the work tree's own only where the repository says so", () => {
    for (const value of ["false", "0", "true", "1", "on"]) {
      const { fixture } = makeHome();
      fixture.git("config", "core.repositoryFormatVersion", "1");
      fixture.git("config", "extensions.worktreeConfig", value);
      put(join(fixture.root, ".git/config.worktree"), "[a]\nwhere = worktree\n");
      expectSame(fixture);
    }
  });

  test("not the work tree's own when only the user says so", () => {
    const { home, fixture } = makeHome();
    put(join(home, ".gitconfig"), "[extensions]\nworktreeConfig = true\n");
    put(join(fixture.root, ".git/config.worktree"), "[a]\nwhere = worktree\n");
    expectSame(fixture);
  });

  test("in a linked work tree, too", () => {
    const { home, fixture } = makeHome();
    const linked = join(home, "linked");
    fixture.git("worktree", "add", "--quiet", "-b", "other", linked);
    fixture.git("config", "extensions.worktreeConfig", "true");
    fixtureAt(linked, fixture.env).git("config", "--worktree", "a.where", "linked");
    fixture.git("config", "includeIf.onbranch:other.path", "other");
    fixture.git("config", "includeIf.gitdir:**/worktrees/*.path", "other");
    put(join(fixture.root, ".git/other"), "[a]\nwhere = other\n");
    expectSame(fixture);
    expect(expectSame({ root: linked, env: fixture.env }).filter(({ name }) => name === "a.where")).toHaveLength(3);
  });
});

describe("git includes the files that are included here", () => {
  test("by any path", () => {
    const { home, fixture } = makeHome();
    put(join(home, "one"), "[a]\nb = one\n[include]\npath = folder/two\n");
    put(join(home, "folder/two"), "[a]\nb = two\n[include]\npath = ../three\npath = absent\n");
    put(join(home, "three"), "[a]\nb = three\n");
    symlinkSync("folder/two", join(home, "link"));
    for (const path of [
      "~/one",
      "one",
      "./one",
      join(home, "one"),
      "absent",
      "~/absent",
      "link",
      "folder/../one",
      ".",
    ]) {
      put(join(home, ".gitconfig"), `[a]\nb = before\n[include]\npath = ${path}\n[a]\nb = after\n`);
      if (path === ".") expect(peer(fixture)).toBeNull();
      else expectSame(fixture);
    }
  });

  test("under conditions", () => {
    const { home, fixture } = makeHome();
    fixture.git("checkout", "--quiet", "-b", "Topic/a-b");
    fixture.git("remote", "add", "origin", "https://example.com/Some/repo.git");
    symlinkSync("repo", join(home, "linked"));
    put(join(home, ".gitincluded"), "[a]\nb = included\n");
    const gitDirs = [
      "~/repo/.git",
      "~/repo/",
      "~/",
      "repo/",
      "repo/.git",
      "REPO/",
      ".git",
      "./repo/",
      "./",
      "**/repo/**",
      "/**",
      "/",
      home,
      `${home}/`,
      `${home}/repo`,
      `${home}/repo/`,
      `${home}/*/.git`,
      `${home}/linked/`,
      "~/linked/",
      "*",
      "",
      "~",
      "r*o/",
      "[r]epo/",
    ];
    const branches = [
      "Topic/a-b",
      "topic/a-b",
      "Topic/",
      "Topic/*",
      "Topic",
      "*",
      "**",
      "*/a-b",
      "?opic/a[-x]b",
      "**/a-b",
      "",
      "Topic/**",
    ];
    const urls = [
      "https://example.com/**",
      "https://example.com/*",
      "https://example.com/*/*",
      "**",
      "*",
      "**/repo.git",
      "https://example.com/some/**",
      "https://example.com/",
      "",
    ];
    const conditions = [
      ...gitDirs.flatMap((path) => [`gitdir:${path}`, `gitdir/i:${path}`]),
      ...branches.map((branch) => `onbranch:${branch}`),
      ...urls.map((url) => `hasconfig:remote.*.url:${url}`),
      "GITDIR:~/",
      "gitdir:",
      "onbranch",
      "unknown:a",
      "hasconfig:remote.origin.url:**",
      "hasconfig:remote.*.URL:**",
    ];
    const included = new Set<string>();
    const file = conditions
      .map((condition, at) => `[includeIf "${condition}"]\n\tPATH = ~/.gitincluded\n[mark]\n\tn${at} = ${condition}\n`)
      .join("");
    put(join(home, ".gitconfig"), file);
    const read = expectSame(fixture);
    for (const [at, { value }] of read.entries()) if (value === "included") included.add(read[at + 1]?.value ?? "");
    expect(included.size).toBeGreaterThan(15);
    expect(included.size).toBeLessThan(conditions.length - 15);
    const reached = fixtureAt(join(home, "linked"), fixture.env);
    expectSame(reached);
    fixture.git("checkout", "--quiet", "--detach");
    expectSame(fixture);
  });

  test("hasconfig of any file that is read, even later ones", () => {
    const { home, fixture } = makeHome();
    put(join(home, "included"), "[a]\nb = included\n");
    put(
      join(home, ".gitconfig"),
      '[includeIf "hasconfig:remote.*.url:https://*.example/**"]\npath = included\n[a]\nb = c\n',
    );
    fixture.git("remote", "add", "origin", "https://a.example/b");
    expect(expectSame(fixture).some(({ value }) => value === "included")).toBe(true);
  });

  test("not when files include each other without end: both refuse", () => {
    const { home, fixture } = makeHome();
    put(join(home, ".gitconfig"), "[include]\npath = b\n");
    put(join(home, "b"), "[include]\npath = .gitconfig\n");
    expect(peer(fixture)).toBeNull();
    expect(thrown(() => ours(fixture)).code).toBe("GIT_UNREADABLE");
  });

  test("ten deep, and no deeper", () => {
    for (const depth of [9, 10, 11]) {
      const { home, fixture } = makeHome();
      put(join(home, ".gitconfig"), "[include]\npath = f1\n");
      for (let at = 1; at < depth; at += 1) put(join(home, `f${at}`), `[include]\npath = f${at + 1}\n`);
      put(join(home, `f${depth}`), "[a]\nb = deep\n");
      if (peer(fixture) === null) expect(thrown(() => ours(fixture)).code).toBe("GIT_UNREADABLE");
      else expectSame(fixture);
    }
  });
});

describe("both refuse", () => {
  test.each([
    ["a count that is no number", { GIT_CONFIG_COUNT: "x" }],
    ["a negative count", { GIT_CONFIG_COUNT: "-1" }],
    ["a key that is missing", { GIT_CONFIG_COUNT: "1", GIT_CONFIG_VALUE_0: "a" }],
    ["a value that is missing", { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "a.b" }],
    ["a key without a section", { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "a", GIT_CONFIG_VALUE_0: "" }],
    ["a key with a blank", { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "a.b c", GIT_CONFIG_VALUE_0: "" }],
  ])("%s", (_, more) => {
    const { fixture } = makeHome();
    const env = { ...fixture.env, ...more };
    expect(peer({ root: fixture.root, env })).toBeNull();
    expect(thrown(() => ours({ root: fixture.root, env })).code).toBe("GIT_UNREADABLE");
  });

  test.each([".gitconfig", ".config/git/config", "repo/.git/config"])("a mistake in %s", (path) => {
    const { home, fixture } = makeHome();
    put(join(home, path), "[core]\nbare = false\n\n[x\n");
    expect(peer(fixture)).toBeNull();
    const error = thrown(() => ours(fixture));
    expect(error).toMatchObject({ code: "GIT_UNREADABLE", data: { file: join(home, path), line: 4 } });
  });
});

test("what is true is what git takes for true", () => {
  const values = fc.constantFrom(
    "true",
    "yes",
    "on",
    "TRUE",
    "1",
    "2",
    "-1",
    "+1",
    "0",
    "00",
    "01",
    "no",
    "false",
    "off",
    "",
    "0x1",
    "1k",
    "0k",
    "010",
  );
  fc.assert(
    fc.property(values, (value) => {
      const env = { ...fixedEnv(), GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "a.b", GIT_CONFIG_VALUE_0: value };
      const { stdout } = spawnSync("git", ["config", "--type=bool", "a.b"], { env, encoding: "utf8" });
      const config = [{ scope: "command", name: "a.b", value }];
      expect(String(booleanSetting(config, "a.b"))).toBe(stdout.trimEnd());
    }),
    { numRuns: SLOW ? 200 : 40 },
  );
});
