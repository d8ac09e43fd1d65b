import type { Env, Fixture } from "../../fixture.ts";
import type { Case, Group } from "./case.ts";
import { chmod, globalConfig, link, remove, settle, started, touch } from "./case.ts";

/** The usual three files, under ignore rules, with files that these are for. */
function ignoring(name: string, rules: Readonly<Record<string, string>>, files: readonly string[]): Case {
  return {
    name,
    build: (folder) => {
      const fixture = started(folder, rules);
      for (const file of files) fixture.write(file, "x\n");
      return fixture;
    },
  };
}

export const IGNORE: Group = {
  title: "Ignore rules",
  cases: [
    ignoring(".gitignore", { ".gitignore": "*.log\n/top\n" }, ["a.log", "n/b.log", "top", "n/top"]),
    ignoring(".gitignore, nested", { ".gitignore": "*.log\n", "n/.gitignore": "!keep.log\nlocal\n" }, [
      "a.log",
      "keep.log",
      "n/keep.log",
      "n/b.log",
      "n/local",
      "local",
    ]),
    ignoring(".gitignore, negated", { ".gitignore": "*\n!*.txt\n!.gitignore\n" }, ["b.txt", "c.md", "n/d.txt"]),
    ignoring(".gitignore, negated inside of an ignored folder", { ".gitignore": "out/\n!out/keep\n" }, ["out/keep"]),
    ignoring(".gitignore, for folders only", { ".gitignore": "out/\n" }, ["out/x", "n/out"]),
    ignoring(".gitignore with **", { ".gitignore": "**/cache/**\nx/**/z\n" }, ["n/cache/f", "cache/f", "x/z", "x/y/z"]),
    ignoring(".gitignore with ranges, escapes, final blanks", { ".gitignore": "[a-c]?.o\n\\#h\n\\!b\ns\\ \nt  \n" }, [
      "b1.o",
      "d1.o",
      "#h",
      "!b",
      "s ",
      "t",
    ]),
    ignoring(".gitignore with CRLF", { ".gitignore": "*.log\r\n" }, ["a.log"]),
    ignoring(".gitignore of a tracked file", { ".gitignore": "*.txt\n" }, []),
    {
      name: ".gitignore of a tracked file, edited",
      build: (folder) => edited(started(folder, { ".gitignore": "" }), ".gitignore", "*.txt\n", "a.txt"),
    },
    {
      name: ".gitignore that is a symbolic link",
      build: (folder) => {
        const fixture = started(folder, { rules: "*.log\n" });
        link(fixture, ".gitignore", "rules");
        fixture.write("a.log", "x\n");
        return fixture;
      },
    },
    {
      name: "info/exclude",
      build: (folder) => edited(started(folder), ".git/info/exclude", "*.log\n", "a.log"),
    },
    {
      name: "global core.excludesFile",
      build: (folder) => {
        const env = globalConfig(folder, "[core]\n\texcludesFile = ~/ignored\n");
        const fixture = started(folder, {}, env);
        return edited(fixture, "../ignored", "*.log\n", "a.log");
      },
    },
    {
      name: "global ignore file in its usual place",
      build: (folder) => {
        const fixture = started(folder, {}, { ...globalConfig(folder, ""), XDG_CONFIG_HOME: `${folder}/xdg` });
        return edited(fixture, "../xdg/git/ignore", "*.log\n", "a.log");
      },
    },
    {
      name: "core.ignoreCase",
      build: (folder) => {
        const fixture = started(folder, { ".gitignore": "*.LOG\n" });
        fixture.git("config", "core.ignoreCase", "true");
        fixture.write("a.log", "x\n");
        return fixture;
      },
    },
  ],
};

function edited({ write, ...rest }: Fixture, path: string, text: string, other: string): Fixture {
  write(path, text);
  write(other, "x\n");
  return { write, ...rest };
}

const CRLF = "one\r\ntwo\r\n";

/** Text with line endings as they lie on disk, under attributes or configuration; unchanged since it was checked out. */
function checkedOut(
  folder: string,
  attributes: string,
  env: Env = {},
  config: readonly (readonly string[])[] = [],
): Fixture {
  const fixture = started(folder, { "crlf.txt": CRLF, "lf.txt": "one\ntwo\n", "bin.dat": "\0\r\n\r\n" }, env);
  if (attributes !== "") fixture.write(".gitattributes", attributes);
  for (const args of config) fixture.git("config", ...args);
  fixture.git("add", "--all", "--renormalize");
  fixture.git("add", "--all");
  fixture.git("commit", "--quiet", "--allow-empty", "--message", "normalised");
  for (const path of ["crlf.txt", "lf.txt", "bin.dat"]) touch(fixture, path, 1_650_000_000); // must be hashed
  return fixture;
}

function endings(name: string, attributes: string, edit?: (fixture: Fixture) => void): Case {
  return {
    name,
    build: (folder) => {
      const fixture = checkedOut(folder, attributes);
      edit?.(fixture);
      return fixture;
    },
  };
}

const configured = (name: string, ...config: readonly (readonly string[])[]): Case => ({
  name,
  build: (folder) => {
    const fixture = checkedOut(folder, "", {}, config);
    fixture.write("new.txt", CRLF);
    return fixture;
  },
});

