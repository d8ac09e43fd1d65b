import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { encodeCanonical } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitState } from "../src/index.ts";
import { unseen } from "../src/git/failure.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixedEnv, makeRepository, makeShim } from "./fixture.ts";

/** Runs as somebody whom modes keep out: not as root. */
async function withoutPrivileges<T>({ root }: Fixture, run: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return run();
  const nobody = 65_534;
  const above = dirname(root);
  chownSync(above, nobody, nobody);
  for (const name of ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]) {
    lchownSync(join(root, name), nobody, nobody);
  }
  process.seteuid?.(nobody);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
}

interface Case {
  readonly close: (fixture: Fixture) => readonly [path: string, mode: number];
  /** What the error names. */
  readonly named: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "an untracked folder": {
    close: ({ write }) => {
      write("new/file", "new\n");
      return ["new", 0o000];
    },
    named: "new/",
  },
  "an untracked folder whose files cannot be reached": {
    close: ({ write }) => {
      write("new/file", "new\n");
      return ["new", 0o444];
    },
    named: "new/",
  },
  "a tracked folder, which git takes for unchanged": { close: () => ["src", 0o000], named: "src/" },
  "a tracked folder whose files cannot be reached, which git takes for unchanged": {
    close: () => ["src", 0o444],
    named: "src/run.sh",
  },
  "a tracked file": { close: () => ["a.txt", 0o000], named: "a.txt" },
  "an untracked file": {
    close: ({ write }) => {
      write("new.txt", "new\n");
      return ["new.txt", 0o000];
    },
    named: "new.txt",
  },
  "ignore rules": {
    close: (fixture) => {
      fixture.write(".gitignore", "*.log\n");
      fixture.commit();
      return [".gitignore", 0o000];
    },
    named: ".gitignore",
  },
  attributes: {
    close: (fixture) => {
      fixture.write(".gitattributes", "*.txt text\n");
      fixture.commit();
      return [".gitattributes", 0o000];
    },
    named: ".gitattributes",
  },
  "the work tree itself": { close: () => [".", 0o111], named: "." },
  "the index": { close: () => [".git/index", 0o000], named: "index" },
  "the branch, which git takes for one without commits": {
    close: () => [".git/refs/heads/main", 0o000],
    named: "main",
  },
  "a folder of a repository in the work tree": {
    close: ({ root }) => {
      makeRepository({ root: join(root, "inner") });
      return ["inner/src", 0o000];
    },
    named: "src/",
  },
};

describe("what cannot be read is not taken for unchanged: GIT_UNREADABLE", () => {
  for (const [name, { close, named }] of Object.entries(CASES)) {
    test(name, async () => {
      const fixture = makeRepository();
      const { root } = fixture;
      const [path, mode] = close(fixture);
      const error = await withoutPrivileges(fixture, async () => {
        chmodSync(join(root, path), mode);
        return failure(captureGitState({ cwd: root, env: fixture.env, engine: "git" })).finally(() =>
          chmodSync(join(root, path), 0o755),
        );
      });
      expect(error.code).toBe("GIT_UNREADABLE");
      expect(new TextDecoder().decode(encodeCanonical([error.message, error.data]))).toContain(named);
    });
  }

  test("whichever run of git passes over it", async () => {
    const fixture = makeRepository();
    for (const line of ["warning: could not open directory 'x/': Input/output error", "x/y: Permission denied"]) {
      const PATH = makeShim(`[ "$1" = status ] && echo "${line}" >&2`);
      const error = await failure(captureGitState({ cwd: fixture.root, env: fixedEnv({ PATH }), engine: "git" }));
      expect(error).toMatchObject({ code: "GIT_UNREADABLE", data: { path: expect.stringMatching(/^x\//) } });
    }
  });

  test("but a folder that went away meanwhile is an answer, and so are rules that the user has elsewhere", () => {
    const place = { cwd: "/" };
    for (const line of [
      "warning: could not open directory 'x/': No such file or directory",
      "warning: unable to access '/x/ada/.config/git/ignore': Permission denied",
      "warning: unable to access '.gitignore': Too many levels of symbolic links",
      "warning: in the working copy of 'a.txt', LF will be replaced by CRLF the next time Git touches it",
      "",
    ]) {
      expect(unseen(place, `${line}\n`), line).toBeNull();
    }
  });

  test("an ignored folder need not be read", async () => {
    const fixture = makeRepository();
    fixture.write(".gitignore", "out/\n");
    fixture.commit();
    mkdirSync(join(fixture.root, "out"));
    const state = await withoutPrivileges(fixture, async () => {
      chmodSync(join(fixture.root, "out"), 0o000);
      return captureGitState({ cwd: fixture.root, env: fixture.env, engine: "git" });
    });
    expect(state.dirty).toBe(false);
  });
});
