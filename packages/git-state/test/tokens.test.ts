import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { captureGitPatch } from "../src/index.ts";
import { findSecrets } from "../src/secrets/tokens.ts";
import { secretKinds } from "../src/secrets/token-shapes.ts";
import { fixedEnv, fixtureAt, makeRepository, tempFolder } from "./fixture.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Characters as if drawn by chance, the same in each run. */
function random(length: number, alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"): string {
  let state = 12_345;
  return Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return alphabet.charAt(Math.floor((state / 2_147_483_648) * alphabet.length));
  }).join("");
}

const HEX = "0123456789abcdef";

/** Takes out the dots, which are there so that this file holds nothing of the shape of a token. */
const plain = (text: string): string => text.replaceAll("·", "");

const tokens: readonly (readonly [kind: string, line: string])[] = [
  ["anthropic-key", `key = "sk-·ant-api03-${random(90)}"`],
  ["aws-access-key", `aws_access_key_id = AK·IA${random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`],
  ["aws-access-key", `id: AS·IA${random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")},`],
  ["aws-secret-key", `aws_secret_access_key = ${random(40)}`],
  ["aws-secret-key", `"AWS_SECRET_ACCESS_KEY": "${random(20)}/${random(19)}"`],
  ["azure-storage-key", `AccountName=a;Account·Key=${random(86)}==;EndpointSuffix=core`],
  ["databricks-token", `host, "da·pi${random(32, HEX)}"`],
  ["github-token", `https://x/?t=gh·p_${random(36)}`],
  ["github-token", `export T=gh·s_${random(36)}`],
  ["github-token", `("github·_pat_${random(22)}_${random(59)}")`],
  ["gitlab-token", `- gl·pat-${random(20)}`],
  ["google-api-key", `apiKey: 'AI·za${random(35)}'`],
  ["hugging-face-token", `login(token="hf·_${random(34)}")`],
  ["json-web-token", `Bearer ey·J${random(20)}.ey·J${random(40)}.${random(43)}`],
  ["npm-token", `//registry/:_authToken=np·m_${random(36)}`],
  ["openai-key", `client = OpenAI("sk·-proj-${random(48)}")`],
  ["openai-key", `sk·-${random(48)}`],
  ["private-key", `-----BEGIN· RSA PRIVATE KEY-----`],
  ["private-key", `-----BEGIN· PRIVATE KEY-----`],
  ["private-key", `-----BEGIN· OPENSSH PRIVATE KEY-----`],
  ["private-key", `-----BEGIN· PGP PRIVATE KEY BLOCK-----`],
  ["pypi-token", `password = py·pi-AgEIcHlwaS5vcmc${random(60)}`],
  ["slack-token", `"xo·xb-${random(12, "0123456789")}-${random(24)}"`],
  ["stripe-key", `Stripe("sk·_live_${random(24)}")`],
  ["wandb-key", `WANDB_API_KEY=${random(40, HEX)}`],
  ["wandb-key", `os.environ["WANDB_API_KEY"] = "${random(40, HEX)}"`],
  ["url-password", `postgres://alice:s3·cret@db.internal:5432/x`],
  ["assigned-secret", `const clientSecret = "${random(24)}";`],
  ["assigned-secret", `  "api_key" : "${random(32, HEX)}",`],
  ["assigned-secret", `password => '${random(16)}'`],
  ["assigned-secret", `access_token:"${random(20)}-${random(10)}"`],
  ["assigned-secret", `DB_PASSWORD=${random(20)}`],
  ["assigned-secret", `export MY_API_KEY=${random(32)}`],
];