export const ATTRIBUTES: Group = {
  title: "Line endings and attributes",
  cases: [
    configured("core.autocrlf=true in the repository", ["core.autocrlf", "true"]),
    configured("core.autocrlf=input in the repository", ["core.autocrlf", "input"]),
    configured("core.eol=crlf without attributes", ["core.eol", "crlf"]),
    ...["true", "input"].map((value): Case => ({
      name: `core.autocrlf=${value}, global`,
      build: (folder) => checkedOut(folder, "", globalConfig(folder, `[core]\n\tautocrlf = ${value}\n`)),
    })),
    {
      name: "core.autocrlf=true, CRLF in the repository already",
      build: (folder) => {
        const fixture = started(folder, { "crlf.txt": CRLF });
        fixture.git("config", "core.autocrlf", "true");
        fixture.write("crlf.txt", `${CRLF}three\r\n`);
        return fixture;
      },
    },
    {
      name: "core.autocrlf=input and core.safecrlf=true",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", "core.autocrlf", "input");
        fixture.git("config", "core.safecrlf", "true");
        fixture.write("a.txt", "one\r\ntwo\r\nthree\r\n");
        return fixture;
      },
      truth: {
        note: "git refuses to add; expected is what it adds without safecrlf",
        prepare: ({ git }) => git("config", "core.safecrlf", "false"),
      },
    },
    endings("text=auto, clean", "* text=auto\n"),
    endings("text=auto, edited", "* text=auto\n", ({ write }) => write("crlf.txt", `${CRLF}three\r\n`)),
    endings("text=auto, mixed and lone endings", "* text=auto\n", ({ write }) => write("m.txt", "a\r\nb\nc\rd\r\n")),
    endings("eol=crlf and eol=lf", "crlf.txt eol=crlf\nlf.txt eol=lf\n"),
    endings("text on bytes that are no text", "*.dat text\n", ({ write }) => write("bin.dat", "\0\r\n\r\nmore\r\n")),
    endings("-text under text=auto", "* text=auto\n*.txt -text\n", ({ write }) => write("new.txt", CRLF)),
    endings("binary", "* text=auto\n*.txt binary\n", ({ write }) => write("new.txt", CRLF)),
    endings("a macro", "[attr]windows text eol=crlf\n*.txt windows\n", ({ write }) => write("new.txt", CRLF)),
    endings("attributes, nested", "* -text\n", ({ write }) => {
      write("n/.gitattributes", "*.txt text\n");
      write("n/x.txt", CRLF);
    }),
    {
      name: "attributes in info/attributes",
      build: (folder) => {
        const fixture = started(folder);
        fixture.write(".git/info/attributes", "*.txt text\n");
        fixture.write("new.txt", CRLF);
        return fixture;
      },
    },
    {
      name: "global core.attributesFile",
      build: (folder) => {
        const fixture = started(folder, {}, globalConfig(folder, "[core]\n\tattributesFile = ~/attributes\n"));
        fixture.write("../attributes", "*.txt text\n");
        fixture.write("new.txt", CRLF);
        return fixture;
      },
    },
    {
      name: ".gitattributes deleted in the work tree",
      build: (folder) => {
        const fixture = checkedOut(folder, "*.txt text\n");
        remove(fixture, ".gitattributes");
        return fixture;
      },
      truth: {
        note: "the committed ones count, as for `git status`; for `git add` they do if no file was touched",
        prepare: ({ git }) => git("update-index", "-q", "--refresh", "--ignore-missing"),
      },
    },
    endings("ident", "*.txt ident\n", ({ write }) => write("id.txt", "$Id: 0123abc $\n$Id$\n")),
    {
      name: "working-tree-encoding, clean",
      build: utf16,
    },
    {
      name: "working-tree-encoding, edited",
      build: (folder) => {
        const fixture = utf16(folder);
        fixture.write("u.txt", new Uint8Array([0xff, 0xfe, 0x62, 0, 0x0a, 0]));
        return fixture;
      },
    },
    {
      name: "core.fileMode=false, executable bit changed",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", "core.fileMode", "false");
        chmod(fixture, "a.txt", 0o755);
        return fixture;
      },
    },
    {
      name: "core.symlinks=false, a link as a file",
      build: (folder) => {
        const fixture = started(folder);
        link(fixture, "link", "a.txt");
        fixture.commit("link");
        fixture.git("config", "core.symlinks", "false");
        remove(fixture, "link");
        fixture.write("link", "a.txt");
        return settle(fixture);
      },
    },
    {
      name: "core.precomposeUnicode, a decomposed name",
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", "core.precomposeUnicode", "true");
        fixture.write("e\u0301.txt", "x\n");
        return fixture;
      },
    },
    ...["core.trustctime=false", "core.checkStat=minimal"].map((setting): Case => ({
      name: `${setting}, edited`,
      build: (folder) => {
        const fixture = started(folder);
        fixture.git("config", ...setting.split("="));
        fixture.write("a.txt", "edited, and longer\n");
        return fixture;
      },
    })),
  ],
};

function utf16(folder: string): Fixture {
  const fixture = started(folder, { ".gitattributes": "u.txt working-tree-encoding=UTF-16LE-BOM\n" });
  fixture.write("u.txt", new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0]));
  fixture.commit("encoded");
  return settle(fixture);
}
