import { join } from "node:path";

import { encodeCanonical, withoutObserved } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { captureEnv, createNodeHost, envLayer, parseEnvState } from "../src/index.ts";
import {
  NPM_LOCKED,
  PNPM_LOCK,
  hostWith,
  npmProject,
  pinnedHost,
  pnpmProject,
  restoreContext,
  temporaryFolder,
  writeFiles,
  writeLinks,
} from "./fixture.ts";

const SYSTEM = ["/etc/os-release", "/usr/lib/os-release", "/proc/cpuinfo", "/etc/localtime", "/lib/apk/db/installed"];

/** A host that notes every path outside a folder. */
function watchingHost(root: string): { readonly host: ReturnType<typeof createNodeHost>; readonly outside: string[] } {
  const outside: string[] = [];
  const { readFile, readFolder, readLink } = createNodeHost();
  const watch =
    <R>(read: (path: string) => Promise<R>) =>
    (path: string): Promise<R> => {
      if (!join(path).startsWith(`${root}/`) && !SYSTEM.includes(path)) outside.push(path);
      return read(path);
    };
  return {
    outside,
    host: hostWith({ readFile: watch(readFile), readFolder: watch(readFolder), readLink: watch(readLink) }),
  };
}

describe("a hostile lockfile", () => {
  test.each([
    ["package-lock.json", "{"],
    ["package-lock.json", "[]"],
    ["package-lock.json", "null"],
    ["package-lock.json", '{"lockfileVersion":3}'],
    ["package-lock.json", '{"lockfileVersion":"3","packages":{}}'],
    ["package-lock.json", '{"lockfileVersion":3,"packages":[]}'],
    ["package-lock.json", "[".repeat(100_000)],
    ["pnpm-lock.yaml", ""],
    ["pnpm-lock.yaml", "lockfileVersion: [9]\n"],
    ["pnpm-lock.yaml", "a: b: c: d"],
    ["pnpm-lock.yaml", "<<<<<<< HEAD\nlockfileVersion: '9.0'\n"],
    [
      "pnpm-lock.yaml",
      `a: &a [x]\n${Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`},`.repeat(9)}]\n`).join("")}`,
    ],
  ])("%s of %.40j is refused by its name", async (name, text) => {
    const root = temporaryFolder();
    writeFiles(root, { [name]: text });
    await expect(captureEnv(root)).rejects.toMatchObject({ code: "ENV_LOCKFILE_INVALID", data: { path: name } });
  });

  test("with any JSON in the place of its members only gives typed errors", async () => {
    const root = temporaryFolder();
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({ version: fc.jsonValue(), link: fc.jsonValue(), resolved: fc.jsonValue() }),
    );
    const host = pinnedHost();
    const run = fc.asyncProperty(
      fc.dictionary(
        fc.string().map((name) => `node_modules/${name}`),
        entry,
      ),
      async (packages) => {
        writeFiles(root, {
          "package-lock.json": { lockfileVersion: 3, packages },
          "node_modules/.package-lock.json": packages,
        });
        const state = await captureEnv(root, { host });
        expect(parseEnvState(structuredClone(state))).toEqual(state);
      },
    );
    await fc.assert(run);
  });

  test("with the names of prototypes is read as any other", async () => {
    const packages = JSON.parse(
      '{"__proto__":{"version":"1"},"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"1.0.0"}}',
    ) as Record<string, unknown>;
    const root = npmProject({ ...NPM_LOCKED, ...packages });
    const [install] = (await captureEnv(root)).installs;
    expect(install?.drift.findings.map(({ location }) => location)).toEqual([
      "node_modules/__proto__",
      "node_modules/constructor",
    ]);
    expect(Object.getPrototypeOf(install?.packages)).toBe(Object.prototype);
  });

  test("of npm with names that lead outside makes us read nothing there", async () => {
    const root = npmProject({
      ...NPM_LOCKED,
      "../../etc/node_modules/x": { version: "1" },
      "node_modules/../../../x": { version: "1" },
      "/node_modules/y": { version: "1" },
    });
    writeLinks(root, { "node_modules/z": "../../../../../etc" });
    const { host, outside } = watchingHost(root);
    await captureEnv(root, { host });
    expect(outside).toEqual([]);
  });

  test("of pnpm with names that lead outside makes us read nothing there", async () => {
    const root = pnpmProject({ workspace: true });
    const lock = PNPM_LOCK.replace("packages/w:", "../../etc:").replaceAll("a@1.0.0", "../../../../../x@1.0.0");
    writeFiles(root, {
      "pnpm-lock.yaml": lock,
      "node_modules/.pnpm/lock.yaml": lock,
      "node_modules/.pnpm/..+..+..+..+..+x@1.0.0/node_modules/x/package.json": {},
    });
    const { host, outside } = watchingHost(root);
    await captureEnv(root, { host });
    expect(outside).toEqual([]);
  });
});

describe("a hostile record", () => {
  test.each(["../x", "/etc", "a/../../x", "..", ""])("that names the folder %j is refused", async (folder) => {
    const state = structuredClone(await captureEnv(npmProject()));
    const [install] = state.installs;
    for (const member of [
      { path: folder },
      { folders: [folder] },
      { packages: { [folder]: { name: "a", version: null, integrity: null } } },
    ]) {
      const bad = { ...state, installs: [{ ...install, ...member }] };
      expect(() => parseEnvState(bad)).toThrow(expect.objectContaining({ code: "LAYER_STATE_INVALID" }));
    }
  });

  test("with members that the layout does not have is refused", async () => {
    const state = await captureEnv(temporaryFolder());
    expect(() => parseEnvState({ ...state, more: 1 })).toThrow(
      expect.objectContaining({ code: "LAYER_STATE_INVALID" }),
    );
  });
});

describe("a hostile work tree", () => {
  test("whose folders are links does not make a restore write outside", async () => {
    const root = npmProject({
      ...NPM_LOCKED,
      "packages/w/node_modules/c": { version: "3.0.0" },
    });
    writeFiles(root, {
      "packages/w/package.json": {},
      "packages/w/node_modules/c/package.json": { name: "c", version: "3.0.0" },
    });
    const state = await captureEnv(root, { cwd: join(root, "packages/w") });
    const [restored, outside] = [temporaryFolder(), temporaryFolder()];
    writeLinks(restored, { packages: outside });
    await expect(envLayer().restore?.(state, restoreContext(root, restored))).rejects.toMatchObject({
      code: "ENV_NOT_RESTORABLE",
    });
    expect(await createNodeHost().readFolder(outside)).toEqual([]);
  });

  test("with a name in a manifest that is no text is recorded by its folder", async () => {
    const root = npmProject();
    writeFiles(root, { "node_modules/a/package.json": '{"name":{"toString":1},"version":[1]}' });
    const state = await captureEnv(root);
    expect(state.installs[0]?.packages).toMatchObject({ "node_modules/a": { name: "a", version: null } });
    expect(encodeCanonical(withoutObserved(state)).length).toBeGreaterThan(0);
  });
});
