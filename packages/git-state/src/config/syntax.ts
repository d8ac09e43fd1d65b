import { gitError } from "../error.ts";
import type { BytePath } from "../files.ts";
import { pathOfBytes, textOfPath } from "../files.ts";

/** One value of a configuration file. */
export interface ConfigValue {
  /** Section and name in lower case, subsection as written: `"remote.Origin.url"`. */
  readonly name: string;
  /** `"true"` where the file has a name alone. */
  readonly value: string;
}

/**
 * Reads the bytes of a configuration file.
 *
 * Accepts what git accepts, with one exception: a file with a NUL byte is refused, where git would read a part of it.
 * Blanks inside a value stay as they are, as git has it since 2.45; before that it made a space of each.
 *
 * @param file - What an error calls the file.
 * @throws ReproError `GIT_UNREADABLE` when they are no configuration; `data: { file, line }`, and never what stands there.
 * @remarks git-config(1), "CONFIGURATION FILE".
 */
export function parseConfig(bytes: Uint8Array, { file }: { readonly file: string }): readonly ConfigValue[] {
  const text = pathOfBytes(bytes)
    .replace(/^\xef\xbb\xbf/, "")
    .replaceAll("\r\n", "\n");
  const nul = text.indexOf("\0");
  if (nul !== -1) throw malformed(file, lineAt(text, nul));
  const values: ConfigValue[] = [];
  let section = ""; // git reads names before the first section, too
  for (let at = afterBlanks(text, 0); at < text.length;) {
    const header = matchAt(SECTION, text, at);
    const value = header === null ? readValue(text, at) : null;
    if (header !== null) section = `${sectionName(header)}.`;
    else if (value !== null) values.push({ name: section + value.name, value: value.text });
    else throw malformed(file, lineAt(text, at));
    at = afterBlanks(text, header === null ? (value?.end ?? 0) : at + header[0].length);
  }
  return values;
}

const BLANKS = /[ \t\n\r]*/y;
const COMMENT = /[#;][^\n]*/y;
const SECTION = /\[(?<section>[-.A-Za-z0-9]+)(?:[ \t\r]+"(?<subsection>(?:[^"\\\n]|\\[^\n])*)")?\]/y;
const NAME = /(?<name>[A-Za-z][-A-Za-z0-9]*)[ \t]*(?<equals>=|(?=\n|$))/y;

function matchAt(pattern: RegExp, text: BytePath, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Comments are blanks, except behind a name. */
function afterBlanks(text: BytePath, start: number): number {
  let at = start;
  for (;;) {
    at += matchAt(BLANKS, text, at)?.[0].length ?? 0;
    const comment = matchAt(COMMENT, text, at);
    if (comment === null) return at;
    at += comment[0].length;
  }
}

function lineAt(text: BytePath, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function sectionName({ groups }: RegExpExecArray): string {
  const section = (groups?.["section"] ?? "").toLowerCase();
  const subsection = groups?.["subsection"];
  // Of a backslash in a subsection only the character after it counts.
  return subsection === undefined ? section : `${section}.${textOfPath(subsection.replace(/\\(.)/gs, "$1"))}`;
}

interface ReadValue {
  readonly name: string;
  readonly text: string;
  /** Where the line ends. */
  readonly end: number;
}

function readValue(text: BytePath, at: number): ReadValue | null {
  const match = matchAt(NAME, text, at);
  if (match === null) return null;
  const name = (match.groups?.["name"] ?? "").toLowerCase();
  const end = at + match[0].length;
  if (match.groups?.["equals"] !== "=") return { name, text: "true", end };
  const read = readText(text, end);
  return read === null ? null : { name, ...read };
}

/** What a character means behind a backslash; at the end of the file that is the end of a line, too. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", "\\": "\\", '"': '"', "\n": "", "": "" };

function readText(text: BytePath, start: number): Omit<ReadValue, "name"> | null {
  let [value, blanks, quoted] = ["", "", false];
  for (let at = start; ; at += 1) {
    const character = text[at] ?? "\n";
    if (character === "\n" || (!quoted && (character === "#" || character === ";"))) {
      return quoted ? null : { text: textOfPath(value), end: at };
    }
    if (!quoted && /[ \t\r]/.test(character)) {
      if (value !== "") blanks += character; // they count when something follows
      continue;
    }
    [value, blanks] = [value + blanks, ""];
    if (character === '"') quoted = !quoted;
    else if (character !== "\\") value += character;
    else {
      at += 1;
      const escaped = ESCAPES[text[at] ?? ""];
      if (escaped === undefined) return null;
      value += escaped;
    }
  }
}

function malformed(file: string, line: number): Error {
  return gitError(`captureGitState: "${file}" is no configuration of git, in line ${line}`, {
    code: "GIT_UNREADABLE",
    remedy: `mend line ${line} of the file; \`git config --list\` says whether git can read it`,
    data: { file, line },
  });
}
