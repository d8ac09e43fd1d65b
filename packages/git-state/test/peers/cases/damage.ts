import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import type { Case, Group } from "./case.ts";
import { chmod, loseObject, objectFiles, remove, shell, started } from "./case.ts";

/** The usual three files with something broken. */
function damaged(name: string, damage: (fixture: Fixture) => void): Case {
  return {
    name,
    build: (folder) => {
      const fixture = started(folder, { "n/x.txt": "x\n" });
      damage(fixture);
      return fixture;
    },
  };
}

function unreadable(name: string, damage: (fixture: Fixture) => void): Case {
  return { ...damaged(name, damage), asNobody: true };
}

/** What lies there cannot be known, and git does not mind. */
function unknown(one: Case): Case {
  return { ...one, truth: { note: "", isUnknown: true } };
}

/** Changes bytes of a file that git writes once and protects. */
function editBytes(path: string, edit: (bytes: Uint8Array) => void): void {
  const bytes = readFileSync(path);
  edit(bytes);
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

export const DAMAGE: Group = {
  title: "Damage",
  cases: [
    damaged("index cut within its first 32 bytes", ({ root }) => truncateSync(join(root, ".git/index"), 30)),
    damaged("index cut by its last 10 bytes", ({ root }) => {
      const path = join(root, ".git/index");
      truncateSync(path, readFileSync(path).byteLength - 10);
    }),
    damaged("index with a changed byte in an object's id", ({ root }) =>
      editBytes(join(root, ".git/index"), (bytes) => bytes.fill(bytes[60] === 0x41 ? 0x42 : 0x41, 60, 61)),
    ),
    damaged("index empty", ({ write }) => write(".git/index", "")),
    damaged("index with a changed byte in a name", ({ root }) =>
      editBytes(join(root, ".git/index"), (bytes) => bytes.fill(0x62, 74, 75)),
    ),
    damaged("index of version 9", ({ root }) => editBytes(join(root, ".git/index"), (bytes) => bytes.fill(9, 7, 8))),
    damaged("shared index file of a split index missing", (fixture) => {
      fixture.git("update-index", "--split-index");
      shell(fixture, "rm .git/sharedindex.*");
    }),
    damaged("pack cut short", (fixture) => {
      fixture.git("gc", "-q");
      for (const path of objectFiles(fixture, ".pack")) truncateSync(path, 60);
    }),
    damaged("pack index cut short", (fixture) => {
      fixture.git("gc", "-q");
      for (const path of objectFiles(fixture, ".idx")) truncateSync(path, 60);
    }),
    damaged("pack with a changed byte", (fixture) => {
      fixture.git("gc", "-q");
      for (const path of objectFiles(fixture, ".pack")) editBytes(path, (bytes) => bytes.fill(0xff, 20, 40));
    }),
    damaged("HEAD's commit missing", (fixture) => loseObject(fixture, "HEAD")),
    {
      ...damaged("HEAD's tree missing", (fixture) => loseObject(fixture, "HEAD^{tree}")),
      truth: { note: "the commit names the tree that the files make", prepare: ({ git }) => git("write-tree") },
    },
    damaged("tree of a folder missing, files clean", (fixture) => loseObject(fixture, "HEAD:n")),
    damaged("tree of a folder missing, a file in it edited", (fixture) => {
      loseObject(fixture, "HEAD:n");
      fixture.write("n/x.txt", "edited\n");
    }),
    damaged("blob of a clean file missing", (fixture) => loseObject(fixture, "HEAD:a.txt")),
    damaged("blob of an edited file missing", (fixture) => {
      loseObject(fixture, "HEAD:a.txt");
      fixture.write("a.txt", "edited\n");
    }),
    damaged("blob of an edited file with text=auto missing", (fixture) => {
      fixture.write(".gitattributes", "* text=auto\n");
      fixture.commit("auto");
      loseObject(fixture, "HEAD:a.txt");
      fixture.write("a.txt", "edited\r\n");
    }),
    damaged("commit object that holds other bytes", (fixture) => {
      const id = fixture.git("rev-parse", "HEAD");
      const path = join(fixture.root, ".git/objects", id.slice(0, 2), id.slice(2));
      shell(fixture, `chmod u+w '${path}'`);
      writeFileSync(path, "not an object");
    }),
    damaged("HEAD missing", (fixture) => remove(fixture, ".git/HEAD")),
    damaged("HEAD that says nothing", ({ write }) => write(".git/HEAD", "what\n")),
    damaged("branch that holds no id", ({ write }) => write(".git/refs/heads/main", "not an id\n")),
    damaged("branch that names a blob", ({ write, git }) =>
      write(".git/refs/heads/main", `${git("rev-parse", "HEAD:a.txt")}\n`),
    ),
    damaged("packed-refs that cannot be read as such", (fixture) => {
      fixture.git("pack-refs", "--all");
      fixture.write(".git/packed-refs", "garbage\n");
    }),
    damaged("configuration that cannot be parsed", ({ write }) => write(".git/config", "[core\nbare = what\n")),
    damaged("alternates that lead nowhere", ({ write }) => write(".git/objects/info/alternates", "/nowhere/objects\n")),
    damaged("no objects folder", (fixture) => remove(fixture, ".git/objects")),
    damaged(".git as a file that leads nowhere", (fixture) => {
      remove(fixture, ".git");
      fixture.write(".git", "gitdir: ../nowhere\n");
    }),
    damaged("link to a linked work tree's repository that is gone", (fixture) => {
      fixture.git("worktree", "add", "-q", "--detach", "../linked");
      remove(fixture, ".git/worktrees");
      shell(fixture, "rm -rf .git && cp ../linked/.git .git");
    }),
    unknown(unreadable("unreadable folder with tracked files", (fixture) => chmod(fixture, "n", 0))),
    unknown(
      unreadable("unreadable folder with untracked files", (fixture) => {
        fixture.write("secret/x.txt", "x\n");
        chmod(fixture, "secret", 0);
      }),
    ),
    unreadable("unreadable folder that is ignored", (fixture) => {
      fixture.write(".gitignore", "secret/\n");
      fixture.write("secret/x.txt", "x\n");
      chmod(fixture, "secret", 0);
    }),
    unknown(unreadable("unreadable folder, empty", ({ root }) => mkdirSync(join(root, "closed"), { mode: 0 }))),
    unknown(
      unreadable("folder that can be listed, and whose files cannot be looked at", (fixture) =>
        chmod(fixture, "n", 0o400),
      ),
    ),
    unreadable("unreadable file, tracked", (fixture) => chmod(fixture, "a.txt", 0)),
    unreadable("unreadable file, untracked", ({ write }) => write("secret.txt", "x\n", 0)),
    unreadable("unreadable .gitignore", ({ write }) => write(".gitignore", "*.log\n", 0)),
    unreadable("unreadable .gitattributes", ({ write }) => {
      write(".gitattributes", "*.txt text\n", 0);
      write("a.txt", "edited\r\n");
    }),
    unreadable("unreadable index", (fixture) => chmod(fixture, ".git/index", 0)),
    unreadable("unreadable objects", (fixture) => chmod(fixture, ".git/objects", 0)),
    unreadable("unreadable configuration", (fixture) => chmod(fixture, ".git/config", 0)),
    unreadable("unreadable info/exclude", ({ write }) => {
      write("new.log", "x\n");
      write(".git/info/exclude", "*.log\n", 0);
    }),
  ],
};
