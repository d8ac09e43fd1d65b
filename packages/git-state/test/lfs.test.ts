import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { withoutObserved } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ConfigEntry } from "../src/git/config.ts";
import { untrustedFilters } from "../src/git/config.ts";
import { captureGitPatch, captureGitState, restoreGitState } from "../src/index.ts";
import { encodeLfsPointer, isLfsFilter, parseLfsPointer } from "../src/rules/lfs.ts";
import type { Env, Fixture } from "./fixture.ts";
import { failure, fixedEnv, fixtureAt, listing, makeRepository, makeTrap, peerTree, tempFolder } from "./fixture.ts";

const OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
const DIGEST = `sha256:${OID}` as const;

function pointerText(contents: string | Uint8Array): string {
  const oid = createHash("sha256").update(contents).digest("hex");
  const size = typeof contents === "string" ? Buffer.byteLength(contents) : contents.byteLength;
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("a pointer", () => {
  const canonical = `version https://git-lfs.github.com/spec/v1\noid ${DIGEST}\nsize 12345\n`;

  test("is written as the specification's example", () => {
    expect(encodeLfsPointer({ digest: DIGEST, sizeBytes: 12345 })).toEqual(bytes(canonical));
    expect(parseLfsPointer(bytes(canonical))).toEqual({ digest: DIGEST, sizeBytes: 12345 });
  });

  test("is read back as it was written", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(Number.MAX_SAFE_INTEGER),
        (hash, sizeBytes) => {
          const digest = `sha256:${Buffer.from(hash).toString("hex")}` as const;
          expect(parseLfsPointer(encodeLfsPointer({ digest, sizeBytes }))).toEqual({ digest, sizeBytes });
        },
      ),
    );
  });

  test("is none in any other bytes, and none in 1,024 bytes or more", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        expect(parseLfsPointer(any)).toBeNull();
      }),
    );
    expect(parseLfsPointer(bytes(canonical + " ".repeat(1023 - canonical.length)))).not.toBeNull();
    expect(parseLfsPointer(bytes(canonical + " ".repeat(1024 - canonical.length)))).toBeNull();
  });
});

describe("the filter lfs is git-lfs", () => {
  const entry = (scope: string, name: string, value: string): ConfigEntry => ({
    scope,
    name: `filter.lfs.${name}`,
    value,
  });

  test.for([
    "git-lfs clean -- %f",
    "git lfs clean %f",
    "git-lfs clean %f",
    '/opt/lfs-3.3/bin/git-lfs clean -- "%f"',
    "git-lfs.exe clean -- %f",
    '"C:/Program Files/Git LFS/git-lfs.exe" clean -- %f',
  ])("when its command is %s", (command) => {
    expect(isLfsFilter([entry("global", "clean", command)])).toBe(true);
    expect(isLfsFilter([entry("local", "clean", command)])).toBe(true);
  });

  test.for(["git-lfs filter-process", "git lfs filter-process", "git-lfs filter-process --skip"])(
    "when its process is %s",
    (command) => expect(isLfsFilter([entry("system", "process", command)])).toBe(true),
  );

  test.for([
    "",
    "cat",
    "git-lfs clean -- %f; touch x",
    "git-lfs clean -- %f | tr a b",
    "touch x; git-lfs clean",
    "$(x)/git-lfs clean -- %f",
    '"$(touch x)/git-lfs" clean -- %f',
    "git-lfs clean -- %f\ntouch x",
    "my-git-lfs clean -- %f",
    "git-lfs",
    "git-lfs push",
  ])("not when its command is %j", (command) => {
    expect(isLfsFilter([entry("global", "clean", command)])).toBe(false);
    expect(untrustedFilters([entry("local", "clean", command)]).settings).not.toContainEqual(["filter.lfs.smudge", ""]);
  });

  test("as the last value says that git would heed; but a repository's other command says nothing", () => {
    const lfs = entry("global", "process", "git-lfs filter-process");
    const clean = entry("global", "clean", "git-lfs clean -- %f");
    expect(isLfsFilter([])).toBe(false);
    expect(isLfsFilter([lfs, entry("local", "process", "touch x")])).toBe(true);
    expect(isLfsFilter([lfs, entry("local", "process", "")])).toBe(false);
    expect(isLfsFilter([clean, entry("command", "process", "")])).toBe(false);
    expect(isLfsFilter([clean, entry("global", "process", "other-lfs")])).toBe(false);
    expect(isLfsFilter([entry("global", "smudge", "git-lfs smudge -- %f")])).toBe(false);
  });
});

