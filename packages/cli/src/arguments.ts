import { ReproError } from "@repro/core";

import { parseArgs } from "./host.ts";

/** Every code that the command line itself throws. */
export type CliErrorCode = "CLI_DEFECT" | "CLI_STOPPED" | "CLI_USAGE";

/** What the user asked for. */
export type Request =
  | { readonly command: "help" }
  | { readonly command: "version" }
  | RunRequest
  | { readonly command: "replay"; readonly run: string; readonly json: boolean }
  | { readonly command: "show"; readonly run: string; readonly json: boolean }
  | { readonly command: "diff"; readonly recorded: string; readonly actual: string; readonly json: boolean };

/** `repro run`. */
export interface RunRequest {
  readonly command: "run";
  readonly argv: readonly [string, ...string[]];
  readonly seed: string | undefined;
  /** As `REPRO_GUARD` is written. */
  readonly guard: string | undefined;
  /** Paths by name. */
  readonly data: Readonly<Record<string, string>>;
  /** Paths by name; undefined = whatever the command writes. */
  readonly outputs: Readonly<Record<string, string>> | undefined;
  readonly allowDirty: boolean;
  readonly json: boolean;
}

/** What `repro --help` prints. */
export const HELP = `repro: record a training run, and replay it bit for bit

  repro run [options] -- COMMAND…     run any program under a record
    --seed S            the seed: an integer or a text; the program finds it in REPRO_SEED
    --guard MODE        what Math.random does in Node programs: redirect (to the seed), throw, record (default);
                        or a list with crypto and clocks: random=redirect,crypto=throw,clock=freeze
    --data NAME=PATH    data the program reads: hashed, and checked against PATH.dvc where there is one; repeatable
    --output NAME=PATH  a result; without any, every file that the command writes is one; repeatable
    --allow-dirty       keep uncommitted changes as a patch beside the record instead of refusing

  repro replay RUN                    make the run again from its record: bit-identical, diverged or blocked
  repro show RUN                      print a record
  repro diff A B                      compare two records

  RUN is a run id, a folder or a record file. Every command takes --json: one JSON document on standard output.
  Exit status: 0 holds, 1 does not hold, 2 cannot tell, 3 usage.
`;

/**
 * Reads the command line.
 *
 * @param argv - Arguments behind the program's name.
 * @throws ReproError `CLI_USAGE` with what is wrong.
 */
export function parseCommandLine(argv: readonly string[]): Request {
  const [command, ...rest] = argv;
  switch (command) {
    case undefined:
    case "help":
    case "--help":
    case "-h":
      return { command: "help" };
    case "version":
    case "--version":
      return { command: "version" };
    case "run":
      return parseRun(rest);
    case "replay":
    case "show": {
      const { names, json } = parseNames(command, rest, 1);
      return { command, run: names[0] ?? "", json };
    }
    case "diff": {
      const { names, json } = parseNames(command, rest, 2);
      return { command, recorded: names[0] ?? "", actual: names[1] ?? "", json };
    }
    default:
      throw usage(`there is no command "${command}"`);
  }
}

function parseRun(args: readonly string[]): Request {
  const dashes = args.indexOf("--");
  const own = dashes === -1 ? args : args.slice(0, dashes);
  const { values, positionals } = parse(own, {
    seed: { type: "string" },
    guard: { type: "string" },
    data: { type: "string", multiple: true },
    output: { type: "string", multiple: true },
    "allow-dirty": { type: "boolean" },
  });
  if (values["help"] === true) return { command: "help" };
  const [program, ...programArgs] = dashes === -1 ? [] : args.slice(dashes + 1);
  if (program === undefined || positionals.length > 0)
    throw usage("the program goes behind --: repro run -- node train.mjs");
  const outputs = namedPaths("--output", values["output"]);
  return {
    command: "run",
    argv: [program, ...programArgs],
    seed: textOf(values["seed"]),
    guard: textOf(values["guard"]),
    data: namedPaths("--data", values["data"]),
    outputs: Object.keys(outputs).length === 0 ? undefined : outputs,
    allowDirty: values["allow-dirty"] === true,
    json: values["json"] === true,
  };
}

function parseNames(
  command: string,
  args: readonly string[],
  count: number,
): { names: readonly string[]; json: boolean } {
  const { values, positionals } = parse(args, {});
  if (positionals.length !== count)
    throw usage(`repro ${command} takes ${count === 1 ? "one run" : `${count} runs`}, got ${positionals.length}`);
  return { names: positionals, json: values["json"] === true };
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
type Options = Readonly<Record<string, { type: "string" | "boolean"; multiple?: boolean }>>;

function parse(args: readonly string[], options: Options): { values: Values; positionals: readonly string[] } {
  try {
    const all = { ...options, json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    return parseArgs({ args: [...args], options: all, allowPositionals: true, strict: true });
  } catch (cause) {
    // Node says more on a second line.
    throw usage((cause instanceof Error ? cause.message : String(cause)).split("\n").join(" "), cause);
  }
}

function textOf(value: Values[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function namedPaths(option: string, values: Values[string]): Readonly<Record<string, string>> {
  const named = new Map<string, string>();
  for (const value of Array.isArray(values) ? values : []) {
    const [, name, file] = /^([A-Za-z0-9_.-]+)=(.+)$/s.exec(String(value)) ?? [];
    if (name === undefined || file === undefined) throw usage(`${option} takes NAME=PATH, got "${String(value)}"`);
    if (named.has(name)) throw usage(`${option} names "${name}" twice`);
    named.set(name, file);
  }
  return Object.fromEntries(named);
}

/** The error for a question that is put wrongly. */
export function usage(what: string, cause?: unknown): ReproError<CliErrorCode> {
  return new ReproError(`repro: ${what}`, {
    code: "CLI_USAGE",
    remedy: "repro --help",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error for a request to stop. */
export function stopped(signal: string): ReproError<CliErrorCode> {
  return new ReproError(`repro: stopped by ${signal}`, {
    code: "CLI_STOPPED",
    remedy: "run it again",
    data: { signal },
  });
}
