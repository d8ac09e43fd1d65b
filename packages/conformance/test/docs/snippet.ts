import { readFileSync } from "node:fs";

/** One block of code that documentation shows. */
export interface Snippet {
  /** Absolute path of the file that shows it. */
  readonly file: string;
  /** Line of its first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** A fence, in Markdown or behind the star of a doc comment: what stands before it, and its language and remarks. */
const FENCE = /^(?<margin>\s*(?:\* )?)```(?<info>[^`]*)$/;

/** Blocks of this language are run, unless their fence says `no-run`. */
const LANGUAGE = /^(?:ts|typescript)(?:\s|$)/;

/** Reads the blocks that are to be run from a Markdown file, or from the doc comments of a source file. */
export function snippetsOf(file: string): readonly Snippet[] {
  return snippetsIn(readFileSync(file, "utf8"), file);
}

/** As {@link snippetsOf}, of text that is already read. */
export function snippetsIn(text: string, file: string): readonly Snippet[] {
  const found: Snippet[] = [];
  let open:
    | { readonly info: string; readonly margin: string; readonly line: number; readonly code: string[] }
    | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const { margin = "", info } = FENCE.exec(line)?.groups ?? {};
    if (open === undefined) {
      if (info !== undefined) open = { info: info.trim(), margin, line: index + 2, code: [] };
    } else if (info === "") {
      if (isRun(open.info)) found.push({ file, line: open.line, code: open.code.join("\n") });
      open = undefined;
    } else {
      open.code.push(withoutMargin(line, open.margin));
    }
  }
  return found;
}

function isRun(info: string): boolean {
  return LANGUAGE.test(info) && !info.split(/\s+/).includes("no-run");
}

/** An empty line of a doc comment has the star and no blank behind it. */
function withoutMargin(line: string, margin: string): string {
  return line.startsWith(margin) ? line.slice(margin.length) : line.trimStart().replace(/^\*$/, "");
}
