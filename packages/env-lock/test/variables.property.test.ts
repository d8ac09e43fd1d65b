import { encodeCanonical, withoutObserved } from "@repro/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { RECORDED_VARIABLES, captureEnv, parseEnvState } from "../src/index.ts";
import { pinnedHost, temporaryFolder } from "./fixture.ts";

const host = pinnedHost();

describe("recorded variables", () => {
  test("never hold the value of a variable that is not listed", async () => {
    const root = temporaryFolder();
    const name = fc.oneof(
      fc.constantFrom("AWS_SECRET_ACCESS_KEY", "NPM_TOKEN", "MY_KEY", "LC_PASSWORD", "HOME", "npm_config__auth"),
      fc.string({ minLength: 1 }),
    );
    const unlisted = name.filter((name) => !RECORDED_VARIABLES.includes(name) && name !== "NODE_OPTIONS");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(unlisted, fc.uuid()), async (env) => {
        const text = new TextDecoder().decode(encodeCanonical(withoutObserved(await captureEnv(root, { env, host }))));
        for (const value of Object.values(env)) expect(text).not.toContain(value);
      }),
    );
  });

  test("hold listed ones, and those that the caller names", async () => {
    const env = { LANG: "tr_TR", TZ: "Asia/Kathmandu", OMP_NUM_THREADS: "", MY_SWITCH: "on", OTHER: "x" };
    const { variables } = await captureEnv(temporaryFolder(), { env, host, variables: ["MY_SWITCH"] });
    expect(variables).toEqual({ LANG: "tr_TR", TZ: "Asia/Kathmandu", OMP_NUM_THREADS: "", MY_SWITCH: "on" });
  });

  test("do not come from the prototype of the environment", async () => {
    const env = Object.create({ LANG: "x" }) as Record<string, string>;
    expect((await captureEnv(temporaryFolder(), { env, host })).variables).toEqual({});
  });

  test.each(["AWS_REGION", "my_token", "DB_PASSWORD"])("refuse to be extended by %s", async (name) => {
    await expect(captureEnv(temporaryFolder(), { variables: [name] })).rejects.toThrow(RangeError);
  });

  test("are refused in a record when their name says that they are a secret", async () => {
    const state = { ...(await captureEnv(temporaryFolder(), { host })), variables: { GH_TOKEN: "x" } };
    expect(() => parseEnvState(state)).toThrow(expect.objectContaining({ code: "LAYER_STATE_INVALID" }));
  });
});
