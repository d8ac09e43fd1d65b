/**
 * Takes from the address of a repository whatever may be a credential.
 *
 * User name and password before the host, query and fragment go. Of `user@host:path` the user stays only when it is
 * `git`, which is no one's secret. A remote helper's address (`ext::…`) may be any command and goes whole, unless it is
 * a URL. Paths stay as they are.
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
  const helper = /^(?<name>[A-Za-z0-9-]+::)(?<address>.*)$/s.exec(url)?.groups;
  if (helper !== undefined) {
    const address = helper["address"] ?? "";
    return `${helper["name"] ?? ""}${SCHEME.test(address) ? redactUrl(address) : REDACTED}`;
  }
  const scheme = SCHEME.exec(url)?.[0];
  return scheme === undefined ? redactScpLike(url) : scheme + redactAuthority(url.slice(scheme.length));
}

const REDACTED = "redacted";
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

function redactAuthority(rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  // Without "@", a port that is no number means that a password with "/", "?" or "#" was not escaped.
  const wellFormed = authority.includes("@") || /^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/.test(authority);
  const end = wellFormed ? authority.lastIndexOf("@") : rest.lastIndexOf("@");
  if (!wellFormed && end === -1) return REDACTED;
  return rest.slice(end + 1).replace(/[?#].*$/s, "");
}

function redactScpLike(address: string): string {
  const match = /^(?<user>[^/]*)@(?<host>\[[^\]]*\]|[^/:@]*):/.exec(address)?.groups;
  const user = match?.["user"];
  return user === undefined || user === "git" ? address : address.slice(user.length + 1);
}
