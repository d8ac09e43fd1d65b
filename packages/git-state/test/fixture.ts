import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { isReproError } from "@repro/core";
import type { ReproError } from "@repro/core";
import { afterAll, onTestFinished } from "vitest";

export type Env = Record<string, string | undefined>;

/** A folder of the running test, removed when it ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "git-state-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An environment in which no configuration of the machine counts, and commits have fixed ids. */
export function fixedEnv(more: Env = {}): Env {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.com",
    GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.com",
    GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
    ...more,
  };
}

export interface Fixture {
  readonly root: string;
  readonly env: Env;
  git(...args: string[]): string;
  write(path: string, content: string | Uint8Array, mode?: number): void;
  commit(message?: string): string;
}

/** Handles on a repository that exists. */
export function fixtureAt(root: string, env: Env = fixedEnv()): Fixture {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
      cwd: root,
      env,
      encoding: "utf8",
      stdio: "pipe",
    }).replace(/\n$/, "");
  return {
    root,
    env,
    git,
    write(path, content, mode) {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      if (mode !== undefined) chmodSync(full, mode);
    },
    commit(message = "commit") {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "--message", message);
      return git("rev-parse", "HEAD");
    },
  };
}

/** Repositories as {@link makeRepository} hands them out, by object format: made once, because starting git is slow. */
const templates = new Map<string, string>();

afterAll(() => {
  for (const root of templates.values()) rmSync(root, { recursive: true, force: true });
});

function templateOf(objectFormat: string): string {
  const known = templates.get(objectFormat);
  if (known !== undefined) return known;
  const root = mkdtempSync(join(tmpdir(), "git-state-template-"));
  const fixture = fixtureAt(root);
  fixture.git("init", "--quiet", "--template=", "--initial-branch=main", `--object-format=${objectFormat}`);
  fixture.write("a.txt", "one\ntwo\nthree\n");
  fixture.write("src/run.sh", "#!/bin/sh\necho run\n", 0o755);
  fixture.write(
    "data.bin",
    Uint8Array.from({ length: 512 }, (_, index) => (index * 7) % 256),
  );
  fixture.commit("first");
  templates.set(objectFormat, root);
  return root;
}

/** A repository with three committed files: text, a script, and bytes that are no text. */
export function makeRepository(options: { env?: Env; objectFormat?: string; root?: string } = {}): Fixture {
  const root = options.root ?? join(tempFolder(), "work");
  cpSync(templateOf(options.objectFormat ?? "sha1"), root, { recursive: true });
  return fixtureAt(root, options.env);
}

/** The tree that git itself makes of a work tree: a peer's answer. It writes to the repository, so ask last. */
export function peerTree({ git }: Fixture): string {
  git("add", "--all");
  return git("write-tree");
}

/** Every file under a folder with its size, times and mode. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const { size, mtimeNs, mode, ino } = lstatSync(join(folder, name), { bigint: true });
      return [name, size, mtimeNs, mode, ino].join(" ");
    })
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** The error with which a promise fails. */
export async function failure(promise: Promise<unknown>): Promise<ReproError> {
  try {
    await promise;
  } catch (error) {
    if (isReproError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** A program that leaves a marker when it is run. */
export function makeTrap(folder: string): { readonly command: string; readonly sprung: () => boolean } {
  const marker = join(folder, "sprung");
  const command = join(folder, "trap.sh");
  writeFileSync(command, `#!/bin/sh\ntouch '${marker}'\nexit 1\n`);
  chmodSync(command, 0o755);
  return { command, sprung: () => existsSync(marker) };
}

/** A `PATH` on which git runs a line of shell before it does what it is asked. */
export function makeShim(line: string): string {
  const folder = tempFolder();
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${line}\nPATH="\${PATH#*:}" exec git "$@"\n`);
  chmodSync(join(folder, "git"), 0o755);
  return `${folder}:${process.env["PATH"]}`;
}
