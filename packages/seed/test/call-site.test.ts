import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { portablePath, registerUrl } from "../src/host.ts";

const entry = JSON.stringify(new URL("index.js", registerUrl()).href);
let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "repro-site-")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The places that a program's calls are recorded at. */
function sitesOf(files: Readonly<Record<string, string>>, flags: readonly string[] = []): readonly string[] {
  const all = {
    "main.mjs": `import { createSeed, createSeedLedger, withSeed } from ${entry};
const ledger = createSeedLedger();
const { default: body } = await import("./body.mjs");
await withSeed(createSeed(0, { ledger }), { random: "record" }, body);
console.log(JSON.stringify(ledger.unseeded().map(({ site }) => site)));\n`,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "main.mjs"], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as readonly string[];
}

describe("the place of a call", () => {
  it.each([[[]], [["--enable-source-maps"]]])("is a function and its line in the file that runs, with %j", (flags) => {
    const mapped =
      "export default function sample() {\n  return Math.random();\n}\n//# sourceMappingURL=body.mjs.map\n";
    const map = '{"version":3,"sources":["body.ts"],"names":[],"mappings":"AAAA;AACA;AACA"}';
    expect(sitesOf({ "body.mjs": mapped, "body.mjs.map": map }, flags)).toEqual(["sample (body.mjs:2:15)"]);
  });

  it("is found in CommonJS modules", () => {
    const files = {
      "lib/old.cjs": "exports.draw = function draw() {\n  return Math.random();\n};\n",
      "body.mjs": 'import old from "./lib/old.cjs";\nexport default () => old.draw();\n',
    };
    expect(sitesOf(files)).toEqual(["draw (lib/old.cjs:2:15)"]);
  });

  it("is named by the package where it is installed", () => {
    const files = {
      "node_modules/dice/package.json": '{"name":"dice","type":"module","exports":"./dice.js"}',
      "node_modules/dice/dice.js": "export const roll = () => 1 + Math.floor(6 * Math.random());\n",
      "body.mjs": 'import { roll } from "dice";\nexport default () => roll();\n',
    };
    expect(sitesOf(files)).toEqual(["roll (node_modules/dice/dice.js:1:51)"]);
  });

  it("is the place that evaluates, for evaluated code", () => {
    const body = 'export default function run() {\n  eval("Math.random()");\n  new Function("Math.random()")();\n}\n';
    expect(sitesOf({ "body.mjs": body })).toEqual(["run (body.mjs:2:3)", "run (body.mjs:3:32)"]);
  });

  it("is the program's own where node's files call", () => {
    const body = `import { EventEmitter } from "node:events";
export default function run() {
  const emitter = new EventEmitter().on("draw", Math.random);
  emitter.emit("draw");
}\n`;
    expect(sitesOf({ "body.mjs": body })).toEqual(["run (body.mjs:4:11)"]);
  });

  it("names methods, constructors and async functions", () => {
    const body = `class Net {
  constructor() { Math.random(); }
  async init() { await null; Math.random(); }
  static make() { Math.random(); return new Net(); }
}
export default async () => Net.make().init();\n`;
    expect(sitesOf({ "body.mjs": body })).toEqual([
      "Net (body.mjs:2:24)",
      "init (body.mjs:3:35)",
      "make (body.mjs:4:24)",
    ]);
  });

  it("is unknown where the program froze what V8 is asked by", () => {
    const body = "Object.freeze(Error);\nexport default () => Math.random();\n";
    expect(sitesOf({ "body.mjs": body })).toEqual(["(unknown)"]);
  });

  it("does without a file", () => {
    const program = `import { createSeed, createSeedLedger, withSeed } from ${entry};
      const ledger = createSeedLedger();
      await withSeed(createSeed(0, { ledger }), { random: "record" }, async () => { await null; Math.random(); });
      console.log(ledger.unseeded()[0].site);`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(stdout).toMatch(/^\S+( level\))? \(\[eval1\]:3:\d+\)\n$|^\(top level\) \(\[eval1\]:3:\d+\)\n$/);
  });
});

describe("a path as it reads in every checkout", () => {
  it.each([
    ["/srv/app/src/x.mjs", "/srv/app", false, "src/x.mjs"],
    ["file:///srv/app/my%20src/x.mjs?t=1", "/srv/app", false, "my src/x.mjs"],
    ["/elsewhere/x.mjs", "/srv/app", false, "x.mjs"],
    ["/elsewhere/node_modules/.pnpm/p@1/node_modules/p/x.js", "/srv", false, "node_modules/p/x.js"],
    ["C:\\jobs\\app\\src\\x.mjs", "C:\\jobs\\app", true, "src/x.mjs"],
    ["file:///C:/jobs/app/src/x.mjs", "C:\\jobs\\app", true, "src/x.mjs"],
    ["D:\\lib\\x.mjs", "C:\\jobs\\app", true, "x.mjs"],
    ["C:\\a\\node_modules\\p\\x.js", "C:\\jobs", true, "node_modules/p/x.js"],
    ["node:internal/x", "/", false, "node:internal/x"],
    ["[eval]", "/", false, "[eval]"],
    ["data:text/javascript,Math.random()", "/", false, "data:"],
  ])("%s in %s", (file, cwd, windows, expected) => {
    expect(portablePath(file, cwd, windows)).toBe(expected);
  });
});
