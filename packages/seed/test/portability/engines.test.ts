import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import golden from "../golden/golden.json" with { type: "json" };

type Digests = Readonly<Record<string, string>>;

interface Report {
  readonly small: Digests;
  readonly full: Digests;
  readonly native: Digests;
}

/** What runs the script, and its arguments before and after the script's path. */
type Engine = (script: string) => readonly [program: string, ...args: readonly string[]];

/** The lane installs these; run it with `npm run test:portability`. */
const nodes = JSON.parse(process.env["REPRO_PEER_NODES"] ?? "{}") as Readonly<Record<string, string>>;
const node = (name: string): string => {
  const program = nodes[name];
  if (program === undefined) throw new Error(`REPRO_PEER_NODES does not name ${name}: npm run test:portability`);
  return program;
};

const ENGINES: Readonly<Record<string, Engine>> = {
  "V8 of this Node": (script) => [process.execPath, script],
  "V8 of this Node, without WebAssembly": (script) => [process.execPath, "--no-expose-wasm", script],
  "V8 of Node 22": (script) => [node("node22"), script],
  "V8 of Node 24": (script) => [node("node24"), script],
  "V8 of Node 26": (script) => [node("node26"), script],
  "V8 of Node 26 on arm64": (script) => ["qemu-aarch64-static", "-L", ARM64_ROOT, node("node26-arm64"), script],
  "SpiderMonkey of gjs": (script) => ["gjs", script],
  "JavaScriptCore of WebKitGTK": (script) => ["jsc", script],
  "V8 of Chromium, in a page": (script) => ["chromium", ...browserArguments(script)],
};

/** Where Debian's packages for cross-compilation put the C library of arm64. */
const ARM64_ROOT = "/usr/aarch64-linux-gnu";

/** Each engine draws the golden in about a second, under emulation in ten. */
const LIMIT_MS = 240_000;

let folder = "";
const reports = new Map<string, Report>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "repro-engines-"));
  buildSync({
    entryPoints: [fileURLToPath(new URL("../golden/main.ts", import.meta.url))],
    bundle: true,
    conditions: ["@repro/source"],
    format: "iife",
    outfile: join(folder, "golden.js"),
  });
  writeFileSync(join(folder, "golden.html"), '<!doctype html><body><script src="golden.js"></script>');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.entries(ENGINES))("%s", (name, engine) => {
  it("draws the golden of every sampler, which changes only in a major", async () => {
    const report = await runGolden(engine);
    reports.set(name, report);
    expect(report.small).toEqual(golden.small);
    expect(report.full).toEqual(golden.full);
  });
});

it("the engines agree on the square root, which samplers may use; where their other functions differ is reported", () => {
  expect([...reports.keys()]).toEqual(Object.keys(ENGINES));
  const natives = [...reports.values()].map((report) => report.native);
  const kinds = (name: string): number => new Set(natives.map((native) => native[name])).size;
  expect(kinds("Math.sqrt")).toBe(1);
  // Not required, since engines may come to agree. While they do not, a sampler that used one of these would fail above.
  const differing = Object.keys(natives[0] ?? {}).filter((name) => kinds(name) > 1);
  console.log(`differ: ${differing.map((name) => `${name} (${kinds(name)} kinds)`).join(", ")}`);
});

async function runGolden(engine: Engine): Promise<Report> {
  const [program, ...args] = engine(join(folder, "golden.js"));
  const run = promisify(execFile);
  const { stdout } = await run(program, args, { timeout: LIMIT_MS, killSignal: "SIGKILL", maxBuffer: 1 << 24 });
  const json = /\{.*\}/s.exec(stdout)?.[0]; // in a page, there is a document around it
  if (json === undefined) throw new Error(`${program} drew nothing: ${stdout.slice(0, 400)}`);
  return JSON.parse(json) as Report;
}

/** Root, as in a container, may not use the sandbox; nothing but our own page is loaded. */
function browserArguments(script: string): readonly string[] {
  const page = pathToFileURL(script.replace(/\.js$/, ".html")).href;
  const profile = `--user-data-dir=${join(folder, "profile")}`;
  return ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", profile, "--dump-dom", page];
}
