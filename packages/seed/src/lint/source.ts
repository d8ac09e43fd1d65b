import { compareCodePoints } from "@repro/core";

import { loadParser, parseSource } from "./parser.ts";
import type { Detector } from "./report.ts";
import { entropyTraps } from "./rules/entropy.ts";
import { equalSeeds } from "./rules/equal.ts";
import { initializerTraps } from "./rules/initializer.ts";
import { layerTraps } from "./rules/layer.ts";
import { libraryTraps } from "./rules/library.ts";
import { randomTraps } from "./rules/random.ts";
import { streamTraps } from "./rules/stream.ts";
import { tensorTraps } from "./rules/tensor.ts";
import { trainingTraps } from "./rules/training.ts";
import { redirectedNodes } from "./rules/redirected.ts";
import { applySuppressions } from "./suppression.ts";
import { readModule } from "./syntax/module.ts";
import { child, positionOf } from "./syntax/node.ts";
import type { SyntaxComment, SyntaxNode } from "./syntax/node.ts";
import { loadsTfjs, originOf } from "./syntax/origin.ts";
import type { SeedTrap, SeedTrapRule } from "./trap.ts";
import { RULES } from "./trap.ts";

/**
 * What {@link findSeedTraps} can be told of a source.
 *
 * @public
 */
export interface FindSeedTrapsOptions {
  /**
   * Name of the file: its ending says whether it is TypeScript (`.ts .mts .cts .tsx`) or JavaScript (`.js .mjs .cjs .jsx`),
   * and findings name it. It is not read. TypeScript, with JSX where that parses, when omitted.
   */
  readonly file?: string;
}

const DETECTORS: readonly Detector[] = [
  entropyTraps,
  equalSeeds,
  initializerTraps,
  layerTraps,
  libraryTraps,
  randomTraps,
  streamTraps,
  tensorTraps,
  trainingTraps,
];

/**
 * Finds the known traps of seeded code in one source file: seeds that tfjs ignores or takes for none, masks that repeat,
 * `Math.random`, clocks as seeds, and so on.
 *
 * Nothing is run or read but the text. A call counts when its name leads to an import, `require` or global of the library,
 * however it is renamed; whatever is called `tf` counts as tfjs. What cannot be read off the text is not reported.
 * A comment `// repro-seed-ignore <rule>: <reason>` on the line of a finding, or alone on the line before, suppresses it;
 * one without a reason, or that suppresses nothing, is a finding itself.
 *
 * @param source - Text of a module or script.
 * @returns Frozen findings in the order of the text.
 * @throws TypeError when `source` or `file` is not a string.
 * @throws ReproError `SEED_LINT_PARSER_MISSING` when `@babel/parser`, an optional peer, is not installed;
 *   `SEED_LINT_SYNTAX` when the text does not parse, or nests deeper than the parser can follow; `data: { file, line, column, reason }`.
 * @example
 * ```ts
 * import { findSeedTraps } from "@repro/seed/lint";
 *
 * const [trap] = await findSeedTraps('import * as tf from "@tensorflow/tfjs";\ntf.layers.dropout({ rate: 0.5, seed: 7 });');
 * trap?.rule; // => "repeated-draws"
 * [trap?.line, trap?.column]; // => [2, 38]
 * ```
 * @public
 */
export async function findSeedTraps(source: string, options: FindSeedTrapsOptions = {}): Promise<readonly SeedTrap[]> {
  const { file = "(source)" } = options;
  if (typeof source !== "string") throw new TypeError(`findSeedTraps: "source" must be a string, got ${typeof source}`);
  if (typeof file !== "string") throw new TypeError(`findSeedTraps: "file" must be a string, got ${typeof file}`);
  const { program, comments } = parseSource(await loadParser(), source, file);
  return trapsOf(program, comments, source, file);
}

/** What draws from Math.random, and so follows the seed where that is redirected. */
const REDIRECTED: ReadonlySet<SeedTrapRule> = /* @__PURE__ */ new Set<SeedTrapRule>([
  "fit-shuffle",
  "math-random",
  "unseeded-initializer",
  "unseeded-layer",
  "unseeded-tensor",
]);

/** The findings of a parsed file, whoever parsed it. */
export function trapsOf(
  program: SyntaxNode,
  comments: readonly SyntaxComment[],
  source: string,
  file: string,
): readonly SeedTrap[] {
  const traps = applySuppressions(findingsOf(program, file), comments, source, file);
  return Object.freeze(traps.toSorted(compareTraps).map((trap) => Object.freeze(trap)));
}

function findingsOf(program: SyntaxNode, file: string): readonly SeedTrap[] {
  const module = readModule(program);
  const calls = module.nodes.flatMap((node) => {
    const callee = node.type === "CallExpression" || node.type === "NewExpression" ? child(node, "callee") : undefined;
    return callee === undefined ? [] : [{ node, callee, origin: originOf(callee, module) ?? "" }];
  });
  const usesTfjs =
    module.nodes.some((node) => loadsTfjs(node, module)) || calls.some(({ origin }) => origin.startsWith("tf:"));
  const subject = { module, calls, usesTfjs };
  const redirected = redirectedNodes(subject);
  const findings = DETECTORS.flatMap((detect) => [...detect(subject)]).filter(
    ({ rule, node }) => !REDIRECTED.has(rule) || !redirected.has(node),
  );
  return findings.map(({ rule, node, message, severity }) => ({
    rule,
    severity: severity ?? RULES[rule].severity,
    message,
    remedy: RULES[rule].remedy,
    file,
    ...positionOf(node),
  }));
}

function compareTraps(a: SeedTrap, b: SeedTrap): number {
  return (
    a.line - b.line ||
    a.column - b.column ||
    compareCodePoints(a.rule, b.rule) ||
    compareCodePoints(a.message, b.message)
  );
}
