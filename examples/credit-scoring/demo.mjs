import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { prepare } from "./prepare.mjs";

/*
 * The whole path in one go: a credit model is trained on real applicants under a record, rebuilt from the record bit
 * for bit, and then three things that would break the proof are refused, each with its cause.
 */

const DATA = "data/german-credit.csv";
const TRAIN = ["--data", `applicants=${DATA}`, "--", "node", "train.mjs"];

const folder = mkdtempSync(join(tmpdir(), "repro-demo-"));
let failures = 0;
try {
  heading("A project of its own, in a temporary git repository");
  demonstrate(prepare(folder, (what) => console.log(`  ${what}`)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
heading(failures === 0 ? "Everything held." : `${failures} of the steps did not do what they should.`);
process.exitCode = failures === 0 ? 0 : 1;

function demonstrate(project) {
  const repro = (...args) => run(project, args);

  heading("1  Train under a record");
  const recorded = repro("run", "--json", "--seed", "42", ...TRAIN);
  expect("the run is recorded", recorded.status === 0 && recorded.answer.status === "completed");
  console.log(`  run      ${recorded.answer.runId}`);
  console.log(`  record   ${recorded.answer.digest}`);
  console.log(`  model    ${recorded.answer.outputs.find(({ name }) => name === "model").digest}`);
  console.log(`  test AUC ${recorded.answer.metrics.testAuc}, ${recorded.answer.steps} traced steps`);

  heading("2  Train again: the same record, bit for bit");
  const again = repro("run", "--json", "--seed", "42", ...TRAIN);
  expect("both records have the same digest", again.answer.digest === recorded.answer.digest);

  heading("3  Replay from the record alone");
  const replayed = repro("replay", recorded.answer.runId, "--json");
  expect(
    `the verdict is ${replayed.answer.verdict}`,
    replayed.status === 0 && replayed.answer.verdict === "bit-identical",
  );

  heading("4  Refused: an uncommitted edit");
  appendFileSync(join(project, "train.mjs"), "// quick fix\n");
  const dirty = repro("run", "--json", "--seed", "42", ...TRAIN);
  explain(dirty);
  expect(
    "the edit is refused and named",
    dirty.status === 1 && dirty.answer.error?.code === "GIT_DIRTY" && dirty.answer.error.message.includes("train.mjs"),
  );
  execFileSync("git", ["checkout", "--quiet", "train.mjs"], { cwd: project });

  heading("5  Refused: one changed byte of data");
  const data = readFileSync(join(project, DATA));
  const changed = Uint8Array.from(data);
  changed[1000] ^= 1;
  writeFileSync(join(project, DATA), changed);
  const mismatch = repro("run", "--json", "--seed", "42", ...TRAIN);
  explain(mismatch);
  expect(
    "the data is refused and named",
    mismatch.status === 1 && mismatch.answer.error?.code === "DATA_POINTER_MISMATCH",
  );
  const blocked = repro("replay", recorded.answer.runId, "--json");
  explain({ answer: { error: blocked.answer.blockedBy } });
  expect("the replay is blocked by it", blocked.status === 2 && blocked.answer.verdict === "blocked");
  writeFileSync(join(project, DATA), data);

  heading("6  Another seed: diverged, and where first");
  const other = repro("run", "--json", "--seed", "43", ...TRAIN);
  const diverged = repro("diff", recorded.answer.runId, other.answer.runId, "--json");
  const { differences, divergence, verdict } = diverged.answer;
  const seed = differences.find(({ path }) => path === "/layers/seed/seed/value");
  console.log(`  seed       ${seed?.expected} → ${seed?.actual}`);
  console.log(`  first step ${divergence?.step}: ${divergence?.values.join(", ")}`);
  expect(
    `the verdict is ${verdict}, with the seed and the first step`,
    diverged.status === 1 && seed !== undefined && divergence?.step === 0,
  );
}

/** Runs the installed command; its progress goes to the terminal, its one answer comes back. */
function run(project, args) {
  console.log(`  $ repro ${args.filter((arg) => arg !== "--json").join(" ")}`);
  const { status, stdout } = spawnSync(join(project, "node_modules/.bin/repro"), args, {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { status, answer: JSON.parse(stdout) };
}

function explain({ answer }) {
  console.log(`  ✗ ${answer.error?.message}\n    ${answer.error?.code}: ${answer.error?.remedy}`);
}

function expect(what, holds) {
  console.log(`  ${holds ? "✓" : "✗"} ${what}`);
  if (!holds) failures += 1;
}

function heading(text) {
  console.log(`\n${text}`);
}
