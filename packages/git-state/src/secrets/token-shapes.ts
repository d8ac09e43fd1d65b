/** A kind of secret that can be told by its shape. */
interface TokenShape {
  readonly kind: string;
  /**
   * Finds it in a line. Each expression starts with a literal or after a boundary, and what it repeats is bounded or
   * cannot match what follows: none goes back over what it has read, so that a hostile line costs no more than its length.
   */
  readonly shape: RegExp;
}

/** Letter, digit or underscore before a token would make it a part of a longer word. */
const SHAPES: readonly TokenShape[] = [
  { kind: "anthropic-key", shape: /(?<!\w)sk-ant-[\w-]{32}/g },
  { kind: "aws-access-key", shape: /(?<!\w)(?:AKIA|ASIA)[A-Z2-7]{16}(?!\w)/g },
  { kind: "aws-secret-key", shape: /aws.{0,20}secret.{0,20}["'=:\s][A-Za-z0-9/+]{40}(?![\w/+=])/gi },
  { kind: "azure-storage-key", shape: /AccountKey=[A-Za-z0-9/+]{86}==/g },
  { kind: "databricks-token", shape: /(?<!\w)dapi[0-9a-f]{32}(?!\w)/g },
  { kind: "github-token", shape: /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{50})/g },
  { kind: "gitlab-token", shape: /(?<!\w)gl(?:pat|dt|rt|ptt|cbt|soat)-[\w-]{20}/g },
  { kind: "google-api-key", shape: /(?<!\w)AIza[\w-]{35}/g },
  { kind: "hugging-face-token", shape: /(?<!\w)(?:hf|api_org)_[A-Za-z0-9]{34}(?!\w)/g },
  { kind: "json-web-token", shape: /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10}/g },
  { kind: "npm-token", shape: /(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/g },
  { kind: "openai-key", shape: /(?<!\w)sk-(?:(?:proj|svcacct|admin)-[\w-]{40}|[A-Za-z0-9]{48}(?!\w))/g },
  { kind: "private-key", shape: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g },
  { kind: "pypi-token", shape: /(?<!\w)pypi-AgE[\w-]{50}/g },
  { kind: "slack-token", shape: /(?<!\w)xox[abeoprs]-[A-Za-z0-9-]{10}/g },
  { kind: "stripe-key", shape: /(?<!\w)[rs]k_live_[A-Za-z0-9]{20}/g },
  { kind: "wandb-key", shape: /WANDB_API_KEY["']?\]?\s{0,4}[:=,]?\s{0,4}["']?[0-9a-f]{40}(?!\w)/gi },
];

/** What each shape holds, and most lines do not. */
const HINT =
  /A[KS]IA|AIza|AccountKey|PRIVATE KEY|WANDB|api_org_|aws|dapi|eyJ|gh[pousr]_|github_pat_|gl[a-z]{2,4}-|hf_|k_live_|npm_|pypi-|sk-|xox|:\/\/|secret|passw|token|api[_-]?key/i;

/** User and password before a host, but for the hosts of documents (RFC 2606). */
const URL_PASSWORD = /:\/\/[^\s/:@'"`<>]{0,100}:(?<password>[^\s/@'"`<>]{3,200})@(?!example\.(?:com|org|net))[\w.[-]/g;

/** A name that says what it holds, and a quoted value. */
const ASSIGNED =
  /(?:secret|passw(?:or)?d|token|(?:api|access|private)[_-]?key)["'`]?\]?\s{0,8}(?::=|=>|[:=])\s{0,8}["'`](?<value>[^\s"'`]{16,200})["'`]/gi;

/** The same in a file of variables, where values stand without quotes. */
const VARIABLE =
  /^\s{0,40}(?:export )?[A-Z0-9_]{0,60}(?:SECRET|PASSWORD|TOKEN|API_?KEY)[A-Z0-9_]{0,60}\s?[=:]\s?(?<value>[^\s"'`]{16,200})\s{0,40}$/g;

/**
 * Finds what kinds of secrets a line of text holds, each once, sorted.
 *
 * A shape that nothing else has is enough. A value under a name like `password` must also look as if drawn by chance:
 * 16 characters or more, at least 3.5 bits of entropy each, letters and digits mixed.
 */
export function secretKinds(line: string): readonly string[] {
  if (!HINT.test(line)) return [];
  const kinds = SHAPES.filter(({ shape }) => has(line, shape, (token) => !isPlaceholder(token))).map(
    ({ kind }) => kind,
  );
  if (has(line, URL_PASSWORD, (_, { password }) => !isPlaceholder(password ?? ""))) kinds.push("url-password");
  const random = (_: string, { value }: Groups): boolean => looksRandom(value ?? "");
  if (kinds.length === 0 && (has(line, ASSIGNED, random) || has(line, VARIABLE, random))) kinds.push("assigned-secret");
  return kinds;
}

type Groups = Readonly<Record<string, string | undefined>>;

function has(line: string, shape: RegExp, accepts: (match: string, groups: Groups) => boolean): boolean {
  shape.lastIndex = 0; // `matchAll` would copy the expression, for each line
  for (let match = shape.exec(line); match !== null; match = shape.exec(line)) {
    if (accepts(match[0], match.groups ?? {})) return true;
  }
  return false;
}

/** What documents write in the place of a secret. */
function isPlaceholder(value: string): boolean {
  return (
    /example|placeholder|dummy|redacted|changeme|your[_-]|my[_-]?(?:secret|password|token)|pass(?:word|wd)?$|^secret$|token$/i.test(
      value,
    ) || /[${}<>*%]|\.\.\.|(?<run>.)\k<run>{5}|0123456789|12345678|abcdefgh/i.test(value)
  );
}

/** Bits of entropy in each character, below which a value is words or a pattern. */
const RANDOM_BITS = 3.5;

function looksRandom(value: string): boolean {
  return (
    !isPlaceholder(value) && !/[()[\];,\\]|:\/\//.test(value) && !isWords(value) && entropyBits(value) >= RANDOM_BITS
  );
}

/** Tells whether a value is words, each with a number at most: `tokenizer_config-v2`. */
function isWords(value: string): boolean {
  const words = value.replace(/(?<=[a-z])(?=[A-Z])/g, "-").split(/[^A-Za-z0-9]+/);
  return words.every((word) => /^(?:[a-z]*|[A-Z]*|[A-Z][a-z]*)\d{0,4}$/.test(word));
}

function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
