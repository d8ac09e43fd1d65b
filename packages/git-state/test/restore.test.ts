import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { hashBytes } from "@repro/core";
import type { Digest, RestoreContext } from "@repro/core";
import { withoutObserved } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureGitPatch, captureGitState, gitLayer, restoreGitState } from "../src/index.ts";
import type { GitLayerOptions, GitState } from "../src/index.ts";
import type { Fixture } from "./fixture.ts";
import { failure, fixtureAt, listing, makeRepository, makeShim, tempFolder } from "./fixture.ts";

/** Bytes that do not compress: xorshift32 (Marsaglia 2003). */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

/** Changes of every kind at once. */
function changeEverything({ root, git, write }: Fixture): void {
  write("a.txt", "one\n2\nthree"); // edited, and its last line feed gone
  write("staged.txt", "staged\n");
  git("add", "staged.txt");
  write("staged.txt", "staged, then edited\n");
  write(
    "data.bin",
    Uint8Array.from({ length: 700 }, (_, index) => (index * index) % 256),
  );
  write("new.bin", Uint8Array.of(0, 255, 254, 0, 10, 13));
  write("empty", "");
  write("crlf.txt", "a\r\nb\r\n");
  write("deep/er/two\nlines", "line feed\n");
  write("  blanks and ünïcödé 文 \u{1F600} ", "name\n");
  write('"quoted"\t', "name\n");
  write(".gitignore", "*.log\n");
  write("forced.log", "ignored, but added\n");
  git("add", "--force", "forced.log");
  chmodSync(join(root, "a.txt"), 0o755);
  chmodSync(join(root, "staged.txt"), 0o755);
  unlinkSync(join(root, "src/run.sh"));
  symlinkSync("src/nowhere", join(root, "link"));
  write("patterns.txt", "diff --git a/x b/x\nindex 0000000..1111111\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n");
}

interface Recorded {
  readonly state: GitState;
  readonly attachments: Map<string, Uint8Array>;
}

async function record({ root, env }: Fixture, options: GitLayerOptions = { dirty: "capture" }): Promise<Recorded> {
  const attachments = new Map<string, Uint8Array>();
  const attach = async (name: string, bytes: Uint8Array): Promise<Digest> => {
    attachments.set(name, bytes);
    return hashBytes(bytes);
  };
  const open = await gitLayer(options).open({ root, cwd: root, env, attach });
  const state = await open.seal();
  expect(open.handle).toBe(state);
  return { state, attachments };
}

function restoreContext({ root: source, env }: Fixture, { attachments }: Recorded, root: string): RestoreContext {
  return {
    source,
    root,
    env,
    attachment: async (name) => attachments.get(name) ?? Promise.reject(new Error(`no attachment ${name}`)),
  };
}

const target = (): string => join(tempFolder(), "above", "restored");

