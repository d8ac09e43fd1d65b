import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { captureEnv, envLayer } from "../../src/index.ts";
import { layerContext, restoreContext, temporaryFolder, writeFiles } from "../fixture.ts";

function npm(cwd: string, ...args: readonly string[]): void {
  execFileSync("npm", [...args, "--offline", "--no-audit", "--no-fund"], { cwd, stdio: "pipe" });
}

let project: string;

/** A project that the real npm installed: an archive with a bundled dependency, a linked folder, a development dependency. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "repro-npm-"));
  writeFiles(project, {
    "src/a/package.json": { name: "a", version: "1.2.3", dependencies: { b: "1.0.0" }, bundleDependencies: ["b"] },
    "src/a/node_modules/b/package.json": { name: "b", version: "1.0.0" },
    "src/d/package.json": { name: "d", version: "4.0.0" },
    "lib/package.json": { name: "lib", version: "0.1.0" },
  });
  npm(project, "pack", "./src/a", "./src/d");
  writeFiles(project, {
    "package.json": {
      name: "fixture",
      dependencies: { a: "file:a-1.2.3.tgz", lib: "file:lib" },
      devDependencies: { d: "file:d-4.0.0.tgz" },
    },
  });
  npm(project, "install");
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** A copy of it, to change. */
function installedByNpm(): string {
  const root = temporaryFolder();
  cpSync(project, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

describe("npm's own installs", () => {
  test("agree with their lockfile, are recorded, and drift when changed", async () => {
    const root = installedByNpm();
    const [install] = (await captureEnv(root)).installs;
    expect(install?.drift).toEqual({ status: "checked", reason: null, findings: [] });
    expect(install?.packages).toMatchObject({
      "node_modules/a": { name: "a", version: "1.2.3", integrity: expect.stringMatching(/^sha512-/) },
      "node_modules/a/node_modules/b": { version: "1.0.0" },
      "node_modules/d": { version: "4.0.0" },
    });
    expect(install?.links).toEqual({ "node_modules/lib": "lib" });
    rmSync(join(root, "node_modules/a"), { recursive: true });
    await expect(envLayer().open(layerContext(root))).rejects.toMatchObject({ code: "ENV_DRIFT_MISMATCH" });
  });

  test("agree with their lockfile when npm left out development packages", async () => {
    const root = installedByNpm();
    npm(root, "ci", "--omit=dev");
    const { handle } = await envLayer().open(layerContext(root));
    expect(Object.keys(handle.installs[0]?.packages ?? {})).not.toContain("node_modules/d");
  });

  test("are brought back by npm ci where they link into the checkout", async () => {
    const source = installedByNpm();
    const recorded = await captureEnv(source);
    const root = installedByNpm();
    rmSync(join(root, "node_modules"), { recursive: true });
    const restored = await envLayer().restore?.(recorded, {
      ...restoreContext(source, root),
      env: { ...process.env, npm_config_offline: "true", NODE_ENV: "production" },
    });
    const open = await restored?.layer.open(layerContext(root));
    expect(envLayer().diff(recorded, (await open?.seal()) ?? recorded)).toEqual([]);
  });
});

describe("the system's own tools", () => {
  test.skipIf(process.platform !== "linux")("agree on the C library and the processor", async () => {
    const { platform, cpu } = await captureEnv(temporaryFolder());
    const libc = execFileSync("getconf", ["GNU_LIBC_VERSION"], { encoding: "utf8" }).trim();
    expect(platform.libc).toEqual({ name: "glibc", version: libc.replace("glibc ", "") });
    expect(cpu.logicalCores).toBe(Number(execFileSync("nproc", { encoding: "utf8" })));
  });

  test("agree on the digest of a lockfile", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "uv.lock": "version = 1\n" });
    const [digest] = execFileSync("sha256sum", ["uv.lock"], { cwd: root, encoding: "utf8" }).split(" ");
    expect((await captureEnv(root)).lockfiles[0]?.digest).toBe(`sha256:${digest}`);
  });
});

describe("pnpm's own install of this repository", () => {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  let kinds: readonly string[];

  beforeAll(async () => {
    const [install] = (await captureEnv(root, { cwd: join(root, "packages/env-lock") })).installs;
    kinds = [
      install?.manager ?? "",
      ...(install?.drift.findings ?? []).map(({ kind, location }) => `${kind} ${location}`),
    ];
  });

  test("agrees with its lockfile", () => {
    expect(kinds).toEqual(["pnpm"]);
  });
});
