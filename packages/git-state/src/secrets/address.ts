const REDACTED = "redacted";

/** Redacts what follows `scheme://`: user, password, query and fragment. */
export function redactAuthority(rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  const at = /^.*(?:@|%40)/is.exec(authority)?.[0].length;
  if (at !== undefined) return redactAuthority(rest.slice(at));
  const tail = rest.slice(authority.length);
  // Without "@", a port that is no number means that a password with "/", "?" or "#" was not escaped.
  const isHost = /^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/.test(authority);
  const last = rest.lastIndexOf("@");
  if (last !== -1 && (!isHost || hidesHost(authority, tail))) return redactAuthority(rest.slice(last + 1));
  return isHost ? authority + tail.replace(/[?#].*$/s, "") : REDACTED;
}

/** Tells whether what reads as a host is rather the start of a password, whose host comes after an `@`. */
function hidesHost(authority: string, tail: string): boolean {
  if (/^[?#]/.test(tail)) return true;
  return authority !== "" && !/[.[]/.test(authority) && /[^/]@[^/]/.test(tail.replace(/[?#].*$/s, ""));
}

/**
 * Redacts `user@host:path` and `user:password@host`, in which there is no scheme.
 *
 * A user named `git` stays. A single letter before the colon is a drive.
 */
export function redactScpLike(address: string): string {
  const match = /^(?<user>[^/]*)@(?<host>\[[^\]]*\]|[^/:@]+):(?=[^\s])/.exec(address)?.groups;
  const user = match?.["user"];
  if (user === "git") return address;
  if (user !== undefined) return redactScpLike(address.slice(user.length + 1));
  const last = address.lastIndexOf("@");
  const [before, after] = [address.slice(0, last), address.slice(last + 1)];
  return last !== -1 && isPassword(before, after) ? after : address;
}

function isPassword(before: string, after: string): boolean {
  // A dot or a slash before the colon is of a host with a path, which git reads, and which may hold "@".
  if (!/^[^/:@.\s]{2,}:/.test(before)) return false;
  if (/^[\w.-]+:[^\s]/.test(after)) return true;
  const named = /^[\w-]+(?:\.[\w-]+)*\.(?!git\b)[A-Za-z]{2,}(?:\/|$)/.test(after) && !/^\dx\./.test(after);
  return named && (!before.includes("/") || /^(?:https?|ssh|git|ftps?):/i.test(before));
}
