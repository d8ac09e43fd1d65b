import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { createNodeHost } from "../src/index.ts";
import { temporaryFolder, writeFiles, writeLinks } from "./fixture.ts";

const host = createNodeHost();

describe("the machine", () => {
  test("tells how a command ended, and what it said", async () => {
    const script = "console.log('out'); console.error('err'); process.exit(3)";
    const options = { cwd: temporaryFolder(), env: process.env };
    expect(await host.run(process.execPath, ["-e", script], options)).toEqual({
      status: 3,
      output: "out\nerr\n",
      notFound: false,
    });
  });

  test("tells that there is no such command", async () => {
    const options = { cwd: temporaryFolder(), env: process.env };
    expect(await host.run("no-such-command-here", [], options)).toMatchObject({ status: null, notFound: true });
  });

  test("stops a command when told to", async () => {
    const options = { cwd: temporaryFolder(), env: process.env, signal: AbortSignal.abort(new Error("stop")) };
    await expect(host.run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options)).rejects.toThrow("stop");
  });

  test("tells apart what is there, what is not, and what cannot be read", async () => {
    const root = temporaryFolder();
    writeFiles(root, { "folder/file": "x" });
    writeLinks(root, { "folder/link": "file" });
    expect(await host.readFile(join(root, "absent"))).toBeUndefined();
    expect(await host.readFile(join(root, "folder/file/below"))).toBeUndefined();
    await expect(host.readFile(join(root, "folder"))).rejects.toMatchObject({ code: "ENV_UNREADABLE" });
    expect(await host.readLink(join(root, "folder/file"))).toBeUndefined();
    const entries = (await host.readFolder(join(root, "folder"))) ?? [];
    expect(new Map(entries.map(({ name, kind }) => [name, kind]))).toEqual(
      new Map([
        ["file", "file"],
        ["link", "link"],
      ]),
    );
  });

  test("leaves the diagnostic report as it was set", () => {
    const report = process.report as unknown as { excludeNetwork: boolean };
    report.excludeNetwork = false;
    host.machine();
    expect(report.excludeNetwork).toBe(false);
  });
});
