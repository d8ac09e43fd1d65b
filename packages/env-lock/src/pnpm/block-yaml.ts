/** YAML as text: scalars are not interpreted, mappings are maps. */
export type YamlNode = string | readonly YamlNode[] | ReadonlyMap<string, YamlNode>;

/** `key:` or `key: value`, the key plain or in single quotes. Plain keys hold colons: `pkg@file:../pkg.tgz`. */
const ENTRY = /^( *)(?:'((?:[^']|'')+)'|([A-Za-z0-9._/<~^$][^\s'"#]*?)):(?: (.*))?$/;
const PLAIN = /^(?![-?:,[\]{}#&*!|>'"%@`\s])(?!.*(?:: | #|:$|\s$)).+$/;
const FLOW_PAIR = /([A-Za-z0-9._-]+): (?:'((?:[^']|'')*)'|([^,'"[\]{}]+))(?:, |$)/y;
const FLOW_ITEM = /(?:'((?:[^']|'')*)'|([^,'"[\]{}]+))(?:, |$)/y;

interface Line {
  readonly indent: number;
  readonly key: string;
  readonly value: string;
}

interface OpenMap {
  readonly indent: number;
  readonly map: Map<string, YamlNode>;
}

/** A value that takes more rows than its key's. */
interface Block {
  readonly value: YamlNode;
  readonly rows: number;
}

/**
 * Reads the YAML that pnpm writes many times as fast as a whole YAML parser does.
 *
 * Knows block mappings, plain and single-quoted scalars, block sequences of them, `|-` blocks of one paragraph and flat flow collections.
 *
 * @returns The same as `yaml` in its failsafe schema; `undefined` for every text that holds anything else.
 */
export function readBlockYaml(text: string): ReadonlyMap<string, YamlNode> | undefined {
  const root = new Map<string, YamlNode>();
  const open: OpenMap[] = [{ indent: 0, map: root }];
  const rows = text.split("\n");
  for (let row = 0; row < rows.length; row += 1) {
    if (rows[row] === "") continue;
    const line = readLine(rows[row] ?? "");
    if (line === undefined) return undefined;
    while ((open.at(-1)?.indent ?? 0) > line.indent) open.pop();
    const parent = open.at(-1);
    if (parent?.indent !== line.indent || parent.map.has(line.key)) return undefined;
    const block = line.value === "|-" ? paragraph(rows, row, line) : sequence(rows, row, line);
    const value =
      block?.value ??
      (line.value === "" ? openMap(line, rows[row + 1] || rows[row + 2] || "", open) : inline(line.value));
    if (value === undefined) return undefined;
    parent.map.set(line.key, value);
    row += block?.rows ?? 0;
  }
  return root;
}

function readLine(row: string): Line | undefined {
  const match = ENTRY.exec(row);
  if (match === null) return undefined;
  const [, spaces = "", quoted, plain = "", value = ""] = match;
  return { indent: spaces.length, key: quoted === undefined ? plain : unquote(quoted), value };
}

/** The text of a `|-` block; `undefined` when it takes a whole YAML parser. */
function paragraph(rows: readonly string[], row: number, line: Line): Block | undefined {
  const indent = " ".repeat(line.indent + 2);
  let end = row + 1;
  while (rows[end]?.startsWith(indent) === true) end += 1;
  const lines = rows.slice(row + 1, end).map((text) => text.slice(indent.length));
  const goesOn = rows[end]?.trim() === "" && rows[end + 1]?.startsWith(indent.slice(0, -1)) === true;
  if (lines.length === 0 || goesOn || lines.some((text) => /^\s|^$/.test(text))) return undefined;
  return { value: lines.join("\n"), rows: lines.length };
}

/** The scalars of a block sequence; `undefined` when there is none, or one of anything else. */
function sequence(rows: readonly string[], row: number, line: Line): Block | undefined {
  const dash = /^ *- /.exec(rows[row + 1] ?? "")?.[0] ?? "";
  if (line.value !== "" || dash.length < line.indent + 2) return undefined;
  const items: YamlNode[] = [];
  for (let next = row + 1; rows[next]?.startsWith(dash) === true; next += 1) {
    const item = inline(rows[next]?.slice(dash.length) ?? "");
    if (typeof item !== "string") return undefined;
    items.push(item);
  }
  return { value: items, rows: items.length };
}

function openMap(line: Line, next: string, open: OpenMap[]): YamlNode | undefined {
  const indent = /^ */.exec(next)?.[0].length ?? 0;
  if (indent <= line.indent) return undefined;
  const map = new Map<string, YamlNode>();
  open.push({ indent, map });
  return map;
}

function inline(value: string): YamlNode | undefined {
  const quoted = /^'((?:[^']|'')*)'$/.exec(value)?.[1];
  if (quoted !== undefined) return unquote(quoted);
  if (/^\{.*\}$/.test(value)) return flowMap(value.slice(1, -1));
  if (/^\[.*\]$/.test(value))
    return flowItems(FLOW_ITEM, value.slice(1, -1))?.map(([, quoted, plain]) => textOf(quoted, plain));
  return PLAIN.test(value) ? value : undefined;
}

function flowMap(text: string): ReadonlyMap<string, YamlNode> | undefined {
  const pairs = flowItems(FLOW_PAIR, text);
  const map = pairs && new Map(pairs.map(([, key = "", quoted, plain]) => [key, textOf(quoted, plain)]));
  return map?.size === pairs?.length ? map : undefined;
}

/** Splits the inside of a flow collection; `undefined` when the pattern does not cover all of it. */
function flowItems(pattern: RegExp, text: string): readonly RegExpExecArray[] | undefined {
  const items: RegExpExecArray[] = [];
  let at = 0;
  while (at < text.length) {
    const sticky = new RegExp(pattern, "y");
    sticky.lastIndex = at;
    const item = sticky.exec(text);
    const plain = item?.at(-1);
    if (item === null || (plain !== undefined && !PLAIN.test(plain))) return undefined;
    items.push(item);
    at = sticky.lastIndex;
  }
  return text.endsWith(", ") ? undefined : items;
}

function textOf(quoted: string | undefined, plain: string | undefined): string {
  return quoted === undefined ? (plain ?? "") : unquote(quoted);
}

function unquote(text: string): string {
  return text.replaceAll("''", "'");
}
