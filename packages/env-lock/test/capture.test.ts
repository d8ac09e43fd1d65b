import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { withoutObserved } from "@repro/core";
import { describe, expect, test } from "vitest";

import { captureEnv, parseEnvState } from "../src/index.ts";
import { hostWith, npmProject, pinnedHost, temporaryFolder, writeFiles } from "./fixture.ts";

describe("captureEnv", () => {
  test("records the same twice", async () => {
    const root = npmProject();
    const [first, second] = [await captureEnv(root), await captureEnv(root)];
    expect(withoutObserved(first)).toEqual(withoutObserved(second));
  });

  test("records what its own parser accepts, frozen to the leaves", async () => {
    const state = await captureEnv(npmProject());
    expect(parseEnvState(structuredClone(state))).toEqual(state);
    expect(Object.isFrozen(state.installs[0]?.drift.findings)).toBe(true);
  });

  test("names the runtime and the system that run it", async () => {
    const { runtime, platform } = await captureEnv(temporaryFolder());
    expect(runtime.version).toBe(process.versions.node);
    expect(platform).toMatchObject({ os: process.platform, arch: process.arch });
  });

  test("reads the system's files", async () => {
    const { platform, cpu } = await captureEnv(temporaryFolder(), { host: pinnedHost() });
    expect(platform).toMatchObject({ distribution: "debian 12", timeZone: "Asia/Kathmandu" });
    expect(cpu.features).toEqual(["avx2", "avx512f", "fma"]);
  });

  test("says so where the system's files are missing", async () => {
    const host = hostWith({ readFile: async () => undefined, readLink: async () => undefined });
    const { platform, cpu } = await captureEnv(temporaryFolder(), { host });
    expect(platform.distribution).toBeNull();
    expect(platform.timeZone).toMatchObject({ status: "unknown" });
    expect(cpu.features).toMatchObject({ status: "unknown" });
  });

  test("names musl by its package where the runtime has no glibc", async () => {
    const base = pinnedHost();
    const host = hostWith({
      machine: () => ({ ...base.machine(), glibc: null }),
      readFile: async (path) =>
        path === "/lib/apk/db/installed" ? new TextEncoder().encode("C:x\nP:musl\nV:1.2.5-r0\n") : base.readFile(path),
    });
    expect((await captureEnv(temporaryFolder(), { host })).platform.libc).toEqual({
      name: "musl",
      version: "1.2.5-r0",
    });
  });

  test("keeps flags that change results, and neither code nor paths", async () => {
    const env = { NODE_OPTIONS: "--require /opt/x.js --max-old-space-size=100" };
    const { runtime } = await captureEnv(temporaryFolder(), { host: pinnedHost(), env });
    expect(runtime.flags).toEqual(["--max-old-space-size=100", "--conditions=test"]);
  });

  test("finds lockfiles from the working directory up to the root, and none above", async () => {
    const above = temporaryFolder();
    writeFiles(above, {
      "uv.lock": "above",
      "root/uv.lock": "root",
      "root/ui/yarn.lock": "ui",
      "root/api/bun.lock": "",
    });
    const root = join(above, "root");
    const { lockfiles } = await captureEnv(root, { cwd: join(root, "ui") });
    expect(lockfiles.map(({ path, kind }) => [path, kind])).toEqual([
      ["ui/yarn.lock", "yarn"],
      ["uv.lock", "uv"],
    ]);
  });

  test("records no install where there is no project", async () => {
    expect((await captureEnv(temporaryFolder())).installs).toEqual([]);
  });

  test("records every install that modules are resolved from", async () => {
    const root = npmProject();
    writeFiles(root, { "ui/package.json": {}, "ui/package-lock.json": { lockfileVersion: 3, packages: {} } });
    const { installs } = await captureEnv(root, { cwd: join(root, "ui") });
    expect(installs.map(({ path, lockfile }) => [path, lockfile])).toEqual([
      [".", "package-lock.json"],
      ["ui", "ui/package-lock.json"],
    ]);
  });

  test("refuses a working directory outside the root", async () => {
    await expect(captureEnv(temporaryFolder(), { cwd: "/" })).rejects.toThrow(RangeError);
  });

  test("passes on that a file cannot be read", async () => {
    const root = npmProject();
    execFileSync("sh", ["-c", "rm package.json && mkfifo package.json"], { cwd: join(root, "node_modules/a") });
    await expect(captureEnv(root)).rejects.toMatchObject({ code: "ENV_UNREADABLE" });
  });

  test("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(captureEnv(npmProject(), { signal })).rejects.toThrow("stop");
  });
});
