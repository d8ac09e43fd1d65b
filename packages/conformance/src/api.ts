import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

import { ROOT, apiReportPath, publishedPackages, reportedEntryPoints } from "./workspace.ts";
import type { EntryPoint, WorkspacePackage } from "./workspace.ts";

/** Which of api-extractor's findings count; what it says about the compiler it brings along does not. */
const MESSAGES = {
  compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
  extractorMessageReporting: {
    default: { logLevel: ExtractorLogLevel.Error },
    // A link into another package is resolved by typedoc, which reads all packages at once.
    "ae-unresolved-link": { logLevel: ExtractorLogLevel.None },
  },
  tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
};

/**
 * Compares the surface of one module with its committed report, or writes the report.
 *
 * @returns Whether the report was right (or is now), everything exported has a doc comment, and nothing it names is missing.
 */
function checkSurface(pkg: WorkspacePackage, entry: EntryPoint, write: boolean): boolean {
  if (!existsSync(entry.types)) {
    process.stderr.write(`${entry.label}: ${entry.types} does not exist; it is made by "tsc -b"\n`);
    return false;
  }
  if (write) mkdirSync(dirname(apiReportPath(pkg, entry)), { recursive: true });
  const result = Extractor.invoke(configOf(pkg, entry), { localBuild: write, showVerboseMessages: false });
  if (!write && result.apiReportChanged) {
    process.stderr.write(
      `${entry.label}: the surface differs from ${apiReportPath(pkg, entry)}; "npm run api" writes it\n`,
    );
  }
  return result.errorCount === 0 && (write || !result.apiReportChanged);
}

function configOf(pkg: WorkspacePackage, entry: EntryPoint): ExtractorConfig {
  const report = apiReportPath(pkg, entry);
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(pkg.path, "package.json"),
    configObject: {
      projectFolder: pkg.path,
      mainEntryPointFilePath: entry.types,
      newlineKind: "lf",
      compiler: { tsconfigFilePath: join(pkg.path, "tsconfig.json") },
      apiReport: {
        enabled: true,
        reportFolder: dirname(report),
        reportFileName: entry.label,
        reportTempFolder: join(ROOT, "temp/api"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: MESSAGES,
    },
  });
}

const write = process.argv.includes("--write");
const wrong = publishedPackages().flatMap((pkg) =>
  reportedEntryPoints(pkg).filter((entry) => !checkSurface(pkg, entry, write)),
);
process.stdout.write(`api reports: ${wrong.length === 0 ? "all right" : wrong.map(({ label }) => label).join(", ")}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