/** A repository with `*.bin` under git-lfs, in an environment in which running git-lfs springs a trap. */
function lfsRepository(more: string = ""): Fixture & { readonly ran: () => boolean } {
  const folder = tempFolder();
  const trap = makeTrap(folder);
  mkdirSync(join(folder, "bin"));
  copyFileSync(trap.command, join(folder, "bin/git-lfs"));
  chmodSync(join(folder, "bin/git-lfs"), 0o755);
  const config = join(folder, "config");
  writeFileSync(
    config,
    `[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired\n${more}`,
  );
  const env: Env = fixedEnv({ GIT_CONFIG_GLOBAL: config, PATH: `${folder}/bin:${process.env["PATH"]}` });
  const fixture = makeRepository({ env });
  // What git-lfs would have made of it, made without: pointers are committed, contents lie in the work tree.
  const plain = fixtureAt(fixture.root);
  plain.write("data.bin", pointerText("contents of data"));
  plain.write("sub/small.bin", pointerText("small"));
  plain.write("sub/pointer.bin", pointerText("elsewhere"));
  plain.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  plain.commit("lfs");
  for (const [path, contents] of [
    ["data.bin", "contents of data"],
    ["sub/small.bin", "small"],
  ] as const) {
    plain.write(path, contents);
    keep(fixture.root, contents);
  }
  return { ...fixture, ran: trap.sprung };
}

function objectPath(root: string, contents: string): string {
  const oid = createHash("sha256").update(contents).digest("hex");
  return join(root, ".git/lfs/objects", oid.slice(0, 2), oid.slice(2, 4), oid);
}

function keep(root: string, contents: string): void {
  mkdirSync(dirname(objectPath(root, contents)), { recursive: true });
  writeFileSync(objectPath(root, contents), contents);
}

function described(path: string, contents: string, checkedOut = "contents"): object {
  const digest = `sha256:${createHash("sha256").update(contents).digest("hex")}`;
  return { path, digest, sizeBytes: Buffer.byteLength(contents), checkedOut };
}

/** The tree of the same files when pointers are written by hand and no filter is set up. */
function handMade(root: string, pointers: Readonly<Record<string, string>>): string {
  const plain = fixtureAt(root);
  for (const [path, contents] of Object.entries(pointers)) plain.write(path, pointerText(contents));
  return peerTree(plain);
}

