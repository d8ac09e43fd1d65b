import type { ParserOptions, ParserPlugin } from "@babel/parser";

import { parserMissing, syntaxError } from "./failure.ts";
import { edgeOf, isNode } from "./syntax/node.ts";
import type { SyntaxComment, SyntaxNode } from "./syntax/node.ts";

/** The part of `@babel/parser` that is used. */
export interface Parser {
  parse(source: string, options: ParserOptions): unknown;
}

/** A parsed file. */
export interface ParsedSource {
  readonly program: SyntaxNode;
  readonly comments: readonly SyntaxComment[];
}

/** Syntax that is on everywhere: it changes nothing about files that do not use it. */
const COMMON: readonly ParserPlugin[] = [
  ["estree", { classFeatures: true }],
  "decorators-legacy",
  "decoratorAutoAccessors",
  "explicitResourceManagement",
];

/** Loads the parser, which is an optional peer. */
export async function loadParser(load: () => Promise<Parser> = async () => import("@babel/parser")): Promise<Parser> {
  try {
    return await load();
  } catch (cause) {
    throw parserMissing(cause);
  }
}

/** Parses by the ending of the file's name; a name without a known one is tried as TypeScript with and without JSX. */
export function parseSource(parser: Parser, source: string, file: string): ParsedSource {
  const [first, ...others] = dialectsOf(file);
  let failure: unknown;
  for (const dialect of [first, ...others]) {
    try {
      return readTree(parser.parse(source, optionsOf(dialect ?? [])));
    } catch (error) {
      failure ??= error; // that of the likeliest dialect says most
    }
  }
  throw syntaxError(failure, file);
}

function dialectsOf(file: string): readonly (readonly ParserPlugin[])[] {
  if (/\.[mc]?ts$/i.test(file)) return [["typescript"]];
  if (/\.tsx$/i.test(file)) return [["typescript", "jsx"]];
  if (/\.(?:[mc]?js|jsx)$/i.test(file)) return [["jsx"], ["jsx", "flow"]];
  return [["typescript", "jsx"], ["typescript"]];
}

function optionsOf(dialect: readonly ParserPlugin[]): ParserOptions {
  return {
    sourceType: "unambiguous",
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowUndeclaredExports: true,
    plugins: [...COMMON, ...dialect],
  };
}

function readTree(tree: unknown): ParsedSource {
  const program = isNode(tree) ? tree["program"] : undefined;
  const comments = isNode(tree) ? tree["comments"] : undefined;
  if (!isNode(program) || !Array.isArray(comments)) throw new Error("the parser gave no program");
  return { program, comments: comments.flatMap((comment) => readComment(comment)) };
}

/** A comment of a parser; none when it is no such thing. */
export function readComment(comment: unknown): readonly SyntaxComment[] {
  if (!isNode(comment) || typeof comment["value"] !== "string") return [];
  const [start, end] = [edgeOf(comment["loc"], "start"), edgeOf(comment["loc"], "end")];
  return [{ value: comment["value"], lines: [start.line, end.line], column: start.column }];
}
