import { copyFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { assertInstalled, captureEnv, envLayer } from "../src/index.ts";
import type { CommandResult, EnvHost } from "../src/index.ts";
import {
  NPM_LOCKED,
  hostWith,
  layerContext,
  npmLock,
  npmProject,
  pnpmProject,
  restoreContext,
  temporaryFolder,
  writeFiles,
  writeLinks,
} from "./fixture.ts";

/** A host whose package managers are scripted; notes what was run. */
function installerHost(answer: (command: string, cwd: string) => CommandResult): {
  readonly host: EnvHost;
  readonly ran: string[];
} {
  const ran: string[] = [];
  const run: EnvHost["run"] = async (command, args, { cwd }) => {
    ran.push([command, ...args].join(" "));
    return answer(command, cwd);
  };
  return { ran, host: hostWith({ run }) };
}

const DONE: CommandResult = { status: 0, output: "", notFound: false };
const ABSENT: CommandResult = { status: null, output: "", notFound: true };

describe("an opened env layer", () => {
  test("seals what it captured, and sets no variables", async () => {
    const layer = envLayer();
    const open = await layer.open(layerContext(npmProject(), { env: { LANG: "C" } }));
    const sealed = await open.seal();
    expect(sealed).toBe(open.handle);
    expect(open.variables).toBeUndefined();
    expect(layer.diff(layer.parse(structuredClone(sealed)), sealed)).toEqual([]);
  });

  test("refuses packages that drift, and names them", async () => {
    const root = npmProject();
    writeFiles(root, { "node_modules/a/package.json": { name: "a", version: "9.0.0" } });
    await expect(envLayer().open(layerContext(root))).rejects.toMatchObject({
      code: "ENV_DRIFT_MISMATCH",
      message:
        'envLayer: installed packages drift from the lockfile in ".": node_modules/a is a@9.0.0, the lockfile says a@1.0.0',
      remedy: "npm ci",
      data: { count: 1 },
    });
  });

  test("names no more than twenty of them", async () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`node_modules/m${i}`, { version: "1.0.0" }]));
    const state = await captureEnv(npmProject({ ...NPM_LOCKED, ...many }));
    expect(() => assertInstalled(state)).toThrow(/; and 5 more$/);
  });

  test("records drift when told to", async () => {
    const root = npmProject();
    rmSync(join(root, "node_modules/a"), { recursive: true });
    const { handle } = await envLayer({ drift: "record" }).open(layerContext(root));
    expect(handle.installs[0]?.drift.findings).toHaveLength(2);
  });

  test("refuses a project whose dependencies nobody installed", async () => {
    const root = npmProject();
    rmSync(join(root, "node_modules"), { recursive: true });
    await expect(envLayer().open(layerContext(root))).rejects.toMatchObject({
      code: "ENV_NOT_INSTALLED",
      remedy: "npm ci",
    });
  });

  test("opens where there is nothing to install", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "package.json": { name: "no-dependencies" } });
    const { handle } = await envLayer().open(layerContext(root));
    expect(handle.installs[0]?.drift).toMatchObject({ status: "unchecked", findings: [] });
  });

  test("refuses at once to record what reads like a secret", () => {
    expect(() => envLayer({ variables: ["API_KEY"] })).toThrow(RangeError);
  });
});

