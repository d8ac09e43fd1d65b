import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { makeProject } from "./project.ts";
import type { Answer, Project } from "./project.ts";

/** Sets no seed anywhere. */
const UNSEEDED = `
  import { writeFileSync } from "node:fs";
  const weights = Array.from({ length: 64 }, () => Math.random());
  writeFileSync("weights.json", JSON.stringify(weights));
  console.log("trained");
`;

const run = (project: Project, ...options: readonly string[]): Answer =>
  project.repro(["run", "--json", ...options, "--", "node", "train.mjs"]);

function idOf(answer: Answer): string {
  const id = answer.json["runId"];
  if (typeof id !== "string") throw new Error(`no run: ${answer.stdout}${answer.stderr}`);
  return id;
}

describe("a program that sets no seed anywhere", () => {
  it("gives the same bytes twice under the guard, in records with one digest, and replays bit for bit", () => {
    using project = makeProject({ "train.mjs": UNSEEDED });
    const a = run(project, "--seed", "7", "--guard", "redirect");
    const first = readFileSync(join(project.root, "weights.json"), "utf8");
    const b = run(project, "--seed", "7", "--guard", "redirect");
    expect([a.status, b.status]).toEqual([0, 0]);
    expect(readFileSync(join(project.root, "weights.json"), "utf8")).toBe(first);
    expect(b.json["digest"]).toBe(a.json["digest"]);
    const replay = project.repro(["replay", idOf(a), "--json"]);
    expect(replay).toMatchObject({ status: 0, json: { verdict: "bit-identical", actual: a.json["digest"] } });
  });

  it("gives other bytes for another seed, and diff says which seed", () => {
    using project = makeProject({ "train.mjs": UNSEEDED });
    const [a, b] = [
      run(project, "--seed", "7", "--guard", "redirect"),
      run(project, "--seed", "8", "--guard", "redirect"),
    ];
    expect(b.json["digest"]).not.toBe(a.json["digest"]);
    const diff = project.repro(["diff", idOf(a), idOf(b), "--json"]);
    expect(diff).toMatchObject({ status: 1, json: { verdict: "diverged" } });
    expect(diff.stdout).toContain("/layers/seed/seed");
  });

  it("diverges without the guard, and the record counts what no seed explains", () => {
    using project = makeProject({ "train.mjs": UNSEEDED });
    const recorded = run(project, "--seed", "7");
    const replay = project.repro(["replay", idOf(recorded), "--json"]);
    expect(replay).toMatchObject({ status: 1, json: { verdict: "diverged" } });
    expect(replay.stdout).toContain("/outputs/weights.json");
    const shown = project.repro(["show", idOf(recorded), "--json"]);
    expect(shown.json).toMatchObject({
      record: { layers: { seed: { unseeded: [{ api: "Math.random", calls: 64 }] } } },
    });
  });

  it("stops clocks by --guard, and replays with them stopped", () => {
    using project = makeProject({
      "train.mjs": 'import { writeFileSync } from "node:fs"; writeFileSync("weights.json", String(Date.now()));',
    });
    const recorded = run(project, "--seed", "7", "--guard", "random=throw,clock=freeze@86400000");
    expect(recorded.status).toBe(0);
    const shown = project.repro(["show", idOf(recorded), "--json"]);
    expect(shown.json).toMatchObject({
      record: {
        layers: { seed: { guard: { random: "throw", crypto: "none", clock: "freeze", frozenAt: 86_400_000 } } },
      },
    });
    expect(project.repro(["replay", idOf(recorded), "--json"])).toMatchObject({
      status: 0,
      json: { verdict: "bit-identical" },
    });
  });

  it("is stopped at its first call by --guard throw", () => {
    using project = makeProject({ "train.mjs": UNSEEDED });
    const refused = run(project, "--seed", "7", "--guard", "throw");
    expect(refused).toMatchObject({ status: 1, json: { error: { code: "RUN_COMMAND_FAILED" }, status: "failed" } });
    expect(refused.stderr).toContain("SEED_UNSEEDED_RANDOM");
  });
});

describe("what changes the digest of a record", () => {
  const files = {
    ".gitignore": "weights.json\n",
    "data.csv": "a,b\n1,2\n",
    "train.mjs": 'import { writeFileSync } from "node:fs"; writeFileSync("weights.json", "[1]");',
  };
  const options = ["--seed", "1", "--data", "rows=data.csv"];

  it("is the seed, a byte of data, or the code, and nothing else", () => {
    using project = makeProject(files);
    const digest = run(project, ...options).json["digest"];
    expect(run(project, ...options).json["digest"]).toBe(digest);
    expect(run(project, "--seed", "2", "--data", "rows=data.csv").json["digest"]).not.toBe(digest);
    project.write("data.csv", "a,b\n1,3\n");
    project.commit();
    expect(run(project, ...options).json["digest"]).not.toBe(digest);
    project.write("data.csv", files["data.csv"]);
    project.write("train.mjs", `${files["train.mjs"]}\n`);
    project.commit();
    expect(run(project, ...options).json["digest"]).not.toBe(digest);
  });

  it("is not the time zone, the locale of the terminal, or the user", () => {
    using project = makeProject(files);
    const record = (env: Readonly<Record<string, string>>): unknown =>
      project.repro(["run", "--json", ...options, "--", "node", "train.mjs"], env).json["digest"];
    expect(record({ USER: "b", COLUMNS: "40", NO_COLOR: "1" })).toBe(record({ USER: "a" }));
  });
});

