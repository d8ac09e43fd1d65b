import { rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureEnv } from "../src/index.ts";
import type { InstallState } from "../src/index.ts";
import { NPM_LOCKED, npmLock, npmProject, temporaryFolder, writeFiles, writeLinks } from "./fixture.ts";

async function install(root: string): Promise<InstallState> {
  const [first] = (await captureEnv(root)).installs;
  if (first === undefined) throw new Error("no install");
  return first;
}

async function findings(root: string): Promise<readonly string[]> {
  const { drift } = await install(root);
  expect(drift.status).toBe("checked");
  return drift.findings.map((f) => [f.kind, f.location, f.expected, f.actual].join(" "));
}

describe("an install of npm", () => {
  test("that is what the lockfile says has no drift", async () => {
    expect(await findings(npmProject())).toEqual([]);
  });

  test("is recorded package by package, nested ones too", async () => {
    const { manager, folders, packages } = await install(npmProject());
    expect({ manager, folders }).toEqual({ manager: "npm", folders: ["."] });
    expect(packages).toEqual({
      "node_modules/@s/b": { name: "@s/b", version: "2.0.0", integrity: "sha512-Yg==" },
      "node_modules/a": { name: "a", version: "1.0.0", integrity: "sha512-YQ==" },
      "node_modules/a/node_modules/@s/b": { name: "@s/b", version: "1.5.0", integrity: "sha512-Yg==" },
    });
  });

  test("drifts when a package is missing", async () => {
    const root = npmProject();
    rmSync(join(root, "node_modules/@s/b"), { recursive: true });
    expect(await findings(root)).toEqual(["missing node_modules/@s/b @s/b@2.0.0 "]);
  });

  test("drifts when a manifest was edited, and then vouches for no integrity", async () => {
    const root = npmProject();
    writeFiles(root, { "node_modules/a/package.json": { name: "a", version: "1.0.1" } });
    expect(await findings(root)).toEqual(["version node_modules/a a@1.0.0 a@1.0.1"]);
    expect((await install(root)).packages).toMatchObject({ "node_modules/a": { integrity: null } });
  });

  test("drifts when a package was emptied", async () => {
    const root = npmProject();
    rmSync(join(root, "node_modules/@s/b/package.json"));
    expect(await findings(root)).toEqual(["version node_modules/@s/b @s/b@2.0.0 @s/b@(no version)"]);
  });

  test("drifts when a package was added by hand", async () => {
    const root = npmProject();
    writeFiles(root, { "node_modules/a/node_modules/c/package.json": { name: "c", version: "3.0.0" } });
    expect(await findings(root)).toEqual(["extra node_modules/a/node_modules/c  c@3.0.0"]);
  });

  test("drifts when the lockfile moved on", async () => {
    const root = npmProject({ ...NPM_LOCKED, "node_modules/a": { version: "1.1.0", integrity: "sha512-YQ==" } });
    expect(await findings(root)).toEqual(["version node_modules/a a@1.1.0 a@1.0.0"]);
  });

  test("drifts when the same version was unpacked from other bytes", async () => {
    const root = npmProject({ ...NPM_LOCKED, "node_modules/a": { version: "1.0.0", integrity: "sha512-Wg==" } });
    expect(await findings(root)).toEqual(["integrity node_modules/a sha512-Wg== sha512-YQ=="]);
  });

  test("drifts when npm link put a link in the place of a package", async () => {
    const root = npmProject();
    rmSync(join(root, "node_modules/@s/b"), { recursive: true });
    writeLinks(root, { "node_modules/@s/b": temporaryFolder() });
    expect(await findings(root)).toEqual(["version node_modules/@s/b @s/b@2.0.0 link:.."]);
  });

  test.each([{ optional: true }, { devOptional: true }, { optional: true, os: ["aix"], cpu: ["s390x"] }])(
    "may lack a package that the lockfile marks %j",
    async (mark) => {
      expect(await findings(npmProject({ ...NPM_LOCKED, "node_modules/x": { version: "1.0.0", ...mark } }))).toEqual(
        [],
      );
    },
  );

  test("may lack all development packages, not some", async () => {
    const dev = {
      "node_modules/x": { version: "1.0.0", dev: true },
      "node_modules/y": { version: "1.0.0", dev: true },
    };
    const root = npmProject({ ...NPM_LOCKED, ...dev });
    expect(await findings(root)).toEqual([]);
    writeFiles(root, { "node_modules/x/package.json": { name: "x", version: "1.0.0" } });
    expect(await findings(root)).toEqual(["missing node_modules/y y@1.0.0 "]);
  });

  test("of a workspace is read through its links", async () => {
    const root = npmProject({
      ...NPM_LOCKED,
      "packages/w": { version: "0.0.0" },
      "node_modules/w": { resolved: "packages/w", link: true },
      "packages/w/node_modules/c": { version: "3.0.0" },
    });
    writeLinks(root, { "node_modules/w": "../packages/w" });
    writeFiles(root, { "packages/w/node_modules/c/package.json": { name: "c", version: "3.0.1" } });
    expect(await findings(root)).toEqual(["version packages/w/node_modules/c c@3.0.0 c@3.0.1"]);
    const { links, folders } = await install(root);
    expect({ links, folders }).toEqual({ links: { "node_modules/w": "packages/w" }, folders: [".", "packages/w"] });
  });

  test("knows an alias by the name of what it stands for", async () => {
    const root = npmProject({ ...NPM_LOCKED, "node_modules/alias": { name: "a", version: "1.0.0" } });
    writeFiles(root, { "node_modules/alias/package.json": { name: "a", version: "1.0.0" } });
    expect(await findings(root)).toEqual([]);
  });

  test("is read from its folders when npm's own record is broken", async () => {
    const root = npmProject();
    writeFiles(root, { "node_modules/.package-lock.json": "{" });
    expect(await findings(root)).toEqual([]);
  });

  test("is not checked against a lockfile of version 1", async () => {
    const root = npmProject();
    writeFiles(root, { "package-lock.json": { lockfileVersion: 1, dependencies: {} } });
    const { drift } = await install(root);
    expect(drift).toMatchObject({
      status: "unchecked",
      reason: expect.stringContaining("lockfileVersion 1"),
      findings: [],
    });
  });

  test("prefers npm-shrinkwrap.json, as npm does", async () => {
    const root = npmProject();
    writeFiles(root, { "npm-shrinkwrap.json": npmLock(NPM_LOCKED), "package-lock.json": npmLock({}) });
    expect(await findings(root)).toEqual([]);
    expect((await install(root)).lockfile).toBe("npm-shrinkwrap.json");
  });
});