describe("gitLayer", () => {
  test.for(["sha1", "sha256"])(
    "brings back every kind of change (%s): the same state, patch included",
    async (objectFormat) => {
      const fixture = makeRepository({ objectFormat });
      changeEverything(fixture);
      const recorded = await record(fixture);
      const layer = gitLayer();
      const root = target();
      const { layer: again } = await layer.restore!(
        layer.parse(structuredClone(recorded.state)),
        restoreContext(fixture, recorded, root),
      );
      const attachments = new Map<string, Uint8Array>();
      const open = await again.open({
        root,
        cwd: root,
        env: fixture.env,
        attach: async (name, bytes) => {
          attachments.set(name, bytes);
          return hashBytes(bytes);
        },
      });
      const actual = await open.seal();
      expect(withoutObserved(actual)).toEqual(withoutObserved(recorded.state));
      expect(attachments).toEqual(recorded.attachments);
      expect(layer.diff(recorded.state, actual)).toEqual([]);
    },
  );

  test("brings back the files themselves: bytes, executable bits and links", async () => {
    const fixture = makeRepository();
    changeEverything(fixture);
    const recorded = await record(fixture);
    const root = target();
    await gitLayer().restore!(recorded.state, restoreContext(fixture, recorded, root));
    const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: fixture.root,
      env: fixture.env,
      encoding: "utf8",
    });
    const present = [...new Set(files.split("\0"))].filter((path) => path !== "" && path !== "src/run.sh");
    expect(present.length).toBeGreaterThan(12);
    for (const path of present) {
      const [before, after] = [join(fixture.root, path), join(root, path)];
      expect(lstatSync(after).mode, path).toBe(lstatSync(before).mode);
      if (lstatSync(before).isSymbolicLink()) expect(readlinkSync(after)).toBe(readlinkSync(before));
      else expect(readFileSync(after).equals(readFileSync(before)), path).toBe(true);
    }
    expect(existsSync(join(root, "src/run.sh"))).toBe(false);
  });

  test("refuses changes unless it is told to keep them: GIT_DIRTY", async () => {
    const fixture = makeRepository();
    fixture.write("a.txt", "edited\n");
    expect(await failure(record(fixture, {}))).toMatchObject({ code: "GIT_DIRTY" });
    expect(await failure(record(fixture, { dirty: "refuse" }))).toMatchObject({ code: "GIT_DIRTY" });
  });

  test("attaches nothing to a clean state", async () => {
    const { state, attachments } = await record(makeRepository());
    expect(state.patch).toBeNull();
    expect(attachments.size).toBe(0);
  });

  test("records the code as it was when the run started", async () => {
    const { root, env, write } = makeRepository();
    const open = await gitLayer().open({ root, cwd: root, env, attach: async (_, bytes) => hashBytes(bytes) });
    write("a.txt", "changed by the run\n");
    expect((await open.seal()).dirty).toBe(false);
  });

  test("carries what it excludes into the restored tree", async () => {
    const fixture = makeRepository();
    fixture.write("runs/out.bin", "product\n");
    const recorded = await record(fixture, { exclude: ["runs"] });
    const root = target();
    const layer = gitLayer({ exclude: ["runs"] });
    const { layer: again } = await layer.restore!(recorded.state, restoreContext(fixture, recorded, root));
    fixtureAt(root).write("runs/out.bin", "product of the replay\n");
    const open = await again.open({ root, cwd: root, env: fixture.env, attach: async (_, bytes) => hashBytes(bytes) });
    expect(withoutObserved(await open.seal())).toEqual(withoutObserved(recorded.state));
  });

  test("takes no other word than refuse and capture: TypeError", () => {
    // @ts-expect-error a wrong word, as JavaScript may pass it
    expect(() => gitLayer({ dirty: "ignore" })).toThrow(TypeError);
  });
});

describe("captureGitPatch", () => {
  test("makes what plain git apply takes on a fresh clone", async () => {
    const fixture = makeRepository();
    changeEverything(fixture);
    const { patch, tree } = await captureGitPatch({ cwd: fixture.root, env: fixture.env });
    const clone = fixtureAt(join(tempFolder(), "clone"));
    fixture.git("clone", "-q", fixture.root, clone.root);
    const file = join(tempFolder(), "patch");
    writeFileSync(file, patch);
    clone.git("apply", "--index", "--whitespace=nowarn", file);
    expect(clone.git("write-tree")).toBe(tree);
  });

  test("gives the same bytes whatever the user's and the repository's taste in diffs", async () => {
    const fixture = makeRepository();
    changeEverything(fixture);
    const { root: cwd, env } = fixture;
    const { patch } = await captureGitPatch({ cwd, env });
    for (const [name, value] of [
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["diff.context", "9"],
      ["diff.algorithm", "histogram"],
      ["diff.renames", "copies"],
      ["diff.orderFile", "/dev/null"],
      ["diff.suppressBlankEmpty", "true"],
      ["core.quotePath", "false"],
      ["core.abbrev", "7"],
      ["color.ui", "always"],
      ["core.compression", "0"],
    ] as const) {
      fixture.git("config", name, value);
    }
    mkdirSync(join(cwd, ".git/info"), { recursive: true });
    writeFileSync(join(cwd, ".git/info/attributes"), "a.txt binary\n");
    expect(await captureGitPatch({ cwd, env })).toMatchObject({ patch });
    const config = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "diff.noprefix", GIT_CONFIG_VALUE_0: "true" };
    expect((await captureGitPatch({ cwd, env: { ...env, ...config } })).patch).toEqual(patch);
  });

  test("has fixed bytes for fixed changes; changes only in a major", async () => {
    const fixture = makeRepository();
    changeEverything(fixture);
    fixture.git("checkout", "-q", "data.bin"); // binary contents are deflated, and zlib's bytes are not ours to pin
    unlinkSync(join(fixture.root, "new.bin"));
    const { patch } = await captureGitPatch({ cwd: fixture.root, env: fixture.env });
    expect(hashBytes(patch)).toBe("sha256:90bdf1c5f84f60b33b3945e62394839fa09c7bf6f8eb5bb92e13a3ea2980c6c7");
  });

  test("is empty for a clean work tree", async () => {
    const { root: cwd, env, git } = makeRepository();
    expect(await captureGitPatch({ cwd, env })).toEqual({
      patch: new Uint8Array(),
      tree: git("rev-parse", "HEAD^{tree}"),
      secrets: [],
    });
  });

  test("holds more than a pipe's or node's usual buffer", async () => {
    const { root: cwd, env, write } = makeRepository();
    const large = noise(1_000_000);
    write("large.bin", large);
    expect((await captureGitPatch({ cwd, env })).patch.byteLength).toBeGreaterThan(1_100_000);
  });

  test("stops at its limit: GIT_PATCH_TOO_LARGE", async () => {
    const { root: cwd, env, write } = makeRepository();
    write("a.txt", "edited\n");
    const { patch } = await captureGitPatch({ cwd, env });
    expect((await captureGitPatch({ cwd, env, maxPatchBytes: patch.byteLength })).patch).toEqual(patch);
    expect(await failure(captureGitPatch({ cwd, env, maxPatchBytes: patch.byteLength - 1 }))).toMatchObject({
      code: "GIT_PATCH_TOO_LARGE",
      data: { limitBytes: patch.byteLength - 1 },
    });
  });

  test.for([-1, 1.5, Number.NaN, Infinity])("a limit of %d is none: RangeError", async (maxPatchBytes) => {
    await expect(captureGitPatch({ cwd: "/", maxPatchBytes })).rejects.toThrow(RangeError);
  });
});

