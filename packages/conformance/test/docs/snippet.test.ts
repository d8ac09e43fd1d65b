import { expect, test } from "vitest";

import { snippetsIn } from "./snippet.ts";

const fence = "```";

test("blocks of Markdown are found with the line of their code", () => {
  const text = `# Title\n\n${fence}ts\na();\n\n  b();\n${fence}\ntext\n${fence}typescript\nc();\n${fence}\n`;
  expect(snippetsIn(text, "a.md")).toEqual([
    { file: "a.md", line: 4, code: "a();\n\n  b();" },
    { file: "a.md", line: 10, code: "c();" },
  ]);
});

test("blocks of doc comments are found without their stars", () => {
  const text = `/**\n * Sums.\n * @example\n * ${fence}ts\n * a();\n *\n *   b();\n * ${fence}\n */\nexport const x = 1;\n`;
  expect(snippetsIn(text, "a.ts")).toEqual([{ file: "a.ts", line: 5, code: "a();\n\n  b();" }]);
});

test("blocks marked no-run, and blocks of other languages, are left out", () => {
  const text = `${fence}ts no-run\na();\n${fence}\n${fence}sh\nts\n${fence}\n${fence}\nb();\n${fence}\n${fence}tsx\n${fence}\n`;
  expect(snippetsIn(text, "a.md")).toEqual([]);
});
