import fc from "fast-check";
import { expect, test } from "vitest";

import { redactUrl } from "../src/index.ts";
import { redactText } from "../src/secrets/redact.ts";
import { CREDENTIALS } from "./credentials.ts";

const cases: readonly (readonly [url: string, redacted: string])[] = [
  ["https://example.com/a.git", "https://example.com/a.git"],
  ["https://alice@example.com/a.git", "https://example.com/a.git"],
  ["https://alice:s3cret@example.com:8443/a.git", "https://example.com:8443/a.git"],
  ["https://token:x-oauth-basic@example.com/a.git", "https://example.com/a.git"],
  ["https://example.com/a.git?access_token=t", "https://example.com/a.git"],
  ["https://example.com/a.git#t", "https://example.com/a.git"],
  ["https://example.com?access_token=t", "https://example.com"],
  ["https://example.com/@scope/a.git", "https://example.com/@scope/a.git"],
  ["https://alice:pa/ss@example.com/a.git", "https://example.com/a.git"],
  ["https://alice:pa#ss@example.com/a.git", "https://example.com/a.git"],
  ["https://alice:p@ss@example.com/a.git", "https://example.com/a.git"],
  ["https://alice:s3cret", "https://redacted"],
  ["https://[::1]:8443/a.git", "https://[::1]:8443/a.git"],
  ["https://alice:s3cret@[::1]/a.git", "https://[::1]/a.git"],
  ["HTTPS://alice:s3cret@example.com/a.git", "HTTPS://example.com/a.git"],
  ["ssh://git@example.com:22/a.git", "ssh://example.com:22/a.git"],
  ["git+ssh://alice@example.com/a.git", "git+ssh://example.com/a.git"],
  ["git@example.com:a.git", "git@example.com:a.git"],
  ["alice@example.com:a.git", "example.com:a.git"],
  ["alice:s3cret@example.com:a.git", "example.com:a.git"],
  ["alice@[::1]:a.git", "[::1]:a.git"],
  ["example.com:a@b.git", "example.com:a@b.git"],
  ["/srv/git/a@b:c.git", "/srv/git/a@b:c.git"],
  ["../a.git", "../a.git"],
  ["C:/git/a.git", "C:/git/a.git"],
  ["file:///srv/a.git", "file:///srv/a.git"],
  ["ext::ssh -i key alice@example.com %S a", "ext::redacted"],
  ["transport::https://alice:s3cret@example.com/a.git", "transport::https://example.com/a.git"],
  ["", ""],
];

test.for(cases)("%s", ([url, redacted]) => {
  expect(redactUrl(url)).toBe(redacted);
});

test("redacting twice changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (url) => {
      expect(redactUrl(redactUrl(url))).toBe(redactUrl(url));
    }),
  );
});

test("no user name and no password is left, whatever it is made of", () => {
  const secret = fc.string({ minLength: 1, unit: fc.constantFrom(..."abc019-._~%:@!$&'()*+,;= \u00e9".split("")) });
  fc.assert(
    fc.property(secret, secret, fc.webPath(), (user, password, path) => {
      for (const scheme of ["https", "ssh", "ftp"]) {
        expect(redactUrl(`${scheme}://${user}:${password}@example.com${path}`)).toBe(`${scheme}://example.com${path}`);
      }
      // git reads "name::…" as the address of a remote helper, whatever follows.
      const helper = /^[A-Za-z0-9-]+::/.exec(user)?.[0];
      const redacted = helper === undefined ? "example.com:a.git" : `${helper}redacted`;
      expect(redactUrl(`${user}@example.com:a.git`)).toBe(redacted);
    }),
  );
});

/** Places in which git, or a message of ours, writes an address. */
const CONTEXTS: readonly ((address: string) => string)[] = [
  (address) => address,
  (address) => `fatal: unable to access '${address}/': The requested URL returned error: 403`,
  (address) => `fatal: '${address}' does not appear to be a git repository`,
  (address) => `git: "git fetch ${address} main" failed`,
  (address) => `warning: a line\nTo ${address}\n ! [rejected]        main -> main (fetch first)\n`,
  (address) => `remote.origin.url=${address}`,
  (address) => `see https://example.com/a, to ${address} (and https://example.com/b)`,
];

test.for(CREDENTIALS)("no text gives away a credential: $form", ({ address, secret }) => {
  const outputs = [redactUrl(address), ...CONTEXTS.map((context) => redactText(context(address)))];
  for (const output of outputs) {
    expect(output.toLowerCase()).not.toContain(secret);
    expect(redactText(output)).toBe(output);
  }
});

test.for([
  "error: pathspec 'a@b' did not match any file(s) known to git",
  "C:/x/y.ts and C:\\x\\a@b",
  "src/@scope/x imports @scope/y",
  "alice@example.com: Permission denied (publickey).",
  "Author: Ada <ada@example.com>",
  "git@example.com:a.git",
  "https://example.com/a.git and ssh://example.com:22/~alice/a.git",
  "https://example.com/@scope/a.git",
  "Failed to connect to https://example.com:443: refused",
  "HEAD:icons/logo@2x.png main:logo@2x.png npm:react@18.2.0 use std::vector here",
  "fatal: bad config variable 'http.extraheader' in file '.git/config' at line 8",
  "HEAD@{1}, main@{upstream}, v1^{commit}",
  "the text::of a test, 12:30:05, a:b:c",
  "",
])("ordinary text stays as it is: %j", (text) => {
  expect(redactText(text)).toBe(text);
});

test("redacting a text twice changes nothing, whatever stands in it", () => {
  const parts = fc.constantFrom(
    ..."a b1 . : / // :// @ ? # ' \" < > %40 %3a%2f%2f [ ] = ( ) , git ext:: x:: https url= cookie".split(" "),
    " ",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (text) => {
      const once = redactText(text.join(""));
      expect(redactText(once)).toBe(once);
      const address = redactUrl(text.join(""));
      expect(redactUrl(address)).toBe(address);
    }),
    { numRuns: 5000 },
  );
});

test("a text of hostile repetition takes no longer than its length", () => {
  for (const part of [
    "a://b@",
    "aa@b:x/",
    "https://",
    "a",
    "@",
    "x:y'",
    "authorization ",
    "%3a%2f%2f",
    "url=",
    "'",
    "ext::",
    "a:b/",
  ]) {
    const text = part.repeat(200_000 / part.length);
    const redacted = redactText(text);
    expect(redactText(redacted), part).toBe(redacted);
    const url = redactUrl(text);
    expect(redactUrl(url), part).toBe(url);
  }
});
