import type { BytePath } from "../files.ts";
import { pathOfBytes } from "../files.ts";

const UTF8_BOM = "\u00ef\u00bb\u00bf";

/**
 * Splits a file of rules into lines, without their ends (LF or CR LF) and without a byte order mark.
 *
 * As for git, which keeps lines as C strings, a line ends at a NUL. A CR at the end of a file without LF goes too.
 */
export function linesOf(bytes: Uint8Array): readonly BytePath[] {
  const text = pathOfBytes(bytes);
  const lines = (text.startsWith(UTF8_BOM) ? text.slice(UTF8_BOM.length) : text).split("\n");
  return lines.map((line) => upTo(line.replace(/\r$/, ""), "\0"));
}

function upTo(line: BytePath, end: string): BytePath {
  const at = line.indexOf(end);
  return at === -1 ? line : line.slice(0, at);
}
