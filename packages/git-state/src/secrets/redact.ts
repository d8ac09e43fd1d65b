import { redactAuthority, redactScpLike } from "./address.ts";

const REDACTED = "redacted";
const SCHEME = /^\s*[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/**
 * Takes from the address of a repository whatever may be a credential.
 *
 * User name and password before the host, query and fragment go. Of `user@host:path` the user stays only when it is
 * `git`, which is no one's secret. A remote helper's address (`ext::…`) may be any command and goes whole, unless it is
 * a URL. Paths stay as they are, but for a URL inside of one. Where a host without a dot is followed by an `@`, it is
 * taken for a password that was not escaped: a host too few rather than a password too many.
 *
 * @returns The address without credentials; redacting it again changes nothing.
 * @remarks The forms are those of git-clone(1), "GIT URLS", and gitremote-helpers(7).
 * @example
 * ```ts
 * redactUrl("https://alice:s3cret@example.com/a.git?access_token=t"); // => "https://example.com/a.git"
 * redactUrl("git@example.com:a.git"); // => "git@example.com:a.git"
 * ```
 * @public
 */
export function redactUrl(url: string): string {
  return untilStable(url, (address) => redactHeaders(redactAddress(address)));
}

/** Rounds after which an address in an address, or what is left of a line, is not read on. */
const MAX_ROUNDS = 8;

/** Redacts again and again: what stands after an address that was cut short may only then read as one. */
function untilStable(text: string, redact: (text: string) => string): string {
  let before = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const after = redact(before);
    if (after === before) return after;
    before = after;
  }
  return REDACTED;
}

function redactAddress(url: string): string {
  const helper = /^\s*[A-Za-z0-9-]+::/.exec(url)?.[0];
  if (helper !== undefined) {
    const address = url.slice(helper.length);
    return helper + (SCHEME.test(address) ? redactNested(address) : REDACTED);
  }
  if (SCHEME.test(url)) return redactNested(url);
  return url.includes("://") ? redactText(url) : redactEncoded(redactScpLike(url));
}

/** Redacts a URL, and those that stand in its path. */
function redactNested(url: string): string {
  let [redacted, rest] = ["", url];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const scheme = /[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//.exec(rest);
    if (scheme === null) return redacted + rest;
    const host = scheme.index + scheme[0].length;
    redacted += rest.slice(0, host);
    rest = redactAuthority(rest.slice(host));
  }
  return redacted + REDACTED;
}

/**
 * Takes credentials out of a text in which addresses may stand: what git wrote, a message, a name, a configured value.
 *
 * Each URL goes through {@link redactUrl}, to the quote that closes it, else to the next blank; so do words like
 * `user:password@host:path`. What follows the name of a header that authorises (`Authorization:`, `http.extraHeader`),
 * and the command of `ext::`, goes to the end of the line. All other text stays: paths, and `alice@example.com`.
 *
 * @returns The text, line by line; redacting it again changes nothing. Takes time in proportion to its length.
 */
export function redactText(text: string): string {
  return text.replace(/[^\r\n]+/g, (line) => untilStable(line, redactLine));
}

/** A remote helper's address, where an address is due: `std::vector` amid a text is none. */
const HELPER =
  /((?:(?<![\w:-])ext|(?:^|["'`<=]|\b(?:fetch|push|pull|clone|to|from) )[a-z0-9][a-z0-9-]{0,30})::)(?![A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/).+/i;

function redactLine(line: string): string {
  const plain = redactEncoded(redactHeaders(line)).replace(HELPER, `$1${REDACTED}`);
  let redacted = "";
  let from = 0;
  for (let mark = plain.indexOf("://"); mark !== -1; mark = plain.indexOf("://", Math.max(from, mark + 3))) {
    const start = schemeStart(plain, from, mark);
    const end = addressEnd(plain, start, mark + 3);
    const address = plain.slice(start, end).replace(/[.,:;)!]{1,8}$/, "");
    redacted += redactWords(plain.slice(from, start));
    redacted += start === mark ? `://${redactAuthority(address.slice(3))}` : redactNested(address);
    from = start + address.length;
  }
  return redacted + redactWords(plain.slice(from));
}

/** Headers whose values are secrets, and the setting that holds any header. */
const HEADER =
  /((?:proxy-)?authorization|(?:private|job|deploy|access|auth|csrf)-token|x-[a-z-]{1,40}-(?:token|key)|api-key|cookie|extraheader)(["']?\s{0,8}[:=]\s{0,8})(?=\S).*/i;

function redactHeaders(line: string): string {
  return line.replace(HEADER, `$1$2${REDACTED}`);
}

/** A whole URL written with `%3A%2F%2F`, as inside another's query. */
function redactEncoded(line: string): string {
  return line.replace(/(%3a%2f%2f)([^\s'"`<>]*)/gi, (all, mark: string, rest: string) =>
    /@|%40/i.test(rest) ? mark + REDACTED : all,
  );
}

function schemeStart(line: string, from: number, mark: number): number {
  let start = mark;
  while (start > from && /[A-Za-z0-9+.-]/.test(line.charAt(start - 1))) start -= 1;
  while (start < mark && !/[A-Za-z]/.test(line.charAt(start))) start += 1;
  return start;
}

const QUOTES: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "<": ">", "\u2018": "\u2019" };
const DELIMITER = /[\s'"`<>\u2018\u2019]/g;

/** Finds where an address ends; `rest` is where its host or user begins. */
function addressEnd(line: string, start: number, rest: number): number {
  const closing = QUOTES[line.charAt(start - 1)];
  const quoted = closing === undefined ? -1 : line.indexOf(closing, rest);
  const end = quoted === -1 ? delimiterAfter(line, rest) : quoted;
  // A password may hold blanks and quotes: what cannot be a host goes on to the "@" behind it.
  if (!/^[^/?#@.]*$|^[^/?#@:]*:(?!\d{0,5}(?:[/?#]|$))[^@]*$/.test(line.slice(rest, end))) return end;
  const next = line.indexOf("://", end);
  const at = line.slice(end, next === -1 ? undefined : next).indexOf("@");
  return at === -1 ? end : delimiterAfter(line, end + at);
}

function delimiterAfter(line: string, from: number): number {
  DELIMITER.lastIndex = from;
  return DELIMITER.exec(line)?.index ?? line.length;
}

/** Redacts `user:password@host:path` between addresses with a scheme. */
function redactWords(text: string): string {
  if (!text.includes("@")) return text;
  return text.replace(/[^\s'"`<>()\u2018\u2019]+/g, (word) => {
    const key = /^[\w.-]{0,200}url=/i.exec(word)?.[0] ?? "";
    return key + redactScpLike(word.slice(key.length));
  });
}
