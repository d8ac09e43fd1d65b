import type { BytePath } from "../files.ts";

/** Bytes with a letter of their own, in the order of their values. */
const LETTERS: readonly (readonly [byte: string, letter: string])[] = [
  ["\x07", "a"],
  ["\b", "b"],
  ["\t", "t"],
  ["\n", "n"],
  ["\v", "v"],
  ["\f", "f"],
  ["\r", "r"],
  ['"', '"'],
  ["\\", "\\"],
];

/**
 * Writes a path as git's patches do: in quotes, where it holds a quote, a backslash, or a byte that is no printable ASCII.
 *
 * @remarks git-config(1), `core.quotePath`, which is true unless it is set.
 */
export function quotePath(path: BytePath): string {
  const quoted = path.replace(/[^ -~]|["\\]/g, (byte) => {
    const letter = LETTERS.find(([one]) => one === byte)?.[1];
    return `\\${letter ?? byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return quoted === path ? path : `"${quoted}"`;
}

/** Undoes {@link quotePath}; `null` when a text in quotes is none that it writes. */
export function unquotePath(text: string): BytePath | null {
  if (!text.startsWith('"')) return text;
  const inner = /^"(?<inner>(?:[^"\\]|\\[abtnvfr"\\]|\\[0-3][0-7]{2})*)"$/s.exec(text)?.groups?.["inner"];
  return (
    inner?.replace(/\\(?:(?<octal>[0-3][0-7]{2})|(?<letter>.))/gs, (_, octal?: string, letter?: string) =>
      octal === undefined
        ? (LETTERS.find(([, one]) => one === letter)?.[0] ?? "")
        : String.fromCharCode(Number.parseInt(octal, 8)),
    ) ?? null
  );
}
