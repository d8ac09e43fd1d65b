import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Fixture } from "../../fixture.ts";
import { fixedEnv, fixtureAt } from "../../fixture.ts";
import type { Case, Group } from "./case.ts";
import { globalConfig, settle, started, touch } from "./case.ts";

/** What `git lfs install` adds to the user's configuration. */
const LFS_CONFIG = `[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
`;

/** A file under git-lfs, committed by the real git-lfs. */
export function underLfs(folder: string): Fixture {
  const fixture = started(folder, {}, globalConfig(folder, LFS_CONFIG));
  fixture.write(".gitattributes", "*.dat filter=lfs diff=lfs merge=lfs -text\n");
  fixture.write("model.dat", "weights ".repeat(1000));
  fixture.commit("weights");
  return settle(fixture);
}

function lfs(name: string, change: (fixture: Fixture) => void): Case {
  return {
    name: `git-lfs: ${name}`,
    build: (folder) => {
      const fixture = underLfs(folder);
      change(fixture);
      return fixture;
    },
  };
}

/** A filter that makes lower case of text, defined where the first argument says, and a file under it. */
function lowering(folder: string, where: "global" | "repository", change: (fixture: Fixture) => void): Fixture {
  const text = '[filter "lower"]\n\tclean = tr A-Z a-z\n\tsmudge = cat\n';
  const fixture = started(folder, {}, globalConfig(folder, where === "global" ? text : ""));
  if (where === "repository") fixture.write(".git/more", text);
  if (where === "repository") fixture.git("config", "include.path", "more");
  fixture.write(".gitattributes", "*.low filter=lower\n");
  fixture.write("x.low", "Mixed Case\n");
  fixture.commit("lower");
  settle(fixture);
  change(fixture);
  return fixture;
}

const FILTER_STATES: readonly (readonly [state: string, change: (fixture: Fixture) => void])[] = [
  ["clean", () => {}],
  ["touched", (fixture) => touch(fixture, "x.low", 1_600_000_000)],
  ["edited", ({ write }) => write("x.low", "OTHER Case\n")],
];

export const FILTERS: Group = {
  title: "git-lfs and filters",
  cases: [
    lfs("clean", () => {}),
    lfs("touched", (fixture) => touch(fixture, "model.dat", 1_600_000_000)),
    lfs("edited", ({ write }) => write("model.dat", "other weights ".repeat(1000))),
    lfs("edited and staged", ({ write, git }) => {
      write("model.dat", "other weights ".repeat(1000));
      git("add", "model.dat");
    }),
    lfs("only the pointer lies there", ({ write, git }) =>
      write("model.dat", `${git("cat-file", "-p", "HEAD:model.dat")}\n`),
    ),
    lfs("untracked", ({ write }) => write("n/new.dat", "new weights\n")),
    lfs("untracked and empty", ({ write }) => write("empty.dat", "")),
    lfs("no longer under git-lfs", ({ write }) => write(".gitattributes", "*.dat -text\n")),
    {
      name: "git-lfs: committed without it",
      build: (folder) => {
        const fixture = started(folder, { "raw.dat": "raw bytes\n" }, globalConfig(folder, LFS_CONFIG));
        fixture.write(".gitattributes", "*.dat filter=lfs -text\n");
        touch(fixture, "raw.dat", 1_600_000_000);
        return fixture;
      },
    },
    {
      name: "git-lfs: attributes, but not installed",
      build: (folder) => {
        const fixture = started(folder, { ".gitattributes": "*.dat filter=lfs -text\n" });
        fixture.write("new.dat", "weights\n");
        return fixture;
      },
    },
    {
      name: "git-lfs: installed for this repository only",
      build: (folder) => {
        const fixture = started(folder, { ".gitattributes": "*.dat filter=lfs -text\n" });
        fixture.git("config", "filter.lfs.clean", "git-lfs clean -- %f");
        fixture.git("config", "filter.lfs.required", "true");
        fixture.write("new.dat", "weights\n");
        return fixture;
      },
    },
    {
      name: "git-lfs: a shallow clone without the contents",
      build: (folder) => {
        const origin = underLfs(folder);
        const env = fixedEnv({ ...origin.env, GIT_LFS_SKIP_SMUDGE: "1" });
        fixtureAt(folder, env).git("clone", "-q", "--depth=1", `file://${origin.root}`, join(folder, "clone"));
        return fixtureAt(join(folder, "clone"), origin.env);
      },
    },
    ...FILTER_STATES.map(([state, change]): Case => ({
      name: `a filter of the user's own configuration, ${state}`,
      build: (folder) => lowering(folder, "global", change),
    })),
    ...FILTER_STATES.map(([state, change]): Case => ({
      name: `a filter of the repository's configuration, ${state}`,
      build: (folder) => lowering(folder, "repository", change),
    })),
    {
      name: "a filter that nobody defines",
      build: (folder) => {
        const fixture = started(folder, { ".gitattributes": "*.x filter=nobody\n" });
        fixture.write("new.x", "New\n");
        return fixture;
      },
    },
    {
      name: "a required filter that fails",
      build: (folder) => {
        const text = '[filter "bad"]\n\tclean = false\n\trequired = true\n';
        const fixture = started(folder, {}, globalConfig(folder, text));
        writeFileSync(join(fixture.root, ".gitattributes"), "*.bad filter=bad\n");
        fixture.write("x.bad", "bad\n");
        return fixture;
      },
    },
  ],
};
