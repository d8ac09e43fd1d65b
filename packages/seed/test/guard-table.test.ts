import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { beforeAll, describe, expect, it } from "vitest";

import { GUARD_MODES } from "../src/guard/guard.ts";
import { SOURCES, kindOf } from "../src/guard/source.ts";
import { registerUrl } from "../src/host.ts";

// UPDATE_TABLE=1 npx vitest run packages/seed/test/guard-table.test.ts writes what it finds into the README.

const README = new URL("../README.md", import.meta.url);
const [OPEN, CLOSE] = ["<!-- guard table -->", "<!-- /guard table -->"];
const entry = new URL("index.js", registerUrl()).href;
const workers = new URL("guard/worker.js", registerUrl()).href;

beforeAll(() => {
  if (!existsSync(fileURLToPath(registerUrl()))) throw new Error("build first: npx tsc -b packages/seed");
});

function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): unknown {
  const path = fileURLToPath(new URL(`guard/${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

interface Row {
  readonly api: string;
  readonly outcomes: Readonly<Record<string, string>>;
}

function modesTable(): string {
  const sources = SOURCES.map((api) => ({ api, kind: kindOf(api), modes: GUARD_MODES[kindOf(api)] }));
  const rows = run("modes.mjs", [entry, JSON.stringify(sources)]) as readonly Row[];
  return writeTable(
    ["source", "`redirect` or `freeze`", "`throw`", "`record`"],
    rows.map(({ api, outcomes }) => [
      `\`${api}\``,
      outcomes["redirect"] ?? outcomes["freeze"] ?? "–",
      outcomes["throw"] ?? "–",
      outcomes["record"] ?? "–",
    ]),
  );
}

function placesTable(): string {
  const inScope = run("places.mjs", [entry, workers, "scope"]) as Readonly<Record<string, boolean>>;
  const registered = run("places.mjs", [entry, workers, "process"], {
    NODE_OPTIONS: `--import="${registerUrl()}"`,
    REPRO_GUARD: "random=throw,crypto=throw,clock=throw",
  }) as Readonly<Record<string, boolean>>;
  const say = (caught: boolean | undefined): string => (caught === true ? "caught" : "**not caught**");
  return writeTable(
    ["where", "`withSeed`", "`@repro/seed/register` in `NODE_OPTIONS`"],
    Object.entries(inScope).map(([place, caught]) => [place, say(caught), say(registered[place])]),
  );
}

/** A table as the formatter of this repository writes it: columns of one width. */
function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

describe("the table of what each guard catches", () => {
  it("stands in the README as it was found by calling everything", () => {
    const found = `${OPEN}\n\n${modesTable()}\n\n${placesTable()}\n\n${CLOSE}`;
    const text = readFileSync(README, "utf8");
    const start = text.indexOf(OPEN);
    const end = text.indexOf(CLOSE);
    expect(start, `the README has a line ${OPEN}`).toBeGreaterThan(-1);
    expect(end, `the README has a line ${CLOSE}`).toBeGreaterThan(start);
    expect([text.lastIndexOf(OPEN), text.lastIndexOf(CLOSE)], "one table, and no other").toEqual([start, end]);
    if (process.env["UPDATE_TABLE"] === "1") {
      writeFileSync(README, text.slice(0, start) + found + text.slice(end + CLOSE.length));
    }
    expect(readFileSync(README, "utf8").slice(start).slice(0, found.length)).toBe(found);
  });
});
