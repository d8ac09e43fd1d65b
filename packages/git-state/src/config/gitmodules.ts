import type { BytePath, FileReader } from "../files.ts";
import { redactUrl } from "../secrets/redact.ts";
import { parseConfig } from "./syntax.ts";

const SUBMODULE = /^submodule\.(?<name>.*)\.(?<key>path|url)$/s;

/**
 * Reads the addresses of submodules, by path, without credentials.
 *
 * @param root - Absolute path of the work tree.
 * @throws ReproError `GIT_UNREADABLE` when `.gitmodules` is no configuration.
 * @remarks gitmodules(5). A link is not followed, as git does not.
 */
export function readSubmoduleUrls(files: FileReader, root: BytePath): ReadonlyMap<string, string> {
  const file = `${root}/.gitmodules`;
  const bytes = files.stat(file)?.kind === "file" ? files.read(file) : null;
  const found = new Map<string, { readonly path?: string; readonly url?: string }>();
  for (const { name, value } of bytes === null ? [] : parseConfig(bytes, { file: ".gitmodules" })) {
    const { name: submodule = "", key } = SUBMODULE.exec(name)?.groups ?? {};
    if (key !== undefined) found.set(submodule, { ...found.get(submodule), [key]: value });
  }
  return new Map(
    [...found.values()].flatMap(({ path, url }) =>
      path === undefined || url === undefined ? [] : [[path, redactUrl(url)]],
    ),
  );
}
