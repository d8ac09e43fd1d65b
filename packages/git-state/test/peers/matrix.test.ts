import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isReproError } from "@repro/core";
import { afterAll, expect, test } from "vitest";

import { captureGitState } from "../../src/index.ts";
import type { Fixture } from "../fixture.ts";
import { fixtureAt, makeRepository, peerTree, tempFolder } from "../fixture.ts";
import type { Case } from "./cases.ts";
import { CASES } from "./cases.ts";

const PAGE = join(import.meta.dirname, "../../../../docs/guide/git-state-matrix.md");

interface Row {
  readonly name: string;
  readonly git: string;
  readonly engines: readonly string[];
}

/** What git says of a repository: `git status`, and the tree that it makes in a copy. */
interface Peer {
  readonly says: string;
  /** `null` when it fails. */
  readonly tree: string | null;
}

function askGit(fixture: Fixture, prepare: (copy: Fixture) => void): Peer {
  try {
    const status = fixture.git(
      "--no-optional-locks",
      "status",
      "--porcelain",
      "-z",
      "--untracked-files=all",
      "--no-renames",
    );
    const lines = status.split("\0").filter((line) => line !== "");
    const copy = fixtureAt(join(tempFolder(), "copy"), fixture.env);
    execFileSync("cp", ["-a", fixture.root, copy.root]); // node's own copy needs names that are UTF-8
    prepare(copy);
    return { says: lines.length === 0 ? "clean" : `${lines.length} changed`, tree: peerTree(copy) };
  } catch {
    return { says: "error", tree: null };
  }
}

async function askEngine(
  engine: "git" | "built-in",
  { root, env }: Fixture,
  { tree }: Peer,
  one: Case,
): Promise<string> {
  try {
    const state = await captureGitState({ cwd: root, env, engine });
    if (state.fidelity === "approximate") {
      return `approximate: ${[...new Set(state.approximations.map(({ reason }) => reason))].join(", ")}`;
    }
    if (state.worktreeTree !== tree || state.dirty !== (tree !== state.tree)) return "WRONG";
    return one.onPurpose === undefined ? "same" : `on purpose: ${one.onPurpose.why}`;
  } catch (error) {
    if (isReproError(error)) return `\`${error.code}\``;
    throw error;
  }
}

const rows: Row[] = [];

for (const one of CASES) {
  test(`${one.name}: neither engine is silently wrong`, async () => {
    const made = makeRepository(one.env === undefined ? {} : { env: one.env() });
    const fixture = one.make(made) ?? made;
    const says = askGit(fixture, one.onPurpose?.prepare ?? (() => {}));
    const engines = [await askEngine("git", fixture, says, one), await askEngine("built-in", fixture, says, one)];
    rows.push({ name: one.name, git: says.says, engines });
    expect(engines).not.toContain("WRONG");
    if (says.says === "error") for (const engine of engines) expect(engine).toMatch(/^`GIT_/);
  });
}

afterAll(() => {
  const page = render(rows);
  if (process.env["REPRO_WRITE"] === "1") writeFileSync(PAGE, page);
  else if (rows.length === CASES.length) expect(readFileSync(PAGE, "utf8")).toBe(page);
});

function render(all: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const lines = all.map(({ name, git, engines }) => `| ${[name, git, ...engines].map(cell).join(" | ")} |`);
  return `${HEAD}\n${lines.join("\n")}\n`;
}

const HEAD = `# What each engine says, case by case

Made by \`npm run test:peers\`, which builds each repository with git (and git-lfs), asks \`git status\`, lets git make the tree of a
copy (\`git add --all && git write-tree\`), and compares. \`same\`: the state is exact, and has that tree. \`on purpose\`: it has another
tree, which git makes too when it is told what the record means. A code is an error that says what to do. Nothing else may happen.
\`REPRO_WRITE=1\` writes this page anew.

| case | git | git engine | built-in engine |
| --- | --- | --- | --- |`;
