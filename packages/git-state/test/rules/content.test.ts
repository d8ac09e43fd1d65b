import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { hashHex } from "../../src/files.ts";
import { createAttributeRules } from "../../src/rules/attributes.ts";
import type { ContentConfig } from "../../src/rules/content.ts";
import { cleanContent, needsContent } from "../../src/rules/content.ts";
import type { Peer } from "./batch.ts";
import { SLOW, bytesOf, withPeer } from "./batch.ts";

interface Case {
  readonly content: string;
  readonly indexed: string | null;
  readonly attributes: string;
}

const piece = fc.oneof(
  { arbitrary: fc.constantFrom("\r\n", "\n", "a", "x", " "), weight: 8 },
  {
    arbitrary: fc.constantFrom("$", "$Id", "$Id$", "$Id:", "$Id: b1 $", "Id:", ":", "$Id: \n$", "$Id:$", "d"),
    weight: 4,
  },
  {
    arbitrary: fc.constantFrom("\r", "\0", "\u0001", "\u007f", "\u001a", "\b\t\u001b\f", "\v", "\u0080", "\u00ff"),
    weight: 2,
  },
  { arbitrary: fc.constantFrom(...[126, 127, 128, 129, 255, 256].map((count) => "y".repeat(count))), weight: 2 },
);
const content = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
const attributes = fc
  .tuple(
    fc.constantFrom("", "", "text", "-text", "!text", "text=auto", "text=auto", "text=auto", "text=input", "text=x"),
    fc.constantFrom("", "", "", "", "crlf", "-crlf", "!crlf", "crlf=input", "crlf=auto", "crlf=x"),
    fc.constantFrom("", "", "", "eol=lf", "eol=crlf", "eol", "-eol", "eol=x", "eol=LF"),
    fc.constantFrom("", "", "ident", "ident", "-ident", "ident=x"),
    fc.constantFrom("", "", "", "", ...["UTF-8", "utf8", "Utf-8", ""].map((name) => `working-tree-encoding=${name}`)),
  )
  .map((parts) => parts.join(" "));
const cases = fc.noBias(
  fc.array(fc.record({ content, indexed: fc.option(content), attributes }), {
    minLength: 1,
    maxLength: 400,
    size: "max",
  }),
);
const config = fc.record({ autocrlf: fc.constantFrom(true, false, "input" as const) });

function attributeFile(all: readonly Case[]): string {
  return all.map(({ attributes }, index) => `/f${index} ${attributes}\n`).join("");
}

async function ours(all: readonly Case[], config: ContentConfig, withIndex: boolean): Promise<string[]> {
  const root = bytesOf(attributeFile(all));
  const rules = createAttributeRules({ ignoreCase: false, system: null, global: null, info: null, root });
  const ids: string[] = [];
  for (const [index, { content, indexed }] of all.entries()) {
    const attributes = rules.attributesOf(`f${index}`);
    const inIndex = (): Uint8Array | null => (withIndex && indexed !== null ? bytesOf(indexed) : null);
    const file = bytesOf(content);
    const { bytes, approximation } = await cleanContent(file, { attributes, config, inIndex });
    expect(approximation).toBe(null);
    expect(file).toEqual(bytesOf(content));
    if (!needsContent(attributes, config)) expect(bytes).toBe(file);
    ids.push(hashHex("sha1", `blob ${bytes.length}\0`, bytes));
  }
  return ids;
}

function writeFiles(peer: Peer, folder: string, contents: readonly string[]): string[] {
  return contents.map((content, index) => {
    peer.write(`${folder}f${index}`, content);
    return `${folder}f${index}`;
  });
}

function hashed(all: readonly Case[], { autocrlf }: ContentConfig): string[] {
  return withPeer(
    (peer) => {
      peer.write(".gitattributes", attributeFile(all));
      const paths = writeFiles(
        peer,
        "",
        all.map((one) => one.content),
      );
      return peer.ask(["hash-object", "--stdin-paths"], paths, "\n");
    },
    { "core.autocrlf": String(autocrlf) },
  );
}

