import { gitText } from "./command.ts";
import { settingOf } from "../config/config.ts";
import type { Repository } from "./repository.ts";
import { settled } from "./settle.ts";

/**
 * Names the files outside of the work tree whose ignore rules and attributes git heeds, and where each would be.
 *
 * The attributes of the whole machine are not among them: where they lie is compiled into git, and it tells only since
 * version 2.41 (`git var GIT_ATTR_SYSTEM`).
 *
 * @remarks gitignore(5) and gitattributes(5), "DESCRIPTION".
 */
export async function ruleFiles(
  repository: Repository,
  commonDir: string,
): Promise<readonly (readonly [name: string, path: string])[]> {
  const [attributes, excludes] = await settled([
    configuredFile(repository, "core.attributesFile", "attributes"),
    configuredFile(repository, "core.excludesFile", "ignore"),
  ]);
  return [
    ...attributes,
    ...excludes,
    ["info/attributes", `${commonDir}/info/attributes`],
    ["info/exclude", `${commonDir}/info/exclude`],
  ];
}

async function configuredFile(
  { config, context, root }: Repository,
  name: string,
  byDefault: string,
): Promise<readonly (readonly [name: string, path: string])[]> {
  const { env } = context;
  const home = env["HOME"] ?? "";
  const value = settingOf(config, name.toLowerCase());
  if (value === undefined) {
    const folder = env["XDG_CONFIG_HOME"] || (home === "" ? "" : `${home}/.config`);
    return folder === "" ? [] : [[name, `${folder}/git/${byDefault}`]];
  }
  if (value === "") return [];
  if (value.startsWith("~/") && home !== "") return [[name, home + value.slice(1)]];
  // Another user's home, or a path beside git's own program: git alone knows where that is.
  const path = /^(?:~|%\()/.test(value) ? await gitText(context, ["config", "--type=path", "--get", name]) : value;
  return [[name, /^(?:[/\\]|[A-Za-z]:)/.test(path) ? path : `${root}/${path}`]];
}
