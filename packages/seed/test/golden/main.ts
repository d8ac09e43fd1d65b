import { drawGolden, drawNative } from "./golden.ts";
import { completeEngine } from "./shim.ts";

/*
 * The program that every engine runs. Bundled into one script that needs no module loader and no host.
 */

const FULL = 65_536;
const SMALL = 1024;

const host = globalThis as {
  readonly document?: { readonly body: { textContent: string } };
  readonly print?: (line: string) => void;
  readonly console?: { log(line: string): void };
};

completeEngine();
const report = JSON.stringify({ small: drawGolden(SMALL), full: drawGolden(FULL), native: drawNative(FULL) });
if (host.document !== undefined) host.document.body.textContent = report;
else if (host.print !== undefined) host.print(report);
else host.console?.log(report);
