import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { makeProject } from "./project.ts";
import type { Project } from "./project.ts";

const SCRIPT = { "train.mjs": 'import { writeFileSync } from "node:fs"; writeFileSync("model.txt", "m");' };

function refusal(
  project: Project,
  args: readonly string[],
): { status: number | null; code: unknown; message: string; remedy: unknown } {
  const { status, json, stderr, stdout } = project.repro([...args.slice(0, 1), "--json", ...args.slice(1)]);
  const error = json["error"] as { code: string; message: string; remedy: string } | undefined;
  if (error === undefined) throw new Error(`no error: ${stdout}${stderr}`);
  return { status, code: error.code, message: error.message, remedy: error.remedy };
}

const RUN = ["run", "--seed", "1", "--", "node", "train.mjs"];

describe("each refusal has a code, a remedy and its exit status", () => {
  it("a folder that is no git repository", () => {
    using project = makeProject(null);
    expect(refusal(project, RUN)).toMatchObject({
      status: 2,
      code: "GIT_NOT_A_WORKTREE",
      remedy: expect.stringContaining("git init"),
    });
  });

  it("a repository without a commit", () => {
    using project = makeProject({});
    expect(refusal(project, RUN)).toMatchObject({
      status: 2,
      code: "GIT_NO_COMMITS",
      remedy: expect.stringContaining("commit"),
    });
  });

  it("data that is not there", () => {
    using project = makeProject(SCRIPT);
    const args = ["run", "--data", "rows=missing.csv", "--", "node", "train.mjs"];
    expect(refusal(project, args)).toMatchObject({ status: 2, code: "DATA_MISSING" });
  });

  it("data that its pointer does not know", () => {
    using project = makeProject({
      ...SCRIPT,
      ".gitignore": "rows.csv\n",
      "rows.csv.dvc": `outs:\n- md5: ${"0".repeat(32)}\n  size: 2\n  hash: md5\n  path: rows.csv\n`,
    });
    project.write("rows.csv", "a\n");
    const args = ["run", "--data", "rows=rows.csv", "--", "node", "train.mjs"];
    expect(refusal(project, args)).toMatchObject({
      status: 1,
      code: "DATA_POINTER_MISMATCH",
      remedy: expect.stringContaining("dvc checkout"),
    });
  });

  it("an output that the program does not write", () => {
    using project = makeProject(SCRIPT);
    const args = ["run", "--output", "model=other.txt", "--", "node", "train.mjs"];
    expect(refusal(project, args)).toMatchObject({ status: 1, code: "RUN_OUTPUT_MISSING" });
  });

  it("an output outside the work tree", () => {
    using project = makeProject(SCRIPT);
    const args = ["run", "--output", "model=../model.txt", "--", "node", "train.mjs"];
    expect(refusal(project, args)).toMatchObject({ status: 2, code: "RUN_PATH_OUTSIDE" });
  });

  it("a program that is killed", () => {
    using project = makeProject({ "train.mjs": 'process.kill(process.pid, "SIGKILL");' });
    expect(refusal(project, RUN)).toMatchObject({ status: 1, code: "RUN_COMMAND_KILLED" });
  });

  it("a program that does not exist", () => {
    using project = makeProject(SCRIPT);
    expect(refusal(project, ["run", "--", "no-such-program"])).toMatchObject({
      status: 2,
      code: "RUN_COMMAND_NOT_FOUND",
    });
    expect(project.runs()).toEqual([]);
  });

  it("a folder for records that cannot be written", () => {
    using project = makeProject({ ...SCRIPT, ".repro": "a file where the folder goes" });
    expect(refusal(project, RUN)).toMatchObject({ status: 2, code: "RUN_RECORD_UNWRITABLE" });
  });

  it("a guard without a seed", () => {
    using project = makeProject(SCRIPT);
    expect(refusal(project, ["run", "--guard", "redirect", "--", "node", "train.mjs"])).toMatchObject({
      status: 3,
      code: "CLI_USAGE",
    });
  });

  it.each([
    ["off", '"random" must be redirect, throw, record or none, got "off"'],
    ["random=redirect,clock=slow", '"clock" must be freeze, throw, record or none, got "slow"'],
    ["time=freeze", 'a source must be random, crypto or clock, got "time"'],
  ])("the guard %s", (guard, says) => {
    using project = makeProject(SCRIPT);
    const refused = refusal(project, ["run", "--seed", "7", "--guard", guard, "--", "node", "train.mjs"]);
    expect(refused).toMatchObject({ status: 3, code: "CLI_USAGE" });
    expect(refused.message).toContain(says);
  });

  it("an empty seed", () => {
    using project = makeProject(SCRIPT);
    expect(refusal(project, ["run", "--seed", "", "--", "node", "train.mjs"]).status).toBeGreaterThan(1);
  });
});

