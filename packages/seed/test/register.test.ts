import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createSeed, fillUniform, seedPartSchema } from "@repro/seed";
import type { SeedPart } from "@repro/seed";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { registerUrl } from "../src/host.ts";
import { openStream } from "../src/stream/stream.ts";

const entry = new URL("index.js", registerUrl()).href;
let folder = "";

beforeAll(() => {
  if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
  folder = realpathSync(mkdtempSync(join(tmpdir(), "repro-seed-")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly parts: ReadonlyMap<string, SeedPart>;
}

/** Runs `name` of `files` under register, in a checkout of its own. */
function runRegistered(
  label: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ["main.mjs"],
): Outcome {
  const cwd = join(folder, label);
  const runFolder = join(folder, `${label}.run`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], NODE_OPTIONS: `--import="${registerUrl()}"`, REPRO_RUN_DIR: runFolder, ...env },
  });
  const parts = join(runFolder, "parts");
  const names = existsSync(parts) ? readdirSync(parts).toSorted() : [];
  const read = (name: string): SeedPart => seedPartSchema.parse(JSON.parse(readFileSync(join(parts, name), "utf8")));
  return { status, stdout, stderr, parts: new Map(names.map((name) => [name, read(name)])) };
}

/** Expected output of a thread under redirect: its first two numbers. */
function drawn(script: string, thread: number): number[] {
  return [...fillUniform(openStream(createSeed(42), ["math.random", script, thread]), new Float64Array(2))];
}

const REDIRECT = { REPRO_SEED: "42", REPRO_GUARD: "redirect" };
const PRINT = "console.log(JSON.stringify([Math.random(), Math.random()]));\n";

