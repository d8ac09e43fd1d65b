export type { Dataset, DatasetModule, SampleContext } from "./loader/dataset.ts";
export type { Batch } from "./loader/epoch.ts";
export { openLoader } from "./loader/loader.ts";
export type { Loader } from "./loader/loader.ts";
export type { CollateContext, EpochOptions, LoaderOptions } from "./loader/options.ts";
