// npm run bench -- git-state/capture: what a capture costs of a work tree of 20,001 tracked and 2,000 ignored files, beside
// `git status` and isomorphic-git's own statusMatrix, in one run.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { captureGitPatch, captureGitState } from "@repro/git-state";
import { statusMatrix } from "isomorphic-git";

import { measure, report } from "../../conformance/dist/measure.js";

const FOLDERS = 1000;
const TRACKED_IN_EACH = 20;
const IGNORED = 2000;
const EDITED = 100;
/** What was written in the moment of the index must be read again, by everyone: here nothing was. */
const LONG_AGO = 1_700_000_000;
const REPEATS = 15;
const MATRIX_REPEATS = 3; // some 8 s each

const root = fs.mkdtempSync(join(tmpdir(), "repro-bench-git-state-"));
process.on("exit", () => fs.rmSync(root, { recursive: true, force: true }));
const env = {
  PATH: process.env.PATH,
  HOME: root,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@example.com",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@example.com",
};
const git = (...args) => execFileSync("git", args, { cwd: root, env, stdio: "ignore" });
const nameOf = (folder, index) => `group${folder % 10}/folder${folder}/file${index}.txt`;

function write(path, text) {
  fs.mkdirSync(dirname(join(root, path)), { recursive: true });
  fs.writeFileSync(join(root, path), text);
}

git("init", "--quiet");
write(".gitignore", "/ignored/\n");
for (let folder = 0; folder < FOLDERS; folder += 1) {
  for (let index = 0; index < TRACKED_IN_EACH; index += 1) {
    write(nameOf(folder, index), `${folder} ${index}\n`.repeat(20 + ((folder * 7 + index) % 60)));
    fs.utimesSync(join(root, nameOf(folder, index)), LONG_AGO, LONG_AGO);
  }
}
for (let index = 0; index < IGNORED; index += 1) write(`ignored/${index % 20}/${index}.bin`, "ignored\n");
git("add", "--all");
git("commit", "--quiet", "--message", "files");

const status = "git --no-optional-locks status --porcelain";
const byGit = "captureGitState, engine git";
const builtIn = "captureGitState, engine built-in";

async function state(engine, isDirty) {
  const { dirty } = await captureGitState({ cwd: root, env, engine });
  if (dirty !== isDirty) throw new Error(`${engine}: dirty is ${dirty}`);
}

/** What is measured of a work tree, by the engines and by git itself. */
function works(isDirty) {
  const found = [
    { what: status, run: () => git("--no-optional-locks", "status", "--porcelain") },
    { what: byGit, run: () => state("git", isDirty), against: status },
    { what: builtIn, run: () => state("built-in", isDirty), against: status },
  ];
  if (!isDirty) return found;
  const patch = (engine) => captureGitPatch({ cwd: root, env, engine });
  return [
    ...found,
    { what: "captureGitPatch, engine git", run: () => patch("git"), against: status },
    { what: "captureGitPatch, engine built-in", run: () => patch("built-in"), against: status },
  ];
}

/** Processor time of this process for one capture, all its threads: median over the repeats. */
async function cpuOf(run) {
  const times = [];
  for (let round = -2; round < REPEATS; round += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) times.push((user + system) * 1000);
  }
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}

const rows = [];
const add = (state, measured) => rows.push(...measured.map((row) => ({ ...row, what: `${state}: ${row.what}` })));

const clean = await measure(works(false), REPEATS);
add("clean", clean);
const cpuNs = await cpuOf(() => state("built-in", false));
rows.push({ what: `clean: ${builtIn}, CPU`, medianNs: cpuNs, speedup: null, against: null });

const matrix = "isomorphic-git statusMatrix({ refresh: false })";
const beside = await measure(
  [
    { what: matrix, run: () => statusMatrix({ fs, dir: root, refresh: false }) },
    { what: `${builtIn}, beside it`, run: () => state("built-in", false), against: matrix },
  ],
  MATRIX_REPEATS,
);
add("clean", beside);

write(nameOf(3, 3), "edited\n");
add("1 edited", await measure(works(true), REPEATS));

for (let index = 0; index < EDITED; index += 1) {
  write(nameOf(index * 7, 5), `edited ${index}\n`.repeat(50));
  write(`group0/folder${index * 10}/untracked.txt`, `untracked ${index}\n`.repeat(50));
}
add(`${EDITED + 1} edited, ${EDITED} untracked`, await measure(works(true), REPEATS));

report("git-state-capture", rows);
const slower = 1 / clean[1].speedup;
console.log(`
engine git takes ${slower.toFixed(2)} x as long as git status (aim: 3 at most)
engine built-in takes ${(cpuNs / 1e9).toFixed(3)} s of processor time (aim: 0.3 at most)
engine built-in is ${beside[1].speedup.toFixed(1)} x as fast as statusMatrix (aim: 20 at least)`);
