import { rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureEnv } from "../src/index.ts";
import type { InstallState } from "../src/index.ts";
import { PNPM_LOCK, pnpmProject, writeFiles, writeLinks } from "./fixture.ts";

async function install(root: string, cwd = root): Promise<InstallState> {
  const [first] = (await captureEnv(root, { cwd })).installs;
  if (first === undefined) throw new Error("no install");
  return first;
}

async function findings(root: string, cwd = root): Promise<readonly string[]> {
  const { drift } = await install(root, cwd);
  expect(drift.status).toBe("checked");
  return drift.findings.map((f) => [f.kind, f.location, f.expected, f.actual].join(" "));
}

const A = "node_modules/.pnpm/a@1.0.0/node_modules/a";
const B = "node_modules/.pnpm/@s+b@2.0.0_a@1.0.0/node_modules/@s/b";

describe("an install of pnpm", () => {
  test("that is what the lockfile says has no drift", async () => {
    expect(await findings(pnpmProject({ workspace: true }))).toEqual([]);
  });

  test("is recorded without what pnpm has removed and not yet deleted", async () => {
    const { manager, packages, links, folders } = await install(pnpmProject({ workspace: true }));
    expect({ manager, folders, links }).toEqual({
      manager: "pnpm",
      folders: [".", "packages/w"],
      links: { "node_modules/a": A, "node_modules/alias": B, "packages/w/node_modules/fixture": "." },
    });
    expect(packages).toEqual({
      [B]: { name: "@s/b", version: "2.0.0", integrity: "sha512-Yg==" },
      [A]: { name: "a", version: "1.0.0", integrity: "sha512-YQ==" },
    });
  });

  test("is the same seen from a package of the workspace", async () => {
    const root = pnpmProject({ workspace: true });
    expect(await install(root, join(root, "packages/w"))).toEqual(await install(root));
  });

  test("drifts when a package was deleted from the store", async () => {
    const root = pnpmProject({ workspace: false });
    rmSync(join(root, A), { recursive: true });
    expect(await findings(root)).toContain("missing node_modules/.pnpm/a@1.0.0 a@1.0.0 ");
  });

  test("drifts when a manifest in the store was edited", async () => {
    const root = pnpmProject({ workspace: false });
    writeFiles(root, { [`${B}/package.json`]: { name: "@s/b", version: "2.0.1" } });
    expect(await findings(root)).toEqual([`version ${B} @s/b@2.0.0 @s/b@2.0.1`]);
  });

  test("drifts when a link is gone", async () => {
    const root = pnpmProject({ workspace: false });
    rmSync(join(root, "node_modules/a"));
    expect(await findings(root)).toEqual(["missing node_modules/a a@1.0.0 "]);
  });

  test("drifts when a link leads to another package", async () => {
    const root = pnpmProject({ workspace: false });
    rmSync(join(root, "node_modules/a"));
    writeLinks(root, { "node_modules/a": "/tmp" });
    expect(await findings(root)).toEqual(["version node_modules/a a@1.0.0 link:.."]);
  });

  test("drifts when a package was put in by hand", async () => {
    const root = pnpmProject({ workspace: false });
    writeFiles(root, { "node_modules/c/package.json": { name: "c", version: "3.0.0" } });
    expect(await findings(root)).toEqual(["extra node_modules/c  c@3.0.0"]);
  });

  test("drifts when the lockfile moved on", async () => {
    const root = pnpmProject({ workspace: false });
    const moved = PNPM_LOCK.replaceAll("a@1.0.0:", "a@1.1.0:").replace("version: 1.0.0", "version: 1.1.0");
    writeFiles(root, { "pnpm-lock.yaml": moved });
    expect(await findings(root)).toEqual([
      `extra ${A}  a@1.0.0`,
      "missing node_modules/.pnpm/a@1.1.0 a@1.1.0 ",
      "version node_modules/a a@1.1.0 a@1.0.0",
    ]);
  });

  test("drifts when the same version was unpacked from other bytes", async () => {
    const root = pnpmProject({ workspace: false });
    writeFiles(root, { "pnpm-lock.yaml": PNPM_LOCK.replace("sha512-YQ==", "sha512-Wg==") });
    expect(await findings(root)).toEqual([`integrity ${A} sha512-Wg== sha512-YQ==`]);
  });

  test("may lack what pnpm was told to leave out", async () => {
    const root = pnpmProject({ workspace: false });
    const kept = PNPM_LOCK.replace(/ {2}'@s\/b@2\.0\.0':[^]*?\n\n/, "").replace(
      / {4}devDependencies:[^]*?(?= {4}optional)/,
      "",
    );
    rmSync(join(root, "node_modules/.pnpm/@s+b@2.0.0_a@1.0.0"), { recursive: true });
    rmSync(join(root, "node_modules/alias"));
    writeFiles(root, { "node_modules/.pnpm/lock.yaml": kept });
    expect(await findings(root)).toHaveLength(2);
    writeFiles(root, {
      "node_modules/.modules.yaml": { nodeLinker: "isolated", included: { devDependencies: false } },
    });
    expect(await findings(root)).toEqual([]);
  });

  test("finds a package whose folder's name was cut to length", async () => {
    const root = pnpmProject({ workspace: false });
    const key = `long@https://codeload.github.com/somebody/something/tar.gz/${"0123456789".repeat(5)}`;
    const folder = `${key.replace(/[/:]/g, "+").slice(0, 87)}_${"f".repeat(32)}`;
    const lock = PNPM_LOCK.replace(
      "packages:\n\n  '@s",
      `packages:\n\n  ${key}:\n    resolution: {tarball: https://x}\n    version: 4.0.0\n\n  '@s`,
    );
    const manifest = `node_modules/.pnpm/${folder}/node_modules/long/package.json`;
    writeFiles(root, {
      "pnpm-lock.yaml": lock,
      "node_modules/.pnpm/lock.yaml": lock,
      [manifest]: { name: "long", version: "4.0.0" },
    });
    expect(await findings(root)).toEqual([]);
  });

  test.each([{ nodeLinker: "hoisted" }, { virtualStoreDir: "/opt/pnpm/store/v10/links" }])(
    "of the layout %j is unknown, not empty",
    async (modules) => {
      const root = pnpmProject({ workspace: false });
      writeFiles(root, { "node_modules/.modules.yaml": modules });
      const { packages, drift } = await install(root);
      expect({ packages, drift }).toMatchObject({ packages: { status: "unknown" }, drift: { status: "unchecked" } });
    },
  );

  test("is unknown when pnpm's own record is gone", async () => {
    const root = pnpmProject({ workspace: false });
    rmSync(join(root, "node_modules/.pnpm/lock.yaml"));
    expect((await install(root)).packages).toEqual({
      status: "unknown",
      reason: "node_modules/.pnpm/lock.yaml is missing",
    });
  });

  test("is not checked against a lockfile of version 6", async () => {
    const root = pnpmProject({ workspace: false });
    writeFiles(root, { "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" });
    expect((await install(root)).drift).toMatchObject({ status: "unchecked", findings: [] });
  });

  test("that was never made lacks everything", async () => {
    const root = pnpmProject({ workspace: false });
    rmSync(join(root, "node_modules"), { recursive: true });
    const { folders, drift } = await install(root);
    expect(folders).toEqual([]);
    expect(drift.findings.map(({ kind, expected }) => `${kind} ${expected}`)).toContain("missing a@1.0.0");
  });
});
