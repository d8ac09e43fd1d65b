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
  const read = (scope: string, path: BytePath | null): readonly ConfigEntry[] =>
    path === null ? [] : readConfigFile({ files, options, scope, depth: 0 }, path);
  const outer = [
    ...read("system", systemFile(env)),
    ...globalFiles(env).flatMap((path) => read("global", path)),
    ...(place === null ? [] : read("local", `${place.commonDir}/config`)),
  ];
  const own = booleanSetting(outer, "extensions.worktreeconfig") === true && place !== null;
  return [...outer, ...(own ? read("worktree", `${place.gitDir}/config.worktree`) : []), ...fromEnvironment(env)];
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
  readonly scope: string;
  /** How many files include this one. */
  readonly depth: number;
}

const MAX_DEPTH = 10;

function readConfigFile(reading: ReadingFile, path: BytePath): readonly ConfigEntry[] {
  const { files, options, scope, depth } = reading;
  const file = textOfPath(path);
  const bytes = readFile(files, path);
  if (bytes === null) return [];
  const values = parseConfig(bytes, { file });
  return values.flatMap((value) => {
    const included = includedPath(value, values, path, options);
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
  values: readonly ConfigValue[],
  from: BytePath,
  options: ConfigOptions,
): BytePath | null {
  const condition = /^includeif\.(?<condition>.*)\.path$/s.exec(name)?.groups?.["condition"];
  if (name !== "include.path" && condition === undefined) return null;
  if (condition !== undefined && !isIncluded(condition, { ...options, values, from })) return null;
  return resolvePath(value, from.slice(0, from.lastIndexOf("/")), options.env);
}

/** A path as configuration has it: `~/` is the home folder, and others are relative to a folder. */
export function resolvePath(value: string, folder: BytePath, env: Variables): BytePath | null {
  if (value === "~" || value.startsWith("~/")) {
    const home = env["HOME"];
    return home === undefined ? null : pathOfText(home + value.slice(1));
  }
  const path = pathOfText(value);
  return path.startsWith("/") ? path : `${folder}/${path}`;
}

function fromEnvironment(env: Variables): readonly ConfigEntry[] {
  const count = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  if (!Number.isSafeInteger(count) || count <= 0) return [];
  return Array.from({ length: Math.min(count, 10_000) }, (_, at) => at).flatMap((at) => {
    const [key, value] = [env[`GIT_CONFIG_KEY_${at}`], env[`GIT_CONFIG_VALUE_${at}`]];
    return key === undefined || value === undefined ? [] : [{ scope: "command", name: canonicalName(key), value }];
  });
}

function canonicalName(key: string): string {
  const [first, last] = [key.indexOf("."), key.lastIndexOf(".")];
  if (first === -1) return key.toLowerCase();
  return `${key.slice(0, first).toLowerCase()}${key.slice(first, last)}${key.slice(last).toLowerCase()}`;
}

/** The value that counts; `undefined` when none is set. Section and name of `name` are in lower case. */
export function settingOf(config: readonly ConfigEntry[], name: string): string | undefined {
  return config.findLast((entry) => entry.name === name)?.value;
}

/** A setting that is true or false; `undefined` when it is not set. */
export function booleanSetting(config: readonly ConfigEntry[], name: string): boolean | undefined {
  const value = settingOf(config, name);
  return value === undefined ? undefined : isTrue(value);
}

/** @remarks git-config(1), "Values": boolean. */
export function isTrue(value: string): boolean {
  return /^(?:true|yes|on|[+-]?0*[1-9]\d*)$/i.test(value);
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
