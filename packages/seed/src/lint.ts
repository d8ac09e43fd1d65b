export { assertNoSeedTraps } from "./lint/assert.ts";
export type { AssertNoSeedTrapsOptions } from "./lint/assert.ts";
export { findSeedTraps } from "./lint/source.ts";
export type { FindSeedTrapsOptions } from "./lint/source.ts";
export type { ModelTrap, SeedTrap, SeedTrapRule, SeedTrapSeverity } from "./lint/trap.ts";
export { findModelTraps } from "./lint/model/model.ts";
export { createSeedLintPlugin } from "./lint/plugin.ts";
export type { SeedLintContext, SeedLintPlugin, SeedLintRule } from "./lint/plugin.ts";