describe("a work tree with files under git-lfs", () => {
  const clean = [
    described("data.bin", "contents of data"),
    described("sub/pointer.bin", "elsewhere", "pointer"),
    described("sub/small.bin", "small"),
  ];

  test("is clean when the contents are those of the pointers, and git-lfs never runs", async () => {
    const { root: cwd, env, ran, git } = lfsRepository();
    const before = listing(cwd);
    const state = await captureGitState({ cwd, env });
    expect(state).toMatchObject({ dirty: false, fidelity: "exact", lfs: clean });
    expect(state.observed?.filtersNotRun).toEqual([]);
    expect(listing(cwd)).toEqual(before);
    expect(ran()).toBe(false);
    expect(() => git("status")).toThrow(); // the trap was armed
    expect(ran()).toBe(true);
  });

  test("gives the tree that pointers to all changed contents make, untracked and executable ones too", async () => {
    const { root: cwd, env, ran, write, git } = lfsRepository();
    write("data.bin", "edited");
    write("new.bin", "new\r\n");
    write("run.bin", "run", 0o755);
    write("empty.bin", "");
    write("sub/other.bin", `${pointerText("other")}\n\n`); // not as git-lfs writes it, but a pointer
    rmSync(join(cwd, "sub/small.bin"));
    symlinkSync("data.bin", join(cwd, "link.bin"));
    const state = await captureGitState({ cwd, env });
    expect(ran()).toBe(false);
    expect(state.lfs).toEqual([
      described("data.bin", "edited"),
      described("new.bin", "new\r\n"),
      described("run.bin", "run"),
      described("sub/other.bin", "other", "pointer"),
      described("sub/pointer.bin", "elsewhere", "pointer"),
    ]);
    expect(state.fidelity).toBe("exact");
    expect(handMade(cwd, { "data.bin": "edited", "new.bin": "new\r\n", "run.bin": "run" })).toBe(state.worktreeTree);
    expect(git("ls-files", "--stage", "run.bin")).toMatch(/^100755/);
  });

  test("takes executable bits from the index where the file system has none", async () => {
    const { root: cwd, env, write, git } = lfsRepository();
    fixtureAt(cwd).git("config", "core.fileMode", "false");
    write("data.bin", "edited", 0o755);
    write("new.bin", "new", 0o755);
    const state = await captureGitState({ cwd, env });
    expect(handMade(cwd, { "data.bin": "edited", "new.bin": "new", "sub/small.bin": "small" })).toBe(
      state.worktreeTree,
    );
    expect(git("ls-files", "--stage", "new.bin")).toMatch(/^100644/);
  });

  test("looks like any other where git-lfs is not set up", async () => {
    const { root: cwd } = lfsRepository();
    const state = await captureGitState({ cwd, env: fixedEnv() });
    expect(state.lfs).toEqual([]);
    expect(state.changes.map(({ path }) => path)).toEqual(["data.bin", "sub/small.bin"]);
    expect(peerTree(fixtureAt(cwd))).toBe(state.worktreeTree);
  });

  test("is recognised by a set-up in the repository itself, which is no filter that was not run", async () => {
    const { root: cwd, ran } = lfsRepository();
    const local = fixtureAt(cwd, fixedEnv({ PATH: `${dirname(objectPath(cwd, ""))}:${process.env["PATH"]}` }));
    local.git("config", "filter.lfs.process", "git-lfs filter-process");
    local.git("config", "filter.lfs.required", "true");
    const state = await captureGitState({ cwd, env: fixedEnv() });
    expect(state).toMatchObject({ dirty: false, fidelity: "exact", lfs: clean });
    expect(state.observed?.filtersNotRun).toEqual([]);
    expect(ran()).toBe(false);
  });

  test("is approximate where a file under git-lfs was to be hashed and extensions would change its pointer", async () => {
    const { root: cwd, env, ran } = lfsRepository('[lfs "extension.caps"]\n\tclean = tr a-z A-Z\n\tpriority = 0\n');
    const state = await captureGitState({ cwd, env });
    expect(state).toMatchObject({
      fidelity: "approximate",
      approximations: ["data.bin", "sub/small.bin"].map((path) => ({ reason: "filter", path })),
    });
    expect(ran()).toBe(false);
  });

  test("sees contents that were committed as they are, where git-lfs would make a pointer of them", async () => {
    const { root: cwd, env } = lfsRepository();
    const plain = fixtureAt(cwd);
    plain.write("raw.bin", "raw");
    plain.git("add", "raw.bin");
    plain.git("commit", "-qm", "raw");
    utimesSync(join(cwd, "raw.bin"), 1, 1); // has git hash it again
    const state = await captureGitState({ cwd, env });
    expect(state.changes).toEqual([{ path: "raw.bin", status: "modified" }]);
    expect(handMade(cwd, { "raw.bin": "raw", "data.bin": "contents of data", "sub/small.bin": "small" })).toBe(
      state.worktreeTree,
    );
  });
});

describe("filters that are not run", () => {
  test("make the state approximate where a file under them was hashed, and only there", async () => {
    const fixture = makeRepository();
    fixture.write(".gitattributes", "*.txt filter=upper\n*.sh filter=upper\n");
    fixture.write("plain.md", "plain");
    fixture.commit();
    fixture.git("config", "filter.upper.clean", "tr a-z A-Z");
    const { root: cwd, env } = fixture;
    expect(await captureGitState({ cwd, env })).toMatchObject({ fidelity: "exact", dirty: false });
    appendFileSync(join(cwd, "a.txt"), "edited\n");
    appendFileSync(join(cwd, "plain.md"), "edited\n");
    fixture.write("é\n.txt", "new");
    symlinkSync("nowhere", join(cwd, "link.txt"));
    expect(await captureGitState({ cwd, env })).toMatchObject({
      fidelity: "approximate",
      approximations: [
        { reason: "filter", path: "a.txt" },
        { reason: "filter", path: "é\n.txt" },
      ],
    });
  });

  test("are none where the repository switches the user's own off, as git sees it", async () => {
    const config = join(tempFolder(), "config");
    writeFileSync(config, '[filter "lower"]\n\tclean = tr A-Z a-z\n');
    const fixture = makeRepository({ env: fixedEnv({ GIT_CONFIG_GLOBAL: config }) });
    fixture.write(".gitattributes", "*.txt filter=lower\n");
    fixture.write("new.txt", "SHOUT\n");
    fixture.git("config", "filter.lower.clean", "");
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    expect(state.fidelity).toBe("exact");
    expect(state.worktreeTree).toBe(peerTree(fixture));
  });
});