describe("uncommitted changes", () => {
  const files = { "train.mjs": 'import { writeFileSync } from "node:fs"; writeFileSync("model.txt", "one");' };

  it("are refused by name", () => {
    using project = makeProject(files);
    project.write("train.mjs", `${files["train.mjs"]} // edited`);
    const refused = run(project);
    expect(refused).toMatchObject({ status: 1, json: { error: { code: "GIT_DIRTY" } } });
    expect(refused.stdout).toContain("train.mjs");
    expect(project.runs()).toEqual([]);
  });

  it("are kept with a warning that names the line where one looks like a secret, and not the secret", () => {
    using project = makeProject({ "train.mjs": UNSEEDED });
    const token = `ghp_${"aB3dE6gH9jK2mN5pQ8sT".repeat(2).slice(0, 36)}`;
    project.write("config.mjs", `\nexport const token = "${token}";\n`);
    const recorded = run(project, "--allow-dirty");
    expect(recorded.status).toBe(0);
    expect(recorded.stderr).toContain("looks like a secret (github-token): config.mjs:2");
    expect(recorded.stderr + recorded.stdout).not.toContain(token);
  });

  it("are kept as a patch with --allow-dirty, and a replay runs what was there, not what is there now", () => {
    using project = makeProject(files);
    project.write("train.mjs", files["train.mjs"].replace("one", "two"));
    project.write("new.mjs", "export default 1;\n");
    const recorded = run(project, "--allow-dirty");
    expect(recorded.status).toBe(0);
    project.write("train.mjs", files["train.mjs"].replace("one", "three"));
    const replay = project.repro(["replay", idOf(recorded), "--json"]);
    expect(replay).toMatchObject({ status: 0, json: { verdict: "bit-identical" } });
    expect(readFileSync(join(project.root, "train.mjs"), "utf8")).toContain("three");
  });

  it("do not include what an earlier run produced", () => {
    using project = makeProject(files);
    expect([run(project).status, run(project).status]).toEqual([0, 0]);
    project.write("other.txt", "not a product");
    expect(run(project)).toMatchObject({ status: 1, json: { error: { code: "GIT_DIRTY" } } });
  });
});

describe("the program's own output", () => {
  const files = { "train.mjs": 'console.log("trained"); console.error("warned");' };

  it("stays on standard output, and the report goes to standard error", () => {
    using project = makeProject(files);
    const { stdout, stderr, status } = project.repro(["run", "--", "node", "train.mjs"]);
    expect({ stdout, status }).toEqual({ stdout: "trained\n", status: 0 });
    expect(stderr).toContain("recorded");
    expect(stderr).toContain("warned");
  });

  it("makes way for the one document of --json", () => {
    using project = makeProject(files);
    const { stdout, stderr } = run(project);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("trained");
  });
});

it("finds the seed as the program needs it, in a folder below the root too", () => {
  using project = makeProject({
    "sub/train.mjs":
      'import { writeFileSync } from "node:fs"; writeFileSync("seed.txt", process.env.REPRO_SEED + " " + process.env.PYTHONHASHSEED.length);',
  });
  const recorded = project.repro([
    "run",
    "--json",
    "--seed",
    "0",
    "--output",
    "seed=sub/seed.txt",
    "--",
    "sh",
    "-c",
    "cd sub && node train.mjs",
  ]);
  expect(recorded.status).toBe(0);
  expect(readFileSync(join(project.root, "sub/seed.txt"), "utf8")).toMatch(/^0 \d+$/);
  expect(project.repro(["replay", idOf(recorded), "--json"])).toMatchObject({ status: 0 });
});

it("lets two runs at once in one repository finish, each with a whole record", async () => {
  using project = makeProject({ "train.mjs": UNSEEDED.replace('"weights.json"', "process.argv[2]") });
  const args = (name: string): readonly string[] => [
    "run",
    "--json",
    "--seed",
    "1",
    "--guard",
    "redirect",
    "--output",
    `w=${name}`,
    "--",
    "node",
    "train.mjs",
    name,
  ];
  const answers = await Promise.all(["a.json", "b.json", "c.json"].map((name) => project.reproLater(args(name))));
  expect(answers.map(({ status, stderr }) => [status, status === 0 ? "" : stderr])).toEqual([
    [0, ""],
    [0, ""],
    [0, ""],
  ]);
  expect(project.runs()).toHaveLength(3);
});
