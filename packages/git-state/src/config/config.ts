import { gitError } from "../error.ts";
import type { BytePath, FileReader } from "../files.ts";
import { pathOfText, textOfPath } from "../files.ts";
import type { ConfigEntry } from "../git/config.ts";
import type { Variables } from "../host.ts";
import { isIncluded } from "./condition.ts";
import type { ConfigValue } from "./syntax.ts";
import { parseConfig } from "./syntax.ts";
import type { RepositoryPlace } from "../repository/location.ts";

/** Where configuration is read from. */
export interface ConfigOptions {
  /** The repository; `null` for what holds outside of any. */
  readonly place: RepositoryPlace | null;
  readonly env: Variables;
  /** Branch that is checked out, for files that are included for some branches only. */
  readonly branch: string | null;
}

/**
 * Reads the whole configuration, in the order in which later values win.
 *
 * @throws ReproError `GIT_UNREADABLE` when a file is no configuration, or files include each other without end.
 * @remarks git-config(1), "FILES", "ENVIRONMENT", "Includes".
 */
export function readConfigFiles(files: FileReader, options: ConfigOptions): readonly ConfigEntry[] {
  const { place, env } = options;
  const readAll = (remoteUrls: readonly string[]): readonly ConfigEntry[] => {
    const read = (scope: string, path: BytePath | null): readonly ConfigEntry[] =>
      path === null ? [] : readConfigFile({ files, options, remoteUrls, scope, depth: 0 }, path);
    const local = place === null ? [] : read("local", `${place.commonDir}/config`);
    const own = place !== null && booleanSetting(local, "extensions.worktreeconfig") === true;
    return [
      ...read("system", systemFile(env)),
      ...globalFiles(env).flatMap((path) => read("global", path)),
      ...local,
      ...(own ? read("worktree", `${place.gitDir}/config.worktree`) : []),
      ...fromEnvironment(env),
    ];
  };
  const config = readAll([]);
  if (!config.some(({ name }) => name.startsWith("includeif.hasconfig:"))) return config;
  // Whether a file is included may depend on addresses in files that come later.
  return readAll(config.flatMap(({ name, value }) => (/^remote\..*\.url$/s.test(name) ? [value] : [])));
}

