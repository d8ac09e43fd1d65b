import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * Marsaglia's and NIST's tests, as dieharder 3.31 runs them, over the words of many streams read as one sequence. Streams
 * that know of each other show here: pure-rand's own seeding is the one that must fail.
 *
 * Each test is repeated, and its p-value is that of Kolmogorov and Smirnov's test of whether the repeats' p-values are
 * spread evenly: what is wrong with a generator, too much order as well as too little, pulls it to 0. Below 10^-6 fails:
 * one in 2,500 of such batteries of a good generator, with its some 400 p-values. The streams are fixed, so that the verdict
 * is the same in every run. dieharder's own "WEAK", outside of (0.005, 0.995), is expected in three of them and means
 * nothing; nor does it mean much where a p-value comes close to 1, since dieharder's approximation is poor there: of 40
 * repeats for which the exact test gives 0.9994 it says 0.99999991.
 */
const LOWEST = 1e-6;

/** Words of one sequence: none of the tests reads more. */
const WORDS = 1 << 24;

/** Numbers of dieharder's tests, as `dieharder -l` lists them, and how often each is repeated: as far as words and time go. */
const TESTS = [
  { name: "diehard_birthdays", number: 0, repeats: 100 },
  { name: "diehard_operm5", number: 1, repeats: 16 },
  { name: "diehard_rank_32x32", number: 2, repeats: 13 },
  { name: "diehard_count_1s_stream", number: 8, repeats: 100 },
  { name: "diehard_runs", number: 15, repeats: 100 },
  { name: "sts_monobit", number: 100, repeats: 100 },
  { name: "sts_runs", number: 101, repeats: 40 },
  { name: "sts_serial", number: 102, repeats: 40 },
] as const;

/** Words taken of each stream where only starts are read. */
const START = "8";

/** Arguments of words.mjs. */
const ARRANGEMENTS: readonly (readonly [title: string, ...args: readonly string[]])[] = [
  ["1,000 adjacent seeds, interleaved", "seeds", "1000"],
  ["1,000 siblings, interleaved", "children", "1000"],
  ["1,000 nested paths, interleaved", "nested", "1000"],
  ["1,000 counter streams, interleaved", "counters", "1000"],
  ["2 siblings, interleaved", "children", "2"],
  ["16 siblings, interleaved", "children", "16"],
  ["65,536 siblings, interleaved", "children", "65536"],
  ["starts of adjacent seeds, transposed by 1,000", "seeds", "1000", START],
  ["starts of siblings, transposed by 1,000", "children", "1000", START],
  ["starts of counter streams, transposed by 1,000", "counters", "1000", START],
];

interface Verdict {
  readonly test: string;
  readonly p: number;
}

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "repro-battery-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("a battery of others' tests", () => {
  it.each(ARRANGEMENTS)("passes %s", async (title, ...args) => {
    const verdicts = await runBattery(args);
    console.log(`${title}: ${verdicts.length} p-values, the lowest ${Math.min(...verdicts.map(({ p }) => p))}`);
    expect(verdicts.filter(failed)).toEqual([]);
  });

  it("fails the integers 42, 43, 44 … as seeds of pure-rand, interleaved", async () => {
    const verdicts = await runBattery(["naive", "1000"]);
    expect(failedTests(verdicts)).toEqual(["diehard_operm5", "diehard_rank_32x32", "diehard_runs"]);
  });

  it("fails the starts of the same, transposed, in every test", async () => {
    const verdicts = await runBattery(["naive", "1000", START]);
    expect(failedTests(verdicts)).toEqual(TESTS.map(({ name }) => name));
  });
});

function failed({ p }: Verdict): boolean {
  return !(p >= LOWEST);
}

function failedTests(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(verdicts.filter(failed).map(({ test }) => test))];
}

/** Writes the words of an arrangement into a file, and has all tests read it, two at a time. */
async function runBattery(args: readonly string[]): Promise<readonly Verdict[]> {
  const words = join(folder, "words");
  await writeWords(words, args);
  const queue = [...TESTS];
  const verdicts: Verdict[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) verdicts.push(...(await judge(words, next)));
  };
  await Promise.all([worker(), worker()]);
  const order = (test: string): number => TESTS.findIndex(({ name }) => name === test);
  return verdicts.toSorted((a, b) => order(a.test) - order(b.test));
}

async function writeWords(path: string, args: readonly string[]): Promise<void> {
  const script = fileURLToPath(new URL("dieharder/words.mjs", import.meta.url));
  const file = openSync(path, "w");
  try {
    const child = spawn(process.execPath, [script, String(WORDS), ...args], { stdio: ["ignore", file, "inherit"] });
    const [status] = await once(child, "exit");
    if (status !== 0) throw new Error(`words.mjs ended with ${status}; it runs what "tsc -b" compiled`);
  } finally {
    closeSync(file);
  }
}

/** Without the flag "rate", dieharder draws nothing but what the test reads, from the first word on. */
const OUTPUT = ["-D", "test_name", "-D", "pvalues", "-D", "no_whitespace", "-c", ";"];

async function judge(words: string, { name, number, repeats }: (typeof TESTS)[number]): Promise<readonly Verdict[]> {
  // A shell, so that dieharder reads the file as its standard input (-g 200): a file of its own it would begin anew.
  const command = ["dieharder", "-g", "200", "-d", String(number), "-p", String(repeats), ...OUTPUT];
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", `exec ${quoted} < "$1"`, "sh", words]);
  const verdicts = stdout.split("\n").flatMap((line) => {
    const [, test, p] = /^(\w+);([\d.]+)$/.exec(line) ?? [];
    return test === undefined || p === undefined ? [] : { test, p: Number(p) };
  });
  // At the end of its input it says so, and ends with 0 all the same.
  if (verdicts.length === 0 || stderr.includes("EOF") || verdicts.some(({ test }) => test !== name)) {
    throw new Error(`dieharder did not judge ${name}: ${stdout}${stderr}`);
  }
  return verdicts;
}