const harmless: readonly string[] = [
  `  resolution: {integrity: sha512-${random(86)}==}`,
  `"integrity": "sha512-${random(86)}=="`,
  `    "version": "git+ssh://git@host.dev/a.git#${random(40, HEX)}"`,
  `checksum = "${random(64, HEX)}"`,
  `Subproject commit ${random(40, HEX)}`,
  "Authorization: token ${TOKEN}",
  'const token = "${process.env.TOKEN_OF_BUILD_42}";',
  'password = "correct-horse-battery-staple"',
  'password: "your-password-goes-here-123"',
  'token = "<paste your token 12345 here>"',
  'secret: "0123456789abcdef0123456789abcdef"',
  'secret: "aaaaaaaaaaaaaaaaaaaaaaaa1"',
  'tokenizer: "bert-base-uncased-v2-2024"',
  'token: "AsyncGeneratorFunctionToken2"',
  'const PASSWORD_FIELD = "user_password_input_1";',
  "https://alice:s3·cret@example.com/a",
  "https://alice:{password}@db.internal/x",
  "https://example.dev:8080/@scope/a",
  "AKIA·IOSFODNN7EXAMPLE",
  "ghp_short and hf_hub_download_with_a_very_long_function_name_1",
  "skip-ant-api03, sk-learn, task-proj-1",
  "npm_config_registry_of_a_very_long_name_for_tests",
  `data:image/png;base64,${random(400)}`,
  "MY_TOKEN=$(cat /run/secrets/token)",
  "",
];

describe("secretKinds", () => {
  test.for(tokens)("%s: %s", ([kind, line]) => {
    expect(secretKinds(plain(line))).toEqual([kind]);
  });

  test.for(harmless)("nothing: %s", (line) => {
    expect(secretKinds(plain(line))).toEqual([]);
  });

  test("names each kind once, and all of them", () => {
    const [a, b] = [plain(`gh·p_${random(36)}`), plain(`hf·_${random(34)}`)];
    expect(secretKinds(`${a} ${b} ${a}`)).toEqual(["github-token", "hugging-face-token"]);
  });
});

describe("findSecrets", () => {
  const token = plain(`gh·p_${random(36)}`);

  test("gives path and line of what a work tree adds, whatever the path, and never the token", async () => {
    const fixture = makeRepository();
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`);
    fixture.write("long.txt", lines.join(""));
    fixture.commit();
    lines[2] = `${token}\n`;
    lines[19] = `+++ b/other\n${token}\n`;
    lines[25] = "";
    fixture.write("long.txt", lines.join(""));
    const names = ["a b.txt", "\u00fcber/\u{1f511}.env", 'quo"te\\.txt', "tab\t.txt", "line\nfeed", " b/x", "-- a"];
    for (const name of names) fixture.write(name, `x\n${token}`);
    fixture.write("data.bin", Uint8Array.of(0, ...bytesOf(`${token}\n`)));
    const { secrets } = await captureGitPatch({ cwd: fixture.root, env: fixture.env });
    const kind = "github-token";
    const expected = [
      { kind, path: "long.txt", line: 3 },
      { kind, path: "long.txt", line: 21 },
      ...names.map((path) => ({ kind, path, line: 2 })),
    ];
    const byPath = (a: { path: string }, b: { path: string }): number =>
      a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
    expect(secrets.toSorted(byPath)).toEqual(expected.toSorted(byPath));
    expect(JSON.stringify(secrets)).not.toContain(token);
  });

  test("does not look at what is removed or only moved along, with and without context", async () => {
    const root = tempFolder();
    const fixture = fixtureAt(root, fixedEnv());
    fixture.git("init", "-q");
    fixture.write("a", `${token}\nb\nc\n`);
    fixture.write("gone", `${token}\n`);
    fixture.commit();
    fixture.write("a", `${token}\nb\nc\n${token}`);
    fixture.git("rm", "-q", "gone");
    fixture.git("add", "--all");
    for (const unified of [0, 3]) {
      const patch = execFileSync("git", ["diff", "--cached", `--unified=${unified}`], { cwd: root, env: fixture.env });
      expect(findSecrets(patch)).toEqual([{ kind: "github-token", path: "a", line: 4 }]);
    }
  });

  test("takes any bytes for a patch", () => {
    for (const text of [
      "",
      "\n",
      "@@ ",
      "@@ -1 +1 @@",
      `@@ -0,0 +1 @@\n+${token}`,
      "+++ \n",
      '+++ "b/\\',
      "GIT binary patch\n",
    ]) {
      expect(() => findSecrets(bytesOf(text))).not.toThrow();
    }
    expect(findSecrets(bytesOf(`@@ -0,0 +7 @@\n+${token}`))).toEqual([{ kind: "github-token", path: "", line: 7 }]);
    expect(findSecrets(Uint8Array.of(...bytesOf("@@ -0,0 +1 @@\n+\u00ff"), 0xff, 0, 0x0a))).toEqual([]);
  });

  test("looks at the first 65,536 bytes of a line, and finds its way after it", () => {
    const long = "x ".repeat(1_000_000);
    const patch = ["+++ b/a", "@@ -0,0 +1,3 @@", `+${token} ${long}`, `+${long}${token}`, `+${token}`, ""].join("\n");
    expect(findSecrets(bytesOf(patch)).map(({ line }) => line)).toEqual([1, 3]);
  });

  test("finds lines on both sides of where the patch is cut into blocks", () => {
    const lines = Array.from({ length: 60_000 }, () => `+${token}`.padEnd(70, "."));
    const patch = bytesOf(`+++ b/a\n@@ -0,0 +1,60000 @@\n${lines.join("\n")}\n`);
    expect(patch.byteLength).toBeGreaterThan(4_000_000);
    expect(findSecrets(patch)).toHaveLength(200); // and no more
    const sparse = lines.map((line, index) => (index % 500 === 499 ? line : "+".padEnd(70, ".")));
    const found = findSecrets(bytesOf(`+++ b/a\n@@ -0,0 +1,60000 @@\n${sparse.join("\n")}\n`));
    expect(found.map(({ line }) => line)).toEqual(Array.from({ length: 120 }, (_, index) => (index + 1) * 500));
  });

  test("20 MB of hostile lines take seconds", () => {
    const parts = [
      "eyJ",
      "eyJaaaaaaaaaaa.",
      "://a:b",
      "://",
      "secret=",
      'secret="aaaaaaaaaaaaaaa',
      "token ",
      "aws secret ",
      "sk-",
      "-----BEGIN A ",
      "WANDB_API_KEY ",
      "PASSWORD_",
      "a",
      " ",
      `password="${random(15)} `,
      "AccountKey=",
      "\u00e9secret:",
    ];
    const each = 20_000_000 / parts.length;
    const lines = parts.flatMap((part) => {
      const line = `+${part.repeat(60_000 / part.length)}`;
      return Array.from({ length: Math.ceil(each / line.length) }, () => line);
    });
    const patch = bytesOf(`+++ b/a\n@@ -0,0 +1,${lines.length} @@\n${lines.join("\n")}\n`);
    expect(findSecrets(patch)).toEqual([]);
  });
});

