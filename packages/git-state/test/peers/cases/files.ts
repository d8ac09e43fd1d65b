import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import type { Group } from "./case.ts";
import { chmod, link, remove, settle, shell, started, touch } from "./case.ts";

/** The usual three files after a change. */
const changed = (change: (fixture: Fixture) => void) => (folder: string) => {
  const fixture = started(folder);
  change(fixture);
  return fixture;
};

export const FILES: Group = {
  title: "Files",
  cases: [
    { name: "clean", build: started },
    { name: "touched: another time, same bytes", build: changed((repo) => touch(repo, "a.txt", 1_600_000_000)) },
    { name: "modified", build: changed(({ write }) => write("a.txt", "edited\n")) },
    {
      name: "modified and staged",
      build: changed(({ write, git }) => {
        write("a.txt", "edited\n");
        git("add", "a.txt");
      }),
    },
    {
      name: "staged, then modified again",
      build: changed(({ write, git }) => {
        write("a.txt", "staged\n");
        git("add", "a.txt");
        write("a.txt", "edited after\n");
      }),
    },
    {
      name: "staged, then undone in the work tree",
      build: changed(({ write, git }) => {
        write("a.txt", "staged\n");
        git("add", "a.txt");
        write("a.txt", "one\ntwo\nthree\n");
      }),
    },
    {
      name: "same size, same second as the index",
      build: (folder) => {
        const fixture = started(folder);
        for (const name of ["r1", "r2", "r3"]) fixture.write(name, "aaaa\n");
        fixture.git("add", "--all");
        for (const name of ["r1", "r2", "r3"]) fixture.write(name, "bbbb\n");
        return fixture;
      },
    },
    {
      name: "same size and times as in the index, other bytes (core.trustctime=false)",
      build: changed((repo) => {
        repo.git("config", "core.trustctime", "false"); // else the system's own time gives it away
        repo.write("a.txt", "ONE\ntwo\nthree\n");
        touch(repo, "a.txt");
      }),
    },
    { name: "untracked", build: changed(({ write }) => write("new.txt", "new\n")) },
    { name: "untracked, in a folder of its own", build: changed(({ write }) => write("n/e/w.txt", "new\n")) },
    { name: "empty folder", build: changed(({ root }) => mkdirSync(join(root, "empty"))) },
    { name: "empty file, untracked", build: changed(({ write }) => write("empty", "")) },
    { name: "deleted", build: changed((repo) => remove(repo, "a.txt")) },
    { name: "deleted and staged", build: changed(({ git }) => git("rm", "-q", "a.txt")) },
    { name: "deleted in the index only", build: changed(({ git }) => git("rm", "-q", "--cached", "a.txt")) },
    { name: "folder deleted", build: changed((repo) => remove(repo, "src")) },
    { name: "renamed", build: changed(({ git }) => git("mv", "a.txt", "b.txt")) },
    { name: "executable bit set in the work tree", build: changed((repo) => chmod(repo, "a.txt", 0o755)) },
    { name: "executable bit cleared in the work tree", build: changed((repo) => chmod(repo, "src/run.sh", 0o644)) },
    {
      name: "executable bit staged",
      build: changed((repo) => {
        chmod(repo, "a.txt", 0o755);
        repo.git("add", "a.txt");
      }),
    },
    { name: "executable for the group only", build: changed((repo) => chmod(repo, "a.txt", 0o654)) },
    {
      name: "symbolic link retargeted",
      build: (folder) => {
        const fixture = withLink(folder);
        link(fixture, "link", "data.bin");
        return fixture;
      },
    },
    {
      name: "symbolic link replaced by a file with the same bytes",
      build: (folder) => {
        const fixture = withLink(folder);
        remove(fixture, "link");
        fixture.write("link", "a.txt");
        return fixture;
      },
    },
    { name: "file replaced by a symbolic link", build: changed((repo) => link(repo, "a.txt", "data.bin")) },
    { name: "symbolic link that leads nowhere, untracked", build: changed((repo) => link(repo, "gone", "nowhere")) },
    {
      name: "symbolic link to a folder outside, untracked",
      build: (folder) => {
        const fixture = started(folder);
        mkdirSync(join(folder, "outside"));
        fixture.write("../outside/x", "x\n");
        link(fixture, "out", "../outside");
        return fixture;
      },
    },
    {
      name: "folder replaced by a symbolic link to the same files",
      build: changed((repo) => {
        repo.write("../elsewhere/run.sh", "#!/bin/sh\necho run\n", 0o755);
        link(repo, "src", "../elsewhere");
      }),
    },
    {
      name: "file replaced by a folder",
      build: changed((repo) => {
        remove(repo, "a.txt");
        repo.write("a.txt/inside", "inside\n");
      }),
    },
    {
      name: "folder replaced by a file",
      build: changed((repo) => {
        remove(repo, "src");
        repo.write("src", "a file now\n");
      }),
    },
    {
      name: "intent to add",
      build: changed(({ write, git }) => {
        write("later.txt", "later\n");
        git("add", "--intent-to-add", "later.txt");
      }),
    },
    { name: "intent to add, then deleted", build: changed(intendAndDelete) },
    { name: "intent to add, empty", build: changed(intendEmpty) },
    {
      name: "names in Unicode, composed and not",
      build: changed(({ write }) => ["é", "e\u0301", "日本/語"].forEach((name) => write(name, "x\n"))),
    },
    {
      name: "names with line feed, tab, quote, backslash",
      build: changed(({ write }) => ["l\nf", "t\tb", 'q"', "b\\s"].forEach((name) => write(name, "x\n"))),
    },
    { name: "names that are not UTF-8, untracked", build: changed(writeLatin1) },
    {
      name: "names that are not UTF-8, committed and edited",
      build: (folder) => {
        const fixture = started(folder);
        writeLatin1(fixture);
        fixture.commit("latin1");
        shell(fixture, 'printf "edited\\n" > "$(printf "caf\\351")"');
        return fixture;
      },
    },
    {
      name: "names that sort differently as file and as folder",
      build: changed(({ write }) =>
        ["s.txt", "s/x", "s0", "a", "a-b", "a.txt.x"].forEach((name) => write(name, "x\n")),
      ),
    },
    { name: "fifo, untracked", build: changed((repo) => shell(repo, "mkfifo pipe")) },
    {
      name: "file replaced by a fifo",
      build: changed((repo) => {
        remove(repo, "a.txt");
        shell(repo, "mkfifo a.txt");
      }),
      truth: { note: "nothing there that a tree can hold", prepare: (repo) => remove(repo, "a.txt") },
    },
    {
      name: "products under .repro, ignored by rule",
      build: changed(({ write }) => {
        write(".gitignore", ".repro/\n");
        write(".repro/record.json", "{}\n");
      }),
    },
    {
      name: "products under .repro, not ignored",
      build: changed(({ write }) => write(".repro/record.json", "{}\n")),
      truth: {
        note: "untracked files under .repro are products and no part of the code",
        prepare: (repo) => remove(repo, ".repro"),
      },
    },
    {
      name: "tracked file under .repro, edited",
      build: (folder) => {
        const fixture = started(folder, { ".repro/config.json": "{}\n" });
        fixture.write(".repro/config.json", "{ }\n");
        return fixture;
      },
    },
    {
      name: "flat folder of 2,000 files, one edited",
      build: (folder) => {
        const files = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`flat/${index}`, `${index}\n`]));
        const fixture = started(folder, files);
        fixture.write("flat/1234", "edited\n");
        return fixture;
      },
    },
  ],
};

function withLink(folder: string): Fixture {
  const fixture = started(folder);
  link(fixture, "link", "a.txt");
  fixture.commit("link");
  return settle(fixture);
}

function intendAndDelete(repo: Fixture): void {
  repo.write("later.txt", "later\n");
  repo.git("add", "--intent-to-add", "later.txt");
  remove(repo, "later.txt");
}

function intendEmpty({ write, git }: Fixture): void {
  write("later.txt", "");
  git("add", "--intent-to-add", "later.txt");
}

function writeLatin1(fixture: Fixture): void {
  shell(
    fixture,
    'printf "x\\n" > "$(printf "caf\\351")"; mkdir "$(printf "d\\377")"; printf "y\\n" > "$(printf "d\\377")/y"',
  );
}
