import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { installPrograms } from "../src/peers/debian.ts";
import { findProgram, runProgram } from "../src/peers/program.ts";
import { storedFolder } from "../src/peers/store.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "repro-peers-"));
  mkdirSync(join(folder, "bin"));
  vi.stubEnv("REPRO_PEERS_CACHE", join(folder, "store"));
  vi.spyOn(process.stdout, "write").mockReturnValue(true); // what an installer says is for whoever installs
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const fill = (path: string): void => writeFileSync(join(path, "made"), "");

test("what a lock describes is made once", () => {
  const made = storedFolder("python", ["lock", "3.11"], fill);
  expect(readdirSync(made)).toEqual(["made"]);
  const again = storedFolder("python", ["lock", "3.11"], () => {
    throw new Error("made twice");
  });
  expect(again).toBe(made);
});

test("another lock, another interpreter and another kind are made apart", () => {
  const recipes: readonly (readonly [string, readonly string[]])[] = [
    ["python", ["lock", "3.11"]],
    ["python", ["lock", "3.12"]],
    ["python", ["lock of today", "3.11"]],
    ["node", ["lock", "3.11"]],
  ];
  expect(new Set(recipes.map(([kind, recipe]) => storedFolder(kind, recipe, fill))).size).toBe(recipes.length);
});

test("what could not be made leaves nothing behind that looks made", () => {
  const fail = (path: string): void => {
    fill(path);
    throw new Error("no network");
  };
  expect(() => storedFolder("python", ["lock"], fail)).toThrow("no network");
  expect(readdirSync(join(folder, "store"))).toEqual([]);
  expect(existsSync(storedFolder("python", ["lock"], fill))).toBe(true);
});

test("what somebody else made meanwhile is taken", () => {
  const made = storedFolder("python", ["lock"], () => {
    storedFolder("python", ["lock"], fill);
  });
  expect(readdirSync(made)).toEqual(["made"]);
  expect(readdirSync(join(folder, "store"))).toHaveLength(1);
});

test("a program that is missing is named with its package, where it cannot be installed", () => {
  vi.stubEnv("PATH", join(folder, "bin"));
  const peers = [{ program: "jsc", packages: ["libjavascriptcoregtk-4.0-bin"] }];
  expect(() => installPrograms(peers)).toThrow(
    "missing: jsc. As root, on Debian: apt-get install libjavascriptcoregtk-4.0-bin",
  );
});

test("a program that is there is not installed", () => {
  vi.stubEnv("PATH", join(folder, "bin"));
  writeFileSync(join(folder, "bin/jsc"), "#!/bin/sh\n", { mode: 0o755 });
  installPrograms([{ program: "jsc", packages: ["none"] }]);
  expect(findProgram("jsc")).toBe(join(folder, "bin/jsc"));
});

test("a program that fails shows what it wrote", () => {
  expect(() => runProgram("sh", ["-c", "echo to the one; echo to the other >&2; exit 3"])).toThrow(
    /ended with 3\nto the one\nto the other/,
  );
});