test.for(["git", "built-in"] as const)("patches of either engine are searched: %s", async (engine) => {
  const fixture = makeRepository();
  const token = plain(`gh·p_${random(36)}`);
  fixture.write("old.txt", `first\n${token}\n`);
  fixture.commit();
  fixture.write("old.txt", `${token}\nfirst\nsecond ${token}\n`.slice(token.length + 1));
  fixture.write("n\new.txt", `\n\ntoken: ${token}`);
  fixture.write("data.bin", `\0${token}`);
  const { secrets } = await captureGitPatch({ cwd: fixture.root, env: fixture.env, engine });
  expect(secrets).toEqual([
    { kind: "github-token", path: "n\new.txt", line: 3 },
    { kind: "github-token", path: "old.txt", line: 2 },
  ]);
});

test("what a whole library adds gives no warning", async () => {
  const fixture = makeRepository();
  const library = new URL("../node_modules/zod/", import.meta.url).pathname;
  execFileSync("cp", ["-rL", join(library, "src"), join(fixture.root, "zod")]);
  writeFileSync(
    join(fixture.root, "pnpm-lock.yaml"),
    execFileSync("cat", [new URL("../../../pnpm-lock.yaml", import.meta.url).pathname]),
  );
  const { patch, secrets } = await captureGitPatch({ cwd: fixture.root, env: fixture.env });
  expect(patch.byteLength).toBeGreaterThan(500_000);
  // Its tests have tokens and passwords of their own.
  expect(secrets.filter(({ path }) => !path.includes("/tests/"))).toEqual([]);
});
