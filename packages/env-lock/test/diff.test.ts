import { describe, expect, test } from "vitest";

import { captureEnv, diffEnv } from "../src/index.ts";
import type { EnvState } from "../src/index.ts";
import { npmProject, pinnedHost } from "./fixture.ts";

async function state(): Promise<EnvState> {
  return captureEnv(npmProject(), { host: pinnedHost(), env: { LANG: "C" } });
}

describe("diffEnv", () => {
  test("finds no difference between a state and itself, nor in what was observed", async () => {
    const recorded = await state();
    const { observed: _, ...actual } = recorded;
    expect(diffEnv(recorded, actual)).toEqual([]);
  });

  test("warns of another runtime, and says which to use", async () => {
    const recorded = await state();
    const actual = { ...recorded, runtime: { ...recorded.runtime, version: "22.1.0" } };
    expect(diffEnv(recorded, actual)).toEqual([
      {
        path: "/runtime/version",
        expected: "20.20.2",
        actual: "22.1.0",
        severity: "warning",
        remedy: "use Node 20.20.2",
      },
    ]);
  });

  test("names packages in its paths, whatever their number", async () => {
    const recorded = await state();
    const [install] = recorded.installs;
    const packages = { ...install?.packages, "node_modules/a": { name: "a", version: "1.0.1", integrity: null } };
    const actual = { ...recorded, installs: [{ ...install, packages }] } as EnvState;
    expect(diffEnv(recorded, actual).map(({ path, remedy }) => [path, remedy])).toEqual([
      ["/installs/./packages/node_modules~1a/integrity", "npm ci"],
      ["/installs/./packages/node_modules~1a/version", "npm ci"],
    ]);
  });

  test("says how to set variables back", async () => {
    const recorded = { ...(await state()), variables: { LANG: "it's" } };
    const actual = { ...recorded, variables: { TZ: "UTC" } };
    expect(diffEnv(recorded, actual).map(({ remedy }) => remedy)).toEqual(["export LANG='it'\\''s'", "unset TZ"]);
  });

  test("warns of another machine, and of its time zone only where TZ does not decide", async () => {
    const recorded = await state();
    const actual = { ...recorded, platform: { ...recorded.platform, timeZone: "UTC" } };
    const zone = { path: "/platform/timeZone", expected: "Asia/Kathmandu", actual: "UTC" };
    const remedy = "run where the record was made: debian 12, x64, glibc 2.36, Pinned";
    expect(diffEnv(recorded, actual)).toEqual([{ ...zone, severity: "warning", remedy }]);
    const set = { variables: { TZ: "UTC" } };
    expect(diffEnv({ ...recorded, ...set }, { ...actual, ...set })).toEqual([{ ...zone, severity: "info", remedy }]);
  });

  test("warns of a lockfile that changed, appeared or is gone", async () => {
    const recorded = await state();
    const uv = { path: "uv.lock", kind: "uv", digest: `sha256:${"0".repeat(64)}` } as const;
    const actual = { ...recorded, lockfiles: [uv] };
    expect(diffEnv(recorded, actual).map(({ path }) => path)).toEqual([
      "/lockfiles/package-lock.json",
      "/lockfiles/uv.lock",
    ]);
  });
});
