import { readComment } from "./parser.ts";
import { trapsOf } from "./source.ts";
import { isNode } from "./syntax/node.ts";
import type { SeedTrap, SeedTrapRule } from "./trap.ts";
import { RULES, isRule } from "./trap.ts";

/**
 * What a rule uses of the context that ESLint and oxlint give it.
 *
 * @public
 */
export interface SeedLintContext {
  /** Name of the file. */
  readonly filename: string;
  /** The file's `SourceCode`: its `text` is read. Unknown, because the types of the two linters differ. */
  readonly sourceCode: unknown;
  /** Takes one finding; lines count from 1, columns from 0. */
  report(finding: {
    /** What happens, and what to do instead. */
    readonly message: string;
    /** Where. */
    readonly loc: {
      /** Where it starts. */
      readonly start: {
        /** Line, from 1. */
        readonly line: number;
        /** Column, from 0. */
        readonly column: number;
      };
      /** Where it ends: the next column. */
      readonly end: {
        /** Line, from 1. */
        readonly line: number;
        /** Column, from 0. */
        readonly column: number;
      };
    };
  }): void;
}

/**
 * One rule as ESLint 9 and oxlint take it.
 *
 * @public
 */
export interface SeedLintRule {
  /** What it is about. */
  readonly meta: {
    /** Every rule is about a mistake. */
    readonly type: "problem";
    /** Rules take no options. */
    readonly schema: [];
    /** For lists of rules. */
    readonly docs: {
      /** What it finds. */
      readonly description: string;
    };
  };
  /** Gives the visitor of a file. */
  create(context: SeedLintContext): {
    /** Called with the whole tree. */
    Program(program: unknown): void;
  };
}

/**
 * The rules of {@link findSeedTraps} as a plugin.
 *
 * @public
 */
export interface SeedLintPlugin {
  /** Name of the plugin. */
  readonly meta: {
    /** `repro-seed`. */
    readonly name: string;
  };
  /** Every rule, by its name here. */
  readonly rules: Readonly<Record<SeedTrapRule, SeedLintRule>>;
}

/**
 * Makes a plugin for ESLint 9 (flat configuration) and for the JavaScript plugins of oxlint, one rule for each of ours.
 *
 * The linter's own parser is used, so that `@babel/parser` need not be installed; a file is analysed once for all rules.
 * A linter shows every report alike: what {@link findSeedTraps} finds with severity `"info"` is not reported, except by
 * `directory-order` and `locale-order`, which find nothing else.
 *
 * @returns A plugin: `plugins: { "repro-seed": createSeedLintPlugin() }`. oxlint loads a file whose default export it is.
 * @example
 * ```ts
 * import { createSeedLintPlugin } from "@repro/seed/lint";
 *
 * Object.keys(createSeedLintPlugin().rules).includes("zero-seed"); // => true
 * ```
 * @public
 */
export function createSeedLintPlugin(): SeedLintPlugin {
  const analysed = new WeakMap<object, readonly SeedTrap[]>();
  const analyse = (program: unknown, { sourceCode, filename }: SeedLintContext): readonly SeedTrap[] => {
    if (!isNode(program)) return [];
    const listed = program["comments"];
    const comments = Array.isArray(listed) ? listed.flatMap((comment) => readComment(comment)) : [];
    const traps = analysed.get(program) ?? trapsOf(program, comments, textOf(sourceCode), filename);
    analysed.set(program, traps);
    return traps;
  };
  const rules = Object.entries(RULES).flatMap(([name, { finds }]) =>
    isRule(name) ? [ruleOf(name, finds, analyse)] : [],
  );
  return { meta: { name: "repro-seed" }, rules: Object.fromEntries(rules) as Record<SeedTrapRule, SeedLintRule> }; // RULES has them all
}

function ruleOf(
  name: SeedTrapRule,
  finds: string,
  analyse: (program: unknown, context: SeedLintContext) => readonly SeedTrap[],
): [SeedTrapRule, SeedLintRule] {
  const create: SeedLintRule["create"] = (context) => ({
    Program: (program) => {
      for (const { rule, severity, message, remedy, line, column } of analyse(program, context))
        if (rule === name && (severity !== "info" || RULES[name].severity === "info"))
          context.report({
            message: `${message}. Instead: ${remedy}`,
            loc: { start: { line, column: column - 1 }, end: { line, column } },
          });
    },
  });
  return [name, { meta: { type: "problem", schema: [], docs: { description: finds } }, create }];
}

function textOf(sourceCode: unknown): string {
  const isText = typeof sourceCode === "object" && sourceCode !== null && "text" in sourceCode;
  return isText && typeof sourceCode.text === "string" ? sourceCode.text : "";
}
