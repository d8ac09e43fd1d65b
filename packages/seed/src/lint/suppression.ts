import type { SyntaxComment } from "./syntax/node.ts";
import type { SeedTrap } from "./trap.ts";
import { RULES, isRule } from "./trap.ts";

/** A comment that lets findings of one rule pass. */
interface Suppression {
  readonly comment: SyntaxComment;
  readonly rules: readonly string[];
  readonly reason: string;
  /** First and last line of the findings that it is about. */
  readonly lines: readonly [first: number, last: number];
}

const MARK = /^\s*\*?\s*repro-seed-ignore\b([^\n]*)/;

/** Takes out what comments suppress, and adds what is wrong with the comments. */
export function applySuppressions(
  traps: readonly SeedTrap[],
  comments: readonly SyntaxComment[],
  source: string,
  file: string,
): readonly SeedTrap[] {
  const suppressions = readSuppressions(comments, source.split(/\r\n|[\n\r\u2028\u2029]/));
  if (suppressions.length === 0) return traps;
  const covers = (one: Suppression, rule: string, { line }: SeedTrap): boolean =>
    one.reason !== "" && one.rules.includes(rule) && line >= one.lines[0] && line <= one.lines[1];
  const left = traps.filter((trap) => !suppressions.some((one) => covers(one, trap.rule, trap)));
  const faults = suppressions.flatMap((one) => {
    const isUsed = (rule: string): boolean => traps.some((trap) => trap.rule === rule && covers(one, rule, trap));
    return faultsOf(one, isUsed).map((message) => faultAt(one.comment, message, file));
  });
  return [...left, ...faults];
}

function readSuppressions(comments: readonly SyntaxComment[], text: readonly string[]): readonly Suppression[] {
  const standing = comments.filter(({ lines, column }) => isAlone(text[lines[0] - 1] ?? "", column));
  const alone = new Set(standing);
  const starts = new Map(standing.map((comment) => [comment.lines[0], comment]));
  return comments.flatMap((comment) => {
    const rest = MARK.exec(comment.value)?.[1];
    if (rest === undefined) return [];
    const colon = rest.indexOf(":");
    const names = (colon === -1 ? rest : rest.slice(0, colon)).split(",").map((name) => name.trim());
    const reason = colon === -1 ? "" : rest.slice(colon + 1).trim();
    let [first, last] = comment.lines;
    if (alone.has(comment)) {
      // Comments may stand one below the other: what follows the last is meant.
      for (let next = starts.get(last + 1); next !== undefined; next = starts.get(last + 1)) last = next.lines[1];
      last += 1;
    }
    first = Math.min(first, last);
    return [{ comment, rules: names.filter((name) => name !== ""), reason, lines: [first, last] as const }];
  });
}

/** Whether nothing but the brace of JSX stands before it on its line. */
function isAlone(line: string, column: number): boolean {
  return /^\s*\{?\s*$/.test(line.slice(0, column - 1));
}

function faultsOf({ rules, reason }: Suppression, isUsed: (rule: string) => boolean): readonly string[] {
  if (rules.length === 0) return ["this suppression names no rule"];
  if (reason === "") return ["this suppression has no reason, and so suppresses nothing"];
  return rules.flatMap((rule) => {
    if (!isRule(rule) || rule === "suppression") return [`there is no rule ${rule.slice(0, 60)} to suppress`];
    return isUsed(rule) ? [] : [`there is no ${rule} here to suppress`];
  });
}

function faultAt({ lines: [line], column }: SyntaxComment, message: string, file: string): SeedTrap {
  const { severity, remedy } = RULES.suppression;
  return { rule: "suppression", severity, message, remedy, file, line, column };
}
