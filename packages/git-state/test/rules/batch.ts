import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import fc from "fast-check";

import { fixedEnv } from "../fixture.ts";

export const SLOW = process.env["SLOW"] === "1";

/** A repository that answers for many cases in one call of git. Names and contents are strings with a byte a character. */
export interface Peer {
  readonly root: string;
  /** Lists what git prints, after it read a list; each item ends with `end`. */
  ask(args: readonly string[], input?: readonly string[], end?: "\0" | "\n"): string[];
  write(path: string, content: string | Uint8Array): void;
  folder(path: string): void;
}

/** Lends an empty repository, which is removed afterwards. */
export function withPeer<T>(use: (peer: Peer) => T, config: Readonly<Record<string, string>> = {}): T {
  const root = mkdtempSync(join(tmpdir(), "git-state-rules-"));
  try {
    const peer = peerAt(root, config);
    peer.ask(["init", "--quiet", "--template="]);
    mkdirSync(join(root, ".git/info"));
    return use(peer);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function peerAt(root: string, config: Readonly<Record<string, string>>): Peer {
  const settings = Object.entries(config).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const at = (path: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
  return {
    root,
    ask: (args, input = [], end = "\0") => {
      const text = input.map((item) => item + end).join("");
      const { status, stdout, stderr, error } = spawnSync("git", [...settings, ...args], {
        cwd: root,
        env: fixedEnv(),
        input: Buffer.from(text, "latin1"),
        maxBuffer: 1 << 28,
      });
      // 1 is how check-ignore says that nothing is ignored.
      if (error !== undefined || status === null || status > 1) throw error ?? new Error(stderr.toString());
      return stdout.toString("latin1").split(end).slice(0, -1);
    },
    write: (path, content) => {
      mkdirSync(at(dirname(path)), { recursive: true });
      writeFileSync(at(path), typeof content === "string" ? Buffer.from(content, "latin1") : content);
    },
    folder: (path) => mkdirSync(at(path), { recursive: true }),
  };
}

/** Bytes of a string with a byte a character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Names with all that patterns make something of. */
export const nastyName: fc.Arbitrary<string> = fc
  .string({
    unit: fc.constantFrom(
      ..."a a a b b A B * ? [ ] ! \\ . - ^ # $ : \u00c3\u00a9 \u00ff \u00c9 \u00e9".split(" "),
      " ",
    ),
    minLength: 1,
    maxLength: 5,
  })
  .filter((name) => name !== "." && name !== "..");

const PATTERN_PARTS = [
  "a a a b b A B * ? / ! . - ^ # * / ** **/ /** /**/ *** \\ \\\\ \\* \\/ \\A \\[ \\# \\!",
  "[ ] [ab] [!a] [^a] []a] [a-] [--/] [!-a] [A-C] [a-b-A] [\\]] [\\a-\\b] [B-a] [*] [/] [a/] [! [A] [a",
  "[[:alpha:]] [[:upper:]] [^[:lower:]] [[:digit:]a] [[:foo:]] [[:a] [[:] [[::]] [[:punct:]]",
  "\u00c3\u00a9 \u00ff [\u00e0-\u00ff] \u00c9",
].flatMap((line) => line.split(" "));

/** Patterns of all that git makes something of, well formed or not. */
export const nastyPattern: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PATTERN_PARTS, " ", "\\ ", "[ ]"), { minLength: 1, maxLength: 7 })
  .map((parts) => parts.join(""));