describe("a restored env layer", () => {
  test("links the packages of the work tree when they are the recorded ones, and sets the recorded variables", async () => {
    const source = npmProject();
    const layer = envLayer({ variables: ["MY_SWITCH"] });
    const recorded = (await layer.open(layerContext(source, { env: { TZ: "UTC", MY_SWITCH: "1" } }))).handle;
    const root = temporaryFolder();
    copyFileSync(join(source, "package-lock.json"), join(root, "package-lock.json"));
    const { host, ran } = installerHost(() => DONE);
    const restored = await envLayer({ host }).restore?.(recorded, restoreContext(source, root));
    expect(readlinkSync(join(root, "node_modules"))).toBe(join(source, "node_modules"));
    expect(ran).toEqual([]);
    const open = await restored?.layer.open(layerContext(root, { env: { TZ: "Asia/Kathmandu" } }));
    expect(open?.variables).toMatchObject({ TZ: "UTC", MY_SWITCH: "1", OMP_NUM_THREADS: null });
    expect(layer.diff(recorded, (await open?.seal()) ?? recorded)).toEqual([]);
  });

  test("links the store of pnpm", async () => {
    const source = pnpmProject({ workspace: false });
    const recorded = await captureEnv(source);
    const root = temporaryFolder();
    copyFileSync(join(source, "pnpm-lock.yaml"), join(root, "pnpm-lock.yaml"));
    const restored = await envLayer().restore?.(recorded, restoreContext(source, root));
    const open = await restored?.layer.open(layerContext(root));
    expect(envLayer().diff(recorded, (await open?.seal()) ?? recorded)).toEqual([]);
    expect(readlinkSync(join(root, "node_modules"))).toBe(join(source, "node_modules"));
  });

  test("links packages that are links out of the root: the same code is there for both", async () => {
    const source = temporaryFolder();
    writeLinks(source, { "node_modules/tool": temporaryFolder() });
    const recorded = await captureEnv(source);
    expect(recorded.installs[0]?.links).toEqual({ "node_modules/tool": null });
    const root = temporaryFolder();
    await envLayer().restore?.(recorded, restoreContext(source, root));
    expect(readlinkSync(join(root, "node_modules"))).toBe(join(source, "node_modules"));
  });

  test("does not link an install below the root that links to a folder beside it", async () => {
    const source = temporaryFolder();
    writeFiles(source, { "ui/package.json": {}, "lib/package.json": {} });
    writeLinks(source, { "ui/node_modules/lib": "../../lib" });
    const recorded = await captureEnv(source, { cwd: join(source, "ui") });
    expect(recorded.installs[0]?.links).toEqual({ "node_modules/lib": "../lib" });
    await expect(envLayer().restore?.(recorded, restoreContext(source, temporaryFolder()))).rejects.toMatchObject({
      code: "ENV_NOT_RESTORABLE",
      data: { reasons: ["node_modules/lib is a link into the work tree"] },
    });
  });

  test("stops when it is told to", async () => {
    const source = npmProject();
    const recorded = await captureEnv(source);
    const context = { ...restoreContext(source, temporaryFolder()), signal: AbortSignal.abort(new Error("stop")) };
    await expect(envLayer().restore?.(recorded, context)).rejects.toThrow("stop");
  });

  test("installs from the recorded lockfile when the work tree has moved on", async () => {
    const source = npmProject();
    const recorded = await captureEnv(source);
    writeFiles(source, { "node_modules/a/package.json": { name: "a", version: "9.0.0" } });
    const root = temporaryFolder();
    writeFiles(root, { "package-lock.json": npmLock(NPM_LOCKED) });
    const { host, ran } = installerHost(() => DONE);
    await envLayer({ host }).restore?.(recorded, restoreContext(source, root));
    expect(ran).toEqual(["npm ci"]);
  });

  test("installs a workspace, whose packages link into the checkout", async () => {
    const source = pnpmProject({ workspace: true });
    const recorded = await captureEnv(source);
    const root = temporaryFolder();
    for (const name of ["pnpm-lock.yaml", "package.json"]) copyFileSync(join(source, name), join(root, name));
    const { host, ran } = installerHost((command) => (command === "pnpm" ? ABSENT : DONE));
    await envLayer({ host }).restore?.(recorded, restoreContext(source, root));
    expect(ran).toEqual(["pnpm install --frozen-lockfile", "npx --yes pnpm@12.21.0 install --frozen-lockfile"]);
  });

  test("says what the package manager said when it fails, without passwords", async () => {
    const source = pnpmProject({ workspace: true });
    const recorded = await captureEnv(source);
    const root = temporaryFolder();
    copyFileSync(join(source, "pnpm-lock.yaml"), join(root, "pnpm-lock.yaml"));
    const { host } = installerHost(() => ({
      status: 1,
      output: "GET https://me:secret@registry 404\n",
      notFound: false,
    }));
    await expect(envLayer({ host }).restore?.(recorded, restoreContext(source, root))).rejects.toMatchObject({
      code: "ENV_INSTALL_FAILED",
      data: { tail: "GET https://***@registry 404", status: 1 },
    });
  });

  test("asks for the package manager when there is none", async () => {
    const source = pnpmProject({ workspace: true });
    const recorded = await captureEnv(source);
    const root = temporaryFolder();
    writeFiles(root, { "package.json": { packageManager: "pnpm@1.0.0; rm -rf /" } });
    copyFileSync(join(source, "pnpm-lock.yaml"), join(root, "pnpm-lock.yaml"));
    const { host, ran } = installerHost(() => ABSENT);
    await expect(envLayer({ host }).restore?.(recorded, restoreContext(source, root))).rejects.toMatchObject({
      code: "ENV_INSTALL_FAILED",
      remedy: 'install pnpm, or name its version as "packageManager" in package.json',
    });
    expect(ran).toEqual(["pnpm install --frozen-lockfile", "npx --yes pnpm@1.0.0 install --frozen-lockfile"]);
  });

  test("is blocked when neither the packages nor the lockfile are there, and says what differs", async () => {
    const source = npmProject();
    const recorded = await captureEnv(source);
    writeFiles(source, { "node_modules/a/package.json": { name: "a", version: "9.0.0" } });
    await expect(envLayer().restore?.(recorded, restoreContext(source, temporaryFolder()))).rejects.toMatchObject({
      code: "ENV_NOT_RESTORABLE",
      message: 'envLayer: the recorded packages of "." are not here: node_modules/a differs',
      remedy: "check out the recorded package-lock.json in the work tree, run npm ci there, then replay again",
    });
  });

  test("has nothing to do where nothing was installed, and never refuses", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "package.json": { dependencies: { a: "1" } } });
    const recorded = await captureEnv(root);
    const restored = await envLayer().restore?.(recorded, restoreContext(root, root));
    const open = await restored?.layer.open(layerContext(root));
    expect((await open?.seal())?.installs[0]?.folders).toEqual([]);
  });
});