describe("a stored record", () => {
  function recorded(project: Project): { id: string; file: string } {
    const id = project.repro([...RUN.slice(0, 1), "--json", ...RUN.slice(1)]).json["runId"] as string;
    return { id, file: join(project.root, ".repro/runs", id, "record.json") };
  }

  it("that was edited by hand does not hold", () => {
    using project = makeProject(SCRIPT);
    const { id, file } = recorded(project);
    writeFileSync(file, readFileSync(file, "utf8").replace('"completed"', '"failed"'));
    for (const command of ["replay", "show"])
      expect(refusal(project, [command, id])).toMatchObject({ status: 1, code: "RUN_DIGEST_MISMATCH" });
  });

  it("of a newer layout cannot be judged", () => {
    using project = makeProject(SCRIPT);
    const { id, file } = recorded(project);
    writeFileSync(file, readFileSync(file, "utf8").replace("repro/run/v1", "repro/run/v9"));
    expect(refusal(project, ["replay", id])).toMatchObject({ status: 2, code: "RUN_SCHEMA_UNSUPPORTED" });
  });

  it("that was cut in half cannot be judged", () => {
    using project = makeProject(SCRIPT);
    const { id, file } = recorded(project);
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 400));
    expect(refusal(project, ["replay", id])).toMatchObject({ status: 2, code: "JSON_MALFORMED" });
    expect(project.repro(["run", "--json", "--seed", "1", "--", "node", "train.mjs"]).json["error"]).toMatchObject({
      code: "GIT_DIRTY",
    });
  });

  it("that does not exist cannot be judged", () => {
    using project = makeProject(SCRIPT);
    expect(refusal(project, ["replay", "nothing"])).toMatchObject({ status: 2, code: "RUN_NOT_FOUND" });
  });

  it("blocks its replay when its commit is gone, its data is gone, or its data has changed", () => {
    using project = makeProject({ ...SCRIPT, ".gitignore": "rows.csv\n" });
    project.write("rows.csv", "a\n");
    const id = project.repro(["run", "--json", "--data", "rows=rows.csv", "--", "node", "train.mjs"]).json[
      "runId"
    ] as string;
    const replay = (): unknown => {
      const { status, json } = project.repro(["replay", "--json", id]);
      return [status, json["verdict"], (json["blockedBy"] as { code: string } | null)?.code];
    };
    expect(replay()).toEqual([0, "bit-identical", undefined]);
    project.write("rows.csv", "b\n");
    expect(replay()).toEqual([2, "blocked", expect.stringMatching(/^DATA_MIS/)]);
    rmSync(join(project.root, "rows.csv"));
    expect(replay()).toEqual([2, "blocked", "DATA_MISSING"]);
    rmSync(join(project.root, ".git"), { recursive: true });
    project.git("init", "--quiet");
    project.write("rows.csv", "a\n");
    project.commit();
    project.git("commit", "--quiet", "--amend", "--message", "another history");
    expect(replay()).toEqual([2, "blocked", "GIT_COMMIT_MISSING"]);
  });

  it("of a run without any result is not called identical", () => {
    using project = makeProject({ "train.mjs": "" });
    const { id } = recorded(project);
    const { status, json } = project.repro(["replay", "--json", id]);
    expect([status, json["verdict"], (json["blockedBy"] as { code: string }).code]).toEqual([
      2,
      "blocked",
      "RUN_NOTHING_TO_COMPARE",
    ]);
  });
});

it("a hostile record does not drive the terminal", () => {
  using project = makeProject({ "train.mjs": "", "e\u001b[31mvil.mjs": "" });
  const id = project.repro(["run", "--json", "--", "node", "e\u001b[31mvil.mjs"]).json["runId"] as string;
  const shown = project.repro(["show", id]);
  expect(shown.status).toBe(0);
  expect(shown.stdout).not.toContain("\u001b");
  expect(shown.stdout).toContain("\\u{1b}[31mvil");
});

it("a program that a replay cannot start in another place is blocked by it", () => {
  using project = makeProject({ "train.sh": "#!/bin/sh\necho m > model.txt\n" });
  chmodSync(join(project.root, "train.sh"), 0o755);
  project.commit();
  const id = project.repro(["run", "--json", "--", "./train.sh"]).json["runId"] as string;
  expect(project.repro(["replay", "--json", id])).toMatchObject({ status: 0, json: { verdict: "bit-identical" } });
});
