// node wasm/build.mjs: compiles uniform.ts into src/stream/wide-code.ts. With --print, only prints the code.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import asc from "assemblyscript/asc";

/** @returns {Promise<string>} The compiled module, in hexadecimal digits. */
export async function compileUniform() {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const outputs = new Map();
  const { error } = await asc.main(
    ["uniform.ts", "-O3", "--runtime", "stub", "--enable", "simd", "--noAssert", "--use", "abort="].concat(
      // Five pages of 64 KiB: tables, and four parts of words and of doubles.
      ["--initialMemory", "5", "--maximumMemory", "5", "--outFile", "uniform.wasm", "--baseDir", folder],
    ),
    { writeFile: (name, contents) => void outputs.set(name, contents) },
  );
  if (error !== null) throw error; // its message is the compiler's
  return Buffer.from(outputs.get("uniform.wasm")).toString("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await compileUniform()).match(/.{1,114}/g);
  const text = `// Compiled from wasm/uniform.ts by wasm/build.mjs; test/bulk.test.ts compiles it again and compares.

/** The WebAssembly module, in hexadecimal digits. */
export const WIDE_CODE: string =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
  writeFileSync(new URL("../src/stream/wide-code.ts", import.meta.url), text);
}