describe("an install without a lockfile that is read", () => {
  test("is unchecked, but lacks what the manifest declares", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "package.json": { dependencies: { a: "^1" }, devDependencies: { d: "1" } } });
    expect((await install(root)).drift).toEqual({
      status: "unchecked",
      reason: "there is no lockfile",
      findings: [{ kind: "missing", location: "node_modules/a", expected: "a@^1", actual: null }],
    });
  });

  test("of yarn is recorded, and its lockfile by digest only", async () => {
    const root = temporaryFolder();
    writeFiles(root, {
      "yarn.lock": "# yarn lockfile v1",
      "package.json": { dependencies: { a: "^1" } },
      "node_modules/a/package.json": { name: "a", version: "1.0.0" },
    });
    const { manager, drift, packages } = await install(root);
    expect({ manager, drift: drift.reason, packages }).toEqual({
      manager: "yarn",
      drift: "yarn.lock is recorded by its digest only",
      packages: { "node_modules/a": { name: "a", version: "1.0.0", integrity: null } },
    });
  });

  test("of yarn's Plug'n'Play is unknown, not empty", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "yarn.lock": "", ".pnp.cjs": "", "package.json": { dependencies: { a: "^1" } } });
    expect((await install(root)).packages).toMatchObject({ status: "unknown" });
  });
});