function systemFile(env: Variables): BytePath | null {
  if (isTrue(env["GIT_CONFIG_NOSYSTEM"] ?? "false")) return null;
  return pathOfText(env["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig");
}

function globalFiles(env: Variables): readonly BytePath[] {
  const only = env["GIT_CONFIG_GLOBAL"];
  if (only !== undefined) return only === "" ? [] : [pathOfText(only)];
  const [folder, home] = [configFolder(env), env["HOME"]];
  return [
    ...(folder === null ? [] : [`${folder}/git/config`]),
    ...(home === undefined ? [] : [pathOfText(`${home}/.gitconfig`)]),
  ];
}

/** The user's folder of configuration; `null` when the environment names none. */
function configFolder(env: Variables): BytePath | null {
  const [xdg, home] = [env["XDG_CONFIG_HOME"], env["HOME"]];
  if (xdg !== undefined && xdg !== "") return pathOfText(xdg);
  return home === undefined ? null : pathOfText(`${home}/.config`);
}

interface ReadingFile {
  readonly files: FileReader;
  readonly options: ConfigOptions;
  /** Addresses of remotes, in any file. */
  readonly remoteUrls: readonly string[];
  readonly scope: string;
  /** How many files include this one. */
  readonly depth: number;
}

const MAX_DEPTH = 10;

function readConfigFile(reading: ReadingFile, path: BytePath): readonly ConfigEntry[] {
  const { files, scope, depth } = reading;
  const file = textOfPath(path);
  const bytes = readFile(files, path);
  if (bytes === null) return [];
  const values = parseConfig(bytes, { file });
  return values.flatMap((value) => {
    const included = includedPath(value, path, reading);
    if (included === null) return [{ scope, ...value }];
    if (depth === MAX_DEPTH) throw unreadable(file, `includes files more than ${MAX_DEPTH} deep`);
    return [{ scope, ...value }, ...readConfigFile({ ...reading, depth: depth + 1 }, included)];
  });
}

function readFile(files: FileReader, path: BytePath): Uint8Array | null {
  try {
    return files.read(path);
  } catch (cause) {
    throw unreadable(textOfPath(path), "cannot be read", cause);
  }
}

function includedPath(
  { name, value }: ConfigValue,
  from: BytePath,
  { options, remoteUrls }: ReadingFile,
): BytePath | null {
  const condition = /^includeif\.(?<condition>.*)\.path$/s.exec(name)?.groups?.["condition"];
  if (name !== "include.path" && condition === undefined) return null;
  if (condition !== undefined && !isIncluded(condition, { ...options, remoteUrls, from })) return null;
  return resolvePath(value, from.slice(0, from.lastIndexOf("/")), options.env);
}

/** A path as configuration has it: `~/` is the home folder, and others are relative to a folder. */
function resolvePath(value: string, folder: BytePath, env: Variables): BytePath | null {
  if (value === "~" || value.startsWith("~/")) {
    const home = env["HOME"];
    return home === undefined ? null : pathOfText(home + value.slice(1));
  }
  const path = pathOfText(value);
  return path.startsWith("/") ? path : `${folder}/${path}`;
}

/** More than this are not read one by one. */
const MAX_VARIABLES = 10_000;

/** @remarks git-config(1), "GIT_CONFIG_COUNT". */
function fromEnvironment(env: Variables): readonly ConfigEntry[] {
  const text = env["GIT_CONFIG_COUNT"] ?? "";
  const count = Number(text);
  if (!/^\d*$/.test(text) || count > MAX_VARIABLES) throw unreadable("GIT_CONFIG_COUNT", "is no number of settings");
  return Array.from({ length: count }, (_, at) => {
    const [key, value] = [env[`GIT_CONFIG_KEY_${at}`], env[`GIT_CONFIG_VALUE_${at}`]];
    if (key === undefined || !KEY.test(key)) throw unreadable(`GIT_CONFIG_KEY_${at}`, "names no setting");
    if (value === undefined) throw unreadable(`GIT_CONFIG_VALUE_${at}`, "is missing");
    return { scope: "command", name: canonicalName(key), value };
  });
}

const KEY = /^[-A-Za-z0-9]+\.(?:[^\n]*\.)?[A-Za-z][-A-Za-z0-9]*$/;

function canonicalName(key: string): string {
  const [first, last] = [key.indexOf("."), key.lastIndexOf(".")];
  return `${key.slice(0, first).toLowerCase()}${key.slice(first, last)}${key.slice(last).toLowerCase()}`;
}

/** The value that counts; `undefined` when none is set. Section and name of `name` are in lower case. */
export function settingOf(config: readonly ConfigEntry[], name: string): string | undefined {
  return config.findLast((entry) => entry.name === name)?.value;
}

/**
 * A setting that is true or false; `undefined` when it is not set.
 *
 * @throws ReproError `GIT_UNREADABLE` when it is set to something else.
 */
export function booleanSetting(config: readonly ConfigEntry[], name: string): boolean | undefined {
  const value = settingOf(config, name);
  if (value === undefined || isTrue(value)) return value === undefined ? undefined : true;
  if (!FALSE.test(value)) throw unreadable(name, "is neither true nor false");
  return false;
}

const FALSE = /^(?:false|no|off|[-+]?(?:0x)?0+[kmg]?|)$/i;

/** @remarks git-config(1), "Values": boolean; a number counts as well. */
export function isTrue(value: string): boolean {
  return /^(?:true|yes|on|[-+]?(?:0x(?=0*[1-9a-f])[0-9a-f]+|0*[1-7][0-7]*|[1-9]\d*)[kmg]?)$/i.test(value);
}

/**
 * The path that a setting names, or, when it is not set, a file of the user's folder of configuration.
 *
 * @returns `null` when there is no home to find it in.
 */
export function pathSetting(
  config: readonly ConfigEntry[],
  name: string,
  { env, root, fallback }: { readonly env: Variables; readonly root: BytePath; readonly fallback: string },
): BytePath | null {
  const value = settingOf(config, name);
  if (value !== undefined) return value === "" ? null : resolvePath(value, root, env);
  const folder = configFolder(env);
  return folder === null ? null : `${folder}/git/${fallback}`;
}

function unreadable(file: string, what: string, cause?: unknown): Error {
  return gitError(`captureGitState: the configuration "${file}" ${what}`, {
    code: "GIT_UNREADABLE",
    remedy: "`git config --list --show-origin` says which files git reads, and what is wrong with them",
    data: { file },
    cause,
  });
}
