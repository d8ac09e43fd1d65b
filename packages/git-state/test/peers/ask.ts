import { execFile, execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { isReproError } from "@repro/core";
import { statusMatrix } from "isomorphic-git";

import { captureGitState } from "../../src/index.ts";
import type { Env, Fixture } from "../fixture.ts";
import { fixtureAt } from "../fixture.ts";
import type { Case, Truth } from "./cases/case.ts";

/** What a work tree is known to be. */
export interface Expected {
  readonly tree: string;
  readonly dirty: boolean;
  /** Status and path of each difference, sorted. */
  readonly changes: readonly string[];
}

/** What each of the four says of a case, in the words of the page. */
export interface Row {
  readonly name: string;
  readonly git: string;
  readonly gitEngine: string;
  readonly builtIn: string;
  readonly isomorphicGit: string;
  /** What an engine said that is not so. */
  readonly wrong: readonly string[];
}

/** Builds a case and asks all four; git last, because adding writes. */
export async function ask({ name, build, truth, asNobody = false, hangs = false }: Case, folder: string): Promise<Row> {
  const built = build(folder);
  return asUser(asNobody ? nobodysGit(built, folder) : built, asNobody ? folder : null, async (fixture) => {
    const git = gitStatus(fixture);
    const answers = [await askEngine(fixture, "git"), await askEngine(fixture, "built-in")] as const;
    const matrix = await askIsomorphicGit(fixture, hangs);
    const expected = expectedOf(fixture, truth);
    if (asNobody) reopen(folder);
    const wrong: string[] = [];
    const [gitEngine, builtIn] = answers.map((answer, index) => {
      const fault = faultOf(answer, expected);
      if (fault !== null) wrong.push(`${index === 0 ? "git" : "built-in"} engine: ${fault}`);
      return fault === null ? cellOf(answer, truth) : "**wrong**";
    });
    return {
      name,
      git: git ?? "error",
      gitEngine: gitEngine ?? "",
      builtIn: builtIn ?? "",
      isomorphicGit: matrixCell(matrix, expected),
      wrong,
    };
  });
}

const NOBODY = 65_534;

/** The fixture with a git that is wholly that of a user who is not root: `seteuid` leaves the real user as it is. */
function nobodysGit(fixture: Fixture, folder: string): Fixture {
  if (process.getuid?.() !== 0) return fixture;
  const drop = `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --keep-groups git "$@"`;
  fs.mkdirSync(join(folder, "bin"));
  fs.writeFileSync(join(folder, "bin/git"), `#!/bin/sh\nPATH="\${PATH#*:}" ${drop}\n`, { mode: 0o755 });
  return fixtureAt(fixture.root, { ...fixture.env, PATH: `${join(folder, "bin")}:${fixture.env["PATH"]}` });
}

/** Runs as a user who is not root, to whom the folder is given, where this process is root and a folder is named. */
async function asUser<T>(fixture: Fixture, folder: string | null, run: (fixture: Fixture) => Promise<T>): Promise<T> {
  if (folder === null || process.getuid?.() !== 0) return run(fixture);
  for (const name of [".", ...fs.readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
    fs.lchownSync(join(folder, name), NOBODY, NOBODY);
  }
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await run(fixture);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Lets a folder be removed by a user who is not root. */
function reopen(folder: string): void {
  execFileSync("chmod", ["-R", "u+rwX", folder]);
}

/** What `git status --porcelain` writes, on one line; `null` where it fails. */
function gitStatus({ git }: Fixture): string | null {
  const said = attempt(() => git("--no-optional-locks", "status", "--porcelain"));
  if (said === null) return null;
  const lines = said === "" ? [] : said.split("\n");
  const shown = lines.slice(0, 2).map((line) => `\`${line}\``);
  const more = lines.length > 2 ? [`${lines.length - 2} more`] : [];
  return lines.length === 0 ? "clean" : [...shown, ...more].join(", ");
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null; // that it fails is its answer
  }
}

/** The state that git's own tree of the work tree means; `null` where git makes none, or can make none that is true. */
function expectedOf(fixture: Fixture, truth: Truth | undefined): Expected | null {
  if (truth?.isUnknown === true) return null;
  truth?.prepare?.(fixture);
  const { git } = fixtureAt(fixture.root, { ...fixture.env, ...truth?.env });
  return attempt(() => {
    const head = git("rev-parse", "--verify", "HEAD^{tree}");
    git("add", "--all");
    const tree = git("write-tree");
    const differences = git("diff-tree", "-r", "-z", "--no-renames", "--name-status", head, tree).split("\0");
    const found = differences.flatMap((path, index) =>
      index % 2 === 1 ? [`${STATUS[differences[index - 1] ?? ""] ?? "?"} ${path}`] : [],
    );
    return { tree, dirty: tree !== head, changes: sorted(truth?.changes ?? found) };
  });
}

const STATUS: Readonly<Record<string, string>> = { A: "added", D: "deleted", M: "modified", T: "type-changed" };

function sorted(lines: readonly string[]): readonly string[] {
  return lines.toSorted((a, b) => (a < b ? -1 : 1));
}

/** A state in the terms of {@link Expected}, or an error. */
type Answer = (Expected & { readonly approximations: readonly string[] }) | { readonly error: unknown };

async function askEngine({ root: cwd, env }: Fixture, engine: "git" | "built-in"): Promise<Answer> {
  try {
    const state = await captureGitState({ cwd, env, engine });
    return {
      tree: state.worktreeTree,
      dirty: state.dirty,
      changes: sorted(state.changes.map(({ status, path }) => `${status} ${path}`)),
      approximations: [...new Set(state.approximations.map(({ reason }) => reason))],
    };
  } catch (error) {
    return { error };
  }
}

/** What is silently wrong with an answer; `null` when it is right, typed, or says itself that it may not be right. */
function faultOf(answer: Answer, expected: Expected | null): string | null {
  if ("error" in answer) return isReproError(answer.error) ? null : `an error without a code: ${String(answer.error)}`;
  const { approximations, ...said } = answer;
  if (approximations.length > 0) return null;
  if (expected === null) return `this cannot be known, and it says ${JSON.stringify(said)}`;
  const isSame = (["tree", "dirty", "changes"] as const).every((key) => String(said[key]) === String(expected[key]));
  return isSame ? null : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(said)}`;
}

function cellOf(answer: Answer, truth: Truth | undefined): string {
  if ("error" in answer) return `\`${isReproError(answer.error) ? answer.error.code : "?"}\``;
  if (answer.approximations.length > 0) return `approximate: ${answer.approximations.join(", ")}`;
  return truth === undefined ? "exact" : `exact: ${truth.note}`;
}

/** Paths that isomorphic-git finds changed, or how it ended. */
type MatrixAnswer = readonly string[] | "throws" | "hangs";

/** Longest wait in milliseconds for what does not come back. */
const PATIENCE_MS = 5000;

async function askIsomorphicGit({ root, env }: Fixture, hangs: boolean): Promise<MatrixAnswer> {
  if (hangs) return askInProcess(root, env);
  try {
    return changedPaths(await statusMatrix({ fs, dir: root, refresh: false }));
  } catch {
    return "throws";
  }
}

async function askInProcess(root: string, env: Env): Promise<MatrixAnswer> {
  const program = `import * as fs from "node:fs";
    import { statusMatrix } from ${JSON.stringify(import.meta.resolve("isomorphic-git"))};
    await statusMatrix({ fs, dir: process.argv[1], refresh: false });`;
  const args = ["--input-type=module", "--eval", program, root];
  try {
    await promisify(execFile)(process.execPath, args, { env, timeout: PATIENCE_MS, killSignal: "SIGKILL" });
  } catch (error) {
    return error instanceof Error && "killed" in error && error.killed === true ? "hangs" : "throws";
  }
  throw new Error("it came back: the case need not be asked in a process of its own");
}

/** A row of the matrix is of a file that is as committed, in the work tree and in the index, where its numbers are all 1. */
function changedPaths(rows: Awaited<ReturnType<typeof statusMatrix>>): readonly string[] {
  return rows.filter(([, head, workdir]) => head !== 1 || workdir !== 1).map(([path]) => path);
}

/** In bold what is not as expected, and does not say so. */
function matrixCell(answer: MatrixAnswer, expected: Expected | null): string {
  if (answer === "throws" || answer === "hangs") return answer;
  const word = answer.length === 0 ? "clean" : "changed";
  const paths = expected?.changes.map((line) => line.slice(line.indexOf(" ") + 1));
  const isSame = paths !== undefined && String(sorted(paths)) === String(sorted(answer));
  if (isSame) return word;
  return expected?.dirty === true && word === "changed" ? "**other paths**" : `**${word}**`;
}
