import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { hostFiles, pathOfText } from "../../src/files.ts";
import { aheadBehind, isReachable } from "../../src/objects/history.ts";
import type { HistoryOptions } from "../../src/objects/history.ts";
import { openObjects } from "../../src/objects/objects.ts";
import type { Fixture } from "../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository, tempFolder } from "../fixture.ts";
import { SLOW } from "../rules/batch.ts";

/** Parents of each commit: earlier ones, by number. */
type Graph = readonly (readonly number[])[];

const graph: fc.Arbitrary<Graph> = fc
  .array(fc.array(fc.nat({ max: 6 }), { maxLength: 3 }), { minLength: 2, maxLength: 25, size: "max" })
  .map((commits) =>
    commits.map((back, at) => [...new Set(back.map((distance) => at - 1 - distance))].filter((parent) => parent >= 0)),
  );

/** Makes a repository with the branches `b0`, `b1`, … of which each ends with one commit of a graph. */
function makeGraph(commits: Graph): Fixture {
  const root = join(tempFolder(), "work");
  mkdirSync(root);
  const fixture = fixtureAt(root, fixedEnv());
  fixture.git("init", "--quiet", "--template=", "--initial-branch=main");
  const lines = commits.flatMap((parents, at) => [
    `commit refs/heads/b${at}`,
    `mark :${at + 1}`,
    `committer A <a@example.com> ${1_000_000 + at} +0000`,
    "data 0",
    ...parents.map((parent, index) => `${index === 0 ? "from" : "merge"} :${parent + 1}`),
    `M 100644 inline f`,
    "data 1",
    String.fromCharCode(97 + at),
    "",
  ]);
  execFileSync("git", ["fast-import", "--quiet"], { cwd: root, env: fixture.env, input: `${lines.join("\n")}\n` });
  return fixture;
}

async function historyOf(root: string, limit = 2000): Promise<HistoryOptions> {
  const gitDir = `${root}/.git`;
  let shallow: string[] = [];
  try {
    shallow = readFileSync(`${gitDir}/shallow`, "utf8").trim().split("\n");
  } catch {} // it is whole
  return { objects: await openObjects(hostFiles, pathOfText(gitDir)), shallow: new Set(shallow), limit };
}

async function expectSame(fixture: Fixture, names: readonly string[]): Promise<void> {
  const history = await historyOf(fixture.root);
  const ids = fixture.git("rev-parse", ...names).split("\n");
  const last = ids.at(-1) ?? "";
  for (const id of ids) {
    const [ahead, behind] = fixture
      .git("rev-list", "--left-right", "--count", `${id}...${last}`)
      .split("\t")
      .map(Number);
    expect(await aheadBehind(id, last, history)).toEqual({ ahead, behind });
    const from = ids.filter((_, at) => at % 3 === 1);
    const unreached = fixture.git("rev-list", "--max-count=1", id, "--not", ...from);
    expect(await isReachable(id, from, history)).toBe(unreached === "");
  }
}

describe("git counts the commits that are counted here", () => {
  test("in any history", async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (commits) =>
        expectSame(
          makeGraph(commits),
          commits.map((_, at) => `b${at}`),
        ),
      ),
      { numRuns: SLOW ? 60 : 4 },
    );
  });

  test("in a shallow clone", async () => {
    const fixture = makeGraph([[], [0], [1], [1], [2, 3], [4], [3]]);
    for (const depth of [1, 2, 3]) {
      const clone = `${fixture.root}-${depth}`;
      fixture.git(
        "clone",
        "--quiet",
        `--depth=${depth}`,
        "--no-single-branch",
        "--branch=b5",
        `file://${fixture.root}`,
        clone,
      );
      await expectSame(fixtureAt(clone), ["origin/b5", "origin/b4", "origin/b3", "origin/b6"]);
    }
  });
});

describe("it is unknown", () => {
  test("where commits are more than the limit, and known where they are not", async () => {
    const commits = Array.from({ length: 12 }, (_, at) => (at === 0 ? [] : [at - 1]));
    const { root, git } = makeGraph(commits);
    const [first = "", last = ""] = git("rev-parse", "b0", "b11").split("\n");
    for (const limit of [10, 11, 12, 13]) {
      const history = await historyOf(root, limit);
      const counts = await aheadBehind(first, last, history);
      expect(counts).toEqual(limit < 12 ? null : { ahead: 0, behind: 11 });
      expect(await isReachable("1".repeat(40), [last], history)).toBe(limit < 12 ? null : false);
    }
    expect(await aheadBehind(last, last, await historyOf(root, 1))).toEqual({ ahead: 0, behind: 0 });
    expect(await isReachable(last, [first, last], await historyOf(root, 1))).toBe(true);
  });

  test("where a commit is missing", async () => {
    const { root, git, env } = makeRepository();
    const text = `tree ${git("rev-parse", "HEAD^{tree}")}\nparent ${"1".repeat(40)}\nauthor A <a> 0 +0000\ncommitter A <a> 0 +0000\n\n`;
    const args = ["hash-object", "-t", "commit", "-w", "--stdin"];
    const id = execFileSync("git", args, { cwd: root, env, input: text }).toString().trim();
    const history = await historyOf(root);
    const head = git("rev-parse", "HEAD");
    expect(await aheadBehind(id, head, history)).toBeNull();
    expect(await aheadBehind(head, "2".repeat(40), history)).toBeNull();
    expect(await isReachable(head, [id], history)).toBeNull();
    writeFileSync(join(root, ".git/shallow"), `${id}\n`);
    expect(await aheadBehind(id, head, await historyOf(root))).toEqual({ ahead: 1, behind: 1 });
  });
});
