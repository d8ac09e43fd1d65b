import type { BytePath } from "../files.ts";
import type { Assignment, AttributeLine } from "./attribute-line.ts";
import { parseAttributeLine } from "./attribute-line.ts";
import type { CaseRule } from "./byte-set.ts";
import { linesOf } from "./lines.ts";
import type { PathPattern } from "./path-pattern.ts";

/** Attributes that count for what git makes of a file's contents. */
export type ContentAttribute = "crlf" | "eol" | "filter" | "ident" | "text" | "working-tree-encoding";

/** Attributes of a path: set, unset, or a value, byte by byte; unspecified ones are absent. */
export type ContentAttributes = Readonly<Partial<Record<ContentAttribute, boolean | string>>>;

/** Attribute rules as they apply to the files of one folder. */
export interface AttributeRules {
  /** Gives the attributes of a file in this folder. */
  attributesOf(name: BytePath): ContentAttributes;
  /**
   * Gives the rules of a folder in this folder.
   *
   * @param gitattributes - Contents of the `.gitattributes` in that folder, or, when it is absent there, of the one that
   *   the index has; `null` when there is none, or it is a link, which git does not follow.
   */
  enter(name: BytePath, gitattributes: Uint8Array | null): AttributeRules;
}

/** Files with attributes that count from the root of the work tree; `null` when there is none. */
export interface AttributeSources extends CaseRule {
  /** The system's file. */
  readonly system: Uint8Array | null;
  /** The file that `core.attributesFile` names. */
  readonly global: Uint8Array | null;
  /** `info/attributes` of the repository: decides before all others. */
  readonly info: Uint8Array | null;
  /** `.gitattributes` at the root, or the one of the index, as with {@link AttributeRules.enter}. */
  readonly root: Uint8Array | null;
}

/**
 * Makes the attribute rules of a work tree's root.
 *
 * Macros count in these files only, not in those of folders below.
 *
 * @remarks gitattributes(5). Nothing that a file holds is an error.
 */
export function createAttributeRules({ ignoreCase, system, global, info, root }: AttributeSources): AttributeRules {
  const [infoLines, ...otherLines] = [info, root, global, system].map((bytes) => parseLines(bytes, { ignoreCase }));
  const macros = macrosOf([infoLines ?? [], ...otherLines]);
  const relevant = (lines: readonly AttributeLine[], start: number): readonly Group[] =>
    groupOf(lines, { start, macros });
  return rulesIn({
    folder: "",
    first: relevant(infoLines ?? [], 0),
    groups: otherLines.flatMap((lines) => relevant(lines, 0)),
    macros,
    ignoreCase,
  });
}

type Macros = ReadonlyMap<string, readonly Assignment[]>;

/** The lines of one file. */
interface Group {
  /** Where the path from the file's folder starts in the path from the root. */
  readonly start: number;
  /** The last line first. */
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly pattern: PathPattern;
  readonly assignments: readonly Assignment[];
}

interface Place extends CaseRule {
  /** Path from the root, with a slash at its end; empty at the root. */
  readonly folder: BytePath;
  /** What decides before any file of a folder. */
  readonly first: readonly Group[];
  /** The one that decides first is first. */
  readonly groups: readonly Group[];
  readonly macros: Macros;
}

const CONTENT_ATTRIBUTES: ReadonlySet<string> = /* @__PURE__ */ new Set<ContentAttribute>([
  "crlf",
  "eol",
  "filter",
  "ident",
  "text",
  "working-tree-encoding",
]);

function isContentAttribute(name: string): name is ContentAttribute {
  return CONTENT_ATTRIBUTES.has(name);
}

const NONE: ContentAttributes = {};

function rulesIn(place: Place): AttributeRules {
  const { folder, first, groups, macros, ignoreCase } = place;
  return {
    attributesOf: (name) => (first.length + groups.length === 0 ? NONE : resolve(place, name)),
    enter: (name, gitattributes) => {
      const inside = `${folder}${name}/`;
      if (gitattributes === null) return rulesIn({ ...place, folder: inside });
      const own = groupOf(parseLines(gitattributes, { ignoreCase }), { start: inside.length, macros });
      return rulesIn({ ...place, folder: inside, groups: [...own, ...groups] });
    },
  };
}

function resolve({ folder, first, groups, macros }: Place, name: BytePath): ContentAttributes {
  const found = new Map<string, Assignment["value"]>();
  for (const { start, rules } of [...first, ...groups]) {
    const path = folder.slice(start) + name;
    for (const { pattern, assignments } of rules) {
      if (pattern.matches(pattern.nameOnly ? name : path)) assign(found, assignments, macros);
    }
  }
  const attributes: Partial<Record<ContentAttribute, boolean | string>> = {};
  for (const [name, value] of found) if (isContentAttribute(name) && value !== null) attributes[name] = value;
  return attributes;
}

/** Takes what a line says of attributes of which nothing was said before; a macro that is set speaks at once. */
function assign(found: Map<string, Assignment["value"]>, assignments: readonly Assignment[], macros: Macros): void {
  const pending = [...assignments]; // the last one speaks first; no recursion, for macros may name macros without end
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next.name)) continue;
    found.set(next.name, next.value);
    if (next.value === true) for (const one of macros.get(next.name) ?? []) pending.push(one);
  }
}

function parseLines(bytes: Uint8Array | null, caseRule: CaseRule): readonly AttributeLine[] {
  if (bytes === null) return [];
  return linesOf(bytes).flatMap((line) => parseAttributeLine(line, caseRule) ?? []);
}

/** @param files - The one that decides first is first. */
function macrosOf(files: readonly (readonly AttributeLine[])[]): Macros {
  const macros = new Map<string, readonly Assignment[]>([["binary", [{ name: "text", value: false }]]]);
  for (const { subject, assignments } of files.toReversed().flat()) {
    if ("macro" in subject) macros.set(subject.macro, assignments);
  }
  return macros;
}

/** Only lines that name a content attribute, or a macro, which may stand for one. */
function groupOf(
  lines: readonly AttributeLine[],
  { start, macros }: Pick<Group, "start"> & { readonly macros: Macros },
): readonly Group[] {
  const counts = ({ name }: Assignment): boolean => isContentAttribute(name) || macros.has(name);
  const rules = lines.flatMap(({ subject, assignments }) => {
    const relevant = assignments.filter(counts);
    return "macro" in subject || subject.pattern.foldersOnly || relevant.length === 0
      ? []
      : [{ pattern: subject.pattern, assignments: relevant }];
  });
  return rules.length === 0 ? [] : [{ start, rules: rules.toReversed() }];
}