describe("register", () => {
  it("redirects a program that knows nothing of it, and references that it takes early", () => {
    const main = `const early = Math.random;\nconsole.log(JSON.stringify([early(), Math.random()]));\n`;
    const { status, stdout, parts } = runRegistered("early", { "main.mjs": main }, REDIRECT);
    expect([status, JSON.parse(stdout)]).toEqual([0, drawn("main.mjs", 0)]);
    expect([...parts.values()]).toMatchObject([
      { streams: [{ path: ["math.random", "main.mjs", 0], draws: 4 }], unseeded: [] },
    ]);
  });

  it("gives workers and child processes streams of their own, with equal parts in any checkout", () => {
    const files = {
      "main.mjs": `import { fork } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
for (let index = 0; index < 2; index += 1) await once(new Worker(new URL("./job.mjs", import.meta.url)), "exit");
await once(fork(new URL("./child.mjs", import.meta.url)), "exit");
${PRINT}`,
      "job.mjs": PRINT,
      "child.mjs": PRINT,
    };
    const [one, two] = ["here", "there"].map((label) => runRegistered(label, files, REDIRECT));
    expect(one!.stderr).toBe("");
    expect(
      one!.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([drawn("job.mjs", 1), drawn("job.mjs", 2), drawn("child.mjs", 0), drawn("main.mjs", 0)]);
    const paths = [...one!.parts.values()].flatMap(({ streams }) => streams.map(({ path }) => path.slice(1).join(" ")));
    expect(paths.toSorted()).toEqual(["child.mjs 0", "job.mjs 1", "job.mjs 2", "main.mjs 0"]);
    expect(one!.parts.size).toBe(4);
    const sorted = ({ parts }: Outcome): string[] =>
      Array.from(parts.values(), (part) => JSON.stringify(part)).toSorted();
    expect(sorted(two!)).toEqual(sorted(one!));
  });

  it("counts unseeded calls by default, by places that are the same in every checkout", () => {
    const files = {
      "main.mjs": `import { sample } from "./lib/sample.mjs";\nsample(); sample(); Math.random();\n`,
      "lib/sample.mjs": `export function sample() {\n  return Math.random();\n}\n`,
    };
    const [one, two] = ["a checkout", "another"].map((label) => runRegistered(label, files, {}));
    expect([...one!.parts.values()]).toMatchObject([
      {
        streams: [],
        unseeded: [
          { calls: 1, site: "(top level) (main.mjs:2:26)" },
          { calls: 2, site: "sample (lib/sample.mjs:2:15)" },
        ],
      },
    ]);
    expect([...two!.parts.values()]).toEqual([...one!.parts.values()]);
  });

  it("names a file outside the working directory by its base name", () => {
    const files = { keep: "", "../main.mjs": "Math.random();\n" };
    const { parts } = runRegistered("outside/here", files, {}, ["../main.mjs"]);
    expect([...parts.values()][0]?.unseeded).toMatchObject([{ site: "(top level) (main.mjs:1:6)" }]);
  });

  it("refuses unseeded calls on demand, and still says who called", () => {
    const { status, stderr, parts } = runRegistered("throw", { "main.mjs": PRINT }, { REPRO_GUARD: "throw" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("SEED_UNSEEDED_RANDOM");
    expect([...parts.values()]).toMatchObject([{ unseeded: [{ calls: 1 }] }]);
  });

  it("guards every source, each in its own mode", () => {
    const main = `import { randomInt } from "node:crypto";
import { hrtime } from "node:process";
const clocks = [Date.now(), new Date().toISOString(), performance.now(), hrtime()];
console.log(JSON.stringify([Math.random(), randomInt(5) < 5, ...clocks]));\n`;
    const env = { REPRO_SEED: "42", REPRO_GUARD: "random=redirect,crypto=record,clock=freeze@86400000" };
    const { stdout, stderr, parts } = runRegistered("sources", { "main.mjs": main }, env);
    expect(stderr).toBe("");
    const [first] = drawn("main.mjs", 0);
    expect(JSON.parse(stdout)).toEqual([first, true, 86_400_000, "1970-01-02T00:00:00.000Z", 0, [0, 0]]);
    expect([...parts.values()]).toMatchObject([
      { unseeded: [{ api: "node:crypto.randomInt", calls: 1, site: "(top level) (main.mjs:4:44)" }] },
    ]);
  });

  it("leaves to the layer what the layer guards, and guards the rest", () => {
    const main = `import { seedLayer } from ${JSON.stringify(entry)};
const context = { root: process.cwd(), cwd: process.cwd(), env: process.env, attach: async () => "sha256:" };
const run = await seedLayer(7, { guard: { random: "record", clock: "freeze" } }).open(context);
Math.random(); Math.random();
crypto.randomUUID();
console.log(JSON.stringify([Date.now(), await run.seal()]));
await run.dispose();
Math.random();\n`;
    const env = { REPRO_SEED: "42", REPRO_GUARD: "random=redirect,crypto=record,clock=throw" };
    const { stdout, stderr, parts } = runRegistered("cover", { "main.mjs": main }, env);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject([
      0,
      {
        seed: { value: "7" },
        guard: { random: "record", crypto: "record", clock: "freeze", frozenAt: 0 },
        streams: [],
        unseeded: [
          { api: "Math.random", calls: 1 },
          { api: "Math.random", calls: 1 },
          { api: "crypto.randomUUID", calls: 1 },
        ],
      },
    ]);
    expect([...parts.values()]).toMatchObject([{ streams: [{ path: ["math.random", "main.mjs", 0], draws: 2 }] }]);
  });

  it("shares what it counts with the layer of the program, by whichever copy", () => {
    const main = `import { createStream, seedLayer } from ${JSON.stringify(entry)};
const context = { root: process.cwd(), cwd: process.cwd(), env: process.env, attach: async () => "sha256:" };
const run = await seedLayer().open(context);
createStream(run.handle, "init").next();
Math.random();
console.log(JSON.stringify(await run.seal()));
`;
    const { stdout, stderr, parts } = runRegistered("layer", { "main.mjs": main }, REDIRECT);
    expect(stderr).toBe("");
    const state = JSON.parse(stdout) as { guard: unknown; streams: unknown };
    expect(state).toMatchObject({
      guard: { random: "redirect", crypto: "none", clock: "none", frozenAt: null },
      streams: [
        { path: ["init"], draws: 1 },
        { path: ["math.random", "main.mjs", 0], draws: 2 },
      ],
    });
    expect([...parts.values()][0]?.streams).toEqual(state.streams);
  });

  it("gives each run of a process what was drawn and counted in it, and nothing from before", () => {
    const main = `import { createStream, seedLayer } from ${JSON.stringify(entry)};
const context = { root: process.cwd(), cwd: process.cwd(), env: process.env, attach: async () => "sha256:" };
function step() { return Math.random(); }
step();
const states = [];
for (const calls of [2, 2, 0]) {
  const run = await seedLayer(42).open(context);
  createStream(run.handle, "init").next();
  for (let call = 0; call < calls; call += 1) step();
  states.push(await run.seal());
  await run.dispose?.();
}
console.log(JSON.stringify(states));
`;
    const { stdout, stderr } = runRegistered("runs", { "main.mjs": main }, { REPRO_GUARD: "record" });
    expect(stderr).toBe("");
    const [first, second, third] = JSON.parse(stdout) as { unseeded: { calls: number }[] }[];
    expect(second).toEqual(first);
    expect([first!.unseeded.map(({ calls }) => calls), third!.unseeded]).toEqual([[2], []]);
    const redirected = runRegistered("redirected runs", { "main.mjs": main }, REDIRECT);
    const streams = (JSON.parse(redirected.stdout) as { streams: { path: string[]; draws: number }[] }[]).map((state) =>
      state.streams.filter(({ path }) => path[0] === "math.random").map(({ draws }) => draws),
    );
    expect(streams).toEqual([[6], [10], []]);
  });

  it("refuses a layer whose seed is not the one that it redirects by", () => {
    const main = `import { seedLayer } from ${JSON.stringify(entry)};
await seedLayer(7).open({ root: "/", cwd: "/", env: process.env, attach: async () => "" });\n`;
    const { status, stderr } = runRegistered("conflict", { "main.mjs": main }, REDIRECT);
    expect(status).not.toBe(0);
    expect(stderr).toContain("SEED_CONFLICT");
  });

  it("is found by processes that start in another folder, also where NODE_OPTIONS has its bare name", () => {
    const main = `import { execFileSync } from "node:child_process";
process.stdout.write(execFileSync(process.execPath, ["-p", "Math.random()"], { cwd: ${JSON.stringify(tmpdir())}, encoding: "utf8" }));
`;
    const files = {
      "main.mjs": main,
      "node_modules/@repro/seed/package.json": JSON.stringify({
        exports: { "./register": "./register.js" },
        type: "module",
      }),
      "node_modules/@repro/seed/register.js": `import ${JSON.stringify(registerUrl())};`,
    };
    const env = { ...REDIRECT, NODE_OPTIONS: "--import @repro/seed/register" };
    const { stdout, stderr } = runRegistered("bare", files, env);
    expect(stderr).toBe("");
    expect(Number(stdout)).toBe(drawn("", 0)[0]);
  });

  it("takes an empty REPRO_RUN_DIR for none, and a relative one for what it is at the start", () => {
    const files = { "main.mjs": `Math.random(); process.chdir("/");` };
    expect(runRegistered("empty run", files, { REPRO_RUN_DIR: "" }).status).toBe(0);
    expect(readdirSync(join(folder, "empty run"))).toEqual(["main.mjs"]);
    expect(runRegistered("relative run", files, { REPRO_RUN_DIR: "here" }).status).toBe(0);
    expect(readdirSync(join(folder, "relative run/here/parts"))).toHaveLength(1);
  });

  it("leaves nothing behind when nothing was drawn, and needs no REPRO_RUN_DIR", () => {
    expect(runRegistered("quiet", { "main.mjs": "" }, {}).parts.size).toBe(0);
    const outcome = spawnSync(process.execPath, ["--import", registerUrl(), "-e", PRINT], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...REDIRECT },
    });
    expect(JSON.parse(outcome.stdout)).toEqual(drawn("", 0));
  });

  it.each([
    ["SEED_MISSING", { REPRO_GUARD: "redirect" }],
    ["SEED_MISSING", { REPRO_SEED: "" }],
    ["SEED_INVALID", { REPRO_SEED: "bytes:x" }],
    ["SEED_GUARD_INVALID", { REPRO_GUARD: "ignore" }],
    ["SEED_GUARD_INVALID", { REPRO_GUARD: "random=throw,clock=stop" }],
  ])("ends the process with %s for %j before the program starts", (code, env) => {
    const { status, stdout, stderr } = runRegistered("refused", { "main.mjs": PRINT }, env);
    expect([status === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain(code);
  });

  it("fails where it cannot leave its part", () => {
    const blocked = join(folder, "file");
    writeFileSync(blocked, "");
    const env = { REPRO_RUN_DIR: blocked };
    const { status, stderr } = runRegistered("blocked", { "main.mjs": PRINT }, env);
    expect(status).not.toBe(0);
    expect(stderr).toContain("SEED_PART_UNWRITABLE");
  });
});