function added(all: readonly Case[], { autocrlf }: ContentConfig): string[] {
  return withPeer(
    (peer) => {
      const before = all.flatMap(({ indexed }, index) => (indexed === null ? [] : [{ name: `f${index}`, indexed }]));
      const blobs = writeFiles(
        peer,
        ".git/blobs/",
        before.map((one) => one.indexed),
      );
      const ids = peer.ask(["hash-object", "-w", "--no-filters", "--stdin-paths"], blobs, "\n");
      const entries = before.map(({ name }, index) => `100644 ${ids[index]}\t${name}`);
      peer.ask(["update-index", "-z", "--index-info"], entries);
      peer.write(".git/info/attributes", attributeFile(all));
      writeFiles(
        peer,
        "",
        all.map((one) => one.content),
      );
      peer.ask(["add", "--all"]);
      const found = peer.ask(["ls-files", "--stage", "-z"]).map((entry): [string, string] => {
        const [meta = "", name = ""] = entry.split("\t");
        return [name, meta.split(" ")[1] ?? ""];
      });
      const byName = new Map(found);
      return all.map((_, index) => byName.get(`f${index}`) ?? "absent");
    },
    { "core.autocrlf": String(autocrlf) },
  );
}

function wrong(all: readonly Case[], actual: readonly string[], expected: readonly string[]): Case[] {
  return all.filter((_, index) => actual[index] !== expected[index]);
}

describe("git stores the contents that this gives", () => {
  test("of a file that the index does not have, as hash-object tells", async () => {
    const law = fc.asyncProperty(cases, config, async (all, settings) => {
      expect(wrong(all, await ours(all, settings, false), hashed(all, settings))).toEqual([]);
    });
    await fc.assert(law, { numRuns: SLOW ? 40 : 4 });
  });

  test("of a file that the index has in another version, as add stores it", async () => {
    const law = fc.asyncProperty(cases, config, async (all, settings) => {
      expect(wrong(all, await ours(all, settings, true), added(all, settings))).toEqual([]);
    });
    await fc.assert(law, { numRuns: SLOW ? 20 : 3 });
  });

  test("on either side of the share of unprintable bytes that makes a file binary", async () => {
    const all = [0, 1, 2, 3].flatMap((unprintable) =>
      [0, 127, 128, 129, 255, 256, 257, 383, 384, 385].flatMap((printable) =>
        ["", "\u001a"].map((end) => {
          const content = `\r\n${"\u0001".repeat(unprintable)}${"y".repeat(printable)}${end}`;
          return { content, indexed: null, attributes: "text=auto" };
        }),
      ),
    );
    expect(wrong(all, await ours(all, { autocrlf: false }, false), hashed(all, { autocrlf: false }))).toEqual([]);
  });

  test.each(["UTF-16", "utf_8", "latin1", "UTF-8-x", true, false])(
    "or says that it does not convert %s",
    async (name) => {
      const options = { attributes: { text: true, "working-tree-encoding": name }, config: { autocrlf: true } };
      const file = bytesOf("a\r\n");
      const inIndex = (): null => null;
      expect(needsContent(options.attributes, options.config)).toBe(true);
      expect(await cleanContent(file, { ...options, inIndex })).toEqual({ bytes: file, approximation: "encoding" });
      const nothing = new Uint8Array();
      expect(await cleanContent(nothing, { ...options, inIndex })).toEqual({ bytes: nothing, approximation: null });
    },
  );

  test("and asks for the version in the index only where it counts", async () => {
    const inIndex = (): never => {
      throw new Error("asked");
    };
    const auto = { attributes: { text: "auto" }, config: { autocrlf: false }, inIndex };
    await cleanContent(bytesOf("a\n"), auto);
    await cleanContent(bytesOf("a\r\n\0"), auto);
    await cleanContent(bytesOf("a\r\n"), { ...auto, attributes: { text: true } });
    await expect(cleanContent(bytesOf("a\r\n"), auto)).rejects.toThrow("asked");
  });
});
