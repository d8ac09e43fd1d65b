import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { LayerContext, RestoreContext } from "@repro/core";
import { hashBytes } from "@repro/core";
import { onTestFinished } from "vitest";

import { createNodeHost } from "../src/index.ts";
import type { EnvHost, MachineFacts } from "../src/index.ts";

/** A folder of its own, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "repro-env-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files: text as it is, anything else as JSON. */
export function writeFiles(root: string, files: Readonly<Record<string, unknown>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** Makes symbolic links. */
export function writeLinks(root: string, links: Readonly<Record<string, string>>): void {
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
}

const A_INTEGRITY = "sha512-YQ==";
const B_INTEGRITY = "sha512-Yg==";

/** `packages` of the npm project's lockfile, without the project itself. */
export const NPM_LOCKED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "node_modules/a": { version: "1.0.0", integrity: A_INTEGRITY, dependencies: { b: "^1" } },
  "node_modules/@s/b": { version: "2.0.0", integrity: B_INTEGRITY },
  "node_modules/a/node_modules/@s/b": { version: "1.5.0", integrity: B_INTEGRITY },
};

/** A lockfile of npm, version 3. */
export function npmLock(packages: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { name: "fixture", lockfileVersion: 3, requires: true, packages: { "": { name: "fixture" }, ...packages } };
}

/** A project that npm installed: two packages and a nested one. */
export function npmProject(locked: Readonly<Record<string, unknown>> = NPM_LOCKED): string {
  const root = temporaryFolder();
  writeFiles(root, {
    "package.json": { name: "fixture", dependencies: { a: "^1", "@s/b": "^2" } },
    "package-lock.json": npmLock(locked),
    "node_modules/.package-lock.json": npmLock(NPM_LOCKED),
    "node_modules/a/package.json": { name: "a", version: "1.0.0" },
    "node_modules/@s/b/package.json": { name: "@s/b", version: "2.0.0" },
    "node_modules/a/node_modules/@s/b/package.json": { name: "@s/b", version: "1.5.0" },
    "node_modules/.bin/a": "",
  });
  return root;
}

/** A lockfile of pnpm, version 9, for {@link pnpmProject}. */
export const PNPM_LOCK = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      a:
        specifier: ^1
        version: 1.0.0
    devDependencies:
      alias:
        specifier: npm:@s/b@2.0.0
        version: '@s/b@2.0.0(a@1.0.0)'
    optionalDependencies:
      elsewhere:
        specifier: ^3
        version: 3.0.0

  packages/w:
    dependencies:
      fixture:
        specifier: workspace:^
        version: link:../..

packages:

  '@s/b@2.0.0':
    resolution: {integrity: ${B_INTEGRITY}}
    engines: {node: '>=18'}
    peerDependencies:
      a: '*'

  a@1.0.0:
    resolution: {integrity: ${A_INTEGRITY}}

  elsewhere@3.0.0:
    resolution: {integrity: ${B_INTEGRITY}}
    cpu: [s390x]
    os: [aix]

snapshots:

  '@s/b@2.0.0(a@1.0.0)':
    dependencies:
      a: 1.0.0

  a@1.0.0: {}

  elsewhere@3.0.0:
    optional: true
`;

/** A workspace that pnpm installed. `workspace` adds the package that links into the checkout. */
export function pnpmProject(options: { readonly workspace: boolean }): string {
  const root = temporaryFolder();
  const lock = options.workspace ? PNPM_LOCK : PNPM_LOCK.replace(/ {2}packages\/w:[^]*?\n\n(?=packages:)/, "");
  writeFiles(root, {
    "package.json": { name: "fixture", dependencies: { a: "^1" }, packageManager: "pnpm@12.21.0" },
    "pnpm-lock.yaml": lock,
    "node_modules/.modules.yaml": `layoutVersion: 5\nnodeLinker: isolated\nskipped:\n  - elsewhere@3.0.0\nvirtualStoreDir: .pnpm\n`,
    "node_modules/.pnpm/lock.yaml": lock,
    "node_modules/.pnpm/a@1.0.0/node_modules/a/package.json": { name: "a", version: "1.0.0" },
    "node_modules/.pnpm/@s+b@2.0.0_a@1.0.0/node_modules/@s/b/package.json": { name: "@s/b", version: "2.0.0" },
    "node_modules/.pnpm/gone@0.0.1/node_modules/gone/package.json": { name: "gone", version: "0.0.1" },
  });
  writeLinks(root, {
    "node_modules/a": ".pnpm/a@1.0.0/node_modules/a",
    "node_modules/alias": ".pnpm/@s+b@2.0.0_a@1.0.0/node_modules/@s/b",
    ...(options.workspace ? { "packages/w/node_modules/fixture": "../../.." } : {}),
  });
  return root;
}

/** The machine, with some of its answers replaced. */
export function hostWith(replaced: Partial<EnvHost>): EnvHost {
  return { ...createNodeHost(), ...replaced };
}

/** A machine that is the same wherever the tests run. */
const PINNED_MACHINE: MachineFacts = {
  versions: { node: "20.20.2", v8: "11.3", openssl: "3.0.19", icu: "78.2", tz: "2025c", modules: "115" },
  execArgv: ["--conditions", "test", "--eval", "secret"],
  execPath: "/usr/bin/node",
  os: "linux",
  arch: "x64",
  glibc: "2.36",
  logicalCores: 2,
  cpuModel: "Pinned",
  memoryBytes: 1024,
  hostName: "host",
  kernel: "6.1",
};

const PINNED_FILES: Readonly<Record<string, string>> = {
  "/etc/os-release": 'NAME="Debian"\nVERSION_ID="12"\nID=debian\n',
  "/proc/cpuinfo": "model name\t: Pinned\nflags\t\t: fpu smep avx2 fma avx512f avx2\n",
};

/** That machine with its system files. */
export function pinnedHost(): EnvHost {
  const { readFile, readLink } = createNodeHost();
  return hostWith({
    machine: () => PINNED_MACHINE,
    now: () => "2026-01-02T03:04:05.000Z",
    readFile: async (path) => (path in PINNED_FILES ? new TextEncoder().encode(PINNED_FILES[path]) : readFile(path)),
    readLink: async (path) => (path === "/etc/localtime" ? "../usr/share/zoneinfo/Asia/Kathmandu" : readLink(path)),
  });
}

/** Where a layer opens. */
export function layerContext(root: string, more: Partial<LayerContext> = {}): LayerContext {
  return { root, cwd: root, env: {}, attach: async (_, bytes) => hashBytes(bytes), ...more };
}

/** Where a layer restores. */
export function restoreContext(source: string, root: string): RestoreContext {
  const attachment = (name: string): Promise<Uint8Array> => Promise.reject(new Error(`no attachment "${name}"`));
  return { source, root, env: process.env, attachment };
}
