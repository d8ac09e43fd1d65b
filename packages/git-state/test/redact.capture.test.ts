import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";

import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import { tagRun } from "../src/tag.ts";
import { CREDENTIALS } from "./credentials.ts";
import type { Fixture } from "./fixture.ts";
import { failure, makeRepository, tempFolder } from "./fixture.ts";

const ENGINES = ["git", "built-in"] as const;

/** A value as it is written in a configuration file. */
function value(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/** A subsection as it is written there: it may hold anything but a line feed. */
function subsection(text: string): string {
  return `"${text.replaceAll("\n", " ").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A repository whose configuration holds every form of credential in every place where an address may stand. */
function repositoryWithCredentials(): Fixture {
  const fixture = makeRepository();
  const commit = fixture.git("rev-parse", "HEAD");
  const modules: string[] = [];
  const settings: string[] = [];
  const gitlinks: string[] = [];
  for (const [index, { address }] of CREDENTIALS.entries()) {
    const [text, name] = [value(address), subsection(address)];
    modules.push(`[submodule "m${index}"]\n path = m${index}\n url = ${text}\n`);
    gitlinks.push(`160000 ${commit}\tm${index}`);
    mkdirSync(join(fixture.root, `m${index}`));
    settings.push(
      `[remote "r${index}"]\n url = ${text}\n pushurl = ${text}\n`,
      `[remote ${name}]\n url = https://example.com/a.git\n`,
      `[submodule "m${index}"]\n url = ${text}\n`,
      `[url ${name}]\n insteadOf = https://example.com/\n pushInsteadOf = https://example.com/\n`,
      `[url "https://example.com/${index}/"]\n insteadOf = ${text}\n`,
      `[http ${name}]\n extraHeader = ${text}\n`,
      `[http]\n extraHeader = ${text}\n proxy = ${text}\n`,
      `[credential ${name}]\n username = ${text}\n helper = ${text}\n`,
      `[branch "main"]\n remote = ${text}\n pushRemote = ${text}\n`,
      `[filter ${name}]\n clean = ${text}\n`,
      `[core]\n eol = ${text}\n`,
    );
  }
  fixture.write(".gitmodules", modules.join(""));
  fixture.git("add", ".gitmodules");
  for (const gitlink of gitlinks) {
    const [mode = "", id = "", path = ""] = gitlink.split(/[ \t]/);
    fixture.git("update-index", "--add", "--cacheinfo", `${mode},${id},${path}`);
  }
  fixture.git("commit", "--quiet", "--message", "modules");
  appendFileSync(join(fixture.root, ".git/config"), `${settings.join("")}[branch "main"]\n merge = refs/heads/main\n`);
  return fixture;
}

/** All that can be seen of a value: its members, and of an error message, stack and causes too. */
function visible(thing: unknown): string {
  const options = { depth: 20, maxArrayLength: null, maxStringLength: null, showHidden: true };
  return inspect(thing, options).toLowerCase();
}

const [{ secret }] = CREDENTIALS as readonly [(typeof CREDENTIALS)[number]];

describe.for(ENGINES)("with every form of credential in the configuration, the engine %s", (engine) => {
  test("records none in a state, a patch's facts, or an error", async () => {
    const fixture = repositoryWithCredentials();
    const options = { cwd: fixture.root, env: fixture.env, engine };
    const config = fixture.git("config", "--list");
    for (const one of CREDENTIALS) expect(config).toContain(one.address);
    const state = await captureGitState(options);
    expect(state.observed?.remotes.length).toBe(2 * CREDENTIALS.length - countOfSameNames());
    expect(state.submodules).toHaveLength(CREDENTIALS.length);
    fixture.write("a.txt", "edited\n");
    const { patch: _, ...facts } = await captureGitPatch(options);
    const missing = { ...state, commit: "1".repeat(40), submodules: [] };
    const root = join(tempFolder(), "restored");
    const errors = [
      await failure(restoreGitState(missing, { source: fixture.root, root, env: fixture.env })),
      await failure(tagRun(missing, { name: "v1", cwd: fixture.root, env: fixture.env })),
      await failure(captureGitState({ ...options, engine: "git", env: { ...fixture.env, PATH: tempFolder() } })),
    ];
    expect(errors.map(({ code }) => code)).toEqual(["GIT_COMMIT_MISSING", "GIT_COMMIT_MISSING", "GIT_NOT_FOUND"]);
    for (const output of [state, facts, ...errors]) expect(visible(output)).not.toContain(secret);
  });

  test("tells none when a setting is not what it should be, and git says which value it has", async () => {
    const fixture = makeRepository();
    const file = join(fixture.root, ".git/config");
    const before = readFileSync(file);
    let failed = 0;
    for (const [index, { form, address }] of CREDENTIALS.entries()) {
      const setting = ["core.bare", "core.abbrev", "extensions.objectFormat", "core.repositoryFormatVersion"][
        index % 4
      ];
      const [section = "", key = ""] = setting?.split(".") ?? [];
      writeFileSync(file, `${before.toString()}[${section}]\n ${key} = ${value(address)}\n`);
      const captured = await captureGitState({ cwd: fixture.root, env: fixture.env, engine }).catch(
        (error: unknown) => error,
      );
      if (captured instanceof Error) failed += 1;
      expect(visible(captured), form).not.toContain(secret);
    }
    if (engine === "git") expect(failed).toBeGreaterThan(CREDENTIALS.length / 2);
  });

  test("tells none of a line that it cannot read", async () => {
    const fixture = makeRepository();
    const file = join(fixture.root, ".git/config");
    const before = readFileSync(file);
    for (const { form, address } of CREDENTIALS.filter((_, index) => index % 5 === 0)) {
      writeFileSync(file, `${before.toString()}[remote "origin"]\n ${address} = "open\n`);
      const error = await failure(captureGitState({ cwd: fixture.root, env: fixture.env, engine }));
      expect(visible(error), form).not.toContain(secret);
    }
  });
});

/** A remote that is named in the configuration more than once is one remote with more addresses: none here. */
function countOfSameNames(): number {
  return 0;
}
