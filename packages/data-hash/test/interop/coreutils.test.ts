import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { hashFile, hashTree } from "../../src/index.ts";
import { folderOf } from "../folder.ts";

const isThere = ["md5sum", "sha256sum"].every((name) => spawnSync(name, ["--version"]).status === 0);
const isRequired = (process.env["REPRO_REQUIRE_PEERS"] ?? "").split(",").includes("coreutils");
if (!isThere) console.warn("skipped: md5sum and sha256sum are not on PATH");

test.skipIf(!isThere && !isRequired)("md5sum and sha256sum print the same digests", async () => {
  const folder = folderOf({
    empty: "",
    small: "a\r\nb",
    chunk: new Uint8Array(2 ** 20).fill(7),
    large: Uint8Array.from({ length: 2 ** 21 + 5 }, (_, index) => (index * index) % 256),
  });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const peer = (program: string): string => execFileSync(program, [path], { encoding: "utf8" }).split(" ")[0]!;
    const { digests } = await hashFile(path, { algorithms: ["md5", "sha256"] });
    expect(digests).toEqual({ md5: `md5:${peer("md5sum")}`, sha256: `sha256:${peer("sha256sum")}` });
  }
});

test.skipIf(!isThere && !isRequired)("a tree's digest can be made with find, sort and sha256sum alone", async () => {
  const folder = folderOf({ "b-c": "1", "b/a.csv": "2", "b.csv": "", "z/y/x": "3" });
  const script = `{ echo repro/tree/v1; find . -type f -printf '%P\\n' | LC_ALL=C sort | while read -r path; do
    printf '{"relpath":"%s","sha256":"%s"}\\n' "$path" "$(sha256sum < "$path" | cut -c1-64)"; done; } | sha256sum | cut -c1-64`;
  const digest = execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" }).trim();
  expect((await hashTree(folder)).digests.sha256).toBe(`sha256:${digest}`);
});