describe("restoreGitState", () => {
  async function dirtyState(): Promise<{ fixture: Fixture; state: GitState; patch: Uint8Array }> {
    const fixture = makeRepository();
    fixture.write("a.txt", "edited\n");
    const options = { cwd: fixture.root, env: fixture.env };
    return { fixture, state: await captureGitState(options), patch: (await captureGitPatch(options)).patch };
  }

  test("brings back an older commit, detached, beside a user who has moved on", async () => {
    const fixture = makeRepository();
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    fixture.write("a.txt", "moved on\n");
    fixture.commit("second");
    const root = target();
    const before = listing(fixture.root);
    await restoreGitState(state, { source: fixture.root, root, env: fixture.env });
    expect(listing(fixture.root)).toEqual(before);
    const restored = fixtureAt(root);
    expect(restored.git("rev-parse", "HEAD")).toBe(state.commit);
    expect(restored.git("status", "--porcelain")).toBe("");
    expect(() => restored.git("symbolic-ref", "HEAD")).toThrow();
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("one\ntwo\nthree\n");
    expect(restored.git("log", "--format=%s")).toBe("first");
  });

  test("takes an empty folder as well as an absent one, inside the source's own work tree too", async () => {
    const fixture = makeRepository();
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    const root = join(fixture.root, ".repro/replay/1");
    mkdirSync(root, { recursive: true });
    await restoreGitState(state, { source: fixture.root, root, env: fixture.env });
    expect(existsSync(join(root, "a.txt"))).toBe(true);
    expect(await captureGitState({ cwd: fixture.root, env: fixture.env })).toEqual(state);
  });

  test("works from a linked work tree, a shallow clone and a path full of signs", async () => {
    const fixture = makeRepository({ root: join(tempFolder(), 'odd\n:"name"\\') });
    fixture.commit("second");
    const linked = join(tempFolder(), "linked");
    fixture.git("worktree", "add", "-q", "--detach", linked);
    const shallow = join(tempFolder(), "shallow");
    fixture.git("clone", "-q", "--depth=1", "--no-local", fixture.root, shallow);
    for (const source of [fixture.root, linked, shallow]) {
      const state = await captureGitState({ cwd: source, env: fixture.env });
      const root = target();
      await restoreGitState(state, { source, root, env: fixture.env });
      expect(fixtureAt(root).git("log", "--oneline").split("\n")).toHaveLength(source === shallow ? 1 : 2);
    }
  });

  test("gives files the line endings that the source's configuration gives them", async () => {
    const fixture = makeRepository();
    fixture.git("config", "core.autocrlf", "true");
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    const root = target();
    await restoreGitState(state, { source: fixture.root, root, env: fixture.env });
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("one\r\ntwo\r\nthree\r\n");
  });

  test("refuses a folder that holds something, and leaves it: GIT_RESTORE_NOT_EMPTY", async () => {
    const fixture = makeRepository();
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    const root = tempFolder();
    writeFileSync(join(root, "mine"), "mine");
    expect(await failure(restoreGitState(state, { source: fixture.root, root, env: fixture.env }))).toMatchObject({
      code: "GIT_RESTORE_NOT_EMPTY",
    });
    expect(readFileSync(join(root, "mine"), "utf8")).toBe("mine");
  });

  test("names the command that fetches a commit that is not there: GIT_COMMIT_MISSING", async () => {
    const fixture = makeRepository();
    fixture.commit("second");
    const state = await captureGitState({ cwd: fixture.root, env: fixture.env });
    const other = makeRepository();
    other.git("remote", "add", "upstream", fixture.root);
    const root = target();
    expect(await failure(restoreGitState(state, { source: other.root, root, env: other.env }))).toMatchObject({
      code: "GIT_COMMIT_MISSING",
      remedy: `git fetch upstream ${state.commit}`,
    });
    expect(existsSync(root)).toBe(false);
  });

  test("needs the patch of a dirty state: GIT_PATCH_MISSING", async () => {
    const { fixture, state } = await dirtyState();
    const root = target();
    expect(await failure(restoreGitState(state, { source: fixture.root, root, env: fixture.env }))).toMatchObject({
      code: "GIT_PATCH_MISSING",
    });
  });

  test("refuses another patch than the recorded one, each way: GIT_RESTORE_MISMATCH", async () => {
    const { fixture, state, patch } = await dirtyState();
    const edited = new TextEncoder().encode(new TextDecoder().decode(patch).replace("+edited", "+forged"));
    const recorded = {
      attachment: "git/worktree.patch",
      digest: hashBytes(patch),
      sizeBytes: patch.byteLength,
      secrets: [],
    } as const;
    for (const [given, bytes] of [
      [{ ...state, patch: recorded }, edited], // its digest
      [state, edited], // its tree
      [state, patch.subarray(0, -5)], // torn
      [state, new Uint8Array()],
      [{ ...state, tree: state.worktreeTree }, patch],
    ] as const) {
      const root = target();
      expect(
        await failure(restoreGitState(given, { source: fixture.root, root, patch: bytes, env: fixture.env })),
      ).toMatchObject({
        code: "GIT_RESTORE_MISMATCH",
      });
      expect(existsSync(root)).toBe(false);
    }
  });

  test("a patch that is damaged at any byte never passes", async () => {
    const { fixture, state, patch } = await dirtyState();
    for (let at = 0; at < patch.byteLength; at += 37) {
      const damaged = patch.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x20;
      const restoring = restoreGitState(state, {
        source: fixture.root,
        root: target(),
        patch: damaged,
        env: fixture.env,
      });
      // Some bytes, such as a function name after "@@", mean nothing: then the tree must be the recorded one.
      await restoring.catch((error: unknown) => expect(error).toMatchObject({ code: "GIT_RESTORE_MISMATCH" }));
    }
  });

  test("looks at the disk: files that a filter of the user's spoils are not passed off: GIT_RESTORE_MISMATCH", async () => {
    const { root: source, env, write, commit } = makeRepository();
    write(".gitattributes", "*.txt filter=spoil\n");
    commit("attributes");
    const state = await captureGitState({ cwd: source, env });
    const config = join(tempFolder(), "config");
    writeFileSync(config, '[filter "spoil"]\n\tsmudge = echo spoilt\n\tclean = cat\n');
    const root = target();
    const spoiling = { ...env, GIT_CONFIG_GLOBAL: config };
    const before = existsSync(root);
    const error = await failure(restoreGitState(state, { source, root, env: spoiling }));
    expect(error.code).toBe("GIT_RESTORE_MISMATCH");
    expect(before).toBe(false);
    expect(listing(root)).toEqual([]);
  });

  test("leaves nothing when it is aborted", async () => {
    const { fixture, state, patch } = await dirtyState();
    const root = target();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(restoreGitState(state, { source: fixture.root, root, patch, env: fixture.env, signal })).rejects.toBe(
      reason,
    );
    expect(existsSync(root)).toBe(false);
  });

  test.for(["cat-file", "apply", "checkout-index"])("leaves nothing when it is aborted in git %s", async (command) => {
    const { fixture, state, patch } = await dirtyState();
    const root = target();
    const reached = join(tempFolder(), "reached");
    const PATH = makeShim(`[ "$1" = ${command} ] && { : > '${reached}'; exec tail -f /dev/null; }`);
    const control = new AbortController();
    const { root: source, env } = fixture;
    const restoring = restoreGitState(state, { source, root, patch, env: { ...env, PATH }, signal: control.signal });
    await expect.poll(() => existsSync(reached), { interval: 5, timeout: 10_000 }).toBe(true);
    const reason = new Error("enough");
    control.abort(reason);
    await expect(restoring).rejects.toBe(reason);
    expect(existsSync(root) ? listing(root) : []).toEqual([]);
  });
});
