import fc from "fast-check";
import { expect, test } from "vitest";

import { redactUrl } from "../src/index.ts";

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
