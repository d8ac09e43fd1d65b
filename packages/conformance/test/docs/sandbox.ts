import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT } from "../../src/workspace.ts";
import { withClaims } from "./claim.ts";
import { importsFor } from "./scope.ts";
import type { Snippet } from "./snippet.ts";

/** Where snippets are run: modules inside this package, so that they find ours; each in a repository of its own. */
export interface Sandbox {
  /** Writes a snippet as a module and returns its absolute path. */
  write(snippet: Snippet): string;
  /** Runs a module that {@link Sandbox.write} wrote, in a fresh repository with one commit. */
  run(path: string): Promise<void>;
  /** Removes everything that was written. */
  dispose(): void;
}

const GIT_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A Reader",
  GIT_AUTHOR_EMAIL: "reader@example.org",
  GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "A Reader",
  GIT_COMMITTER_EMAIL: "reader@example.org",
  GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
};

/** Makes the folders that snippets are written to and run in. */
export function createSandbox(): Sandbox {
  const parent = join(ROOT, "packages/conformance/.snippets");
  mkdirSync(parent, { recursive: true });
  const modules = mkdtempSync(join(parent, "run-"));
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "repro-docs-")));
  const template = createRepository(join(scratch, "template"));
  let written = 0;
  return {
    write(snippet) {
      written += 1;
      const path = join(modules, `snippet-${written}.ts`);
      writeFileSync(path, moduleOf(snippet));
      return path;
    },
    async run(path) {
      const home = process.cwd();
      const folder = mkdtempSync(join(scratch, "cwd-"));
      cpSync(template, folder, { recursive: true });
      process.chdir(folder);
      try {
        await import(/* @vite-ignore */ path);
      } finally {
        process.chdir(home);
      }
    },
    dispose() {
      for (const folder of [modules, scratch]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function moduleOf({ file, code }: Snippet): string {
  const checks = `import { same as __same, throwsCode as __throws } from "../../test/docs/outcome.ts";`;
  return `${checks} ${importsFor(file, code)} ${withClaims(code)}\nexport {};\n`;
}

function createRepository(folder: string): string {
  mkdirSync(folder);
  const git = (...args: readonly string[]): unknown =>
    execFileSync("git", args, { cwd: folder, env: { ...process.env, ...GIT_ENVIRONMENT } });
  git("init", "--quiet", "--initial-branch=main");
  writeFileSync(join(folder, "README.md"), "A repository to try things in.\n");
  git("add", "README.md");
  git("commit", "--quiet", "--message", "Begin");
  return folder;
}
