import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Env, Fixture } from "../../fixture.ts";
import { fixedEnv, fixtureAt, makeRepository } from "../../fixture.ts";

/** One kind of repository or change: a row of the matrix. */
export interface Case {
  /** What it is, in the words of the page. */
  readonly name: string;
  /** Makes it with the real programs, inside of a folder of its own. */
  readonly build: (folder: string) => Fixture;
  /** Where the expected state is not what git makes of the work tree as it is. */
  readonly truth?: Truth;
  /** Everything belongs to, and is asked by, a user who is not root: root may read whatever there is. */
  readonly asNobody?: boolean;
  /** Isomorphic-git never comes back from it, and is asked in a process that can be killed. */
  readonly hangs?: boolean;
}

/** An expectation that differs from git's answer. */
export interface Truth {
  /** What is expected and why, for the page. */
  readonly note: string;
  /** Changes the repository, last of all, so that git's answer becomes the expected one. */
  readonly prepare?: (fixture: Fixture) => void;
  /** Variables with which git gives the expected answer. */
  readonly env?: Env;
  /** Nobody can know the state, whatever git says: only an error is right. */
  readonly isUnknown?: boolean;
  /** Changes that are expected, status and path; where left out, those that git finds. */
  readonly changes?: readonly string[];
}

/** Cases under one heading. */
export interface Group {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** A time before any index is written, so that git trusts what the index says of a file. */
const LONG_AGO = 1_700_000_000;

/** Gives files an old time, and has the index know it: nothing is left that must be hashed. */
export function settle(fixture: Fixture): Fixture {
  for (const path of fixture.git("ls-files", "-z").split("\0")) {
    if (path !== "" && lstatSync(join(fixture.root, path), { throwIfNoEntry: false })?.isFile() === true)
      touch(fixture, path);
  }
  fixture.git("update-index", "-q", "--really-refresh");
  return fixture;
}

/** Gives a file another time than the index knows. */
export function touch({ root }: Fixture, path: string, seconds = LONG_AGO): void {
  utimesSync(join(root, path), seconds, seconds);
}

/** Removes files and folders. */
export function remove({ root }: Fixture, ...paths: readonly string[]): void {
  for (const path of paths) rmSync(join(root, path), { recursive: true });
}

/** Puts a symbolic link at a path, in place of what is there. */
export function link({ root }: Fixture, path: string, target: string): void {
  rmSync(join(root, path), { recursive: true, force: true });
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** Changes a file's mode. */
export function chmod({ root }: Fixture, path: string, mode: number): void {
  chmodSync(join(root, path), mode);
}

/** `a.txt`, `src/run.sh` and `data.bin`, committed; with more files where they are given, and nothing to be hashed. */
export function started(
  folder: string,
  more: Readonly<Record<string, string | Uint8Array>> = {},
  env: Env = {},
): Fixture {
  const fixture = makeRepository({ root: join(folder, "work"), env: fixedEnv(env) });
  for (const [path, content] of Object.entries(more)) fixture.write(path, content);
  if (Object.keys(more).length > 0) fixture.commit("more");
  return settle(fixture);
}

/** The variables of a user with this global configuration. */
export function globalConfig(folder: string, text: string): Env {
  writeFileSync(join(folder, "gitconfig"), text);
  return { HOME: folder, GIT_CONFIG_GLOBAL: join(folder, "gitconfig") };
}

/** A clone, made with options of `git clone`. */
export function cloneOf({ root, env }: Fixture, folder: string, ...options: readonly string[]): Fixture {
  const clone = join(folder, "clone");
  fixtureAt(folder, env).git("clone", "--quiet", ...options, options.length > 0 ? `file://${root}` : root, clone);
  return fixtureAt(clone, env);
}

/** Paths of loose objects or packs with their extension. */
export function objectFiles({ git }: Fixture, extension: string): readonly string[] {
  const folder = join(git("rev-parse", "--absolute-git-dir"), "objects");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));
}

/** Removes a loose object. */
export function loseObject(fixture: Fixture, revision: string): void {
  const id = fixture.git("rev-parse", revision);
  rmSync(join(fixture.root, ".git/objects", id.slice(0, 2), id.slice(2)));
}

/** Runs git and lets it fail, as a merge with a conflict does. */
export function failingGit({ root, env }: Fixture, ...args: readonly string[]): void {
  try {
    execFileSync("git", args, { cwd: root, env, stdio: "ignore" });
  } catch {
    return;
  }
  throw new Error(`git ${args.join(" ")} did not fail`);
}

/** Runs a line of shell at the top of the work tree. */
export function shell({ root, env }: Fixture, line: string): void {
  execFileSync("sh", ["-c", line], { cwd: root, env, stdio: "pipe" });
}