describe("a patch", () => {
  const engines = ["git", "built-in"] as const;
  test.for(engines)("is refused while nobody keeps what its pointers name (%s): GIT_LFS_MISSING", async (engine) => {
    const { root: cwd, env, write } = lfsRepository();
    write("data.bin", "edited");
    write("it's.bin", "new");
    write("sub/other.bin", pointerText("a pointer has no contents here that could be lost"));
    await captureGitState({ cwd, env, engine });
    const error = await failure(captureGitPatch({ cwd, env, engine }));
    expect(error).toMatchObject({
      code: "GIT_LFS_MISSING",
      remedy: "git add -- data.bin 'it'\\''s.bin'",
      data: { paths: ["data.bin", "it's.bin"] },
    });
    keep(cwd, "edited");
    keep(cwd, "new");
    await captureGitPatch({ cwd, env, engine });
  });

  test.for(engines)("finds kept contents where lfs.storage says (%s)", async (engine) => {
    const { root: cwd, env, write } = lfsRepository();
    fixtureAt(cwd).git("config", "lfs.storage", "elsewhere");
    write("data.bin", "edited");
    keep(cwd, "edited");
    expect((await failure(captureGitPatch({ cwd, env, engine }))).code).toBe("GIT_LFS_MISSING");
    const moved = objectPath(cwd, "edited").replace("/.git/lfs/", "/.git/elsewhere/");
    mkdirSync(dirname(moved), { recursive: true });
    copyFileSync(objectPath(cwd, "edited"), moved);
    await captureGitPatch({ cwd, env, engine });
  });
});

describe("restoring", () => {
  test("brings contents back from what git-lfs keeps, pointers as pointers, and the same state", async () => {
    const { root: source, env, ran, write } = lfsRepository();
    write("data.bin", "edited", 0o755);
    keep(source, "edited");
    const state = await captureGitState({ cwd: source, env });
    const { patch } = await captureGitPatch({ cwd: source, env });
    write("data.bin", "moved on");
    const root = join(tempFolder(), "restored");
    const before = listing(source);
    await restoreGitState(state, { source, root, env, patch });
    expect(ran()).toBe(false);
    expect(listing(source)).toEqual(before);
    expect(readFileSync(join(root, "data.bin"), "utf8")).toBe("edited");
    expect(readFileSync(join(root, "sub/small.bin"), "utf8")).toBe("small");
    expect(readFileSync(join(root, "sub/pointer.bin"), "utf8")).toBe(pointerText("elsewhere"));
    expect(withoutObserved(await captureGitState({ cwd: root, env }))).toEqual(withoutObserved(state));
  });

  test("takes a file from the source's work tree when git-lfs keeps it no more, or keeps it damaged", async () => {
    const { root: source, env } = lfsRepository();
    const state = await captureGitState({ cwd: source, env });
    rmSync(objectPath(source, "small"));
    writeFileSync(objectPath(source, "contents of data"), "contents of DATA");
    const root = join(tempFolder(), "restored");
    await restoreGitState(state, { source, root, env });
    expect(withoutObserved(await captureGitState({ cwd: root, env }))).toEqual(withoutObserved(state));
  });

  test("leaves nothing when contents are gone, or are not those of the digest: GIT_LFS_MISSING", async () => {
    const { root: source, env, write } = lfsRepository();
    const state = await captureGitState({ cwd: source, env });
    fixtureAt(source).git("remote", "add", "upstream", "https://example.com/x.git");
    write("sub/small.bin", "SMALL"); // as long
    for (const damage of [
      () => writeFileSync(objectPath(source, "small"), "sMALL"),
      () => rmSync(objectPath(source, "small")),
    ]) {
      damage();
      const root = join(tempFolder(), "restored");
      expect(await failure(restoreGitState(state, { source, root, env }))).toMatchObject({
        code: "GIT_LFS_MISSING",
        data: { paths: ["sub/small.bin"] },
        remedy: `git -C ${source} lfs fetch upstream ${state.commit}`,
      });
      expect(existsSync(root) ? listing(root) : []).toEqual([]);
    }
  });

  test("sets git-lfs up in the new repository where only the source itself did", async () => {
    const { root: source } = lfsRepository();
    const local = fixtureAt(source);
    local.git("config", "filter.lfs.clean", "/opt/elsewhere/git-lfs clean -- %f");
    const state = await captureGitState({ cwd: source, env: fixedEnv() });
    const root = join(tempFolder(), "restored");
    await restoreGitState(state, { source, root, env: fixedEnv() });
    expect(withoutObserved(await captureGitState({ cwd: root, env: fixedEnv() }))).toEqual(withoutObserved(state));
    expect(fixtureAt(root).git("config", "filter.lfs.clean")).toBe("git-lfs clean -- %f");
  });
});
