import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { tempFolder } from "../fixture.ts";
import type { Row } from "./ask.ts";
import { ask } from "./ask.ts";
import { GROUPS } from "./cases/all.ts";
import { pageOf } from "./page.ts";

const PAGE = new URL("../../../../docs/guide/git-state-matrix.md", import.meta.url);

const rows = new Map<string, Row>();

describe.each(GROUPS)("$title", ({ title, cases }) => {
  test.each(cases)("$name: no engine is silently wrong", async (one) => {
    const row = await ask(one, tempFolder());
    rows.set(`${title}: ${one.name}`, row);
    expect(row.wrong).toEqual([]);
  });
});

test("the page says what was found", () => {
  const page = pageOf(
    GROUPS.map(({ title, cases }) => ({ title, rows: cases.map(({ name }) => found(`${title}: ${name}`)) })),
  );
  if (process.env["REPRO_WRITE"] === "1") writeFileSync(PAGE, page);
  expect(page).toBe(readFileSync(PAGE, "utf8"));
});

function found(name: string): Row {
  const row = rows.get(name);
  if (row === undefined) throw new Error(`"${name}" was not asked: the page needs all cases`);
  return row;
}
