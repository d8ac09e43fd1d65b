import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { parseJson } from "@repro/core";
import type { JsonObject } from "@repro/core";

/** The built command: `npm test` builds before it tests. */
const REPRO = join(import.meta.dirname, "../dist/main.js");

/** Author and time are fixed, and nobody's own configuration is read. */
const GIT_ENV = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@localhost",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@localhost",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed. */
  readonly json: JsonObject;
}

/** A project of somebody who has never heard of this repository. */
export interface Project extends Disposable {
  readonly root: string;
  write(name: string, text: string): void;
  git(...args: readonly string[]): string;
  commit(): void;
  repro(args: readonly string[], env?: Readonly<Record<string, string>>): Answer;
  reproLater(args: readonly string[]): Promise<Answer>;
  runs(): readonly string[];
}

export function makeProject(files: Readonly<Record<string, string>> | null): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "repro-cli-")));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const env = { PATH: process.env["PATH"], HOME: root, ...GIT_ENV };
  const git = (...args: readonly string[]): string => execFileSync("git", args, { cwd: root, env, encoding: "utf8" });
  const commit = (): void => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "change");
  };
  for (const [name, text] of Object.entries(files ?? {})) write(name, text);
  if (files !== null) git("init", "--quiet", "--initial-branch=main");
  if (files !== null && Object.keys(files).length > 0) commit();
  return {
    root,
    write,
    git,
    commit,
    repro: (args, more = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [REPRO, ...args], {
        cwd: root,
        env: { ...env, ...more },
        encoding: "utf8",
      });
      return answer(status, stdout, stderr);
    },
    reproLater: (args) =>
      new Promise((done, fail) => {
        const child = spawn(process.execPath, [REPRO, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
        let [stdout, stderr] = ["", ""];
        child.stdout.on("data", (chunk: Uint8Array) => (stdout += String(chunk)));
        child.stderr.on("data", (chunk: Uint8Array) => (stderr += String(chunk)));
        child.once("error", fail);
        child.once("close", (status) => done(answer(status, stdout, stderr)));
      }),
    runs: () => readdirSync(join(root, ".repro/runs")).filter((name) => name !== ".gitignore"),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function answer(status: number | null, stdout: string, stderr: string): Answer {
  const json = stdout.startsWith("{") ? (parseJson(stdout, { what: "standard output" }) as JsonObject) : {};
  return { status, stdout, stderr, json };
}
