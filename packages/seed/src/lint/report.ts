import type { Module } from "./syntax/module.ts";
import type { SyntaxNode } from "./syntax/node.ts";
import type { SeedTrapRule, SeedTrapSeverity } from "./trap.ts";

/** One finding, still at its node. */
export interface Finding {
  readonly rule: SeedTrapRule;
  readonly node: SyntaxNode;
  readonly message: string;
  /** When it is not that of the rule. */
  readonly severity?: SeedTrapSeverity;
}

/** A call or a `new`, with what it calls. */
export interface Call {
  readonly node: SyntaxNode;
  readonly callee: SyntaxNode;
  /** Origin of the callee, `""` when it is not known. */
  readonly origin: string;
}

/** A file with its calls looked up, as rules take it. */
export interface Subject {
  readonly module: Module;
  readonly calls: readonly Call[];
  /** Whether anything in it comes from tfjs. */
  readonly usesTfjs: boolean;
}

/** A rule, or several that look at the same things. */
export type Detector = (subject: Subject) => Iterable<Finding>;
